"""What the link for the wall shows of a meeting: item, stage, seats, clock and, of a closed vote, the counts.

No name stands with a choice, and no reason, request, conflict or receipt is read for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit import clock
from audit.models import Head
from committee.models import AgendaItem, Meeting, Speech
from office import meeting_page, room, words
from proposals.models import Tabling
from voting.models import Ballot, Vote


@dataclass
class Floor:
    """Who speaks on the item that is taken up, and who waits to."""

    speeches: list[Speech]

    @property
    def speaking(self) -> Speech | None:
        """Who has the floor."""
        return next((row for row in self.speeches if row.began_at is not None), None)

    @property
    def waiting(self) -> list[Speech]:
        """The speaking list."""
        return [row for row in self.speeches if row.began_at is None]


def version(meeting: Meeting) -> int:
    """How many entries the meeting's stream has."""
    return Head.length(meeting.stream)


def of(meeting: Meeting) -> dict[str, Any]:
    """All that the wall shows; nothing of it is older than its version."""
    seen = version(meeting)
    items = _items(meeting)
    opened = next(
        (each for item in items for each in item.rounds if each.vote.state == Vote.State.OPEN), None
    )
    voted = frozenset(
        Ballot.objects.filter(vote=opened.vote).values_list("seat", flat=True) if opened else ()
    )
    attendances = meeting.attendances.select_related("seat", "person").order_by(
        "seat__number", "signed_in_at"
    )
    chairs = meeting_page.seats(meeting, voted, attendances)
    now = room.at(meeting, items, chairs)
    here = None
    if now.step is room.Step.DELIBERATION and now.item is not None:
        speeches = now.item.row.speeches.live().select_related("attendance__seat", "attendance__person")
        here = Floor(list(speeches))
    return {
        "meeting": meeting,
        "version": seen,
        "moment": clock.now().astimezone(meeting.committee.tz),
        "now": now,
        "here": here,
        "chairs": chairs,
        "represented": sum(chair.there for chair in chairs),
        "cast": len(voted),
        "open_vote": opened,
        "over": meeting.state not in Meeting.RUNNING,
    }


def _items(meeting: Meeting) -> list[meeting_page.Item]:
    """The items with their votes; of a closed one the outcome alone."""
    rows = (
        Tabling.objects.filter(item__meeting=meeting)
        .exclude(item__left_why=AgendaItem.Left.DROPPED)
        .select_related("item", "proposal")
        .order_by("item__number", "item__pk")
    )
    items = {row.item_id: meeting_page.Item(row.item, row.proposal) for row in rows}
    votes = Vote.objects.filter(item__in=items).select_related("resolution").order_by("opened_at", "pk")
    for vote in votes:
        closed = vote.state == Vote.State.CLOSED and vote.resolution is not None
        told = words.resolved(vote.resolution) if closed and vote.resolution is not None else ""
        items[vote.item_id].rounds.append(meeting_page.Round(vote, words=told))
    return list(items.values())
