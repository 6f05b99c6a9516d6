"""Deadlines: the minutes of a meeting (Art. 21), the instalments of a plan.

All pages, lists, statistics and files use these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from audit import clock
from committee import workdays
from committee.models import Committee, Meeting


def today(committee: Committee) -> date:
    """The present day in the committee's zone."""
    return clock.now().astimezone(committee.tz).date()


# -- Minutes ----------------------------------------------------------------------------------------


def minutes_due(meeting: Meeting) -> date | None:
    """The last day for the minutes, counted in working days; None before the meeting's end (Art. 21)."""
    if meeting.closed_at is None:
        return None
    held = meeting.closed_at.astimezone(meeting.committee.tz).date()
    return workdays.after(held, meeting.regulation.minutes_due_days)


def minutes_days_late(meeting: Meeting) -> int:
    """By how many days the minutes were signed late, or are late if unsigned."""
    due = minutes_due(meeting)
    if due is None:
        return 0
    signed: datetime = meeting.signed_at or clock.now()
    return max((signed.astimezone(meeting.committee.tz).date() - due).days, 0)


def minutes_overdue(meeting: Meeting) -> bool:
    """Whether the minutes are unsigned after their last day (Art. 21)."""
    return meeting.signed_at is None and minutes_days_late(meeting) > 0


# -- Instalments ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Instalment:
    """An instalment of a schedule, in yuan, with what was received of it."""

    due_on: str
    due: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        """What has not been received."""
        return self.due - self.paid

    def late(self, day: date) -> bool:
        """Whether part of it was due before the day and is open."""
        return self.open > 0 and self.due_on < day.isoformat()


def instalments(document: Mapping[str, Any], received: Decimal) -> Iterable[Instalment]:
    """The instalments of a plan's document with the amounts received, applied to the earliest first."""
    left = received
    for row in document.get("schedule", ()):
        due = Decimal(row.get("principal", 0)) + Decimal(row.get("interest", 0))
        paid = min(left, due)
        left -= paid
        yield Instalment(row.get("due_on", ""), due, paid)
