"""Statistics by branch and period: plans submitted and resolved, time taken, waivers, recovery.

A figure and the list of its cases cover the same plans, those that the person may see: head office sees a
plan once it is filed, so its figures count only filed plans. Days are those of each committee's zone, amounts
are in yuan. Cases are found in the plans themselves; figures are summed from monthly rows that triggers
maintain (`proposals.models.MonthFigure`), since a bank's plans of a year are too many to read for each page.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, Protocol

from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Least
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import Committee, Person
from committee.offices import OFFICES, Office
from proposals.models import DueInstalment, MonthFigure, Proposal, Receipt
from proposals.permissions import figures_visible_to

_S = Proposal.State
_K = MonthFigure.Kind
_NO_MONEY = Decimal("0.00")


# -- The period -------------------------------------------------------------------------------------


class Reader(Protocol):
    """The reader of statistics: a person with the committees for which they hold an office."""

    @property
    def person(self) -> Person:
        """The person."""

    def reach(self, offices: Iterable[Office], committee: str = "") -> Q:
        """The committees for which the person holds one of the offices, or rows linked to these."""


@dataclass(frozen=True)
class Period:
    """A year, a quarter or a month, from its first to its last day."""

    first: date
    last: date
    key: str

    @property
    def name(self) -> str:
        """The period as a text."""
        if "Q" in self.key:
            return _("%(year)d, quarter %(quarter)d") % {
                "year": self.first.year, "quarter": (self.first.month + 2) // 3,
            }  # fmt: skip
        if "-" in self.key:
            return _("%(year)d-%(month)02d") % {"year": self.first.year, "month": self.first.month}
        return _("Year %(year)d") % {"year": self.first.year}


_KEY = re.compile(r"(20\d\d)(?:-Q([1-4])|-(0[1-9]|1[0-2]))?")


def period(key: str, today: date) -> Period:
    """The period of that key (2026, 2026-Q1, 2026-03); the present year for any other text."""
    found = _KEY.fullmatch(key)
    if found is None:
        return period(str(today.year), today)
    year, quarter, month = int(found[1]), found[2], found[3]
    first, last = (1, 12) if not quarter and not month else (int(month or 0), int(month or 0))
    if quarter:
        first, last = int(quarter) * 3 - 2, int(quarter) * 3
    return Period(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), key)


def parts(year: int) -> list[Period]:
    """The year, its quarters and its months."""
    keys = [str(year), *(f"{year}-Q{number}" for number in range(1, 5))]
    keys += [f"{year}-{number:02d}" for number in range(1, 13)]
    return [period(key, date(year, 1, 1)) for key in keys]


# -- What is counted --------------------------------------------------------------------------------


class _Day(Func):
    """The day of a moment in the committee's zone."""

    function = "timezone"

    def __init__(self, name: str) -> None:
        super().__init__(F("committee__timezone"), F(name), output_field=DateTimeField())


def _on(name: str) -> Cast:
    return Cast(_Day(name), DateField())


def _sum(rows: QuerySet[Any]) -> Subquery:
    """The sum over these rows of one plan."""
    return Subquery(rows.order_by().values("proposal").annotate(total=Sum("amount")).values("total"))


@dataclass(frozen=True)
class Measure:
    """A measure: its name, the condition on a case, the amount or the days of a case."""

    name: str | Promise
    #: the column of a case that is summed up; none where cases are counted
    amount: str = ""


MEASURES: Mapping[str, Measure] = {
    "submitted": Measure(gettext_lazy("Submitted")),
    "carried": Measure(gettext_lazy("Carried")),
    "rejected": Measure(gettext_lazy("Not carried")),
    "resolved": Measure(gettext_lazy("Days from submission to resolution"), "days"),
    "waived": Measure(gettext_lazy("Waivers granted"), "waived"),
    "planned": Measure(gettext_lazy("Recovery planned"), "planned"),
    "received": Measure(gettext_lazy("Recovery received"), "received"),
}


def _supervising() -> list[Office]:
    """The offices that see statistics, of the bank and of the branch."""
    return [office for office in OFFICES.values() if office.supervises and office.sees_filed]


def _reach(who: Reader) -> Q:
    return who.reach(_supervising(), "committee")


def _visible(who: Reader) -> QuerySet[Proposal]:
    return Proposal.objects.visible_to(who.person).filter(_reach(who))


def _about(over: Period, *names: str) -> Q:
    """The condition that one of the moments is in the period, give or take a day, which an index serves."""
    first = datetime.combine(over.first - timedelta(days=1), time(), tzinfo=UTC)
    last = datetime.combine(over.last + timedelta(days=2), time(), tzinfo=UTC)
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__range": (first, last)})
    return found


