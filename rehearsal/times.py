"""Times in rehearsal files: absolute, relative to the clock, or (for kept ones) relative to today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

_T = TypeVar("_T", date, datetime)

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_FROM_NOW = re.compile(r"\+(?=[0-9])(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?")
_FROM_TODAY = re.compile(r"([+-]?[0-9]{1,5})d ([0-9]{2}:[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_FROM_TODAY = re.compile(r"([+-]?[0-9]{1,5})d")
#: the keys of a plan whose values are dates
PLAN_DATES = frozenset({"base_date", "issued_on", "due_on", "valued_on", "on"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads times; those relative to `today` only if it is given.

    Raises ValueError for an invalid time, and OverflowError for one outside of the calendar.
    """

    today: date | None = None

    def moment(self, value: str) -> datetime:
        """The time, aware; without an offset it is Shanghai's."""
        relative = _FROM_TODAY.fullmatch(value)
        if relative and self.today is not None:
            day = self.today + _days(relative[1])
            return _within(datetime.combine(day, time.fromisoformat(relative[2]), ZONE))
        if not _MOMENT.fullmatch(value):
            raise ValueError(value)
        found = datetime.fromisoformat(value)
        return _within(found if found.tzinfo else found.replace(tzinfo=ZONE))

    def clock(self, value: str, now: datetime) -> datetime:
        """The time set by a step's `clock`: absolute, or days, hours and minutes after `now`."""
        relative = _FROM_NOW.fullmatch(value)
        if relative is None:
            return self.moment(value)
        days, hours, minutes = (int(part or 0) for part in relative.groups())
        return _within(now + timedelta(days=days, hours=hours, minutes=minutes))

    def day(self, value: str) -> date:
        """The date."""
        relative = _DAY_FROM_TODAY.fullmatch(value)
        if relative and self.today is not None:
            return _within(self.today + _days(relative[1]))
        if not _DAY.fullmatch(value):
            raise ValueError(value)
        return _within(date.fromisoformat(value))

    def plan(self, part: Any, key: str = "") -> Any:
        """The part of a plan with dates relative to today made absolute; other values are unchanged."""
        if self.today is None:
            return part
        if isinstance(part, dict):
            return {name: self.plan(value, name) for name, value in part.items()}
        if isinstance(part, list):
            return [self.plan(value) for value in part]
        if key in PLAN_DATES and isinstance(part, str) and _DAY_FROM_TODAY.fullmatch(part):
            return self.day(part).isoformat()
        return part


def _days(count: str) -> timedelta:
    return timedelta(days=int(count))


def _within(found: _T) -> _T:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(found)
    return found
