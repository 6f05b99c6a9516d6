"""Working days of the bank, for what the regulation counts in them (Art. 21: the minutes)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays


@lru_cache(maxsize=2)
def _calendar(language: str = "en_US") -> holidays.HolidayBase:
    """China's public holidays, with the weekends worked in exchange, as far as they are published."""
    return holidays.country_holidays("CN", language=language)


def is_working_day(day: date) -> bool:
    """Whether the bank works on that day: Monday to Friday, public holidays and exchanged weekends heeded."""
    return bool(_calendar().is_working_day(day))


def holiday(day: date, *, chinese: bool = False) -> str:
    """The name of the public holiday on that day; empty for none."""
    return str(_calendar("zh_CN" if chinese else "en_US").get(day) or "")


def after(day: date, days: int) -> date:
    """The day that many working days after `day`; `day` itself when none are to pass."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
