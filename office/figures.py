"""Figures by branch and period: what came in, what was resolved, how soon, what was waived, what came back.

Each figure and the list of its cases rest on the same condition, over the plans that the person may see: head
office sees a plan once it is filed, so its figures count no other. Days are those of each committee's zone,
amounts are yuan; all is summed in the database.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateField,
    DateTimeField,
    DecimalField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Least
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import Committee, Position
from office.frame import Standing
from proposals.models import Proposal, Receipt

Role = Position.Role
_S = Proposal.State
_NO_MONEY = Decimal("0.00")

#: the roles that have figures: of the bank, of the branch
REACH: Mapping[str, str] = {
    Role.HEAD_OFFICE: "committee__branch__bank",
    Role.AUDITOR: "committee__branch__bank",
    Role.RISK: "committee__branch",
}


# -- The period -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """A year, a quarter or a month, from its first to its last day."""

    first: date
    last: date
    key: str

    @property
    def name(self) -> str:
        """The period in words."""
        if "Q" in self.key:
            return _("%(year)d, quarter %(quarter)d") % {
                "year": self.first.year, "quarter": (self.first.month + 2) // 3,
            }  # fmt: skip
        if "-" in self.key:
            return _("%(year)d-%(month)02d") % {"year": self.first.year, "month": self.first.month}
        return _("Year %(year)d") % {"year": self.first.year}


_KEY = re.compile(r"(20\d\d)(?:-Q([1-4])|-(0[1-9]|1[0-2]))?")


def period(key: str, today: date) -> Period:
    """The period of that key (2026, 2026-Q1, 2026-03); the present year for any other."""
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


class _Instalments(Func):
    """Principal and interest, in yuan, of the instalments of a plan that fall due from one day to another."""

    template = (
        "(SELECT SUM((part.value ->> 'principal')::numeric + (part.value ->> 'interest')::numeric)"
        " FROM (VALUES (%(expressions)s)) AS given (document, since, until),"
        " jsonb_array_elements(given.document -> 'schedule') AS part"
        " WHERE (part.value ->> 'due_on')::date BETWEEN given.since AND given.until)"
    )
    output_field = DecimalField(max_digits=24, decimal_places=2)


class _Median(Aggregate):
    """The middle of the values, or half way between the two in the middle."""

    template = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _on(name: str) -> Cast:
    return Cast(_Day(name), DateField())


def _waiver(kind: str) -> Cast:
    stated = KeyTextTransform(kind, KeyTransform("concessions", "version__document"))
    return Cast(stated, DecimalField(max_digits=20, decimal_places=2))


@dataclass(frozen=True)
class Measure:
    """What can be counted: its name, the condition on a case, the amount or the days of each case."""

    name: str | Promise
    #: the column of a case that the figure sums up; none where cases are counted
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


def _reach(who: Standing) -> Q:
    found = Q(pk=None)
    for role, path in REACH.items():
        found |= Q(**{f"{path}__in": who.units(role)})
    return found


def _visible(who: Standing) -> QuerySet[Proposal]:
    return Proposal.objects.visible_to(who.person).filter(_reach(who))


def _about(over: Period, *names: str) -> Q:
    """One of the moments is in the period or within a day of it: what an index serves, whatever the zone."""
    first = datetime.combine(over.first - timedelta(days=1), time(), tzinfo=UTC)
    last = datetime.combine(over.last + timedelta(days=2), time(), tzinfo=UTC)
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__range": (first, last)})
    return found


def _plans(who: Standing, over: Period) -> QuerySet[Proposal]:
    """The plans of the person's reach that are visible, with what the figures rest on."""
    days = ExpressionWrapper(F("resolved_on") - F("submitted_on"), output_field=DurationField())
    until = Least(
        Value(over.last, output_field=DateField()),
        Case(
            When(state=_S.TERMINATED, then=_on("state_since")),
            default=Value(over.last),
            output_field=DateField(),
        ),
    )
    return (
        _visible(who)
        .order_by()
        .annotate(
            submitted_on=_on("submitted_at"),
            resolved_on=_on("resolved_at"),
            approved_on=_on("credit_decision__at"),
            days=days,
            waived=_waiver("interest_waived") + _waiver("penalty_waived") + _waiver("principal_waived"),
            planned=_Instalments(F("version__document"), Value(over.first, output_field=DateField()), until),
        )
    )


def _condition(measure: str, over: Period) -> Q:
    """Which of the plans the figure counts."""
    during = (over.first, over.last)
    receipts = Receipt.objects.filter(proposal=OuterRef("pk"), received_on__range=during)
    approved = Q(credit_decision__approved=True)
    submitted = _about(over, "submitted_at") & Q(submitted_on__range=during)
    resolved = _about(over, "resolved_at") & Q(resolved_on__range=during)
    return {
        "submitted": submitted,
        "carried": resolved & ~Q(state=_S.REJECTED),
        "rejected": resolved & Q(state=_S.REJECTED),
        "resolved": resolved,
        "waived": approved & Q(approved_on__range=during, waived__gt=0),
        "planned": approved & Q(planned__gt=0),
        "received": Q(Exists(receipts)),
    }[measure]


