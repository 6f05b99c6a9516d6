"""The watch on institutions: rise, ten-day periods, what warns, and what a reply must say (S3); fen.

002/1 一: "较年初增加1000万元以上的行社…每日严密关注", "按旬监测…较7月底继续增加…或较年初反弹较大";
三: at the end of
September, "仍然较年初增加的行社…戒勉谈话"; 二: incomplete data and the system's classes are no excuse.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portfolio.money import fen
from portfolio.policy import Policy


class Trigger(StrEnum):
    """What raises a warning."""

    #: more than on the base date
    INCREASE = "increase"
    #: more than at the year's start by `rebound_pct` of it
    REBOUND = "rebound"
    #: more than at the year's start on 30 September: an admonishment talk
    YEAR_RISE = "year_rise"


class Cause(StrEnum):
    """A cause of a rise, as a reply names it."""

    NEW_ARREARS = "new_arrears"
    FELL_BACK = "fell_back"
    NEW_LENDING = "new_lending"
    DISASTER = "disaster"
    EVASION = "evasion"
    OTHER = "other"
    DATA_ENTRY = "data_entry"
    SYSTEM_CLASS = "system_class"


#: what may no longer be given as the reason (002/1 二)
EXCUSES = frozenset({Cause.DATA_ENTRY, Cause.SYSTEM_CLASS})


@dataclass(frozen=True, slots=True)
class Stock:
    """An institution's non-performing principal on a day, at the year's start and on the base date.

    None where there are no figures, which is never zero.
    """

    npl: int | None
    year_start: int | None
    base: int | None = None

    @property
    def rise(self) -> int | None:
        """The rise on the year's start; a fall is negative."""
        return None if self.npl is None or self.year_start is None else self.npl - self.year_start

    @property
    def since(self) -> int | None:
        """The rise on the base date."""
        return None if self.npl is None or self.base is None else self.npl - self.base


@dataclass(frozen=True, slots=True)
class Period:
    """Ten days (旬): the 1st to the 10th, to the 20th, to the month's end."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


def period_of(day: date) -> Period:
    """The ten days in which the day lies."""
    if day.day <= 20:
        first = 1 if day.day <= 10 else 11
        return Period(day.replace(day=first), day.replace(day=first + 9))
    return Period(day.replace(day=21), day.replace(day=monthrange(day.year, day.month)[1]))


def periods_ended(after: date, until: date) -> list[Period]:
    """The periods whose last day is after the one day and not after the other."""
    found, day = [], after + timedelta(days=1)
    while (period := period_of(day)).last <= until:
        found.append(period)
        day = period.last + timedelta(days=1)
    return found


def has_figures(tape_day: date | None, day: date, policy: Policy) -> bool:
    """Whether the latest tape, of this day, is at most `stale_days` old."""
    return tape_day is not None and 0 <= (day - tape_day).days <= policy.stale_days


def daily_watch(stock: Stock, policy: Policy) -> bool:
    """Whether the head of the institution watches it daily: a rise of `watch_rise` or more."""
    return stock.rise is not None and stock.rise >= fen(policy.watch_rise)


def increased(stock: Stock) -> bool:
    """Whether it is more than on the base date."""
    return stock.since is not None and stock.since > 0


def rebounded(stock: Stock, policy: Policy) -> bool:
    """Whether the rise is above zero and `rebound_pct` of the year's start or more."""
    if stock.rise is None or stock.year_start is None or stock.rise <= 0:
        return False
    return 100 * stock.rise >= policy.rebound_pct * stock.year_start


def admonishment_due(day: date, stock: Stock) -> bool:
    """Whether it is more than at the year's start on 30 September."""
    return (day.month, day.day) == (9, 30) and stock.rise is not None and stock.rise > 0


def triggers(day: date, stock: Stock, policy: Policy) -> dict[Trigger, int]:
    """What warns on the last day of ten days, with the sum that has to be explained."""
    found: dict[Trigger, int] = {}
    if increased(stock) and stock.since is not None:
        found[Trigger.INCREASE] = stock.since
    if rebounded(stock, policy) and stock.rise is not None:
        found[Trigger.REBOUND] = stock.rise
    if admonishment_due(day, stock) and stock.rise is not None:
        found[Trigger.YEAR_RISE] = stock.rise
    return found


def refusal_of_reply(rise: int, causes: Iterable[tuple[Cause, int]]) -> str | None:
    """`warning/unexplained` unless the causes, each above zero, add up to the rise;
    `warning/excuse-not-accepted` for causes of data and the system alone; None for a reply that counts.
    """
    given = list(causes)
    if any(amount <= 0 for _, amount in given) or sum(amount for _, amount in given) != rise:
        return "warning/unexplained"
    if all(cause in EXCUSES for cause, _ in given):
        return "warning/excuse-not-accepted"
    return None


def levels_up(due_on: date, day: date, policy: Policy) -> int:
    """How many levels an unanswered warning has gone up: one when overdue, one more each further week."""
    late = (day - due_on).days
    return 0 if late <= 0 else 1 + (late - 1) // policy.escalation_days


def unseen(watched: Iterable[date], seen: Iterable[date]) -> int:
    """On how many days of the watch the head has not looked at it."""
    return len(set(watched) - set(seen))


def summed(causes: Iterable[tuple[Cause, int]]) -> Mapping[Cause, int]:
    """The causes with their sums, those named twice added."""
    found: dict[Cause, int] = {}
    for cause, amount in causes:
        found[cause] = found.get(cause, 0) + amount
    return found
