"""The state of a row is the one to which the log's last entry led: meetings, plans, minutes."""

from __future__ import annotations

from audit.checking.verification import further_faults
from office.checks import states
from office.models import Minutes
from proposals.models import Receipt
from tests.stage import STEPS, Stage, as_owner, check_constraints, stages

walk = stages("walk", Stage)
signed = stages("signed_case", lambda: Stage().to("signed"))


def told(*streams: str) -> list[str]:
    return [str(fault) for fault in states(streams or None)]


def by_hand(table: str, statement: str, *values: object) -> None:
    """What somebody at the database does to the table, with its triggers off from now on."""
    check_constraints()  # a table with checks that wait cannot be altered
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(statement, *values)


def test_no_step_of_the_usual_way_is_a_fault(walk: Stage) -> None:
    for step in STEPS:
        walk.to(step)
        assert told() == [], step
    paid = Receipt.objects.filter(proposal=walk.proposal).latest("pk")
    given = {"amount": str(paid.amount), "received_on": paid.received_on, "reason": "Entered twice."}
    walk.do("reverse_receipt", "handler", **given)
    assert told() == []


def test_no_end_of_a_case_is_a_fault(walk: Stage) -> None:
    walk.to("filed")
    returned = walk.another("C-2", to="submitted")
    walk.do("return", on=returned, reason="The valuation is missing.")
    out = walk.another("C-3", to="submitted")
    walk.do("screen_out", on=out, reason="No condition.")
    other = walk.another("C-4")
    walk.meeting = walk.convene(walk.proposal)
    walk.do("withdraw", on=walk.proposal, reason="Paid.")  # the meeting loses its last item
    assert walk.meeting_state == "cancelled"
    assert told() == []
    walk.meeting = walk.convene(other)
    walk.do("cancel_meeting", reason="The chair is ill.")
    assert told() == []
    walk.proposal = other
    walk.meeting = walk.convene(other)
    walk.step = "convened"
    walk.to("voting")
    walk.do("propose_cancellation", "seat2", reason="Figures have changed.")
    walk.do("cancel_vote", reason="Figures have changed.")
    assert told() == []
    walk.do("close_meeting")
    assert told() == []


def test_a_state_without_its_entry_is_a_fault_at_the_last_entry(signed_case: Stage) -> None:
    stage = signed_case
    minutes = Minutes.objects.get(meeting=stage.meeting)
    for table, row, changes in (
        ("committee_meeting", stage.meeting, "state = 'archived'"),
        ("proposals_proposal", stage.proposal, "state = 'rejected'"),
        ("office_minutes", minutes, "state = 'drafted', signed_at = NULL, signed_by_id = NULL"),
    ):
        by_hand(table, f"UPDATE {table} SET {changes} WHERE id = {{}}", row.pk)
    faults = told()
    assert {each.partition(": ")[2] for each in faults} == {
        f"led meeting {stage.meeting.pk} to signed, and it is archived",
        f"led proposal {stage.proposal.pk} to carried, and it is rejected",
        f"led minutes {minutes.pk} to signed, and it is drafted",
    }
    assert len(told(stage.meeting.stream)) == 2
    assert told("meeting:999999") == []
    assert {str(each) for each in further_faults(None)} >= set(faults)


def test_an_object_that_one_side_does_not_know_is_a_fault(signed_case: Stage) -> None:
    stage = signed_case
    minutes = Minutes.objects.get(meeting=stage.meeting)
    by_hand("audit_entry", "DELETE FROM audit_entry WHERE stream = {}", stage.proposal.stream)
    faults = told()
    assert faults == [
        f"{stage.proposal.stream} #1: does not tell how proposal {stage.proposal.pk} came to be"
    ]
    as_owner("UPDATE audit_entry SET subject = 'minutes:999999' WHERE subject = {}", minutes.subject)
    gone = [each for each in told(stage.meeting.stream) if "999999" in each]
    assert len(gone) == 1
    assert "tells of minutes 999999, which is gone" in gone[0]


def test_what_a_vote_came_to_is_compared_unless_it_is_erased(signed_case: Stage) -> None:
    stage = signed_case
    table = "proposals_proposal"
    by_hand(table, f"UPDATE {table} SET state = 'rejected' WHERE id = {{}}", stage.proposal.pk)
    (fault,) = told()
    seq = int(fault.partition("#")[2].partition(":")[0])
    as_owner("SELECT audit_erase({}, {}, {})", stage.proposal.stream, seq, "by law")
    assert told() == []