def cases(who: Standing, measure: str, over: Period, branch: int | None = None) -> QuerySet[Proposal]:
    """The cases behind a figure, the latest first."""
    received = (
        Receipt.objects.filter(proposal=OuterRef("pk"), received_on__range=(over.first, over.last))
        .order_by()
        .values("proposal")
        .annotate(total=Sum("amount"))
    )
    rows = (
        _plans(who, over)
        .filter(_condition(measure, over))
        .annotate(received=Subquery(received.values("total")))
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


def lines(who: Standing, over: Period) -> tuple[list[Line], Line]:
    """The figures of each branch in the person's reach, and of all together."""
    branches = dict(
        Committee.objects.filter(_reach_of_committees(who))
        .order_by("branch__name")
        .values_list("branch", "branch__name")
    )
    plans = _plans(who, over)
    by_branch: dict[int, dict[str, Any]] = {pk: {} for pk in branches}
    moved = plans.filter(_about(over, "submitted_at", "resolved_at"))
    for rows, sums in (
        (moved, _counts(over)),
        (plans.filter(credit_decision__approved=True), _amounts(over)),
    ):
        for row in rows.values("committee__branch").annotate(**sums):
            by_branch[row["committee__branch"]].update({name: row[name] for name in sums})
    receipts = Receipt.objects.filter(
        proposal__in=_visible(who).order_by().values("pk"), received_on__range=(over.first, over.last)
    ).order_by()
    for pk, total in receipts.values_list("proposal__committee__branch").annotate(Sum("amount")):
        by_branch[pk]["received"] = total
    found = [Line(pk, name, **_filled(by_branch[pk])) for pk, name in branches.items()]
    resolved = moved.filter(_condition("resolved", over))
    return found, _together(found, resolved.aggregate(at=_Median("days"))["at"])


def _together(found: Iterable[Line], median: timedelta | None) -> Line:
    """The line of all branches; the median alone is not to be had from theirs."""
    found = list(found)
    return Line(
        None,
        _("All branches"),
        submitted=sum(line.submitted for line in found),
        carried=sum(line.carried for line in found),
        rejected=sum(line.rejected for line in found),
        median=median,
        longest=max((line.longest for line in found if line.longest is not None), default=None),
        waived=sum((line.waived for line in found), _NO_MONEY),
        planned=sum((line.planned for line in found), _NO_MONEY),
        received=sum((line.received for line in found), _NO_MONEY),
    )


def _reach_of_committees(who: Standing) -> Q:
    return Q(branch__bank__in=who.units(Role.HEAD_OFFICE, Role.AUDITOR)) | Q(branch__in=who.units(Role.RISK))


def _counts(over: Period) -> dict[str, Any]:
    def count(measure: str) -> Count:
        return Count("pk", filter=_condition(measure, over))

    resolved = _condition("resolved", over)
    return {
        "submitted_count": count("submitted"),
        "carried_count": count("carried"),
        "rejected_count": count("rejected"),
        "median": _Median("days", filter=resolved),
        "longest": Max("days", filter=resolved),
    }


def _amounts(over: Period) -> dict[str, Any]:
    """What is summed over the plans with credit approval.

    Amounts are never negative: what a plan of none adds need not be left out, which would ask for it twice.
    """
    lately = _about(over, "credit_decision__at") & Q(approved_on__range=(over.first, over.last))
    return {
        "waived_sum": Coalesce(Sum("waived", filter=lately), _NO_MONEY),
        "planned_sum": Coalesce(Sum("planned"), _NO_MONEY),
    }


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's values under the names of a line; what is none is left out."""
    return {
        key.removesuffix("_count").removesuffix("_sum"): value
        for key, value in row.items()
        if value is not None
    }


def years(who: Standing, today: date) -> list[int]:
    """The years since the first submission that the person sees, the latest first."""
    rows = _visible(who).filter(submitted_at__isnull=False)
    first = rows.order_by("submitted_at").values_list("submitted_at", flat=True).first()
    return list(range(today.year, (first.year if first else today.year) - 1, -1))


# -- Pictures ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """A bar of a picture: whose, of what, how long from zero (of 100), and the number at its end."""

    line: Line
    measure: str
    width: Decimal
    value: Decimal


@dataclass(frozen=True)
class Chart:
    """A picture: its title, how its numbers are written, its bars by branch."""

    title: str | Promise
    kind: str
    bars: list[Bar]


def charts(found: Iterable[Line]) -> list[Chart]:
    """The pictures of the branches, each from zero."""
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
            Bar(
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
