"""The list of the entries of the audit log."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pages.oversight.log.listing import Entries
from web import limits, shell
from web.viewer import viewer_of


@require_safe
@limits.limited(limits.SEARCH)
def index(request: HttpRequest) -> HttpResponse:
    """The entries as the address filters them."""
    who = viewer_of(request)
    if not Entries.open_to(who):
        raise Http404
    listing = Entries(who, request.GET)
    listing.read()
    return shell.page(
        request, "oversight/log/entries.html", {"list": listing, "told": listing.told}, here="streams"
    )
