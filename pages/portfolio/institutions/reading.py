"""What the ledger says of institutions: each with those below it, now and on two days before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portfolio import totals
from portfolio.models import Institution
from portfolio.money import yuan
from portfolio.totals import Totals


@dataclass(frozen=True)
class Line:
    """An institution with all below it: its figures now, at the year's start and on the base date."""

    institution: Institution
    depth: int
    now: Totals | None
    at_start: Totals | None
    at_base: Totals | None

    @property
    def npl(self) -> Decimal | None:
        """Non-performing principal, yuan."""
        return yuan(self.now.npl) if self.now else None

    @property
    def ratio(self) -> Decimal | None:
        """Non-performing principal by all principal."""
        return ratio(self.now)

    @property
    def rise(self) -> Decimal | None:
        """The rise of non-performing principal on the year's start, yuan; a fall is negative."""
        return yuan(self.now.npl - self.at_start.npl) if self.now and self.at_start else None

    @property
    def since(self) -> Decimal | None:
        """The rise on the base date, yuan."""
        return yuan(self.now.npl - self.at_base.npl) if self.now and self.at_base else None


@dataclass(frozen=True)
class Days:
    """The days of the figures: the latest, the year's start, and the base date's, as far as there are any."""

    now: date | None
    start: date | None
    base: date | None


def ratio(of: Totals | None) -> Decimal | None:
    """Non-performing principal by all principal; None without any."""
    return Decimal(of.npl) / Decimal(of.principal) if of and of.principal else None


def days_of(institutions: list[Institution], base_date: date | None) -> Days:
    """The days on which these institutions have figures that a line needs."""
    pks = [each.pk for each in institutions]
    now = totals.latest_day(pks) if pks else None
    if now is None:
        return Days(None, None, None)
    return Days(
        now, totals.year_start(pks, now.year), totals.latest_day(pks, base_date) if base_date else None
    )


def lines(institutions: list[Institution], days: Days) -> list[Line]:
    """The institutions in the order of their tree, each with the sums of all below it; without outlets."""
    found = totals.on_days((each.pk for each in institutions), (days.now, days.start, days.base))
    sums: dict[tuple[int, date], Totals] = {}
    ordered = sorted(institutions, key=lambda each: (each.bank_id, each.lft))
    depths: dict[int, int] = {}
    for each, path in _paths(ordered):
        depths[each.pk] = len(path) - 1
        for day in (days.now, days.start, days.base):
            if day is not None and (each.pk, day) in found:
                _add(sums, path, day, found[each.pk, day])
    return [
        Line(
            each,
            depths[each.pk],
            *(sums.get((each.pk, day)) if day else None for day in (days.now, days.start, days.base)),
        )
        for each in ordered
        if each.level != Institution.Level.OUTLET
    ]


def _paths(ordered: Iterable[Institution]) -> Iterator[tuple[Institution, list[Institution]]]:
    """Each institution with those above it that are among them, from the top, and itself."""
    path: list[Institution] = []
    for each in ordered:
        while path and not (path[-1].bank_id == each.bank_id and each.rgt < path[-1].rgt):
            path.pop()
        path.append(each)
        yield each, path


def _add(sums: dict[tuple[int, date], Totals], path: Iterable[Institution], day: date, own: Totals) -> None:
    for above in path:
        sums[above.pk, day] = sums.get((above.pk, day), Totals()) + own
