"""The institutions of the stock with their staff, by number; and days of its calendar."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Place:
    """An institution that lends: its code, and staff numbers of its officers."""

    code: str
    lending: tuple[str, ...]
    collection: tuple[str, ...]
    approver: str


def months_later(day: date, months: int) -> date:
    """The corresponding day so many months later, or earlier if negative; a month's last day where it has
    none.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
