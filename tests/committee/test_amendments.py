"""Amendments as drafts, which another officer of the Risk department publishes (Art. 24)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.models import Entry
from audit.recording import SYSTEM
from committee.actions.regulation import discard_amendment, draft_amendment, publish_amendment
from committee.models import Amendment, Message, RegulationVersion
from regulation.refused import Refused
from rehearsal.bank import employ_second_officer
from tests.stage import said, today

WHY = "两日通知期不足以审阅材料。"


@pytest.fixture
def second(founded):
    return employ_second_officer(founded.bank, by=SYSTEM, password="not known to anybody")


def draft(stage, by="risk", **given):
    given = {"changes": {"notice_days": 3}, "effective_from": today(), "reason": WHY} | given
    return draft_amendment(stage.committee, by=stage[by], **given)


def refused(code, act, *args, cause=None, **given):
    before = Entry.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **given)
    assert (caught.value.code, caught.value.context.get("cause")) == (code, cause)
    assert Entry.objects.count() == before


def last(stage):
    return Entry.objects.filter(stream=stage.committee.stream).latest("seq")


@pytest.mark.article("24")
def test_a_second_officer_publishes_and_the_entry_says_who_drafted_it_and_why(founded, second):
    drafted = draft(founded)
    assert (last(founded).action, last(founded).subject) == ("draft_amendment", f"amendment:{drafted.pk}")
    assert said(last(founded))["reason"] == WHY
    assert RegulationVersion.objects.filter(committee=founded.committee).count() == 1
    version = publish_amendment(founded.committee, by=second, number=1)
    assert (version.number, version.notice_days, version.made_by) == (2, 3, second)
    entry = last(founded)
    assert (entry.action, entry.actor) == ("amend_regulation", str(second.pk))
    told = said(entry)
    assert (told["version"], told["amendment"], told["reason"]) == (2, 1, WHY)
    assert told["drafted_by"] == str(founded["risk"].pk)
    kept = Amendment.objects.get(pk=drafted.pk)
    assert (kept.version, kept.published_by, kept.is_waiting) == (version, second, False)


@pytest.mark.article("24")
def test_whoever_drafted_it_does_not_publish_it(founded, second):
    draft(founded)
    risk = founded["risk"]
    refused("access/denied", publish_amendment, founded.committee, by=risk, number=1, cause="amendment/own")
    publish_amendment(founded.committee, by=second, number=1)


@pytest.mark.article("24")
def test_nobody_but_the_risk_department_drafts_publishes_or_discards(founded, second):
    for by in ("chair", "liaison", "head_office", "auditor", "handler"):
        refused("24/only-risk-department", draft, founded, by=by)
    draft(founded)
    for by in ("chair", "liaison", "head_office", "auditor", "handler"):
        for act in (publish_amendment, discard_amendment):
            refused("24/only-risk-department", act, founded.committee, by=founded[by], number=1)


@pytest.mark.article("24")
def test_one_waits_at_a_time_and_a_discarded_one_changes_nothing(founded, second):
    draft(founded)
    refused("state/not-allowed", draft, founded, cause="amendment/waiting")
    discard_amendment(founded.committee, by=founded["risk"], number=1)
    assert last(founded).action == "discard_amendment"
    assert RegulationVersion.objects.filter(committee=founded.committee).count() == 1
    for act in (publish_amendment, discard_amendment):
        given = {"by": second, "number": 1, "cause": "amendment/not-waiting"}
        refused("state/not-allowed", act, founded.committee, **given)
    assert draft(founded).number == 2
    refused("access/not-found", publish_amendment, founded.committee, by=second, number=3)


@pytest.mark.article("24")
def test_what_was_drafted_on_another_version_is_not_published(founded, second):
    draft(founded)
    founded.do("amend_regulation", changes={"votes_to_pass": 3}, effective_from=today())
    given = {"by": second, "number": 1, "cause": "amendment/overtaken"}
    refused("state/not-allowed", publish_amendment, founded.committee, **given)
    discard_amendment(founded.committee, by=second, number=1)


@pytest.mark.article("24")
def test_what_cannot_be_is_not_drafted_and_a_day_that_has_passed_is_not_published(founded, second):
    refused("24/invalid-regulation", draft, founded, changes={"votes_to_pass": 1})
    refused("24/invalid-regulation", draft, founded, effective_from=today() - timedelta(days=1))
    refused("24/invalid-regulation", draft, founded, reason=" 。 ")
    draft(founded)
    founded.travel(timedelta(days=1))
    refused("24/invalid-regulation", publish_amendment, founded.committee, by=second, number=1)


def test_the_second_officer_is_told_and_the_drafter_of_its_end(founded, second):
    draft(founded)
    (asked,) = Message.objects.filter(kind="draft_amendment")
    assert (asked.person, asked.done_at) == (second, None)
    publish_amendment(founded.committee, by=second, number=1)
    asked.refresh_from_db()
    assert asked.done_at is not None
    (told,) = Message.objects.filter(kind="publish_amendment")
    assert told.person == founded["risk"]
    draft(founded, changes={"notice_days": 4})
    discard_amendment(founded.committee, by=second, number=2)
    (told,) = Message.objects.filter(kind="discard_amendment")
    assert told.person == founded["risk"]


def test_the_database_itself_refuses_its_drafter_and_another_text(founded, second):
    drafted = draft(founded)
    others = Amendment.objects.filter(pk=drafted.pk)
    for change in (
        {"published_by": founded["risk"]},
        {"reason": "Another"},
        {"effective_from": "2030-01-01"},
    ):
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            others.update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM committee_amendment WHERE id = %s", [drafted.pk])
