"""The period of notice (Art. 15), as functions of values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo


def last_day(at: datetime, notice_days: int, tz: tzinfo) -> date:
    """The last calendar day, in the committee's zone, on which a notice of a meeting at `at` is in time."""
    return at.astimezone(tz).date() - timedelta(days=notice_days)


def first_day(now: datetime, notice_days: int, tz: tzinfo) -> date:
    """The first calendar day, in the committee's zone, of a meeting whose notice goes out now."""
    return now.astimezone(tz).date() + timedelta(days=notice_days)


def long_enough(
    at: datetime, *, now: datetime, notice_days: int, tz: tzinfo, emergency: bool, sent: Iterable[datetime]
) -> bool:
    """Whether a notice of a meeting at `at`, sent now or at one of the times in `sent`, keeps the period.

    `sent` has the times at which a notice of this time and these items was sent. An emergency waives the
    period; a time in the past is always too short (Art. 15).
    """
    latest = last_day(at, notice_days, tz)
    in_time = any(moment.astimezone(tz).date() <= latest for moment in (now, *sent))
    return now <= at and (emergency or in_time)
