"""The help: the reader's guides, one guide, its pictures, and a page's own help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from pages.help import guides
from pages.help.about import ABOUT, KEYS
from web import display, shell
from web.exports.responses import OpenedFile
from web.viewer import viewer_of


@dataclass(frozen=True, kw_only=True)
class HelpPage:
    """The reader's guides, the others, and the keys; of a place what it is for."""

    about: str | Promise
    own: list[tuple[str, str | Promise]]
    others: list[tuple[str, str | Promise]]
    keys: Sequence[tuple[str, str | Promise]] = KEYS


@dataclass(frozen=True, kw_only=True)
class GuidePage:
    """One guide."""

    title: str | Promise
    text: SafeString


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The guides of the reader's roles first, and what the place is for from which the reader comes."""
    mine = guides.own(viewer_of(request))
    page = HelpPage(
        about=ABOUT.get(request.GET.get("from", ""), ""),
        own=[(name, guides.GUIDES[name][0]) for name in mine],
        others=[(name, title) for name, (title, _offices) in guides.GUIDES.items() if name not in mine],
    )
    return shell.page(request, "help/help.html", page, here="help")


@require_safe
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """One guide in the reader's language."""
    if name not in guides.GUIDES:
        raise Http404
    page = GuidePage(title=guides.GUIDES[name][0], text=guides.text(name))
    return shell.page(request, "help/guide.html", page, here="help")


@require_safe
def picture(request: HttpRequest, name: str) -> OpenedFile:
    """A picture of the guides."""
    del request
    path = guides.picture(name)
    if path is None:
        raise Http404
    response = OpenedFile(path.open("rb"), content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400"
    return response


@require_POST
def end_tour(request: HttpRequest) -> HttpResponse:
    """The tour of the first visit is not shown again in this browser."""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else reverse("desk"))
    display.remember(response, tour="ended")
    return response
