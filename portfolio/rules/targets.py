"""Targets and quotas (目标任务): what is attained of them, and that nobody lowers a locked one (S11); fen.

002/1 五: "不得以任何理由…变换统计口径或降低…任务"; 002/4: "没有完成任务的不能调动、不能晋升、不能评先".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portfolio.money import percent


class Metric(StrEnum):
    """What a target counts."""

    #: non-performing principal at the year's end, at most
    CLOSING_NPL = "closing_npl"
    #: the fall of the old stock, at least
    OLD_FALL = "old_fall"
    #: new non-performing principal, at most
    NEW_CAP = "new_cap"
    #: money received, at least
    MONEY = "money"
    #: money and in kind, at least
    MONEY_AND_KIND = "money_and_kind"

    @property
    def at_most(self) -> bool:
        """Whether more is worse: a higher figure lowers the task."""
        return self in (Metric.CLOSING_NPL, Metric.NEW_CAP)


@dataclass(frozen=True, slots=True)
class Target:
    """A figure for an institution, by its code."""

    institution: str
    metric: Metric
    amount: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What came in for a target or quota: confirmed money, what of it was reversed, the same in kind."""

    money: int = 0
    reversed_money: int = 0
    in_kind: int = 0
    reversed_in_kind: int = 0

    def counted(self, metric: Metric) -> int:
        """What the metric counts, less reversals."""
        money = self.money - self.reversed_money
        return money + self.in_kind - self.reversed_in_kind if metric is Metric.MONEY_AND_KIND else money


def attainment_pct(sums: Sums, target: int, metric: Metric = Metric.MONEY) -> Decimal | None:
    """What is attained, in per cent; None of a target of nothing."""
    return percent(sums.counted(metric), target)


def met(sums: Sums, target: int, metric: Metric = Metric.MONEY) -> bool:
    """Whether all of it is attained: to the fen, not rounded."""
    return sums.counted(metric) >= target


def may_move(day: date, year: int, *, quota: int, sums: Sums, metric: Metric = Metric.MONEY) -> bool:
    """Whether a person may be moved or promoted: with the quota met, or once its year is over.

    Otherwise `target/quota-not-met`. HR decides.
    """
    return day.year > year or met(sums, quota, metric)


@dataclass(frozen=True, slots=True)
class Lowered:
    """What a change of a locked set would take away: `lower`, `metric` or `scope`, of an institution."""

    institution: str
    why: str


def lowered(locked: Iterable[Target], wanted: Iterable[Target]) -> list[Lowered]:
    """How the wanted targets fall short of the locked ones, which `target/locked` refuses.

    An institution that lacks a metric counts by another one; one that has none is out of scope. Institutions
    and metrics that are added raise the task.
    """
    new = {(each.institution, each.metric): each.amount for each in wanted}
    kept = {institution for institution, _ in new}
    found = []
    for each in locked:
        amount = new.get((each.institution, each.metric))
        if amount is None:
            found.append(Lowered(each.institution, "metric" if each.institution in kept else "scope"))
        elif (amount > each.amount) if each.metric.at_most else (amount < each.amount):
            found.append(Lowered(each.institution, "lower"))
    return found


def merged(targets: Iterable[Target], into: Mapping[str, str]) -> list[Target]:
    """The targets after institutions were merged into others; the sum of each metric stays."""
    sums: dict[tuple[str, Metric], Target] = {}
    for each in targets:
        code, seen = each.institution, {each.institution}
        while code in into and into[code] not in seen:
            code = into[code]
            seen.add(code)
        held = sums.get((code, each.metric), Target(code, each.metric, 0))
        sums[code, each.metric] = replace(held, amount=held.amount + each.amount)
    return list(sums.values())


def planned_on(day: date, year_start: int, closing: int) -> int:
    """What the plan allows on a day: on the straight way from the year's start to its target, in whole fen.

    Days are counted from 1 January, on which it is the year's start, to 31 December; parts of a fen are left
    out towards zero change.
    """
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    change, passed, length = closing - year_start, (day - first).days, (last - first).days
    moved = abs(change) * passed // length
    return year_start + (moved if change > 0 else -moved)
