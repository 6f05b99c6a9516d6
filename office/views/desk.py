"""The desk, the regulation, and the reader's display."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from committee.models import Person
from office import desk, frame, offers
from office.viewer import viewer_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person."""
    who = viewer_of(request)
    found = desk.sections(who)
    waits = desk.foremost(found)
    context = {
        "waits": bool(waits),
        # of one kind alone, its own tray says it all
        "foremost": waits if len({section.title for section, _row in waits}) > 1 else [],
        "waiting": [section for section in found if section.rows],
        "quiet": [section for section in found if not section.rows],
        "lately": desk.lately(who),
        "now": clock.now(),
        "begin": offers.begin(who),
    }
    return frame.page(request, "office/desk.html", context, here="desk")


@login_not_required
@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """The choice of language, theme or unit of money is kept in a cookie, the language also for mail;
    then back to the page.
    """
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = {name: request.POST.get(name, "") for name in frame.CHOICES}
    frame.remember(response, **chosen)
    if chosen["language"] in frame.CHOICES["language"] and isinstance(request.user, Person):
        Person.objects.filter(pk=request.user.pk).update(language=chosen["language"])
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not there, and what this person may not see: no page tells one from the other."""
    return _error(request, "404.html", 404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the person may see but not do."""
    return _error(request, "403.html", 403)


def _error(request: HttpRequest, template: str, status: int) -> HttpResponse:
    try:
        if request.user.is_authenticated:
            return frame.page(request, template, {}, here="", status=status)
        return render(request, template, frame.display(request), status=status)
    finally:
        # an address of nothing is answered in a thread that outlasts the request and would keep it
        if not connection.in_atomic_block:
            connection.close()
