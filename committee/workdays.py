"""Working days of the bank, in which the regulation counts the time for the minutes (Art. 21)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import holidays


@lru_cache(maxsize=2)
def _calendar(language: str = "en_US") -> holidays.HolidayBase:
    """China's public holidays and the weekends worked in exchange, for the years published."""
    import holidays  # a tenth of the time in which a process starts

    return holidays.country_holidays("CN", language=language)


def is_working_day(day: date) -> bool:
    """Whether the bank works on that day: Monday to Friday, except public holidays and exchanged weekends."""
    return bool(_calendar().is_working_day(day))


def holiday(day: date, *, chinese: bool = False) -> str:
    """The name of the public holiday on that day; empty for none."""
    return str(_calendar("zh_CN" if chinese else "en_US").get(day) or "")


def after(day: date, days: int) -> date:
    """The day that many working days after `day`; `day` itself for 0."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
