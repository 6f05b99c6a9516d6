"""Migration rates (迁徙率), the matrix of classes, and vintages; sums in fen, rates in per cent or None."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portfolio.classes import Class
from portfolio.money import percent
from portfolio.rules.dates import months_after


@dataclass(frozen=True, slots=True)
class Moved:
    """A loan at the start and the end of a period; no class at the start for a new loan, at the end for one
    closed.
    """

    start: Class | None
    start_principal: int
    end: Class | None
    end_principal: int

    @property
    def fell_by(self) -> int:
        """What was repaid of the principal at the start."""
        return max(self.start_principal - self.end_principal, 0)


def rate(loans: Iterable[Moved], start: Collection[Class], worse_than: Class) -> Decimal | None:
    """Of the loans in these classes at the start: what is worse than that class at the end, in per cent.

    Over the principal at the start less what it fell by; None, a dash, of nothing.
    """
    moved = base = 0
    for loan in loans:
        if loan.start not in start:
            continue
        base += loan.start_principal - loan.fell_by
        if loan.end is not None and loan.end > worse_than:
            moved += loan.end_principal
    return percent(moved, base)


def migration_rate(loans: Iterable[Moved], given: Class) -> Decimal | None:
    """The rate at which loans of the class moved down."""
    return rate(loans, (given,), given)


def normal_loans_to_npl(loans: Iterable[Moved]) -> Decimal | None:
    """正常贷款迁徙率: of normal and special mention, what is non-performing at the end."""
    return rate(loans, (Class.NORMAL, Class.SPECIAL_MENTION), Class.SPECIAL_MENTION)


def npl(loans: Iterable[Moved]) -> tuple[int, int]:
    """The non-performing principal at the start and at the end."""
    opening = closing = 0
    for loan in loans:
        if loan.start is not None and loan.start.non_performing:
            opening += loan.start_principal
        if loan.end is not None and loan.end.non_performing:
            closing += loan.end_principal
    return opening, closing


def matrix(loans: Iterable[Moved]) -> dict[Class | None, dict[Class | None, int]]:
    """Start class × end class, with what was closed under None and what is new in the row None.

    Each row of a class sums to the principal at the start; the row of new loans has their principal at the
    end.
    """
    cells: dict[Class | None, dict[Class | None, int]] = {
        start: dict.fromkeys((*Class, None), 0) for start in (*Class, None)
    }
    for loan in loans:
        cells[loan.start][loan.end] += loan.end_principal if loan.start is None else loan.start_principal
    return cells


# -- Vintages ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issued:
    """A loan as issued, and what became of it; principal in fen."""

    on: date
    amount: int
    #: the first day above 90 days past due, and the principal then
    over_90_on: date | None = None
    over_90_principal: int = 0


def quarter(day: date) -> tuple[int, int]:
    """The year and quarter of the day."""
    return day.year, (day.month - 1) // 3 + 1


def vintage(loans: Iterable[Issued], months: int) -> dict[tuple[int, int], Decimal | None]:
    """By quarter of issue: what was ever above 90 days within so many months, of what was issued."""
    bad: dict[tuple[int, int], int] = defaultdict(int)
    issued: dict[tuple[int, int], int] = defaultdict(int)
    for loan in loans:
        issued[quarter(loan.on)] += loan.amount
        if loan.over_90_on is not None and loan.over_90_on <= months_after(loan.on, months):
            bad[quarter(loan.on)] += loan.over_90_principal
    return {each: percent(bad[each], issued[each]) for each in sorted(issued)}


def new_loans_npl_pct(now_bad: int, disposed_bad: int, issued: int) -> Decimal | None:
    """新发放贷款不良率: of what was issued this year, what is bad now or was disposed of as bad."""
    return percent(now_bad + disposed_bad, issued)
