"""The figures of a plan: what is owed, present values, the interest kept, coverage, and schedules to propose.

Amounts are yuan, rates per cent a year, haircut and probability per cent, time days. All arithmetic is
Decimal with 50 digits; only results are rounded, to the fen, half up. Figures are shown and decide nothing
(Art. 1, 8).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum
from functools import wraps
from itertools import count, islice, pairwise
from typing import Any, Final, ParamSpec, TypeVar

from proposals.plan.drafts import Plan
from proposals.plan.limits import MAX_ROWS
from regulation.text import folded_identifier

ZERO: Final = Decimal("0.00")
_FEN: Final = Decimal("0.01")
_YUAN: Final = Decimal(1)
_RATIO: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)
_YEAR: Final = 365  # actual/365: the days of a year, leap years too
_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_UP)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def exactly(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function with 50 digits of Decimal precision, whatever the caller's context."""

    @wraps(function)
    def with_context(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with localcontext(_CONTEXT):
            return function(*args, **kwargs)

    return with_context


def _fen(amount: Decimal) -> Decimal:
    return amount.quantize(_FEN, ROUND_HALF_UP)


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(_RATIO, ROUND_HALF_UP) if whole else None


# -- What is owed -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on all loans of a plan at its base date, by kind, in yuan."""

    principal: Decimal
    interest_on_balance: Decimal
    interest_off_balance: Decimal
    penalty: Decimal

    @property
    def interest(self) -> Decimal:
        """Interest on and off the balance sheet, without penalty, in yuan."""
        return self.interest_on_balance + self.interest_off_balance

    @property
    def total(self) -> Decimal:
        """Everything owed, in yuan: the exposure."""
        return self.principal + self.interest + self.penalty


def owed(plan: Plan) -> Owed:
    """What is owed by kind, in yuan; of a draft, as far as it is stated."""
    loans: Sequence[dict[str, Any]] = plan.document.get("loans", [])

    def total(kind: str) -> Decimal:
        return sum((Decimal(loan.get(kind, ZERO)) for loan in loans), ZERO)

    return Owed(
        principal=total("principal"),
        interest_on_balance=total("interest_on_balance"),
        interest_off_balance=total("interest_off_balance"),
        penalty=total("penalty"),
    )


def exposure(plan: Plan) -> Decimal:
    """Everything owed on the loans of the plan, in yuan: principal, interest on and off balance, penalty."""
    return owed(plan).total


# -- Present values ---------------------------------------------------------------------------------


@exactly
def xnpv(rate: Decimal, flows: Iterable[tuple[date, Decimal]], *, on: date) -> Decimal:
    """The value on that day of dated flows at that rate (per cent a year), in yuan, not rounded.

    XNPV = sum of amount / (1 + rate / 100) ** (days / 365), days counted from ``on`` to the flow (actual/365,
    the 29th of February counted). The formula is that of XNPV in Excel and DAX,
    https://learn.microsoft.com/en-us/dax/xnpv-function-dax, except that the day is given and not the first
    flow's: an earlier flow is compounded forward.
    """
    growth = 1 + rate / _HUNDRED
    return sum(
        (amount / growth ** (Decimal((day - on).days) / _YEAR) for day, amount in flows),
        Decimal(0),
    )


def plan_flows(plan: Plan) -> tuple[tuple[date, Decimal], ...]:
    """What the plan pays on each day, in yuan: the new money out at the base date, then the instalments."""
    terms = plan.terms
    instalments = ((row.due_on, row.principal + row.interest) for row in terms.schedule)
    return ((terms.base_date, -terms.concessions.new_money), *instalments)


@exactly
def net_present_value(plan: Plan) -> Decimal:
    """The value of the plan at its base date, in yuan: its schedule discounted, less the new money."""
    return _fen(xnpv(plan.terms.discount_rate, plan_flows(plan), on=plan.terms.base_date))


@exactly
def total_recovery(plan: Plan) -> Decimal:
    """All principal and interest of the schedule less the new money, in yuan, not discounted."""
    return sum((amount for _, amount in plan_flows(plan)), ZERO)


@dataclass(frozen=True, slots=True)
class AlternativeValue:
    """What an alternative is expected to bring, in yuan, after its cost, and what that is worth today."""

    name: str
    recovery: Decimal
    net_present_value: Decimal


@exactly
def alternative_values(plan: Plan) -> tuple[AlternativeValue, ...]:
    """Each alternative in the plan's order: flows (amount times probability) less the cost, in yuan.

    The cost is paid at the base date; flows are discounted to it at the plan's rate, as the plan's own are.
    """
    terms = plan.terms
    values = []
    for alternative in terms.alternatives:
        flows = [(flow.on, flow.amount * flow.probability / _HUNDRED) for flow in alternative.flows]
        flows.append((terms.base_date, -alternative.cost))
        values.append(
            AlternativeValue(
                name=alternative.name,
                recovery=_fen(sum((amount for _, amount in flows), ZERO)),
                net_present_value=_fen(xnpv(terms.discount_rate, flows, on=terms.base_date)),
            )
        )
    return tuple(values)


# -- Interest ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InterestKept:
    """What becomes of the interest owed (on and off balance, without penalty), in yuan.

    ``owed`` at the base date; ``waived`` by the plan; ``scheduled``, the interest of all instalments.
    """

    owed: Decimal
    waived: Decimal
    scheduled: Decimal

    @property
    def kept(self) -> Decimal:
        """The interest owed that the plan does not waive."""
        return self.owed - self.waived

    @property
    def unscheduled(self) -> Decimal:
        """The interest kept for which the schedule has no day; 0 when all is scheduled."""
        return max(self.kept - self.scheduled, ZERO)

    @property
    def added(self) -> Decimal:
        """The interest scheduled beyond what is kept, which accrues under the plan; 0 when there is none."""
        return max(self.scheduled - self.kept, ZERO)

    @property
    @exactly
    def kept_ratio(self) -> Decimal | None:
        """The interest kept over the interest owed, to four decimals; None when none is owed."""
        return _ratio(self.kept, self.owed)


def interest_kept(plan: Plan) -> InterestKept:
    """The interest owed, waived and scheduled, in yuan (Art. 1, where the print says 利息最大化)."""
    terms = plan.terms
    return InterestKept(
        owed=owed(plan).interest,
        waived=terms.concessions.interest_waived,
        scheduled=sum((row.interest for row in terms.schedule), ZERO),
    )


# -- Coverage ---------------------------------------------------------------------------------------


@exactly
def after_haircut(value: Decimal, haircut: Decimal) -> Decimal:
    """The value less the haircut (per cent), in yuan, not rounded."""
    return value * (_HUNDRED - haircut) / _HUNDRED


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far security covers everything owed: yuan, and ratios (1 is all of it) that nothing caps."""

    exposure: Decimal
    collateral: Decimal
    guarantees: Decimal

    @property
    @exactly
    def by_collateral(self) -> Decimal | None:
        """Collateral after haircut over exposure, to four decimals; None when nothing is owed."""
        return _ratio(self.collateral, self.exposure)

    @property
    @exactly
    def by_guarantees(self) -> Decimal | None:
        """Guarantees over exposure, to four decimals; None when nothing is owed."""
        return _ratio(self.guarantees, self.exposure)

    @property
    @exactly
    def ratio(self) -> Decimal | None:
        """Collateral and guarantees together over exposure, to four decimals; None when nothing is owed."""
        return _ratio(self.collateral + self.guarantees, self.exposure)


@exactly
def coverage(plan: Plan) -> Coverage:
    """The coverage of the exposure, in yuan; a title stated twice counts once, at its lower value."""
    terms = plan.terms
    lowest: dict[str, Decimal] = {}
    for title in terms.collateral:
        name, value = folded_identifier(title.title_no), after_haircut(title.value, title.haircut)
        lowest[name] = min(value, lowest.get(name, value))
    return Coverage(
        exposure=exposure(plan),
        collateral=_fen(sum(lowest.values(), ZERO)),
        guarantees=sum((guarantee.amount for guarantee in terms.guarantees), ZERO),
    )


# -- All of it --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanAmounts:
    """All figures of a plan that its page shows, in yuan."""

    owed: Owed
    total_recovery: Decimal
    expected_recovery: Decimal
    net_present_value: Decimal
    alternatives: tuple[AlternativeValue, ...]
    interest: InterestKept
    coverage: Coverage


def plan_amounts(plan: Plan) -> PlanAmounts:
    """All figures of the plan, in yuan. Refuses plan/incomplete while a key is missing."""
    return PlanAmounts(
        owed=owed(plan),
        total_recovery=total_recovery(plan),
        expected_recovery=plan.terms.expected_recovery,
        net_present_value=net_present_value(plan),
        alternatives=alternative_values(plan),
        interest=interest_kept(plan),
        coverage=coverage(plan),
    )


# -- Schedules to propose ---------------------------------------------------------------------------


class Basis(StrEnum):
    """How the days of a period make a part of a year."""

    THIRTY_360 = "30/360"  # 30E/360: the last day of any month is its 30th
    ACTUAL_365 = "actual/365"


class Rounding(StrEnum):
    """To what the level payment is rounded."""

    FEN = "fen"  # half up
    YUAN_UP = "yuan-up"  # up to the whole yuan


@dataclass(frozen=True, slots=True)
class Row:
    """One instalment, in yuan, and the principal that remains after it."""

    due_on: date
    principal: Decimal
    interest: Decimal
    balance: Decimal

    @property
    def payment(self) -> Decimal:
        """Principal and interest of the instalment, in yuan."""
        return self.principal + self.interest


def monthly(first: date, number: int) -> tuple[date, ...]:
    """That many days a month apart, from the first on; in a shorter month its last day."""
    return tuple(islice(_months(first), number))


def _months(first: date) -> Iterator[date]:
    for ahead in count():
        year, month = divmod(first.year * 12 + first.month - 1 + ahead, 12)
        last = calendar.monthrange(year, month + 1)[1]
        yield date(year, month + 1, min(first.day, last))


@exactly
def year_fraction(start: date, end: date, basis: Basis) -> Decimal:
    """The time between two days as a part of a year of that basis."""
    if basis is Basis.ACTUAL_365:
        return Decimal((end - start).days) / _YEAR
    months = (end.year - start.year) * 12 + end.month - start.month
    return Decimal(months * 30 + _thirtieth(end) - _thirtieth(start)) / 360


def _thirtieth(day: date) -> int:
    last = calendar.monthrange(day.year, day.month)[1]
    return 30 if day.day == last else day.day


@exactly
def annuity(
    principal: Decimal,
    rate: Decimal,
    days: Sequence[date],
    *,
    basis: Basis = Basis.THIRTY_360,
    rounding: Rounding = Rounding.FEN,
) -> tuple[Row, ...]:
    """A schedule of level payments (yuan) at that rate (per cent a year) that repays the principal exactly.

    The first of the days is that of the drawing, an instalment is due on each of the others. The payment is
    the one under which nothing would be left, without rounding: with the growth g = 1 + rate / 100 * year
    fraction of each period, it is principal * product of all g / sum over the periods of the product of the g
    that follow. It is then rounded; each period's interest on the balance is rounded to the fen, half up; the
    last instalment takes what remains. A schedule repaid early ends early. Raises ValueError when no
    instalment is due, days do not ascend, or principal or rate are negative.
    """
    _check_loan(principal, rate)
    if not days[1:] or any(later <= earlier for earlier, later in pairwise(days)):
        message = "instalments are due on ascending days after the drawing"
        raise ValueError(message)
    payment = _level_payment(principal, rate, days, basis)
    if rounding is Rounding.YUAN_UP:
        payment = payment.quantize(_YUAN, ROUND_CEILING)
    return tuple(_repay(principal, rate, _fen(payment), days, basis))


@exactly
def fixed_instalments(
    principal: Decimal, rate: Decimal, payment: Decimal, *, drawn_on: date, basis: Basis = Basis.THIRTY_360
) -> tuple[Row, ...]:
    """A monthly schedule of that payment (yuan), the last one smaller, that repays the principal exactly.

    Payment and interest are rounded to the fen, half up; the rate is per cent a year. Raises ValueError when
    the payment is below a month's interest or needs more instalments than a plan may hold.
    """
    _check_loan(principal, rate)
    payment = _fen(payment)
    rows = tuple(_repay(principal, rate, payment, monthly(drawn_on, MAX_ROWS + 1), basis))
    if any(row.payment > payment for row in rows):
        message = f"{payment} yuan a month do not repay {principal} yuan at {rate} per cent"
        raise ValueError(message)
    return rows


def _check_loan(principal: Decimal, rate: Decimal) -> None:
    if principal < 0 or rate < 0:
        message = "principal and rate are not negative"
        raise ValueError(message)


def _level_payment(principal: Decimal, rate: Decimal, days: Sequence[date], basis: Basis) -> Decimal:
    growth = Decimal(1)
    annuity_factor = Decimal(0)
    for start, end in reversed(list(pairwise(days))):
        annuity_factor += growth
        growth *= 1 + rate / _HUNDRED * year_fraction(start, end, basis)
    return principal * growth / annuity_factor


def _repay(
    principal: Decimal, rate: Decimal, payment: Decimal, days: Sequence[date], basis: Basis
) -> Iterator[Row]:
    balance = _fen(principal)
    periods = list(pairwise(days))
    for number, (start, end) in enumerate(periods, start=1):
        if not balance:
            return
        interest = _fen(balance * rate / _HUNDRED * year_fraction(start, end, basis))
        part = balance if number == len(periods) else min(max(payment - interest, ZERO), balance)
        balance -= part
        yield Row(due_on=end, principal=part, interest=interest, balance=balance)
