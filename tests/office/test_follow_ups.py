"""What resolutions ask for is assigned, reported on and confirmed, each by its officer (Art. 10, 12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from audit.models import Entry
from committee.models import Message
from office.models import FollowUp, FollowUpStep
from tests.stage import Stage, as_owner, clock, today


def assign(stage: Stage, owner: str = "handler", **given: object) -> FollowUp:
    plain = {"text": "Register the mortgage", "owner": stage[owner], "due": today() + timedelta(days=9)}
    row: FollowUp = stage.do("assign_follow_up", **plain | given)
    return row


@pytest.mark.article("12")
def test_it_is_assigned_reported_and_confirmed_each_with_its_entry_and_step(signed):
    row = assign(signed)
    assert (row.number, row.meeting, row.state, row.late) == (1, signed.meeting, "open", False)
    signed.do("report_follow_up", follow_up=1, text="The papers are with the registry")
    assert signed.now(row).state == "open"
    signed.do("report_follow_up", follow_up=1, text="Registered, No. 7", done=True)
    assert signed.now(row).state == "reported"
    signed.do("confirm_follow_up", follow_up=1)
    done = signed.now(row)
    assert (done.state, done.confirmed_by) == ("done", signed["liaison"])
    assert list(FollowUpStep.objects.values_list("kind", flat=True)) == [
        "assigned", "reported", "finished", "confirmed",
    ]  # fmt: skip
    entries = Entry.objects.filter(stream=signed.proposal.stream, subject=row.subject).order_by("seq")
    assert list(entries.values_list("action", flat=True)) == [
        "assign_follow_up", "report_follow_up", "report_follow_up", "confirm_follow_up",
    ]  # fmt: skip
    assert assign(signed).number == 2


@pytest.mark.article("12")
def test_before_the_minutes_are_in_effect_nothing_is_assigned(minuted):
    given = {"text": "Register it", "owner": minuted["handler"], "due": today()}
    minuted.refused("21/minutes-not-signed", "assign_follow_up", **given)


@pytest.mark.article("12")
def test_what_it_is_who_answers_for_it_and_until_when_is_checked(signed):
    given = {"text": "Register it", "owner": signed["handler"], "due": today()}
    signed.refused("12/only-liaison", "assign_follow_up", "chair", **given)
    signed.refused("text/required", "assign_follow_up", **given | {"text": " 。"})
    for handle in ("other_handler", "auditor", "liaison", "outsider", "head_office"):
        refused = signed.refused("follow-up/invalid", "assign_follow_up", **given | {"owner": signed[handle]})
        assert refused.context["field"] == "owner"
    late = given | {"due": today() - timedelta(days=1)}
    assert signed.refused("follow-up/invalid", "assign_follow_up", **late).context["field"] == "due"
    for handle in ("handler_head", "seat2", "credit"):
        assert assign(signed, handle).owner == signed[handle]


@pytest.mark.article("10")
def test_only_its_owner_reports_on_it(signed):
    assign(signed)
    assign(signed, "seat2")
    given = {"follow_up": 1, "text": "Registered"}
    for handle in ("seat2", "liaison", "chair", "handler_head"):
        signed.refused("access/denied", "report_follow_up", handle, **given)
    signed.refused("access/not-found", "report_follow_up", "other_handler", **given)
    signed.refused("access/denied", "report_follow_up", "handler", **given | {"follow_up": 2})
    signed.refused("text/required", "report_follow_up", "handler", **given | {"text": "  "})
    signed.do("report_follow_up", "seat2", follow_up=2, text="Inspected", done=True)


@pytest.mark.article("12")
def test_what_is_reported_waits_for_the_liaison_and_what_is_confirmed_stays(signed):
    assign(signed)
    assert _cause(signed, "confirm_follow_up") == "follow-up/not-reported"
    signed.do("report_follow_up", follow_up=1, text="Registered, No. 7", done=True)
    assert _cause(signed, "report_follow_up", text="More") == "follow-up/reported"
    signed.refused("12/only-liaison", "confirm_follow_up", "handler", follow_up=1)
    signed.refused("12/only-liaison", "return_follow_up", "chair", follow_up=1, reason="No number")
    signed.do("confirm_follow_up", follow_up=1)
    assert _cause(signed, "confirm_follow_up") == "follow-up/confirmed"
    assert _cause(signed, "return_follow_up", reason="No number") == "follow-up/confirmed"
    signed.refused("access/denied", "report_follow_up", "handler_head", follow_up=1, text="More")
    assert _cause(signed, "report_follow_up", text="More") == "follow-up/confirmed"
    assert _cause(signed, "confirm_follow_up", follow_up=9) == "follow-up/none"


def _cause(stage: Stage, verb: str, **given: object) -> object:
    return stage.refused("state/not-allowed", verb, **{"follow_up": 1, **given}).context["cause"]


@pytest.mark.article("12")
def test_what_is_returned_is_to_be_done_still_by_whom_and_when_the_liaison_says(signed):
    row = assign(signed)
    signed.do("report_follow_up", follow_up=1, text="Registered", done=True)
    signed.refused("text/required", "return_follow_up", follow_up=1, reason="")
    day = today() + timedelta(days=20)
    signed.do("return_follow_up", follow_up=1, reason="No number", owner=signed["handler_head"], due=day)
    row = signed.now(row)
    assert (row.state, row.owner, row.due_on) == ("open", signed["handler_head"], day)
    signed.refused("access/denied", "report_follow_up", "handler", follow_up=1, text="Registered")
    (told,) = Message.objects.filter(kind="return_follow_up")
    assert (told.person, told.context["reason"]) == (signed["handler_head"], "No number")
    for wrong in ({"owner": signed["outsider"]}, {"due": today() - timedelta(days=1)}):
        signed.refused("follow-up/invalid", "return_follow_up", follow_up=1, reason="No", **wrong)


def test_it_is_late_from_the_day_after_its_due_day(signed):
    row = assign(signed, due=today())
    assert not row.late
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert signed.now(row).late
        signed.do("report_follow_up", follow_up=1, text="Registered", done=True)
        assert not signed.now(row).late


def test_it_outlives_the_plan(executing):
    assign(executing)
    executing.do("terminate", reason="Bankrupt")
    executing.refused(
        "state/not-allowed", "assign_follow_up", text="x", owner=executing["seat2"], due=today()
    )
    executing.do("report_follow_up", follow_up=1, text="Registered", done=True)
    executing.do("confirm_follow_up", follow_up=1)


def test_what_was_said_never_changes(signed):
    assign(signed)
    for statement in (
        "UPDATE office_followupstep SET text = 'x'",
        "UPDATE office_followup SET text = 'x'",
        "DELETE FROM office_followup",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            as_owner(statement)
