"""The numbers of the ledger: a dated version of them as one immutable value, valid by construction.

Each is a settlement of the bank's, amended by head office's risk department. Those that the law gives stand
here too where its text could not be compared at the source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn, Self

from regulation.refused import Refused

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?")
_MONEY = re.compile(r"(?:0|[1-9][0-9]{0,14})\.[0-9]{2}")
#: no count of days, months, households or institutions is larger
LIMIT = 9999
_FIRST_YEAR, _LAST_YEAR = 1949, 2199
#: the year of review → the years in which the loans became non-performing (002/4 五)
CALENDAR: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {2011: (2010,), 2012: (2008, 2009, 2011), 2013: (2006, 2007, 2012)}
)


#: amounts in yuan; percentages are what ends in `_pct`
_AMOUNTS = frozenset({"watch_rise", "nominee_sum"})


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers in force: always a valid set, else `policy/invalid` with ``field`` and ``why``.

    Money is yuan, percentages per cent, both Decimal; the others are whole numbers, `base_date` a date or
    None while no base is set, and `review_calendar` years of review with the years of origin.
    """

    #: a tape so many days old still gives a day's figures (S3)
    stale_days: int = 3
    #: of rows rejected, above which a tape is held (section 2)
    rejected_pct: Decimal = Decimal("0.1")
    #: more or fewer rows than the day before, above which a tape is held (section 2)
    rows_pct: Decimal = Decimal(2)
    #: the rise on the year's start from which an institution is watched daily (S3)
    watch_rise: Decimal = Decimal("10000000.00")
    #: the day that `increase` is counted from (S3); without it no institution has increased since
    base_date: date | None = None
    #: the rise on the year's start that is a rebound, of the stock at the year's start (S3)
    rebound_pct: Decimal = Decimal(5)
    #: working days for the reply to a warning (S3)
    reply_days: int = 5
    #: days after which an overdue reply goes up one more level (S3)
    escalation_days: int = 7
    #: households with the largest stock at each of the three levels (S2)
    key_households: int = 100
    #: months for which a check of a loan counts (S2)
    checks_months: int = 12
    #: days after which a key household without a plan warns (S2)
    plan_days: int = 30
    #: working days after which a loan without a collection duty warns (S4)
    duty_gap_days: int = 3
    review_calendar: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: CALENDAR)
    #: institutions of a ranking (S12)
    ranked_institutions: int = 20
    #: working days for an admonishment talk (S12)
    admonishment_days: int = 15
    #: overdue for more than so many days: substandard, doubtful, loss (分类办法 9–13)
    substandard_after: int = 90
    doubtful_after: int = 270
    loss_after: int = 360
    #: days of a technical delay that change no class (9)
    technical_days: int = 7
    #: of a debtor's claims here non-performing, above which all are substandard (7)
    debtor_npl_pct: Decimal = Decimal(10)
    #: of all banks' claims on a debtor overdue above 90 days, above which ours are substandard (10)
    other_banks_pct: Decimal = Decimal(20)
    #: months, or periods if longer, after arrears were paid until an upgrade (14)
    upgrade_months: int = 6
    upgrade_periods: int = 2
    #: months, or periods if longer, of observation of a restructured loan from its first due date (20)
    observation_months: int = 12
    observation_periods: int = 2
    #: days in which a measure is taken further (S7)
    follow_up_days: int = 30
    #: days after a due date until an instalment is a breach (S10)
    breach_grace: int = 5
    #: loans of several borrowers used by one, above which they are examined (S17)
    nominee_sum: Decimal = Decimal("1000000.00")

    def __post_init__(self) -> None:
        for each in fields(self):
            value = _READERS[_kind(each)](each.name, getattr(self, each.name))
            object.__setattr__(self, each.name, value)
        if not self.substandard_after < self.doubtful_after < self.loss_after:
            _refuse("doubtful_after", "days must rise from class to class", "天数须逐级递增")
        for name in ("key_households", "ranked_institutions", "reply_days", "escalation_days"):
            if getattr(self, name) < 1:
                _refuse(name, "must be at least 1", "不得小于1")

    def amended(self, changes: Mapping[str, Any]) -> Self:
        """The numbers with these changed; an unknown name or invalid set is `policy/invalid`."""
        known = {each.name for each in fields(self)}
        for name in changes:
            if name not in known:
                _refuse(str(name), "the policy has no such number", "本政策无此项参数")
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """The numbers by name, as stored and recorded: decimals and dates as text."""
        return {
            each.name: _WRITERS.get(_kind(each), _same)(getattr(self, each.name)) for each in fields(self)
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The numbers stored; those that a later version of the software added have their defaults."""
        return cls().amended(values)


def _kind(each: Any) -> str:
    name = str(each.name)
    if name in {"base_date", "review_calendar"}:
        return name
    return "money" if name in _AMOUNTS else "percent" if name.endswith("_pct") else "whole"


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(name, "must be a whole number", "须为整数")
    if not 0 <= value <= LIMIT:
        _refuse(name, f"must be from 0 to {LIMIT}", f"须在0至{LIMIT}之间")
    return value


def _text_of(value: object) -> object:
    """Whole numbers and decimals as plain text; what is neither as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else value


def _yuan(name: str, value: object) -> Decimal:
    text = _text_of(value)
    if isinstance(text, str) and text.isascii() and text.isdigit():
        text += ".00"
    if not isinstance(text, str) or not _MONEY.fullmatch(text):
        _refuse(name, "must be an amount in yuan with two decimals", "须为以元计、两位小数的金额")
    return Decimal(text)


def _per_cent(name: str, value: object) -> Decimal:
    text = _text_of(value)
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        _refuse(name, "must be a number of per cent with at most 6 decimals", "须为百分数，小数位数不超过6位")
    if Decimal(text) > 100:
        _refuse(name, "must be from 0 to 100 per cent", "须在0至100（%）之间")
    return Decimal(_plain(text))


def _day(name: str, value: object) -> date | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = False
    if value is not None and not (type(value) is date and _FIRST_YEAR <= value.year <= _LAST_YEAR):
        _refuse(name, "must be a date such as 2011-07-31, or none", "须为日期（如2011-07-31）或空")
    return value


def _years(name: str, value: object) -> Mapping[int, tuple[int, ...]]:
    """The calendar, with years as whole numbers or their text, each year of origin in one year of review."""
    if not isinstance(value, Mapping):
        _refuse(name, "must have years of review with years of origin", "须为追责年度及对应形成年度")
    read = {
        _year(name, key): tuple(_year(name, each) for each in _listed(name, years))
        for key, years in value.items()
    }
    if len(read) != len(value):
        _refuse(name, "each year stands once", "同一年度不得重复")
    _require_in_order(name, read)
    return MappingProxyType(dict(sorted(read.items())))


def _require_in_order(name: str, read: Mapping[int, tuple[int, ...]]) -> None:
    """Each year of origin stands once, in a later year of review."""
    origins = [year for years in read.values() for year in years]
    if len(set(origins)) != len(origins):
        _refuse(name, "each year stands once", "同一年度不得重复")
    if any(year >= review for review, years in read.items() for year in years):
        _refuse(name, "a year is reviewed in a later one", "追责年度须晚于形成年度")


def _listed(name: str, value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        _refuse(name, "must have a list of years", "形成年度须为列表")
    return list(value)


def _year(name: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch("[0-9]{4}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not _FIRST_YEAR <= value <= _LAST_YEAR:
        _refuse(
            name, f"years are from {_FIRST_YEAR} to {_LAST_YEAR}", f"年份须在{_FIRST_YEAR}至{_LAST_YEAR}之间"
        )
    return value


def _plain(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _same(value: Any) -> Any:
    return value


_READERS: Mapping[str, Any] = {
    "whole": _whole,
    "money": _yuan,
    "percent": _per_cent,
    "base_date": _day,
    "review_calendar": _years,
}
_WRITERS: Mapping[str, Any] = {
    "money": lambda value: format(value, ".2f"),
    "percent": lambda value: _plain(format(value, "f")),
    "base_date": lambda value: None if value is None else value.isoformat(),
    "review_calendar": lambda value: {str(year): list(years) for year, years in value.items()},
}


def _refuse(name: str, why_en: str, why_zh: str) -> NoReturn:
    raise Refused("policy/invalid", number=name, why={"en": why_en, "zh-hans": why_zh})
