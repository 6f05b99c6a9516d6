"""The list of meetings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pages.meetings.listing import Meetings
from web import shell
from web.viewer import viewer_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The meetings that the person may see, filtered and sorted as the address says."""
    listing = Meetings(viewer_of(request), request.GET).read()
    return shell.page(request, "meetings/list.html", {"list": listing}, here="meetings")
