"""The list of meetings and the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.models import Head
from committee.models import Meeting
from office import frame, meeting_page, offers, reading, session
from office.listings import Meetings


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The meetings that the person may see, filtered and sorted as the address says."""
    listing = Meetings(frame.standing(request), request.GET)
    return frame.page(request, "office/meetings.html", {"list": listing}, here="meetings")


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A meeting with all that this person may see of it."""
    who = frame.standing(request)
    meeting = get_object_or_404(
        Meeting.objects.visible_to(who.person).select_related(
            "committee__branch", "regulation", "acting_seat__holder", "convened_by"
        ),
        pk=pk,
    )
    with timezone.override(meeting.committee.tz):
        context = meeting_page.of(meeting, who)
        if meeting.state == Meeting.State.IN_SESSION:
            _live(meeting, context, who)
        context["offers"] = offers.of(meeting, who)
        if (
            meeting.state in Meeting.RUNNING
            and context["open_vote"] is None
            and reading.watches(meeting, who)
        ):
            context["unread_seats"] = reading.unread_seats(meeting)
        context["next"] = meeting_page.next_act(meeting, context)
        return frame.page(request, "office/meeting.html", context, here="meetings")


@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """How many entries the meeting's stream has: a page that shows fewer is out of date."""
    rows = Meeting.objects.visible_to(frame.standing(request).person)
    meeting = get_object_or_404(rows.only("pk"), pk=pk)
    known = Head.objects.filter(stream=meeting.stream).values_list("seq", flat=True).first()
    answer = JsonResponse({"version": known or 0})
    answer["Cache-Control"] = "no-store"
    return answer


def _live(meeting: Meeting, context: Mapping[str, Any], who: frame.Standing) -> None:
    """Each item that the person sees in full has what is offered on it, and how its session stands."""
    session.sitting(meeting, who).knows(voting=context["open_vote"] is not None)
    for item in context["items"]:
        if item.linked and item.row.left_at is None:
            item.row.meeting, item.proposal.item = meeting, item.row
            item.proposal.committee = meeting.committee
            item.session = session.of(item.proposal, who)
            observer = getattr(item.row, "observer", None)
            item.session.knows(
                observer=observer if observer is not None and observer.withdrew_at is None else None,
                conflicts=frozenset(row.seat_id for row in item.conflicts),
                requests=item.asked,
                questions=item.questions,
                unvoted=[number for each in item.rounds for number, done in each.voted if not done],
                voted=context["voted"] if item.row.voting else frozenset(),
            )
            item.offers = offers.live(item.proposal, who)
