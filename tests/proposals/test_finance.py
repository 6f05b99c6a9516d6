"""The figures of a plan, against results worked elsewhere (arithmetic.json) and pyxirr."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext, localcontext
from pathlib import Path
from typing import Any

import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from proposals.finance import (
    AlternativeValue,
    Basis,
    Coverage,
    InterestKept,
    Owed,
    Rounding,
    Row,
    after_haircut,
    alternative_values,
    annuity,
    coverage,
    exposure,
    fixed_instalments,
    interest_kept,
    monthly,
    net_present_value,
    owed,
    plan_amounts,
    plan_flows,
    total_recovery,
    xnpv,
    year_fraction,
)
from proposals.plan.drafts import parse_draft
from regulation.refused import Refused
from tests.proposals.plans import FULL, Document, balanced, full, plan, plan_with

WORKED: dict[str, Any] = {
    case["id"]: case
    for case in json.loads(
        Path(__file__).with_name("arithmetic.json").read_text("utf-8"), parse_float=Decimal
    )
}
D = Decimal
BASE = date(2026, 2, 27)


def whole(amount: Decimal) -> Decimal:
    """The amount in whole yuan, half up, as R4 prints it."""
    return amount.quantize(D(1), ROUND_HALF_UP)


def table(rows: tuple[Row, ...]) -> list[list[Decimal]]:
    return [[row.payment, row.interest, row.principal, row.balance] for row in rows]


# -- What is owed -------------------------------------------------------------------------------------


def test_what_is_owed_is_summed_by_kind() -> None:
    assert owed(plan()) == Owed(
        principal=D("100000.00"),
        interest_on_balance=D("5000.00"),
        interest_off_balance=D("2000.00"),
        penalty=D("1000.00"),
    )
    assert owed(plan()).interest == D("7000.00")


def test_the_exposure_is_everything_owed() -> None:
    assert exposure(plan()) == owed(plan()).total == D("108000.00")


def test_a_draft_owes_what_it_states() -> None:
    assert exposure(parse_draft({})) == 0
    assert owed(parse_draft({"loans": [{"penalty": "1.50"}, {}]})).total == D("1.50")


# -- Present values -----------------------------------------------------------------------------------


def test_xnpv_reproduces_the_worked_example() -> None:
    case = WORKED["R5"]
    flows = [(date.fromisoformat(day), D(amount)) for day, amount in case["flows"]]
    value = xnpv(case["rate"] * 100, flows, on=flows[0][0])
    assert value.quantize(D("0.01")) == case["xnpv"]


def test_a_year_of_365_days_discounts_once() -> None:
    assert xnpv(D(25), [(date(2027, 2, 27), D(100))], on=BASE) == 80
    assert xnpv(D(25), [(date(2025, 2, 27), D(80))], on=BASE) == 100
    assert xnpv(D(25), [(BASE, D(100))], on=BASE) == 100
    assert xnpv(D(25), [], on=BASE) == 0


def test_the_29th_of_february_is_a_day() -> None:
    leap = xnpv(D(10), [(date(2025, 2, 27), D(100))], on=date(2024, 2, 27))
    assert leap.quantize(D("0.01")) == (100 / D("1.1") ** (D(366) / 365)).quantize(D("0.01"))
    assert leap < D(100) / D("1.1")


flows = st.lists(
    st.tuples(
        st.dates(date(2020, 1, 1), date(2050, 1, 1)),
        st.integers(-(10**13), 10**13).map(lambda fen: D(fen) / 100),
    ),
    max_size=8,
)
rates = st.integers(0, 5000).map(lambda basis_points: D(basis_points) / 100)


@given(rates, flows)
def test_xnpv_agrees_with_pyxirr(rate: Decimal, given_flows: list[tuple[date, Decimal]]) -> None:
    # pyxirr counts from its first day, and in floats: about fifteen digits of the largest amount are right.
    dated = [(BASE, D(0)), *((day, amount) for day, amount in given_flows if day >= BASE)]
    theirs = pyxirr.xnpv(float(rate / 100), [(day, float(amount)) for day, amount in dated])
    assert theirs is not None
    largest = max(abs(amount) for _, amount in dated)
    assert abs(xnpv(rate, dated, on=BASE) - D(theirs)) <= largest * D("1e-11") + D("1e-9")


@given(rates, flows, flows, st.integers(-1000, 1000))
def test_present_value_is_linear(
    rate: Decimal, some: list[tuple[date, Decimal]], others: list[tuple[date, Decimal]], factor: int
) -> None:
    together = xnpv(rate, [*some, *((day, factor * amount) for day, amount in others)], on=BASE)
    apart = xnpv(rate, some, on=BASE) + factor * xnpv(rate, others, on=BASE)
    assert abs(together - apart) < D("1e-9")


@given(flows)
def test_without_a_rate_the_present_value_is_the_sum(given_flows: list[tuple[date, Decimal]]) -> None:
    assert xnpv(D(0), given_flows, on=BASE) == sum((amount for _, amount in given_flows), D(0))


def test_the_present_value_does_not_depend_on_the_callers_precision() -> None:
    exact = net_present_value(plan())
    with localcontext() as context:
        context.prec = 4
        assert net_present_value(plan()) == exact
    assert getcontext().prec == 28


def test_the_flows_of_a_plan_begin_with_the_new_money() -> None:
    assert plan_flows(plan()) == (
        (BASE, D("-5000.00")),
        (date(2026, 6, 30), D("52000.00")),
        (date(2026, 12, 31), D("32000.00")),
        (date(2027, 6, 30), D("25000.00")),
    )


def test_the_net_present_value_of_a_plan_is_its_schedule_discounted_less_the_new_money() -> None:
    by_hand = (
        D(52000) / D("1.06") ** (D(123) / 365)
        + D(32000) / D("1.06") ** (D(307) / 365)
        + D(25000) / D("1.06") ** (D(488) / 365)
        - 5000
    )
    assert net_present_value(plan()) == by_hand.quantize(D("0.01"), ROUND_HALF_UP)
    assert net_present_value(plan(discount_rate="0")) == total_recovery(plan()) == D("104000.00")


def test_an_alternative_is_its_flows_by_probability_less_its_cost() -> None:
    enforcement, transfer = alternative_values(plan(discount_rate="0"))
    assert enforcement == AlternativeValue(
        "enforcement", recovery=D("24600.00"), net_present_value=D("24600.00")
    )
    assert transfer == AlternativeValue("transfer", recovery=D("35000.00"), net_present_value=D("35000.00"))


def test_an_alternative_is_discounted_as_the_plan_is_but_for_its_cost() -> None:
    enforcement, transfer = alternative_values(plan())
    by_hand = D(18000) / D("1.06") ** (D(307) / 365) + D(8100) / D("1.06") ** (D(672) / 365) - 1500
    assert enforcement.net_present_value == by_hand.quantize(D("0.01"), ROUND_HALF_UP)
    assert enforcement.recovery == D("24600.00")
    by_hand = D(35000) / D("1.06") ** (D(62) / 365)
    assert transfer.net_present_value == by_hand.quantize(D("0.01"), ROUND_HALF_UP)


def test_an_alternative_that_costs_more_than_it_brings_has_a_negative_value() -> None:
    alternatives = [{"name": "enforcement", "cost": "1500.00", "flows": []}]
    (value,) = alternative_values(plan(alternatives=alternatives))
    assert value == AlternativeValue("enforcement", D("-1500.00"), D("-1500.00"))


def test_half_a_fen_of_an_alternative_is_rounded_up() -> None:
    flows_ = [{"on": "2026-12-31", "amount": "0.01", "probability": "50"}]
    (value,) = alternative_values(
        plan(alternatives=[{"name": "enforcement", "cost": "0.00", "flows": flows_}])
    )
    assert value.recovery == D("0.01")


# -- Interest kept, coverage, all figures -------------------------------------------------------------


@pytest.mark.article("8")
def test_the_interest_kept_is_what_is_owed_less_what_is_waived() -> None:
    interest = interest_kept(plan())
    assert interest == InterestKept(owed=D("7000.00"), waived=D("1000.00"), scheduled=D("6000.00"))
    assert interest.kept == D("6000.00")
    assert interest.kept_ratio == D("0.8571")
    assert interest.unscheduled == interest.added == 0


@pytest.mark.parametrize(
    ("scheduled", "unscheduled", "added"),
    [("5999.99", "0.01", "0.00"), ("6000.00", "0.00", "0.00"), ("6000.01", "0.00", "0.01")],
)
def test_interest_without_a_day_and_interest_on_top_are_told_apart(
    scheduled: str, unscheduled: str, added: str
) -> None:
    interest = InterestKept(owed=D("7000.00"), waived=D("1000.00"), scheduled=D(scheduled))
    assert (interest.unscheduled, interest.added) == (D(unscheduled), D(added))


def test_where_no_interest_is_owed_none_is_kept() -> None:
    assert InterestKept(owed=D(0), waived=D(0), scheduled=D(5)).kept_ratio is None


def test_penalty_is_no_interest() -> None:
    assert interest_kept(plan_with(("loans", 0, "penalty"), "9999.00")) == interest_kept(plan())


@pytest.mark.parametrize(
    ("haircut", "left"), [("0", "60000"), ("30", "42000"), ("12.5", "52500"), ("100", "0")]
)
def test_a_haircut_is_taken_off_the_value(haircut: str, left: str) -> None:
    assert after_haircut(D(60000), D(haircut)) == D(left)


def test_coverage_is_collateral_after_haircut_and_guarantees_over_the_exposure() -> None:
    covered = coverage(plan())
    assert covered == Coverage(exposure=D("108000.00"), collateral=D("42000.00"), guarantees=D("49000.00"))
    assert covered.by_collateral == D("0.3889")
    assert covered.by_guarantees == D("0.4537")
    assert covered.ratio == D("0.8426")


def test_nothing_caps_coverage() -> None:
    covered = coverage(plan_with(("collateral", 0, "value"), "540000.00"))
    assert covered.by_collateral == D("3.5000")


def test_where_nothing_is_owed_there_is_no_ratio() -> None:
    covered = Coverage(exposure=D(0), collateral=D(1), guarantees=D(1))
    assert (covered.by_collateral, covered.by_guarantees, covered.ratio) == (None, None, None)


def test_a_title_stated_twice_counts_once_at_its_lower_value() -> None:
    (title,) = FULL["collateral"]
    lower = {**title, "title_no": " ws-2", "value": "50000.00"}
    other = {**title, "title_no": "WS-3"}
    assert coverage(plan(collateral=[title, lower, other])).collateral == D("77000.00")
    assert coverage(plan(collateral=[lower, title])).collateral == D("35000.00")


def test_all_guarantees_count() -> None:
    (guarantee,) = FULL["guarantees"]
    assert coverage(plan(guarantees=[guarantee, guarantee])).guarantees == D("98000.00")
    assert coverage(plan(guarantees=[], collateral=[])).ratio == 0


def test_the_figures_are_all_of_these() -> None:
    shown = plan_amounts(plan())
    assert shown.owed == owed(plan())
    assert shown.total_recovery == D("104000.00")
    assert shown.expected_recovery == D("109000.00")
    assert shown.net_present_value == net_present_value(plan())
    assert shown.alternatives == alternative_values(plan())
    assert shown.interest == interest_kept(plan())
    assert shown.coverage == coverage(plan())


def test_an_incomplete_draft_has_no_figures() -> None:
    document = full()
    del document["discount_rate"]
    with pytest.raises(Refused) as caught:
        plan_amounts(parse_draft(document))
    assert caught.value.code == "plan/incomplete"


@given(balanced())
def test_figures_are_whole_fen(document: Document) -> None:
    shown = plan_amounts(parse_draft(document))
    amounts = [shown.total_recovery, shown.net_present_value, shown.coverage.collateral, shown.interest.kept]
    amounts += [value.net_present_value for value in shown.alternatives]
    assert all(amount == amount.quantize(D("0.01")) for amount in amounts)


@given(balanced())
def test_a_plan_without_interest_recovers_the_principal_less_its_waiver(document: Document) -> None:
    for row in document["schedule"]:
        row["interest"] = "0.00"
    parsed = parse_draft(document)
    assert total_recovery(parsed) == owed(parsed).principal - parsed.terms.concessions.principal_waived


def test_new_money_lowers_the_present_value_by_itself() -> None:
    more = plan_with(("concessions", "new_money"), "5000.01")
    assert net_present_value(plan()) - net_present_value(more) == D("0.01")


# -- Schedules ----------------------------------------------------------------------------------------


def test_a_level_schedule_on_30_360_reproduces_the_worked_rows() -> None:
    case = WORKED["R1"]
    rows = annuity(D(case["P"]), case["annual_pct"], monthly(date(2024, 1, 1), case["n"] + 1))
    assert table(rows) == case["rows_due_int_prin_bal"]


def test_a_level_schedule_on_actual_365_reproduces_the_worked_rows() -> None:
    case = WORKED["R2"]
    days = monthly(date(2024, 1, 1), case["n"] + 1)
    rows = annuity(D(case["P"]), case["annual_pct"], days, basis=Basis.ACTUAL_365)
    assert table(rows) == case["rows_due_int_prin_bal"]


def test_a_year_of_level_payments_reproduces_the_worked_payment() -> None:
    case = WORKED["R3"]
    rows = annuity(D(case["P"]), D(case["annual_pct"]), monthly(date(2024, 1, 1), case["n"] + 1))
    assert {row.payment for row in rows[:-1]} == {case["emi"]}
    assert rows[-1].payment == case["own_last_instalment"]


def test_payments_rounded_up_to_the_yuan_reproduce_the_worked_rows() -> None:
    case = WORKED["R4"]
    days = monthly(date(2024, 1, 15), case["n"] + 1)
    rows = annuity(D(case["P"]), case["annual_pct"], days, rounding=Rounding.YUAN_UP)
    assert {row.payment for row in rows[:-1]} == {case["emi"]}
    for index, principal, interest, balance in case["rows_idx_prin_int_bal"]:
        row = rows[index]
        assert [whole(row.principal), whole(row.interest), whole(row.balance)] == [
            principal,
            interest,
            balance,
        ]
    assert whole(sum((row.interest for row in rows), D(0))) == case["total_interest"]


def test_fixed_instalments_reproduce_the_worked_total() -> None:
    case = WORKED["R4"]
    rows = fixed_instalments(D(case["P"]), case["annual_pct"], D(14000), drawn_on=date(2024, 1, 15))
    assert len(rows) == case["fixed_14000"]["n"]
    assert whole(sum((row.interest for row in rows), D(0))) == case["fixed_14000"]["total_interest"]
    assert {row.payment for row in rows[:-1]} == {D(14000)}
    assert rows[-1].payment < 14000
    assert rows[0].due_on == date(2024, 2, 15)


principals = st.integers(0, 10**13).map(lambda fen: D(fen) / 100)
firsts = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(principals, rates, firsts, st.integers(1, 60), st.sampled_from(Basis), st.sampled_from(Rounding))
def test_a_level_schedule_repays_the_principal_exactly(
    principal: Decimal, rate: Decimal, first: date, number: int, basis: Basis, rounding: Rounding
) -> None:
    rows = annuity(principal, rate, monthly(first, number + 1), basis=basis, rounding=rounding)
    assert sum((row.principal for row in rows), D(0)) == principal
    assert len(rows) <= number
    assert_runs_down(principal, rows)
    if rounding is Rounding.YUAN_UP:
        assert all(row.payment == row.payment.to_integral_value() for row in rows[:-1] if row.principal)


@given(principals, rates, firsts, st.integers(1, 10**11), st.sampled_from(Basis))
def test_fixed_instalments_repay_the_principal_exactly_or_are_refused(
    principal: Decimal, rate: Decimal, first: date, fen: int, basis: Basis
) -> None:
    payment = D(fen) / 100
    try:
        rows = fixed_instalments(principal, rate, payment, drawn_on=first, basis=basis)
    except ValueError:
        most_interest = principal * rate / 100 * 31 / 360 + D("0.005")
        assert principal > 2000 * (payment - most_interest)
        return
    assert sum((row.principal for row in rows), D(0)) == principal
    assert all(row.payment == payment for row in rows[:-1])
    assert all(row.payment <= payment for row in rows)
    assert_runs_down(principal, rows)


def assert_runs_down(principal: Decimal, rows: tuple[Row, ...]) -> None:
    """Each balance is the one before less the principal, and nothing is negative or finer than a fen."""
    balance = principal
    for row in rows:
        assert row.balance == balance - row.principal
        assert min(row.principal, row.interest, row.balance) >= 0
        assert row.payment == row.payment.quantize(D("0.01"))
        balance = row.balance
    assert balance == 0


@given(principals, rates.filter(bool), firsts, st.integers(2, 60))
def test_the_level_payment_agrees_with_pyxirr(
    principal: Decimal, rate: Decimal, first: date, number: int
) -> None:
    theirs = pyxirr.pmt(float(rate) / 1200, number, -float(principal))
    assert theirs is not None
    rows = annuity(principal, rate, monthly(first.replace(day=1), number + 1))
    assert bool(rows) is bool(principal)
    assert not rows or abs(float(rows[0].payment) - theirs) <= 0.0151 + theirs * 1e-9


def test_without_interest_the_parts_are_equal() -> None:
    rows = annuity(D("100.00"), D(0), monthly(date(2024, 1, 31), 4))
    assert table(rows) == [
        [D("33.33"), 0, D("33.33"), D("66.67")],
        [D("33.33"), 0, D("33.33"), D("33.34")],
        [D("33.34"), 0, D("33.34"), 0],
    ]
    assert [row.due_on for row in rows] == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_a_schedule_repaid_early_ends_early() -> None:
    rows = annuity(D("10.00"), D(0), monthly(date(2024, 1, 1), 21), rounding=Rounding.YUAN_UP)
    assert [row.payment for row in rows] == [1] * 10
    assert annuity(D(0), D(5), monthly(date(2024, 1, 1), 3)) == ()


@pytest.mark.parametrize("days", [[], [BASE], [BASE, BASE], [BASE, BASE + timedelta(1), BASE]], ids=len)
def test_instalments_are_due_on_ascending_days(days: list[date]) -> None:
    with pytest.raises(ValueError, match="ascending days"):
        annuity(D(100), D(5), days)


def test_neither_principal_nor_rate_is_negative() -> None:
    days = monthly(BASE, 3)
    for principal, rate in ((D("-0.01"), D(5)), (D(100), D("-0.01"))):
        with pytest.raises(ValueError, match="not negative"):
            annuity(principal, rate, days)
        with pytest.raises(ValueError, match="not negative"):
            fixed_instalments(principal, rate, D(10), drawn_on=BASE)


def test_a_payment_below_the_interest_repays_nothing() -> None:
    with pytest.raises(ValueError, match=r"50.00 yuan a month do not repay 10000 yuan at 6 per cent"):
        fixed_instalments(D(10000), D(6), D(50), drawn_on=BASE)
    assert fixed_instalments(D(10000), D(6), D("51.00"), drawn_on=BASE)[-1].balance == 0


def test_a_payment_below_the_interest_of_a_long_month_is_refused() -> None:
    loan = (D("70.00"), D("11.52"))
    with pytest.raises(ValueError, match="do not repay"):
        fixed_instalments(*loan, D("0.64"), drawn_on=date(2000, 1, 1), basis=Basis.ACTUAL_365)
    rows = fixed_instalments(*loan, D("0.694"), drawn_on=date(2000, 1, 1), basis=Basis.ACTUAL_365)
    assert {row.payment for row in rows[:-1]} == {D("0.69")}


def test_fixed_instalments_of_nothing_are_none() -> None:
    assert fixed_instalments(D(0), D(5), D(10), drawn_on=BASE) == ()


def test_a_plan_holds_at_most_two_thousand_instalments() -> None:
    assert len(fixed_instalments(D(2000), D(0), D(1), drawn_on=BASE)) == 2000
    with pytest.raises(ValueError, match="do not repay"):
        fixed_instalments(D(2001), D(0), D(1), drawn_on=BASE)


def test_months_keep_their_day_where_the_month_has_it() -> None:
    assert monthly(date(2023, 11, 30), 5) == (
        date(2023, 11, 30), date(2023, 12, 30), date(2024, 1, 30), date(2024, 2, 29), date(2024, 3, 30),
    )  # fmt: skip
    assert monthly(BASE, 0) == ()


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2024-01-01", "2024-02-01", 30),
        ("2024-01-31", "2024-02-29", 30),
        ("2023-02-28", "2023-03-31", 30),
        ("2024-02-28", "2024-03-01", 3),
        ("2024-01-30", "2024-01-31", 0),
        ("2023-12-15", "2024-12-15", 360),
    ],
)
def test_a_month_has_thirty_days_on_30_360(start: str, end: str, days: int) -> None:
    fraction = year_fraction(date.fromisoformat(start), date.fromisoformat(end), Basis.THIRTY_360)
    assert fraction * 360 == days


@given(firsts, firsts)
def test_30_360_is_30e_360_isda(start: date, end: date) -> None:
    start, end = sorted([start, end])
    theirs = pyxirr.year_fraction(start, end, "30E/360 ISDA")
    assert float(year_fraction(start, end, Basis.THIRTY_360)) == pytest.approx(theirs)


@given(firsts, firsts)
def test_actual_365_counts_every_day(start: date, end: date) -> None:
    assert round(year_fraction(start, end, Basis.ACTUAL_365) * 365) == (end - start).days
