"""The period of notice (Art. 15), as values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo


def last_day(at: datetime, notice_days: int, tz: tzinfo) -> date:
    """The last calendar day, in the committee's zone, on which a notice of a meeting at `at` is in time."""
    return at.astimezone(tz).date() - timedelta(days=notice_days)


def long_enough(
    at: datetime, *, now: datetime, notice_days: int, tz: tzinfo, emergency: bool, sent: Iterable[datetime]
) -> bool:
    """Whether a meeting at `at` keeps the period when its notice goes out now, or went out at one of `sent`.

    `sent` are the moments at which a notice stating this time and these items was sent. An emergency waives
    the period; a time in the past is too short for anyone (Art. 15).
    """
    latest = last_day(at, notice_days, tz)

    def in_time(moment: datetime) -> bool:
        return moment <= at and (emergency or moment.astimezone(tz).date() <= latest)

    return in_time(now) or any(in_time(moment) for moment in sent)