def _receipts(over: Period) -> QuerySet[Receipt]:
    """The plan's receipts in the period."""
    return Receipt.objects.filter(proposal=OuterRef("pk"), received_on__range=(over.first, over.last))


def _instalments(over: Period) -> QuerySet[DueInstalment]:
    """The plan's instalments due in the period; of a terminated plan those until its termination."""
    return DueInstalment.objects.filter(
        proposal=OuterRef("pk"), due_on__gte=over.first, due_on__lte=OuterRef("until")
    )


def _condition(measure: str, over: Period) -> Q:
    """The condition for the plans that the figure counts."""
    during = (over.first, over.last)
    submitted = _about(over, "submitted_at") & Q(submitted_on__range=during)
    resolved = _about(over, "resolved_at") & Q(resolved_on__range=during)
    approved = _about(over, "credit_decision__at") & Q(approved_on__range=during)
    return {
        "submitted": submitted,
        "carried": resolved & ~Q(state=_S.REJECTED),
        "rejected": resolved & Q(state=_S.REJECTED),
        "resolved": resolved,
        "waived": approved & Q(credit_decision__waived__gt=0),
        "planned": Q(Exists(_instalments(over).filter(amount__gt=0))),
        "received": Q(Exists(_receipts(over))),
    }[measure]


def cases(who: Reader, measure: str, over: Period, branch: int | None = None) -> QuerySet[Proposal]:
    """The cases of a figure, the latest first, annotated with their contribution to it."""
    ended = When(state=_S.TERMINATED, then=Least(_on("state_since"), Value(over.last)))
    amounts: Mapping[str, Mapping[str, Any]] = {
        "resolved": {"days": ExpressionWrapper(F("resolved_on") - F("submitted_on"), DurationField())},
        "waived": {"waived": F("credit_decision__waived")},
        "planned": {"planned": _sum(_instalments(over))},
        "received": {"received": _sum(_receipts(over))},
    }
    rows = (
        _visible(who)
        .annotate(
            submitted_on=_on("submitted_at"),
            resolved_on=_on("resolved_at"),
            approved_on=_on("credit_decision__at"),
            until=Case(ended, default=Value(over.last), output_field=DateField()),
        )
        .annotate(**amounts.get(measure, {}))
        .filter(_condition(measure, over))
    )
    if branch is not None:
        rows = rows.filter(committee__branch=branch)
    return rows.select_related("committee__branch", "unit").order_by("-submitted_at", "-pk")


# -- The figures ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """The figures of a branch, or of all of them."""

    branch: int | None
    name: str
    submitted: int = 0
    carried: int = 0
    rejected: int = 0
    #: days from submission to resolution
    median: timedelta | None = None
    longest: timedelta | None = None
    #: yuan
    waived: Decimal = _NO_MONEY
    planned: Decimal = _NO_MONEY
    received: Decimal = _NO_MONEY

    @property
    def median_days(self) -> Decimal | None:
        """The median in days, to half a day."""
        return _days(self.median)

    @property
    def longest_days(self) -> Decimal | None:
        """The longest time in days."""
        return _days(self.longest)


