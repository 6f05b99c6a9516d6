"""The page of a meeting: the room while it is in session, else its facts, items and acts."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Meeting
from committee.offices import LIAISON
from office import record
from pages.meetings import page as meeting_page
from pages.meetings.next_act import next_act
from pages.meetings.papers import reading
from pages.room import page as room
from web import offers, shell
from web.seen import SeenRow
from web.viewer import viewer_of

_MEETING = SeenRow(
    Meeting,
    "committee__branch",
    "regulation",
    "acting_seat__holder",
    "convened_by",
    extra=meeting_page.with_roster,
)
_RECORDED = SeenRow(Meeting, "committee__branch", "regulation")
_KEYS = SeenRow(Meeting, extra=lambda rows: rows.only("pk", "committee"))


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A meeting with all that this person may see of it; about to begin or in session, as the room."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    with timezone.override(meeting.committee.tz):
        page = meeting_page.read_page(meeting, who)
        in_the_room = room.is_shown_as_room(meeting)
        if in_the_room:
            page = room.room_page(page, who)
        else:
            page.offers = offers.offered(meeting, who)
        if meeting.state in Meeting.RUNNING and page.open_vote is None and reading.watches(meeting, who):
            page.unread_seats = reading.unread_seats(meeting)
        page.next = next_act(page)
        template = "room/room.html" if in_the_room else "meetings/meeting.html"
        return shell.with_socket(request, shell.page(request, template, page, here="meetings"))


@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """How much the meeting and its roster have seen: a page with other numbers is out of date."""
    meeting = _KEYS.get_or_404(viewer_of(request).person, pk)
    answer = JsonResponse(meeting_page.followed(meeting))
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def so_far(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as they take shape in the room, for the liaison.

    Requests to abstain, which hint at a choice, are not in them before the session is over.
    """
    who = viewer_of(request)
    meeting = _RECORDED.get_or_404(who.person, pk)
    if not who.acts_as(LIAISON, meeting):
        raise PermissionDenied
    if not room.is_shown_as_room(meeting):
        raise Http404
    with timezone.override(meeting.committee.tz):
        found = record.of_meeting(meeting)
        for item in found["items"]:
            item["abstention_requests"] = []
        if request.headers.get("HX-Request"):
            return render(request, "meetings/meeting_record.html", {"record": found})
        context = {"meeting": meeting, "record": found}
        return shell.page(request, "room/minutes_so_far.html", context, here="meetings")
