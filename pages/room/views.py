"""The page of a meeting: the room while it is in session, else its facts, items and acts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Meeting
from committee.offices import LIAISON
from office import record
from pages.meetings import mine, rows_of
from pages.meetings import page as meeting_page
from pages.meetings.next_act import next_act
from pages.meetings.papers import reading
from pages.room import page as room
from pages.room import parts
from web import offers, shell
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_MEETING = SeenRow(Meeting, *rows_of.LOADED, extra=rows_of.with_heads)
_RECORDED = SeenRow(Meeting, "committee__branch", "regulation")
_NUMBERS = SeenRow(Meeting, extra=lambda rows: rows_of.with_heads(rows).only("pk"))


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A meeting with all that this person may see of it; about to begin or in session, as the room.

    Whoever had a proxy at it is led, once it is over, to what they held and did.
    """
    who = viewer_of(request)
    try:
        meeting = _MEETING.get_or_404(who.person, pk)
    except Http404:
        if not mine.had_proxy_at(who, pk):
            raise
        return HttpResponseRedirect(reverse("my-meetings") + "#by-proxy")
    with timezone.override(meeting.committee.tz):
        page = _page(meeting, who)
        if isinstance(page, room.RoomPage):
            made = parts.render(request, page, who)
            shown = {**shell.named(page), "parts": parts.whole(made), "tags": parts.tags(made)}
            response = shell.page(request, "room/room.html", shown, here="meetings")
        else:
            response = shell.page(request, "meetings/meeting.html", page, here="meetings")
        return shell.with_socket(request, response)


def _page(meeting: Meeting, who: Viewer) -> meeting_page.MeetingPage:
    """What the page of the meeting shows."""
    page = meeting_page.read_page(meeting, who)
    if room.is_shown_as_room(meeting):
        page = room.room_page(page, who)
    else:
        page.offers = offers.offered(meeting, who)
    if meeting.state in Meeting.RUNNING and page.open_vote is None and reading.watches(meeting, who):
        page.unread_seats = reading.unread_seats(meeting)
    page.next = next_act(page)
    return page


@require_safe
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts of the room that are not as the page has them, whose tags it sends as `has`.

    The timeline is among them if the page names it. Status 304 where the page has the tag of all this; of a
    meeting that is no room any more only its kind is told.
    """
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    with timezone.override(meeting.committee.tz):
        page = _page(meeting, who)
        if not isinstance(page, room.RoomPage):
            return JsonResponse({"kind": "page"})
        has = parts.parsed(request.GET.get("has", ""))
        made = parts.render(request, page, who, has=has, without={"timeline"} - has.keys())
        tag = f'"{page.version}-{page.roster}-{parts.tagged(parts.tags(made)).tag}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponse(status=304, headers={"ETag": tag})
        fresh = {name: part for name, part in made.items() if has.get(name) != part.tag}
        told = {
            "kind": "room",
            "version": page.version,
            "roster": page.roster,
            "tags": {name: part.tag for name, part in fresh.items()},
            "parts": {name: part.html for name, part in fresh.items()},
        }
        return JsonResponse(told, headers={"ETag": tag}, json_dumps_params={"ensure_ascii": False})


@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """How much the meeting and its roster have seen: a page with other numbers is out of date."""
    meeting: Any = _NUMBERS.get_or_404(viewer_of(request).person, pk)
    answer = JsonResponse({"version": meeting.version, "roster": meeting.roster})
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
