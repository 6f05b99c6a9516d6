"""Receipts, reversals and termination (rules.md, States)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from proposals.models import LiveContract
from tests.stage import today


def receive(stage, amount, code=None, by=None, day=None):
    given = {"amount": amount, "received_on": day or today()}
    return (
        stage.do("record_receipt", by, **given)
        if code is None
        else stage.refused(code, "record_receipt", by, **given)
    )


def reverse(stage, amount, code=None, by=None, reason="Booked twice", day=None):
    given = {"amount": amount, "received_on": day or today(), "reason": reason}
    return (
        stage.do("reverse_receipt", by, **given)
        if code is None
        else stage.refused(code, "reverse_receipt", by, **given)
    )


@pytest.mark.parametrize(
    ("amounts", "state"),
    [
        ([], "credit_approved"),
        (["0.01"], "executing"),
        (["600.00", "499.99"], "executing"),
        (["1100.00"], "completed"),
        (["600.00", "500.00"], "completed"),
        (["1210.00"], "completed"),
    ],
)
def test_the_state_follows_the_sum_of_receipts(credit_approved, amounts, state):
    for amount in amounts:
        receive(credit_approved, amount)
    assert credit_approved.state == state


@pytest.mark.parametrize(
    "amount", ["0.00", "-1.00", "1", "1.000", "", "1,000.00", "nan", "1e3", "１.００", " 1.00"]
)
def test_a_receipt_is_an_amount_of_yuan_above_zero(credit_approved, amount):
    receive(credit_approved, amount, "receipt/invalid")


def test_a_receipt_is_not_of_tomorrow(credit_approved):
    receive(credit_approved, "1.00", "receipt/invalid", day=today() + timedelta(days=1))
    receive(credit_approved, "1.00", day=today() - timedelta(days=1))


def test_a_receipt_is_not_of_a_day_before_the_base_date(credit_approved):
    base = date.fromisoformat(credit_approved.plan["base_date"])
    receive(credit_approved, "1.00", "receipt/invalid", day=base - timedelta(days=1))
    receive(credit_approved, "1.00", day=base)


@pytest.mark.parametrize(
    ("before", "last"), [((), "1210.00"), (("600.00",), "610.00"), (("0.01",), "1209.99")]
)
def test_no_more_is_received_than_is_owed_with_new_money_and_interest_scheduled(
    credit_approved, before, last
):
    """1,110 yuan are owed and 100 of interest scheduled."""
    for amount in before:
        receive(credit_approved, amount)
    above = Decimal(last) + Decimal("0.01")
    receive(credit_approved, str(above), "receipt/invalid")
    receive(credit_approved, last)
    assert credit_approved.state == "completed"


def test_a_reversal_makes_room_again(credit_approved):
    receive(credit_approved, "1000.00")
    receive(credit_approved, "1210.00", "receipt/invalid")
    reverse(credit_approved, "1000.00")
    receive(credit_approved, "1210.00")


@pytest.mark.parametrize("step", ["signed", "completed"])
def test_receipts_come_between_credit_approval_and_the_end(founded, step):
    founded.to(step)
    receive(founded, "1.00", "state/not-allowed")


def test_receipts_are_the_handlers(executing):
    codes = {"handler_head": "access/denied", "other_handler": "access/not-found"}
    for by in ("handler_head", "other_handler", "liaison", "credit"):
        code = codes.get(by, "13/not-handling-institution")
        receive(executing, "1.00", code, by)
        reverse(executing, "600.00", code, by)


def test_a_reversal_is_a_counter_entry_with_a_reason(executing):
    reverse(executing, "600.00", "13/reason-required", reason=" … ")
    counter = reverse(executing, "600.00")
    assert (str(counter.amount), counter.reverses.amount, counter.reason) == ("-600.00", 600, "Booked twice")
    assert executing.state == "credit_approved"
    assert executing.proposal.receipts.count() == 2


def test_what_was_not_received_is_not_reversed(executing):
    reverse(executing, "500.00", "receipt/invalid")
    reverse(executing, "600.00", "receipt/invalid", day=today() - timedelta(days=1))
    reverse(executing, "600.00")
    reverse(executing, "600.00", "receipt/invalid")


def test_the_reason_of_a_reversal_is_asked_before_the_receipt_is_looked_for(executing):
    reverse(executing, "1.00", "13/reason-required", reason="")


def test_two_equal_receipts_are_reversed_one_at_a_time(executing):
    receive(executing, "600.00")
    assert executing.state == "completed"
    reverse(executing, "600.00")
    assert executing.state == "executing"
    reverse(executing, "600.00")
    assert executing.state == "credit_approved"


def test_completion_frees_the_contracts_and_a_reversal_takes_them_again(completed):
    assert not LiveContract.objects.filter(proposal=completed.proposal).exists()
    reverse(completed, "500.00")
    assert completed.state == "executing"
    assert LiveContract.objects.filter(proposal=completed.proposal).exists()


def test_a_completed_plan_whose_contract_is_in_another_live_plan_stays_completed(completed):
    completed.another("C-1", to="submitted")
    reverse(completed, "500.00", "13/already-submitted")
    assert completed.state == "completed"


def test_the_liaison_terminates_execution_with_a_reason(executing):
    executing.refused("14/reason-required", "terminate", reason="?")
    for by in ("handler", "chair", "credit"):
        executing.refused("12/only-liaison", "terminate", by, reason="Bankrupt")
    executing.do("terminate", reason="Bankrupt")
    assert executing.state == "terminated"
    executing.refused("state/not-allowed", "terminate", reason="Again")
    receive(executing, "1.00", "state/not-allowed")
    reverse(executing, "600.00", "state/not-allowed")


def test_a_terminated_plan_is_neither_live_nor_rejected(credit_approved):
    credit_approved.do("terminate", reason="Bankrupt")
    again = credit_approved.another("C-1", to="submitted")
    assert not credit_approved.now(again).resubmission


@pytest.mark.parametrize("step", ["signed", "completed"])
def test_only_execution_is_terminated(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "terminate", reason="Bankrupt")
