"""Which contracts a version covers, and which plan holds them, is what the plans say (Art. 13, 23)."""

from __future__ import annotations

import pytest

from audit.checking.verification import further_faults
from proposals.checks import contracts
from proposals.models import LiveContract, PlanContract
from tests.stage import STEPS, Stage, as_owner, check_constraints, plan, stages

walk = stages("walk", Stage)
filed = stages("filed_case", lambda: Stage().to("filed"))
completed = stages("completed_case", lambda: Stage().to("completed"))


def told(*streams: str) -> list[str]:
    return [str(fault) for fault in contracts(streams or None)]


def by_hand(table: str, statement: str, *values: object) -> None:
    check_constraints()
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(statement, *values)


def test_no_step_of_the_usual_way_is_a_fault(walk: Stage) -> None:
    walk.plan = plan("c‑1", " C-2 ")  # as people write them
    for step in STEPS:
        walk.to(step)
        assert told() == [], step


def test_no_return_and_no_end_is_a_fault(walk: Stage) -> None:
    walk.to("filed")
    two = walk.another("C-7", "C-8", to="submitted")
    walk.do("return", on=two, reason="The valuation is missing.")
    assert told() == []
    walk.do("amend", on=two, changes={"loans": plan("C-8")["loans"]})
    assert told() == []
    walk.do("amend", on=two, changes={"loans": plan("C-7", "C-8")["loans"]})
    assert told() == []
    walk.do("withdraw", on=two, reason="Paid.")
    out = walk.another("C-9", to="submitted")
    walk.do("screen_out", on=out, reason="No condition.")
    assert told() == []


def test_a_contract_taken_out_of_the_index_or_put_in_is_a_fault(filed_case: Stage) -> None:
    version = filed_case.now(filed_case.proposal).version
    row = PlanContract.objects.get(version=version)
    what = f"has version {version.number}, stored with other contracts than it states: C-1"
    held = "is filed, and holds other contracts of the bank than it should: C-1"
    by_hand("proposals_plancontract", "DELETE FROM proposals_plancontract WHERE id = {}", row.pk)
    stream = filed_case.proposal.stream
    assert told() == [f"{stream} #1: {what}", f"{stream} #1: {held}"]
    assert told(stream) == told()
    assert told("proposal:999999") == []
    assert {str(each) for each in further_faults(None)} >= set(told())
    as_owner(
        "INSERT INTO proposals_plancontract (version_id, contract_no) VALUES ({}, 'C-1'), ({}, 'X-1')",
        version.pk,
        version.pk,
    )
    assert told()[0].endswith("than it states: X-1")


@pytest.mark.parametrize("table", ["filed_case", "completed_case"])
def test_a_contract_freed_or_held_by_hand_is_a_fault(table: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(table)
    if table == "filed_case":
        LiveContract.objects.get().delete()
    else:
        bank = stage.committee.bank_id
        LiveContract.objects.create(bank_id=bank, contract_no="C-1", proposal=stage.proposal)
    (fault,) = told()
    assert f"{stage.proposal.stream} #1: is {stage.state}, and holds other contracts" in fault


def test_a_document_that_is_none_hides_no_other(filed_case: Stage) -> None:
    """Whoever changes a version may put anything there."""
    other = filed_case.another("C-2", to="submitted")
    version = filed_case.now(filed_case.proposal).version
    for document in ("[]", "7", '{"loans": 7}', '{"loans": [{"contract_no": {"a": [1]}}]}'):
        by_hand(
            "proposals_planversion",
            "UPDATE proposals_planversion SET document = {}::jsonb WHERE id = {}", document, version.pk,
        )  # fmt: skip
        assert [each.partition(":")[2].partition(" ")[0] for each in told()] == [str(filed_case.proposal.pk)]
    LiveContract.objects.get(proposal=other).delete()
    assert len(told()) == 2
