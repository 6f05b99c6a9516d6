"""What institutions and people have reached of their targets and quotas (S11); money in fen.

Stocks are those of the figures of the day. Money is what the tapes show: the fall of a non-performing loan's
principal that was neither written off nor transferred. A tape does not say whether money or a thing came in,
so that both metrics of money count the same falls. By person it is the collection duty's of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from committee.models import Person
from portfolio.figures.stocks import policy_on, stocks
from portfolio.models import DayFigure, Fall, Institution, Quota, Target, TargetSet
from portfolio.money import percent, yuan
from portfolio.rules import targets as rules
from portfolio.totals import year_start
from regulation.refused import Refused


@dataclass(frozen=True, slots=True)
class Attained:
    """A target with what is reached of it by a day; None where there are no figures.

    `met` says whether it is kept so far: of a stock that it is not above the target, of a fall or money that
    it is reached.
    """

    target: Target
    reached: int | None
    met: bool | None
    pct: Decimal | None


def attained(target_set: TargetSet, day: date) -> list[Attained]:
    """Each target of the set with what its institution has reached by the day."""
    rows = list(target_set.targets.select_related("institution__unit").order_by("institution", "metric"))
    found = stocks(target_set.bank_id, [day], policy_on(target_set.bank_id, day))
    npl = {row.institution: row.npl for row in found}
    days = {row.institution: row.as_of for row in found}
    return [
        _attained(row, _reached(row, target_set.year, day, npl, days.get(row.institution_id))) for row in rows
    ]


def _reached(
    row: Target, year: int, day: date, npl: Mapping[int, int | None], as_of: date | None
) -> int | None:
    metric = rules.Metric(row.metric)
    if metric is rules.Metric.CLOSING_NPL:
        return npl.get(row.institution_id)
    if metric in (rules.Metric.MONEY, rules.Metric.MONEY_AND_KIND):
        return received_below(row.institution, year, day)
    if as_of is None:
        return None
    if metric is rules.Metric.NEW_CAP:
        return _stock(row.institution, as_of, DayFigure.Cohort.NEW)
    below = list(Institution.objects.under(row.institution).values_list("pk", flat=True))
    start = year_start(below, year)
    if start is None:
        return None
    return _stock(row.institution, start) - _stock(row.institution, as_of, DayFigure.Cohort.OLD)


def _stock(institution: Institution, day: date, cohort: str | None = None) -> int:
    """The non-performing principal below the institution on the day, of a cohort or of both."""
    rows = DayFigure.objects.filter(
        institution__in=Institution.objects.under(institution), as_of=day, loan_class__gte=3
    )
    if cohort is not None:
        rows = rows.filter(cohort=cohort)
    return int(rows.aggregate(sum=Sum("principal", default=0))["sum"])


def _attained(row: Target, reached: int | None) -> Attained:
    metric = rules.Metric(row.metric)
    if reached is None:
        return Attained(row, None, None, None)
    if metric.at_most:
        return Attained(row, reached, reached <= row.amount, percent(reached, row.amount))
    return Attained(row, reached, reached >= row.amount, percent(reached, row.amount))


def received_below(institution: Institution, year: int, day: date) -> int:
    """What came in below the institution from 1 January of the year to the day, in fen."""
    falls = Fall.objects.filter(
        institution__in=Institution.objects.under(institution), as_of__range=(date(year, 1, 1), day)
    )
    return int(falls.aggregate(sum=Sum("amount", default=0))["sum"])


def received_by(person: Person, year: int, day: date) -> rules.Sums:
    """What came in from 1 January of the year to the day on days on which collecting was the person's."""
    falls = Fall.objects.filter(
        staff_key=person.staff_key,
        institution__bank=person.bank_id,
        as_of__range=(date(year, 1, 1), min(day, date(year, 12, 31))),
    )
    return rules.Sums(money=int(falls.aggregate(sum=Sum("amount", default=0))["sum"]))


def require_may_move(person: Person, day: date) -> None:
    """Raise `target/quota-not-met` while the person's quota of the year of the day is not met. HR decides."""
    bank = person.bank_id
    locked = TargetSet.objects.in_force(bank, day.year) if bank is not None else None
    quota = Quota.objects.filter(target_set=locked, person=person).first() if locked else None
    if quota is None:
        return
    sums = received_by(person, day.year, day)
    if not rules.may_move(day, day.year, quota=quota.amount, sums=sums):
        counted = sums.counted(rules.Metric.MONEY)
        raise Refused("target/quota-not-met", given=str(yuan(counted)), quota=str(yuan(quota.amount)))
