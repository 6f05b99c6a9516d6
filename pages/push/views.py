"""The manifest, the worker of the shell, the page without a connection, and a device's subscription."""

from __future__ import annotations

import hashlib
import json

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import browsers
from audit import clock
from pages.models import PushSubscription
from pages.push import sending
from web.viewer import viewer_of

#: devices of one person
MOST_DEVICES = 10
#: what the worker keeps: the same for everybody, and nothing of anybody
_SHELL = ("lianxi.css", "lianxi.js", "icon.svg", "icon-192.png")


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What an installed app is called and looks like."""
    del request
    icons = [
        {"src": static(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    return JsonResponse(
        {
            "name": "联席 Lianxi",
            "short_name": "联席",
            "start_url": reverse("desk"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#fcfbf8",
            "theme_color": "#fcfbf8",
            "icons": [*icons, {"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker, named anew whenever what it keeps has changed."""
    del request
    shell = [*(static(name) for name in _SHELL), reverse("offline")]
    version = hashlib.sha256(json.dumps(shell).encode()).hexdigest()[:12]
    script = render_to_string(
        "push/worker.js", {"shell": json.dumps(shell), "version": version, "offline": reverse("offline")}
    )
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows without a connection, to anybody the same."""
    return render(request, "push/offline.html")


@require_POST
def subscribe(request: HttpRequest) -> JsonResponse:
    """The device is pushed to from now on; 422 for what is no subscription of a known browser's service."""
    person = viewer_of(request).person
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    if not sending.is_endpoint(given["endpoint"]):
        why = _("This browser's push service is not among those that the site sends to.")
        return JsonResponse({"why": why}, status=422)
    if not sending.are_keys(given["p256dh"], given["auth"]):
        return JsonResponse({"why": _("The browser's keys are not valid: try again.")}, status=422)
    PushSubscription.objects.filter(endpoint=given["endpoint"]).delete()
    device = browsers.browser_name(request.headers.get("User-Agent", ""))
    row = PushSubscription(person=person, made_at=clock.now(), device=device, **given)
    # a browser that sends it twice at once is registered once
    PushSubscription.objects.bulk_create([row], ignore_conflicts=True)
    own = PushSubscription.objects.filter(person=person)
    own.exclude(pk__in=list(own.order_by("-pk").values_list("pk", flat=True)[:MOST_DEVICES])).delete()
    return JsonResponse({})


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Nothing is pushed to any device of the person."""
    PushSubscription.objects.filter(person=viewer_of(request).person).delete()
    messages.success(request, _("Nothing is pushed to your devices any more."))
    return HttpResponseRedirect(reverse("notices"))
