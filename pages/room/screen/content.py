"""The content of the room screen: item, stage, seats, clock and, of a closed vote, the counts.

No choice is shown with a name; reasons, requests, conflicts and receipts are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit import clock
from committee.models import Meeting
from pages.meetings import page, rows_of
from pages.meetings.item_in_session import Speeches
from pages.room import page as room
from voting.models import Ballot, Vote
from web import labels


@dataclass(frozen=True, kw_only=True)
class Screen:
    """All that the room screen shows of a meeting."""

    meeting: Meeting
    #: the entries in the streams of the meeting and of its committee's roster
    version: int
    roster: int
    #: the hour at the committee
    moment: datetime
    now: room.Now
    speeches: Speeches
    seats: list[page.SeatView]
    #: how many seats have voted in the open vote
    cast: int
    open_vote: page.Round | None
    #: number of seats represented
    represented: int
    over: bool


def screen_page(meeting: Meeting) -> Screen:
    """All that the room screen shows; nothing of it is older than its version."""
    seen = page.followed(meeting)
    items = _items(meeting)
    opened = next(
        (each for item in items for each in item.rounds if each.vote.state == Vote.State.OPEN), None
    )
    voted = frozenset(
        Ballot.objects.filter(vote=opened.vote).values_list("seat", flat=True) if opened else ()
    )
    seats = page.seats(meeting, voted, rows_of.ATTENDANCES(meeting.pk))
    now = room.current_step(meeting, items, seats)
    deliberated = now.item.row if now.step is room.Step.DELIBERATION and now.item else None
    return Screen(
        meeting=meeting,
        **seen,
        moment=clock.now().astimezone(meeting.committee.tz),
        now=now,
        speeches=Speeches.of(deliberated) if deliberated else Speeches(),
        seats=seats,
        cast=len(voted),
        open_vote=opened,
        represented=sum(seat.there for seat in seats),
        over=meeting.state not in Meeting.RUNNING,
    )


def _items(meeting: Meeting) -> list[page.Item]:
    """The items with their votes; of a closed one the outcome alone."""
    items = {row.item_id: page.Item(row.item, row.proposal) for row in rows_of.tabled(meeting)}
    votes = Vote.objects.filter(item__in=items).select_related("resolution").order_by("opened_at", "pk")
    for vote in votes:
        resolution = page.outcome(vote)
        text = labels.resolved(resolution) if resolution else ""
        items[vote.item_id].rounds.append(page.Round(vote, words=text))
    return list(items.values())
