"""Days past due, the class that a loan may not stand above, and the buckets of ageing.

The articles are those of 金融资产风险分类办法 (2023), in force from 1 July 2023, for older loans by
31 December 2025. 超过 excludes the number: above 90 days begins with 91.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from portfolio.classes import Class
from portfolio.policy import Policy
from portfolio.rules.dates import months_after

#: kinds of borrowers that are judged as a debtor, not loan by loan (7–10)
DEBTORS = frozenset({"enterprise", "village_collective"})
#: the last day of each bucket but the open one: 0, 1–30, 31–60, 61–90, 91–270, 271–360, above 360
BUCKETS = (0, 30, 60, 90, 270, 360)
#: the first day of each bucket, its last one or None
RANGES = tuple(
    (0 if number == 0 else BUCKETS[number - 1] + 1, None if number == len(BUCKETS) else BUCKETS[number])
    for number in range(len(BUCKETS) + 1)
)


def days_past_due(
    as_of: date, principal_unpaid_since: date | None, interest_unpaid_since: date | None
) -> int:
    """The days from the earliest due date with something unpaid; 0 on that day, and with nothing unpaid."""
    since = min(
        (day for day in (principal_unpaid_since, interest_unpaid_since) if day is not None), default=as_of
    )
    return max((as_of - since).days, 0)


def bucket(days: int) -> int:
    """The number of the bucket of ageing, from 0 for what is not overdue to 6 for above 360 days."""
    if days < 0:
        raise ValueError("days past due are not negative")
    return sum(days > last for last in BUCKETS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the floor of a loan's class rests on; money in fen.

    The sums are those of the debtor and count for enterprises and collectives only: `claims` all that it
    owes here, `non_performing` of it, `over_90` of it overdue above 90 days, the same of other banks.
    """

    days: int
    kind: str = "household"
    #: unpaid for a technical reason
    technical: bool = False
    claims: int = 0
    non_performing: int = 0
    over_90: int = 0
    other_banks: int = 0
    other_banks_over_90: int = 0
    #: a loan of the debtor is non-performing here or at another bank
    bad_anywhere: bool = False
    restructured: bool = False
    #: restructured again while it was still observed
    restructured_again: bool = False


def floor_of_days(days: int, policy: Policy | None = None, *, technical: bool = False) -> Class:
    """The best class that days past due allow (9–13).

    Overdue: special mention, unless for a technical reason and not longer than `technical_days`.
    """
    policy = policy or Policy()
    if days > policy.loss_after:
        return Class.LOSS
    if days > policy.doubtful_after:
        return Class.DOUBTFUL
    if days > policy.substandard_after:
        return Class.SUBSTANDARD
    excused = technical and days <= policy.technical_days
    return Class.NORMAL if days <= 0 or excused else Class.SPECIAL_MENTION


def grounds(facts: Facts, policy: Policy | None = None) -> Iterator[tuple[str, Class]]:
    """The articles by which the loan may not stand above a class, each with that class."""
    policy = policy or Policy()
    by_days = floor_of_days(facts.days, policy, technical=facts.technical)
    if by_days is not Class.NORMAL:
        yield "9-13", by_days
    if facts.kind in DEBTORS:
        yield from _of_the_debtor(facts, policy)
    if facts.restructured_again:
        yield "22", Class.SUBSTANDARD
    elif facts.restructured:
        yield "21", Class.SPECIAL_MENTION


def floor(facts: Facts, policy: Policy | None = None) -> Class:
    """The class that the loan may not stand above: the worst of its grounds, normal without any."""
    return max((each for _, each in grounds(facts, policy)), default=Class.NORMAL)


def above_floor(given: Class, facts: Facts, policy: Policy | None = None) -> bool:
    """Whether the tape's class is better than the floor: `class_above_floor`, told and never overwritten."""
    return given < floor(facts, policy)


def _of_the_debtor(facts: Facts, policy: Policy) -> Iterator[tuple[str, Class]]:
    if 100 * facts.non_performing > policy.debtor_npl_pct * facts.claims:
        yield "7", Class.SUBSTANDARD
    all_banks = facts.claims + facts.other_banks
    if 100 * (facts.over_90 + facts.other_banks_over_90) > policy.other_banks_pct * all_banks:
        yield "10", Class.SUBSTANDARD
    if facts.bad_anywhere:
        yield "9", Class.SPECIAL_MENTION


def upgrade_on(arrears_paid_on: date, period_months: int, policy: Policy | None = None) -> date:
    """The first day on which a loan may be upgraded: months or periods after arrears were paid (14)."""
    policy = policy or Policy()
    months = max(policy.upgrade_months, policy.upgrade_periods * period_months)
    return months_after(arrears_paid_on, months)


def observation_ends(
    first_due: date, period_months: int, missed: Iterable[date] = (), policy: Policy | None = None
) -> date:
    """The day on which the observation of a restructured loan ends (20).

    A year after its first due date, or two periods if that is longer; a due date missed within it begins it
    anew from that date. Dates after the end change nothing.
    """
    policy = policy or Policy()
    months = max(policy.observation_months, policy.observation_periods * period_months)
    ends = months_after(first_due, months)
    for day in sorted(missed):
        if first_due <= day <= ends:
            ends = months_after(day, months)
    return ends
