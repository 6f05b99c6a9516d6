"""Dates by the month: what is due monthly keeps its day, also through February."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from itertools import count


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months later, or the last of a month that lacks it (Civil Code 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_after(day: date, years: int) -> date:
    """The corresponding day so many years later; 28 February of 29 February."""
    return months_after(day, 12 * years)


def due_dates(first: date, *, months: int = 1) -> Iterator[date]:
    """Due dates from the first on, each counted from the first: 31 January, 28 February, 31 March."""
    if months < 1:
        raise ValueError("due dates lie at least a month apart")
    return (months_after(first, months * number) for number in count())
