"""The state of a row is the one to which the log's last entry led: meetings, plans, minutes."""

from __future__ import annotations

from typing import Any

import pytest

from audit.verification import further_faults
from committee.models import Meeting
from office.checks import states
from tests.stage import STEPS, Stage, as_owner, stages

signed = stages("signed_case", lambda: Stage().to("signed"))


def told(*streams: str) -> list[str]:
    return [str(fault) for fault in states(streams or None)]


def set_by_hand(table: str, pk: int, state: str) -> None:
    """The state as somebody at the database writes it, with the triggers off."""
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(f"UPDATE {table} SET state = {{}} WHERE id = {{}}", state, pk)
    as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_every_state_of_a_case_is_the_one_that_the_log_led_to() -> None:
    """At each step of the usual way, and at each of its ends."""


@pytest.mark.parametrize("step", STEPS)
def test_no_step_of_a_case_has_a_fault(request: Any, ground: Any, step: str) -> None:
    stage = ground.stage("walking", Stage)
    stage.to(step)
    assert told() == []
    ground.built["walking"] = stage


def test_a_state_without_its_entry_is_a_fault_at_the_last_entry(signed_case: Stage) -> None:
    stage = signed_case
    assert told() == []
    set_by_hand("committee_meeting", stage.meeting.pk, "archived")
    set_by_hand("proposals_proposal", stage.proposal.pk, "rejected")
    minutes = stage.meeting.minutes.get()
    set_by_hand("office_minutes", minutes.pk, "drafted")
    faults = told()
    assert len(faults) == 3
    assert any(f"led meeting {stage.meeting.pk} to signed, and it is archived" in each for each in faults)
    assert any(f"led proposal {stage.proposal.pk} to carried, and it is rejected" in each for each in faults)
    assert any(f"led minutes {minutes.pk} to signed, and it is drafted" in each for each in faults)
    assert len(told(stage.meeting.stream)) == 2
    assert {str(each) for each in further_faults(None)} >= set(faults)
