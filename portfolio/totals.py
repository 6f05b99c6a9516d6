"""Sums of the day figures: what institutions have open and non-performing on days, in fen.

Day figures are kept for ever and are few (an institution and day: its classes, kinds and cohorts), so that
totals of a whole union are added when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum

from committee.prepared import AnyOf
from portfolio.classes import Class
from portfolio.models import DayFigure

#: a tape so many days before the year's start still says how the year began
_BEFORE = timedelta(days=31)
_NPL = Q(loan_class__gte=Class.SUBSTANDARD)


@dataclass(frozen=True, slots=True)
class Totals:
    """Open loans and principal, in all, non-performing, of the old stock, and of special mention; principal
    in fen.
    """

    loans: int = 0
    principal: int = 0
    npl_loans: int = 0
    npl: int = 0
    #: non-performing since 1 January or before
    old: int = 0
    special_mention: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def new(self) -> int:
        """Non-performing since later than 1 January."""
        return self.npl - self.old


_SUMS: Mapping[str, Any] = {
    "sum_loans": Sum("loans", default=0),
    "sum_principal": Sum("principal", default=0),
    "sum_npl_loans": Sum("loans", filter=_NPL, default=0),
    "sum_npl": Sum("principal", filter=_NPL, default=0),
    "sum_old": Sum("principal", filter=_NPL & Q(cohort=DayFigure.Cohort.OLD), default=0),
    "sum_special_mention": Sum("principal", filter=Q(loan_class=Class.SPECIAL_MENTION), default=0),
}


def _of(institutions: Iterable[int]) -> QuerySet[DayFigure]:
    return DayFigure.objects.filter(AnyOf("institution", sorted(set(institutions)))).order_by()


def _totals(row: Mapping[str, Any]) -> Totals:
    # PostgreSQL's sum of bigint is numeric
    return Totals(**{each.name: int(row[f"sum_{each.name}"]) for each in fields(Totals)})


def latest_day(institutions: Iterable[int], until: date | None = None) -> date | None:
    """The latest day of which any of the institutions has figures, on or before `until`; None without any."""
    rows = _of(institutions)
    found: date | None = (rows.filter(as_of__lte=until) if until else rows).aggregate(day=Max("as_of"))["day"]
    return found


def year_start(institutions: Iterable[int], year: int) -> date | None:
    """The day whose figures say how the year began: the latest up to 1 January, of the month before."""
    first = date(year, 1, 1)
    found = latest_day(institutions, first)
    return found if found is not None and first - found <= _BEFORE else None


def on_days(institutions: Iterable[int], days: Iterable[date | None]) -> dict[tuple[int, date], Totals]:
    """The totals of each institution on each of these days, as far as there are figures."""
    wanted = {day for day in days if day is not None}
    rows = _of(institutions).filter(as_of__in=wanted).values("institution", "as_of").annotate(**_SUMS)
    return {(row["institution"], row["as_of"]): _totals(row) for row in rows}


def by_day(institutions: Iterable[int], first: date, last: date) -> list[tuple[date, Totals]]:
    """The institutions' totals together, for each day with figures from the first to the last."""
    rows = _of(institutions).filter(as_of__range=(first, last)).values("as_of").annotate(**_SUMS)
    return [(row["as_of"], _totals(row)) for row in rows.order_by("as_of")]


def structure(institutions: Iterable[int], day: date, by: str) -> list[tuple[Any, int, int]]:
    """The non-performing loans of a day by a column of the figures (`loan_class`, `kind`, `cohort`): its
    value, loans, principal in fen; the largest first.
    """
    rows = _of(institutions).filter(_NPL, as_of=day).values(by)
    found = rows.annotate(of_loans=Sum("loans"), of_principal=Sum("principal")).order_by("-of_principal", by)
    return [(row[by], int(row["of_loans"]), int(row["of_principal"])) for row in found]
