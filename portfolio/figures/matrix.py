"""The matrix of classes of a month and its migration rates (迁徙率), from the balances of two days.

Made once by SQL and kept; a tape that changes one of the two days takes what rests on it away again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Sum

from portfolio.classes import Class
from portfolio.models import Institution, MonthMove, Tape
from portfolio.money import percent
from portfolio.rules.dates import months_after

# One hash join of two days; a loan counts where it is open (state 0).
_MAKE = """
INSERT INTO portfolio_monthmove (start_on, end_on, institution_id, from_class, to_class, loans,
    start_principal, end_principal, fell_by)
SELECT %(start)s, %(end)s, institution_id, from_class, to_class, count(*), sum(start_principal),
    sum(end_principal), sum(greatest(start_principal - end_principal, 0))
FROM (
    SELECT coalesce(earlier.institution_id, later.institution_id) AS institution_id,
        coalesce(earlier.loan_class, 0) AS from_class, coalesce(later.loan_class, 0) AS to_class,
        coalesce(earlier.principal, 0) AS start_principal, coalesce(later.principal, 0) AS end_principal
    FROM (SELECT * FROM portfolio_balance WHERE as_of = %(start)s AND state = 0) AS earlier
        FULL JOIN (SELECT * FROM portfolio_balance WHERE as_of = %(end)s AND state = 0) AS later
            ON later.loan_id = earlier.loan_id
) AS moved JOIN portfolio_institution AS place ON place.id = moved.institution_id
WHERE place.bank_id = %(bank)s
GROUP BY institution_id, from_class, to_class
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """The loans that went from one class to another, None for none; money in fen."""

    start: Class | None
    end: Class | None
    loans: int
    start_principal: int
    end_principal: int
    fell_by: int

    @property
    def shown(self) -> int:
        """What the matrix shows: the principal at the start, of new loans that at the end."""
        return self.end_principal if self.start is None else self.start_principal


@dataclass(frozen=True, slots=True)
class Matrix:
    """The cells of an institution and those below it, between two days."""

    start_on: date
    end_on: date
    cells: tuple[Cell, ...]

    def migration_rate(self, given: Class) -> Decimal | None:
        """What of the class moved down, as `portfolio.rules.quality` defines it; None is a dash."""
        return self._rate(lambda start: start is given, given)

    def normal_loans_to_npl(self) -> Decimal | None:
        """正常贷款迁徙率: of normal and special mention, what is non-performing at the end."""
        return self._rate(lambda start: not start.non_performing, Class.SPECIAL_MENTION)

    def _rate(self, counts: Callable[[Class], bool], worse_than: Class) -> Decimal | None:
        rows = [cell for cell in self.cells if cell.start is not None and counts(cell.start)]
        moved = sum(cell.end_principal for cell in rows if cell.end is not None and cell.end > worse_than)
        return percent(moved, sum(cell.start_principal - cell.fell_by for cell in rows))


def days_of(bank: int, month: date) -> tuple[date, date] | None:
    """The days of the bank's last tapes before the month and in it; None where one of them is missing."""
    first = month.replace(day=1)
    taped = Tape.objects.loaded().filter(bank=bank).order_by("-as_of").values_list("as_of", flat=True)
    before = taped.filter(as_of__lt=first, as_of__gte=first - timedelta(days=31)).first()
    last = taped.filter(as_of__gte=first, as_of__lt=months_after(first, 1)).first()
    return None if before is None or last is None else (before, last)


def month_matrix(institution: Institution, month: date) -> Matrix | None:
    """The matrix of the month for the institution and those below it; None without tapes of both its ends."""
    days = days_of(institution.bank_id, month)
    if days is None:
        return None
    start_on, end_on = days
    _make_once(institution.bank_id, start_on, end_on)
    rows = MonthMove.objects.filter(
        institution__in=Institution.objects.under(institution), start_on=start_on, end_on=end_on
    )
    summed = rows.values("from_class", "to_class").order_by("from_class", "to_class")
    cells = summed.annotate(Sum("loans"), Sum("start_principal"), Sum("end_principal"), Sum("fell_by"))
    return Matrix(
        start_on,
        end_on,
        tuple(
            Cell(
                Class(row["from_class"]) if row["from_class"] else None,
                Class(row["to_class"]) if row["to_class"] else None,
                int(row["loans__sum"]),
                int(row["start_principal__sum"]),
                int(row["end_principal__sum"]),
                int(row["fell_by__sum"]),
            )
            for row in cells
        ),
    )


def _make_once(bank: int, start_on: date, end_on: date) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('portfolio_monthmove'), %s)", [bank % 2**31]
            )
        if MonthMove.objects.filter(institution__bank=bank, start_on=start_on, end_on=end_on).exists():
            return
        with connection.cursor() as cursor:
            cursor.execute(_MAKE, {"bank": bank, "start": start_on, "end": end_on})


def forget(bank: int, as_of: date) -> None:
    """What was made from the balances of the day is gone, to be made again when it is asked for."""
    MonthMove.objects.filter(institution__bank=bank, start_on=as_of).delete()
    MonthMove.objects.filter(institution__bank=bank, end_on=as_of).delete()
