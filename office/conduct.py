"""How the seats of a committee attended and voted in a period, and all together by month (Art. 10, 11, 20).

Only closed votes count: of an open or cancelled one nobody sees a choice. A meeting counts once it was
opened, at which every seat was represented, in person or by proxy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from operator import add
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractMonth

from committee.models import Attendance, Committee, Seat
from office.statistics import Period, parts
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
    present = {seat: counts for seat, *counts in _present([committee], over).by("seat")}
    voted = {seat: counts for seat, *counts in _voted([committee], over).by("seat")}
    seats = Seat.objects.filter(committee=committee).order_by("number")
    each = [
        Conduct(f"{seat.number} {seat.post}", *present.get(seat.pk, (0,) * 2), *voted.get(seat.pk, (0,) * 4))
        for seat in seats
    ]
    return each, Conduct("", *(sum(values) for values in zip(*map(_numbers, each), strict=True)))


def by_month(committee: Committee, year: int) -> list[Conduct]:
    """All seats of the committee together, in each month of the year, named by its period."""
    whole, *others = parts(year)
    months = others[4:]
    present = _summed(_present([committee], whole).monthly(committee.tz))
    voted = _summed(_voted([committee], whole).monthly(committee.tz))
    return [
        Conduct(month.name, *present.get(number, (0,) * 2), *voted.get(number, (0,) * 4))
        for number, month in enumerate(months, 1)
    ]


def by_committee(committees: Iterable[Committee], over: Period) -> list[Conduct]:
    """Each of the committees in the period, all its seats together, named by branch and name."""
    found = list(committees)
    present: dict[int, tuple[int, ...]] = {}
    voted: dict[int, tuple[int, ...]] = {}
    for zone in {row.timezone for row in found}:
        alike = [row for row in found if row.timezone == zone]
        present |= _summed(_present(alike, over).by("meeting__committee", "seat"))
        voted |= _summed(_voted(alike, over).by("vote__meeting__committee", "seat"))
    return [
        Conduct(f"{row.branch} · {row}", *present.get(row.pk, (0,) * 2), *voted.get(row.pk, (0,) * 4))
        for row in found
    ]


@dataclass(frozen=True)
class _Counted:
    """Rows that are counted, and what is counted of each group of them."""

    rows: QuerySet[Any]
    #: the moment by which a row belongs to a month
    moment: str
    counts: Mapping[str, Count]

    def by(self, *names: str) -> Iterable[tuple[Any, ...]]:
        """The counts of each group, after the values that make it one."""
        rows: QuerySet[Any] = self.rows.order_by().values_list(*names)
        counted: QuerySet[Any] = rows.annotate(**self.counts)
        return counted

    def monthly(self, zone: tzinfo) -> Iterable[tuple[Any, ...]]:
        """The counts by number of the month and seat."""
        by_month = self.rows.annotate(month=ExtractMonth(self.moment, tzinfo=zone))
        return _Counted(by_month, self.moment, self.counts).by("month", "seat")


def _present(committees: Sequence[Committee], over: Period) -> _Counted:
    """Meetings at which a seat was represented, and of these in person; the committees share a time zone."""
    rows = Attendance.objects.filter(
        meeting__committee__in=committees, meeting__opened_at__range=_moments(committees[0], over)
    )
    return _Counted(
        rows,
        "meeting__opened_at",
        {
            "meetings": Count("meeting", distinct=True),
            "in_person": Count("meeting", distinct=True, filter=Q(proxy=None)),
        },
    )


def _voted(committees: Sequence[Committee], over: Period) -> _Counted:
    """Ballots of closed votes: all, against, abstaining, recused; the committees share a time zone."""
    rows = Ballot.objects.filter(
        vote__meeting__committee__in=committees,
        vote__state=Vote.State.CLOSED,
        vote__closed_at__range=_moments(committees[0], over),
    )
    abstaining = Q(choice=Ballot.Choice.ABSTAIN)
    return _Counted(
        rows,
        "vote__closed_at",
        {
            "ballots": Count("pk"),
            "against": Count("pk", filter=Q(choice=Ballot.Choice.AGAINST)),
            "abstained": Count("pk", filter=abstaining),
            "recused": Count("pk", filter=abstaining & Q(conflicted=True)),
        },
    )


def _summed(rows: Iterable[tuple[Any, ...]]) -> dict[Any, tuple[int, ...]]:
    """The counts by the first value of each row, those of its seats added up."""
    found: dict[Any, tuple[int, ...]] = {}
    for key, _seat, *counts in rows:
        before = found.get(key, (0,) * len(counts))
        found[key] = tuple(map(add, before, counts))
    return found


def _numbers(each: Conduct) -> tuple[int, ...]:
    return (each.meetings, each.in_person, each.ballots, each.against, each.abstained, each.recused)


def _moments(committee: Committee, over: Period) -> tuple[datetime, datetime]:
    """The first and the last moment of the period in the committee's zone."""
    end = datetime.combine(over.last + timedelta(days=1), time(), tzinfo=committee.tz)
    return datetime.combine(over.first, time(), tzinfo=committee.tz), end - timedelta(microseconds=1)
