"""Reminders of instalments: before and after the due day, once each, to the handlers alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from committee.models import Message
from pages.inbox import message_texts
from proposals import reminding, tasks
from proposals.models import DueInstalment, InstalmentReminder
from tests.stage import Stage, clock


def told(stage: Stage) -> list[tuple[str, int, str]]:
    rows = Message.objects.filter(kind__startswith="instalment_", about=stage.proposal.subject).order_by("pk")
    return [(row.kind, row.person_id, row.context["amount"]) for row in rows]


def at(stage: Stage, days: int) -> None:
    """So many days from the first instalment's day, in the afternoon."""
    due = DueInstalment.objects.filter(proposal=stage.proposal).order_by("due_on")[0].due_on
    stage.travel(clock.now() + (due - clock.now().date()) + timedelta(days=days))


def test_the_handlers_are_reminded_before_and_after_each_once(credit_approved):
    handler = credit_approved["handler"].pk
    at(credit_approved, -6)
    reminding.remind()
    assert told(credit_approved) == []
    at(credit_approved, -5)
    tasks.remind_of_instalments(0)
    first = told(credit_approved)
    assert [(kind, person) for kind, person, _amount in first] == [("instalment_due", handler)]
    reminding.remind()
    at(credit_approved, 0)
    reminding.remind()
    at(credit_approved, 2)
    reminding.remind()
    assert told(credit_approved) == first
    at(credit_approved, 3)
    reminding.remind()
    reminding.remind()
    assert [kind for kind, _person, _amount in told(credit_approved)] == ["instalment_due", "instalment_late"]
    assert InstalmentReminder.objects.filter(proposal=credit_approved.proposal).count() == 2


def test_what_is_received_is_not_reminded_of(credit_approved):
    at(credit_approved, -4)
    row = DueInstalment.objects.filter(proposal=credit_approved.proposal).order_by("due_on")[0]
    credit_approved.do("record_receipt", amount=f"{row.amount}", received_on=clock.now().date())
    reminding.remind()
    assert told(credit_approved) == []


def test_a_part_that_is_received_leaves_the_rest_and_all_of_it_settles_the_message(credit_approved):
    at(credit_approved, -4)
    due = DueInstalment.objects.filter(proposal=credit_approved.proposal).order_by("due_on")[0].amount
    credit_approved.do("record_receipt", amount="100.00", received_on=clock.now().date())
    reminding.remind()
    assert told(credit_approved) == [("instalment_due", credit_approved["handler"].pk, f"{due - 100:.2f}")]
    assert Message.objects.filter(
        kind="instalment_due", about=credit_approved.proposal.subject, done_at=None
    ).exists()
    credit_approved.do("record_receipt", amount="1.00", received_on=clock.now().date())
    assert Message.objects.filter(
        kind="instalment_due", about=credit_approved.proposal.subject, done_at=None
    ).exists()
    credit_approved.do("record_receipt", amount=f"{due - 101:.2f}", received_on=clock.now().date())
    assert not Message.objects.filter(
        kind="instalment_due", about=credit_approved.proposal.subject, done_at=None
    ).exists()


@pytest.mark.parametrize("step", ["carried", "completed"])
def test_a_plan_that_is_not_carried_out_is_left_alone(request, step):
    stage = request.getfixturevalue(step)
    stage.travel(timedelta(days=4000))
    reminding.remind()
    assert not Message.objects.filter(kind__startswith="instalment_", about=stage.proposal.subject).exists()


@override_settings(INSTALMENT_DAYS_BEFORE=0, INSTALMENT_DAYS_AFTER=0)
def test_without_days_nobody_is_reminded(credit_approved):
    at(credit_approved, 30)
    assert reminding.remind() == 0


def test_it_is_told_in_words(credit_approved):
    at(credit_approved, 4)
    reminding.remind()
    rows = list(Message.objects.filter(kind="instalment_late", about=credit_approved.proposal.subject))
    (letter,) = message_texts.compose(rows, credit_approved["handler"])
    assert letter.heading == "An instalment is overdue"
    assert "yuan were due by" in letter.text
    assert letter.asks