def _days(span: timedelta | None) -> Decimal | None:
    return None if span is None else Decimal(span // timedelta(hours=12)) / 2


def statistics_lines(who: Reader, over: Period) -> tuple[list[Line], Line]:
    """The figures of each branch in the person's reach, and of all together."""
    branches = _branches(who)
    kept: dict[int, _Kept] = {pk: _Kept() for pk in branches}
    rows = MonthFigure.objects.filter(_reach(who), figures_visible_to(who.person))
    rows = rows.filter(month__range=(over.first, over.last))
    for pk, kind, days, number, amount in rows.values_list("committee__branch", "kind", "days").annotate(
        Sum("number"), Sum("amount")
    ):
        kept[pk].add(kind, days, number, amount)
    everything = _Kept()
    for each in kept.values():
        everything.join(each)
    found = [kept[pk].line(pk, name) for pk, name in branches.items()]
    return found, everything.line(None, _("All branches"))


def _branches(who: Reader) -> dict[int, str]:
    """The branches in the person's reach with their names, by name."""
    rows = Committee.objects.filter(who.reach(_supervising())).order_by("branch__name")
    return dict(rows.values_list("branch", "branch__name"))


def committees(who: Reader) -> QuerySet[Committee]:
    """The committees in the person's reach, by branch and name."""
    rows = Committee.objects.filter(who.reach(_supervising())).select_related("branch")
    return rows.order_by("branch__name", "name", "pk")


def trends(who: Reader, year: int) -> list[list[Line]]:
    """The figures of each branch by month of the year, and last those of all together; see
    `statistics_lines`.
    """
    branches = _branches(who)
    kept = {(pk, month): _Kept() for pk in (*branches, None) for month in range(1, 13)}
    rows = MonthFigure.objects.filter(_reach(who), figures_visible_to(who.person), month__year=year)
    for pk, month, kind, days, number, amount in rows.values_list(
        "committee__branch", "month", "kind", "days"
    ).annotate(Sum("number"), Sum("amount")):
        for branch in (pk, None):
            kept[branch, month.month].add(kind, days, number, amount)
    names: list[tuple[int | None, str]] = [*branches.items(), (None, _("All branches"))]
    return [[kept[pk, month].line(pk, name) for month in range(1, 13)] for pk, name in names]


class _Kept:
    """The sums from which figures are computed: number and amount of each kind, and plans by days taken."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._amounts: defaultdict[str, Decimal] = defaultdict(lambda: _NO_MONEY)
        self._days: Counter[int] = Counter()

    def add(self, kind: str, days: int | None, number: int, amount: Decimal) -> None:
        """Add a number of the kind, with an amount in yuan and the days until the resolution."""
        self._numbers[kind] += number
        self._amounts[kind] += amount
        if days is not None:
            self._days[days] += number

    def join(self, other: _Kept) -> None:
        """Add the sums of another."""
        self._numbers.update(other._numbers)
        self._days.update(other._days)
        for kind, amount in other._amounts.items():
            self._amounts[kind] += amount

    def line(self, branch: int | None, name: str) -> Line:
        """The figures."""
        days = sorted(self._days.items())
        return Line(
            branch,
            name,
            submitted=self._numbers[_K.SUBMITTED],
            carried=self._numbers[_K.CARRIED],
            rejected=self._numbers[_K.REJECTED],
            median=_median(days),
            longest=max((timedelta(days=day) for day, number in days if number), default=None),
            waived=self._amounts[_K.WAIVED],
            planned=self._amounts[_K.PLANNED],
            received=self._amounts[_K.RECEIVED],
        )


def _median(days: Sequence[tuple[int, int]]) -> timedelta | None:
    """Weighted median of durations in days, sorted; the mean of the two middle ones for an even number."""
    count = sum(number for _day, number in days)
    if not count:
        return None
    ends = list(accumulate(number for _day, number in days))
    lower, upper = (days[bisect_right(ends, place)][0] for place in ((count - 1) // 2, count // 2))
    return timedelta(days=lower + upper) / 2


def years(who: Reader, today: date) -> list[int]:
    """The years since the first submission visible to the person, the latest first."""
    rows = _visible(who).filter(submitted_at__isnull=False)
    first = rows.order_by("submitted_at").values_list("submitted_at", flat=True).first()
    begun = timezone.localtime(first).year if first else today.year
    return list(range(today.year, begun - 1, -1))


# -- Pictures ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BranchBar:
    """A bar of a chart: its branch and measure, its width in per cent of the longest, and its value."""

    line: Line
    measure: str
    width: Decimal
    value: Decimal


@dataclass(frozen=True)
class Chart:
    """A bar chart: its title, the kind of its values (count, days or money), its bars by branch."""

    title: str | Promise
    kind: str
    bars: list[BranchBar]


def charts(found: Iterable[Line]) -> list[Chart]:
    """The bar charts by branch."""
    found = list(found)
    return [
        _chart(gettext_lazy("Carried and not carried"), "count", found, ("carried", "rejected")),
        _chart(gettext_lazy("Median days from submission to resolution"), "days", found, ("median_days",)),
        _chart(gettext_lazy("Recovery planned and received"), "money", found, ("planned", "received")),
    ]


def _chart(title: str | Promise, kind: str, found: Iterable[Line], names: Iterable[str]) -> Chart:
    values = [
        (line, name, Decimal(getattr(line, name)))
        for line in found
        for name in names
        if getattr(line, name) is not None
    ]
    largest = max((value for _line, _name, value in values), default=Decimal(0))
    return Chart(
        title,
        kind,
        [
            BranchBar(
                line,
                "resolved" if name == "median_days" else name,
                (max(value, Decimal(0)) * 100 / largest).quantize(Decimal("0.1"))
                if largest > 0
                else Decimal(0),
                value,
            )
            for line, name, value in values
        ],
    )
