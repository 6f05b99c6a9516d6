"""What a meeting is at: the roll call, an item under deliberation, a vote, its result, or none of these."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from committee.models import AgendaItem, Meeting
from pages.meetings.page import Item, Round
from pages.meetings.seating import SeatView
from pages.room.forms import BallotForm
from voting.models import Vote
from web.labels import Refusal


class Step(StrEnum):
    """What the meeting is at."""

    ROLL_CALL = "roll-call"
    BETWEEN = "between"
    DELIBERATION = "deliberation"
    VOTE = "vote"
    RESULT = "result"


@dataclass
class Now:
    """The one thing that is shown first."""

    step: Step
    item: Item | None = None
    #: the open vote, or the one that is over
    round: Round | None = None
    #: what keeps the meeting from opening
    hindrances: list[Refusal] = field(default_factory=list)
    #: the numbers of the seats that are not represented, by which a vote pauses
    absent: list[int] = field(default_factory=list)
    #: the person's ballot, still to come
    ballot: BallotForm | None = None

    @property
    def hold(self) -> str:
        """For which vote, seat and choices the ballot is: what is filled in stays for as long."""
        found = self.item.session if self.item else None
        if self.ballot is None or found is None or found.vote is None or found.acting is None:
            return ""
        field: Any = self.ballot.fields["choice"]
        choices = ",".join(value for value, _label in field.choices)
        return f"{found.vote.pk}-{found.acting.seat.number}-{choices}"


def current_step(meeting: Meeting, items: list[Item], seats: list[SeatView]) -> Now:
    """What the meeting is at: the open vote, else the item taken up, else the last vote that is over."""
    if meeting.state == Meeting.State.CONVENED:
        return Now(Step.ROLL_CALL)
    voting = next((item for item in items if item.row.voting), None)
    if voting is not None:
        return _voting(voting, seats)
    deliberated = next((item for item in items if _under_deliberation(item.row)), None)
    if deliberated is not None:
        return Now(Step.DELIBERATION, deliberated)
    return _after_votes(items)


def _voting(item: Item, seats: list[SeatView]) -> Now:
    opened = (each for each in item.rounds if each.vote.state == Vote.State.OPEN)
    absent = [seat.number for seat in seats if not seat.there]
    return Now(Step.VOTE, item, next(opened, None), absent=absent)


def _after_votes(items: list[Item]) -> Now:
    over = [(each.over_at, item, each) for item in items for each in item.rounds if each.over_at]
    if not over:
        return Now(Step.BETWEEN)
    _at, item, last = max(over, key=lambda row: row[0])
    return Now(Step.RESULT, item, last)


def _under_deliberation(row: AgendaItem) -> bool:
    return row.taken_up_at is not None and row.left_at is None and row.resolved_at is None
