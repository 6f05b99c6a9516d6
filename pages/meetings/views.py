"""The list of meetings."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Meeting
from office import record
from pages.meetings import page
from pages.meetings.listing import Meetings
from pages.meetings.papers import reading
from pages.room import page as room
from web import offers, shell
from web.viewer import viewer_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The meetings that the person may see, filtered and sorted as the address says."""
    listing = Meetings(viewer_of(request), request.GET)
    return shell.page(request, "office/meetings.html", {"list": listing}, here="meetings")
