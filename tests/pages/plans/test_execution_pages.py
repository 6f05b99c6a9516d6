"""Receipts and their reversal on pages, what is overdue, the picture, and the institution's extract."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from office.models import Copy
from proposals.models import Receipt
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries, seeing, status
from tests.stage import today
from web import charts


def address(stage, verb):
    return reverse("proposal-act", args=[stage.proposal.pk, verb])


def send(stage, verb, by="handler", **given):
    return as_(stage[by]).post(address(stage, verb), given)


def test_a_receipt_counts_towards_the_schedule(credit_approved):
    response = send(credit_approved, "record_receipt", amount="1,000.5", received_on=today())
    assert response.status_code == 302
    assert Receipt.objects.get().amount == Decimal("1000.50")
    assert credit_approved.state == "executing"
    assert "1,000.50" in look(credit_approved["liaison"], "proposal", credit_approved.proposal.pk)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1559000"}, "amount"),
        ({"received_on": "tomorrow"}, "received_on"),
        ({"received_on": "before"}, "received_on"),
    ],
)
def test_a_receipt_refused_stands_beside_its_field(credit_approved, given, field):
    days = {"tomorrow": today() + timedelta(days=1), "before": date(2007, 1, 2)}
    if given.get("received_on"):
        given = {"received_on": days[given["received_on"]]}
    html = page_text(
        send(credit_approved, "record_receipt", **({"amount": "5", "received_on": today()} | given))
    )
    assert 'data-code="receipt/invalid"' in html
    assert html.index(f'id="id_{field}"') < html.index('data-code="receipt/invalid"')
    wrong = re.search(r'<div class="field field-wrong">\s*<label for="id_(\w+)"', html)
    assert wrong
    assert wrong[1] == field
    assert not Receipt.objects.exists()


def test_a_surplus_is_asked_for_once_with_what_was_typed_and_then_shown(credit_approved):
    given = {"amount": "1,150.00", "received_on": today()}
    asked = send(credit_approved, "record_receipt", **given)
    html = page_text(asked)
    assert asked.status_code == 422
    assert "50.00 yuan more are received than the schedule asks for" in html
    assert 'value="1,150.00"' in html
    assert re.search(r'<input type="checkbox" name="surplus" value="1150.00"', html)
    assert not Receipt.objects.exists()
    assert send(credit_approved, "record_receipt", **given, surplus="1150.00").status_code == 302
    assert credit_approved.state == "completed"
    for page in (("proposal",), ("proposal-act", "reverse_receipt")):
        html = look(credit_approved["handler"], page[0], credit_approved.proposal.pk, *page[1:])
        assert re.search(r"Surplus over the schedule</(th|dt)><(td|dd)[^>]*>50.00<", html), page


def test_a_surplus_that_was_confirmed_for_another_amount_is_asked_for_again(credit_approved):
    given = {"received_on": today(), "surplus": "1150.00"}
    assert send(credit_approved, "record_receipt", amount="1151", **given).status_code == 422
    assert send(credit_approved, "record_receipt", amount="1100", **given).status_code == 302


def test_beyond_what_can_come_in_nothing_is_asked_but_refused(credit_approved):
    html = page_text(send(credit_approved, "record_receipt", amount="1559000", received_on=today()))
    assert 'data-code="receipt/invalid"' in html
    assert 'name="surplus"' not in html


@pytest.mark.parametrize("amount", ["", "ten", "1.005", "NaN", "Infinity", "1e3000000"])
def test_what_is_no_amount_is_told_beside_the_field(credit_approved, amount):
    response = send(credit_approved, "record_receipt", amount=amount, received_on=today())
    assert response.status_code == 422
    assert 'id="id_amount_error"' in page_text(response)


def test_the_receipt_that_was_wrong_is_reversed_with_its_reason(executing):
    wrong = Receipt.objects.get()
    page = look(executing["handler"], "proposal-act", executing.proposal.pk, "reverse_receipt")
    assert f'value="{wrong.pk}"' in page
    refused = send(executing, "reverse_receipt", receipt=wrong.pk, reason=" ")
    assert 'data-code="13/reason-required"' in page_text(refused)
    assert send(executing, "reverse_receipt", receipt=wrong.pk, reason="Booked twice").status_code == 302
    assert executing.state == "credit_approved"
    assert "Reverse a repayment" not in look(executing["handler"], "proposal", executing.proposal.pk)


def test_a_receipt_of_another_plan_cannot_be_named(executing):
    assert send(executing, "reverse_receipt", receipt=10**9, reason="Because").status_code == 422
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("verb", ["record_receipt", "reverse_receipt", "terminate"])
def test_only_its_officer_is_offered_the_act(executing, verb):
    officer = "liaison" if verb == "terminate" else "handler"
    for handle in EVERYBODY:
        expected = {200} if handle == officer else {403, 404}
        assert status(executing[handle], "proposal-act", executing.proposal.pk, verb) in expected, handle


def test_the_liaison_terminates_with_a_reason(executing):
    assert send(executing, "terminate", by="liaison", reason="").status_code == 422
    assert send(executing, "terminate", by="liaison", reason="The borrower is gone").status_code == 302
    assert executing.state == "terminated"


def test_what_is_overdue_is_told_in_words_while_the_plan_runs(executing):
    assert "overdue" not in look(executing["handler"], "proposal", executing.proposal.pk)
    last = executing.plan["schedule"][-1]["due_on"]
    assert f"next due on {last}" in look(executing["handler"], "desk")
    executing.travel(f"{date.fromisoformat(last) + timedelta(days=1)}T09:00+08:00")
    html = look(executing["handler"], "proposal", executing.proposal.pk)
    assert re.search(r"instalments? (is|are) overdue: 500\.00 yuan", html)
    assert f"due since {last}" in look(executing["handler"], "desk")
    executing.do("terminate", reason="The borrower is gone")
    assert "overdue:" not in look(executing["handler"], "proposal", executing.proposal.pk)


def test_the_picture_has_a_title_a_description_and_its_labels(executing):
    html = look(executing["handler"], "proposal", executing.proposal.pk)
    assert '<title id="progress-title">Planned and received over time</title>' in html
    assert "1,100.00 yuan until" in html
    assert "Received 600.00</text>" in html


def test_before_credit_approval_there_is_no_picture(carried):
    assert "progress-title" not in look(carried["handler"], "proposal", carried.proposal.pk)


def test_the_statements_do_not_grow_with_the_receipts(credit_approved):
    credit_approved.do("record_receipt", amount="1.00", received_on=today())
    one = len(queries(credit_approved["handler"], "proposal", credit_approved.proposal.pk))
    for _ in range(2):
        credit_approved.do("record_receipt", amount="1.00", received_on=today())
    assert len(queries(credit_approved["handler"], "proposal", credit_approved.proposal.pk)) == one <= 25


# -- The extract of the minutes ---------------------------------------------------------------------


def test_the_institution_reads_its_extract_with_reasons_and_without_names(distributed):
    copy = Copy.objects.get(full=False, minutes__meeting=distributed.meeting)
    page = look(distributed["handler"], "copy", copy.pk)
    assert "Carried: 3 for" in page
    for handle in ("chair", "seat2", "seat3"):
        assert str(distributed[handle]) not in page
    assert reverse("copy", args=[copy.pk]) in look(
        distributed["handler"], "proposal", distributed.proposal.pk
    )


def test_an_extract_is_read_by_the_institution_the_liaison_and_the_audit(distributed):
    copy = Copy.objects.get(full=False, minutes__meeting=distributed.meeting)
    readers = {"handler", "handler_head", "liaison", "auditor"}
    assert seeing(distributed, "copy", copy.pk) == readers
    for full in Copy.objects.filter(full=True, minutes__meeting=distributed.meeting):
        assert seeing(distributed, "copy", full.pk) == set()
    for handle in EVERYBODY:
        if status(distributed[handle], "proposal", distributed.proposal.pk) == 200:
            html = look(distributed[handle], "proposal", distributed.proposal.pk)
            assert (reverse("copy", args=[copy.pk]) in html) is (handle in readers), handle


# -- Pictures ---------------------------------------------------------------------------------------

DAY = date(2026, 3, 2)


def amounts(*pairs):
    return [(DAY + timedelta(days=after), Decimal(amount)) for after, amount in pairs]


def test_a_picture_of_nothing_planned_is_none():
    assert charts.progress([], amounts((1, 5)), begins=DAY, today=DAY) is None


def test_both_stairs_begin_at_zero_and_stand_on_one_scale():
    found = charts.progress(
        amounts((0, 50), (100, 50)), amounts((50, 25)), begins=DAY, today=DAY + timedelta(days=50)
    )
    assert found.planned.path.startswith(f"M0 {found.floor:.1f}")
    assert found.planned.path.endswith(f"H{charts.WIDTH:.1f}")
    assert (found.planned.amount, found.received.amount) == (100, 25)
    heights = [float(y) for y in re.findall(r"V([\d.]+)", found.planned.path)]
    (received,) = (float(y) for y in re.findall(r"V([\d.]+)", found.received.path))
    assert (found.floor - received) * 4 == pytest.approx(found.floor - heights[-1], abs=0.5)


def test_more_received_than_planned_stays_in_the_picture():
    found = charts.progress(
        amounts((0, 50)), amounts((300, 90), (301, -10)), begins=DAY, today=DAY + timedelta(days=400)
    )
    for path in (found.planned.path, found.received.path):
        for axis, most in (("V", found.height), ("H", found.width)):
            steps = [float(number) for number in re.findall(rf"{axis}([\d.]+)", path)]
            assert steps
            assert 0 <= min(steps) <= max(steps) <= most
    assert found.received.amount == 80
    assert found.today is None


def test_bars_start_at_zero_and_a_loss_has_none():
    def row(name, amount):
        return charts.Amount(name, Decimal(amount), own=False)

    found = charts.bars([row("a", 50), row("b", 25), row("c", -5)])
    assert [bar.width for bar in found.bars] == [charts.WIDTH, charts.WIDTH / 2, 0]
    assert [bar.width for bar in charts.bars([row("a", -1)]).bars] == [0]
