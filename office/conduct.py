"""How the seats of a committee attended and voted in a period (Art. 10, 11, 20).

Only closed votes count: of an open or cancelled one nobody sees a choice. A meeting counts once it was
opened, at which every seat was represented, in person or by proxy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q

from committee.models import Attendance, Committee, Seat
from office.statistics import Period
from voting.models import Ballot, Vote


@dataclass(frozen=True)
class Conduct:
    """What a seat, or a whole committee, did in the period; the name says which."""

    name: str
    #: meetings at which it was represented, and of these in person for a part at least
    meetings: int = 0
    in_person: int = 0
    #: ballots in closed votes; of these against, abstaining, and of the latter for a conflict of interest
    ballots: int = 0
    against: int = 0
    abstained: int = 0
    recused: int = 0

    @property
    def by_proxy(self) -> int:
        """The meetings at which only a proxy was there."""
        return self.meetings - self.in_person

    @property
    def in_person_pct(self) -> int:
        """The meetings attended in person, in per cent of all, rounded down."""
        return _share(self.in_person, self.meetings)

    @property
    def against_pct(self) -> int:
        """The ballots against, in per cent of all, rounded down."""
        return _share(self.against, self.ballots)

    @property
    def abstained_pct(self) -> int:
        """The abstentions, in per cent of all ballots, rounded down."""
        return _share(self.abstained, self.ballots)


def _share(part: int, whole: int) -> int:
    return part * 100 // whole if whole else 0


def conduct(committee: Committee, over: Period) -> tuple[list[Conduct], Conduct]:
    """The seats of the committee in the period, and all of them together."""
    during = _moments(committee, over)
    present = {
        seat: (meetings, in_person)
        for seat, meetings, in_person in Attendance.objects.filter(
            meeting__committee=committee, meeting__opened_at__range=during
        )
        .order_by()
        .values_list("seat")
        .annotate(
            meetings=Count("meeting", distinct=True),
            in_person=Count("meeting", distinct=True, filter=Q(proxy=None)),
        )
    }
    voted = {
        seat: tuple(counts)
        for seat, *counts in Ballot.objects.filter(
            vote__meeting__committee=committee, vote__state=Vote.State.CLOSED, vote__closed_at__range=during
        )
        .order_by()
        .values_list("seat")
        .annotate(
            ballots=Count("pk"),
            against=Count("pk", filter=Q(choice=Ballot.Choice.AGAINST)),
            abstained=Count("pk", filter=Q(choice=Ballot.Choice.ABSTAIN)),
            recused=Count("pk", filter=Q(choice=Ballot.Choice.ABSTAIN, conflicted=True)),
        )
    }
    seats = Seat.objects.filter(committee=committee).order_by("number")
    each = [
        Conduct(f"{seat.number} {seat.post}", *present.get(seat.pk, (0, 0)), *voted.get(seat.pk, (0,) * 4))
        for seat in seats
    ]
    return each, Conduct("", *(sum(values) for values in zip(*map(_numbers, each), strict=True)))


def _numbers(each: Conduct) -> tuple[int, ...]:
    return (each.meetings, each.in_person, each.ballots, each.against, each.abstained, each.recused)


def _moments(committee: Committee, over: Period) -> tuple[datetime, datetime]:
    """The first and the last moment of the period in the committee's zone."""
    end = datetime.combine(over.last + timedelta(days=1), time(), tzinfo=committee.tz)
    return datetime.combine(over.first, time(), tzinfo=committee.tz), end - timedelta(microseconds=1)
