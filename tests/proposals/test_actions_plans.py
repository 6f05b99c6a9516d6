"""Drafting, submitting, revising and withdrawing (Art. 2, 6, 7, 13, 23)."""

import pytest

from audit import clock
from audit.models import Entry
from committee.models import Meeting, Position
from proposals.models import Comparison, LiveContract, Proposal
from proposals.permissions import ACTS
from tests.stage import Stage, plan, stages


def rejected_stage() -> Stage:
    stage = Stage().to("voting")
    stage.cast("against:Too long", "against:Too little", "for")
    stage.do("close_vote")
    return stage


rejected = stages("rejected", rejected_stage)


def on_the_way(stage: Stage, state: str) -> None:
    """The case is in this state, well before a vote."""
    stage.to({"tabled": "convened", "returned": "submitted", "draft": "drafted"}.get(state, state))
    if state == "returned":
        stage.do("return", reason="Add the register")


# --- drafting ---


def test_a_draft_is_the_handlers_of_its_institution(founded):
    made = founded.do("draft", plan=plan())
    assert (made.state, made.unit, made.version.number) == ("draft", founded["handler"].unit, 1)
    assert made.written_number == ""


@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("handler_head", "access/denied"),
        ("other_head", "access/denied"),
        *((by, "13/not-handling-institution") for by in ("liaison", "chair", "credit", "outsider", "risk")),
    ],
)
def test_only_a_handler_drafts(founded, by, code):
    founded.refused(code, "draft", by, plan=plan())


@pytest.mark.parametrize("role", sorted({*Position.Role.values} - {"handler", "head"}))
def test_another_role_at_the_institution_makes_nobody_its_handler_or_head(founded, role):
    Position.objects.create(person=founded["outsider"], role=role, unit=founded["handler"].unit)
    founded.refused("13/not-handling-institution", "draft", "outsider", plan=plan())


@pytest.mark.parametrize(
    "changes", [{"colour": "red"}, {"measures": ["prayer"]}, {"expected_recovery": "-1.00"}]
)
def test_a_draft_is_invalid_already_when_it_has_unknown_keys_or_malformed_money(drafted, changes):
    before = Proposal.objects.count()
    drafted.refused("plan/invalid", "draft", plan=plan("C-9", **changes))
    drafted.refused("plan/invalid", "amend", changes=changes)
    assert Proposal.objects.count() == before


@pytest.mark.parametrize("verb", ["amend", "submit", "withdraw"])
def test_the_head_of_the_institution_may_look_and_not_act(drafted, verb):
    given = {"amend": {"changes": {}}, "withdraw": {"reason": "Paid"}}.get(verb, {})
    drafted.refused("access/denied", verb, "handler_head", **given)
    assert drafted.proposal in Proposal.objects.visible_to(drafted["handler_head"])


@pytest.mark.parametrize("verb", ["amend", "submit", "withdraw"])
def test_a_draft_is_not_there_for_another_institution(drafted, verb):
    given = {"amend": {"changes": {}}, "withdraw": {"reason": "Paid"}}.get(verb, {})
    drafted.refused("access/not-found", verb, "other_handler", **given)


@pytest.mark.parametrize("verb", ["amend", "submit", "withdraw"])
def test_a_submitted_plan_is_no_matter_of_the_liaison_or_the_chair(submitted, verb):
    given = {"amend": {"changes": {}}, "withdraw": {"reason": "Paid"}}.get(verb, {})
    for by in ("liaison", "chair", "risk", "auditor"):
        submitted.refused("13/not-handling-institution", verb, by, **given)


def test_amending_makes_a_new_version_and_keeps_the_old(drafted):
    drafted.do("amend", changes={"title": "Another title"})
    case = drafted.now(drafted.proposal)
    assert (case.title, case.version.number) == ("Another title", 2)
    first, second = case.versions.order_by("number")
    assert first.document["title"] != second.document["title"]
    assert first.digest != second.digest


def test_a_returned_plan_is_amended_and_submitted_again_under_its_number(submitted):
    number = submitted.now(submitted.proposal).written_number
    submitted.do("return", reason="Add the register")
    submitted.do("amend", changes={"title": "With the register"})
    submitted.do("submit")
    case = submitted.now(submitted.proposal)
    assert (case.state, case.written_number, case.version.number) == ("submitted", number, 2)


def test_a_returned_plan_is_listed_as_it_was_submitted_until_it_is_submitted_again(submitted):
    shown = submitted.now(submitted.proposal).title
    submitted.do("return", reason="Add the register")
    submitted.do("amend", changes={"title": "Not yet told of"})
    assert submitted.now(submitted.proposal).title == shown
    submitted.do("submit")
    assert submitted.now(submitted.proposal).title == "Not yet told of"


@pytest.mark.parametrize("verb", ["amend", "submit"])
def test_what_is_submitted_is_neither_amended_nor_submitted_again(submitted, verb):
    submitted.refused("state/not-allowed", verb, **({"changes": {}} if verb == "amend" else {}))


# --- submitting: the order of the checks ---

#: a defect of each kind, from the first that is looked for to the last
DEFECTS = [
    ("plan/incomplete", {"title": " "}),
    ("plan/invalid", {"base_date": "2026-05-01"}),
    ("plan/unbalanced", {"expected_recovery": "9999.00"}),
    ("6/not-non-performing", {"loans": [{**plan()["loans"][0], "classification": "normal"}]}),
    ("7/no-condition", {"conditions": {}}),
    ("13/already-submitted", {}),
    ("23/no-substantive-change", {}),
]


@pytest.mark.parametrize(("code", "changes"), DEFECTS[:5])
def test_a_plan_is_refused_at_submission_and_stays_a_draft(drafted, code, changes):
    drafted.do("amend", changes=changes)
    drafted.refused(code, "submit")
    assert drafted.state == "draft"
    assert not LiveContract.objects.filter(proposal=drafted.proposal).exists()


@pytest.mark.article("6", "7", "13", "23")
@pytest.mark.parametrize("first", range(len(DEFECTS)))
def test_submission_is_checked_in_this_order(rejected, first):
    """A defect shows when all before it are mended, whatever comes after; the plan was rejected as it is."""
    live = rejected.another("C-1", to="submitted", by="other_handler", measures=["active_visit"])
    changes = {key: value for _, change in DEFECTS[first:] for key, value in change.items()}
    case = rejected.do("draft", plan=plan(**changes))
    code = DEFECTS[first][0]
    if code == "23/no-substantive-change":
        rejected.do("withdraw", "other_handler", on=live, reason="Paid")
    rejected.refused(code, "submit", on=case)


@pytest.mark.parametrize("evidence", ["", "  ", " … ", "—"])
def test_a_condition_is_claimed_with_evidence(drafted, evidence):
    drafted.do("amend", changes={"conditions": {"7.1": "Order book", "7.2": evidence}})
    drafted.refused("7/evidence-required", "submit")


@pytest.mark.parametrize("classification", ["substandard", "doubtful", "loss"])
def test_a_loan_that_does_not_perform_may_be_submitted(drafted, classification):
    loans = [{**plan()["loans"][0], "classification": classification}]
    drafted.do("amend", changes={"loans": loans})
    drafted.do("submit")


def test_every_loan_is_non_performing(drafted):
    loans = plan("C-1", "C-2")["loans"]
    loans[1]["classification"] = "special_mention"
    two = {key: value for key, value in plan("C-1", "C-2").items() if key != "loans"}
    drafted.do("amend", changes={**two, "loans": loans})
    drafted.refused("6/not-non-performing", "submit")


# --- a contract in one live plan (Art. 13) ---


@pytest.mark.parametrize("state", ["submitted", "returned", "shortlisted", "filed", "tabled"])
def test_a_contract_stands_in_one_live_plan_of_the_bank(drafted, state):
    on_the_way(drafted, state)
    again = drafted.do("draft", "other_handler", plan=plan())
    drafted.refused("13/already-submitted", "submit", "other_handler", on=again)


def test_a_draft_holds_no_contract(drafted):
    drafted.another("C-1", to="submitted", by="other_handler")
    drafted.refused("13/already-submitted", "submit")


@pytest.mark.parametrize("step", ["voting", "carried", "credit_approved", "executing"])
def test_a_contract_is_held_until_execution_ends(founded, step):
    founded.to(step)
    again = founded.do("draft", plan=plan())
    founded.refused("13/already-submitted", "submit", on=again)


@pytest.mark.parametrize("verb", ["withdraw", "screen_out"])
def test_a_plan_that_is_out_frees_its_contracts(submitted, verb):
    submitted.do(verb, reason="Paid in full")
    submitted.another("C-1", to="submitted")


def test_another_bank_has_its_own_contracts(submitted):
    Stage().to("submitted")
    assert LiveContract.objects.filter(contract_no="C-1").count() >= 2


# --- withdrawing ---


@pytest.mark.article("13")
@pytest.mark.parametrize("state", [*ACTS["withdraw"].states])
def test_a_plan_is_withdrawn_at_any_time_before_the_vote_opens(founded, state):
    on_the_way(founded, state)
    founded.do("withdraw", reason="Paid in full")
    case = founded.now(founded.proposal)
    assert (case.state, case.state_reason) == ("withdrawn", "Paid in full")
    founded.refused("state/not-allowed", "withdraw", reason="Again")


@pytest.mark.parametrize("step", ["voting", "carried"])
def test_a_plan_is_not_withdrawn_once_its_vote_has_opened(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "withdraw", reason="Paid in full")


@pytest.mark.parametrize("reason", ["", "  ", "...", "。"])
def test_withdrawing_takes_a_reason(submitted, reason):
    submitted.refused("13/reason-required", "withdraw", reason=reason)


def test_withdrawing_strikes_the_item_and_leaves_the_notice_current(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.do("send_notice")
    filed.do("withdraw", reason="Paid in full")
    item = filed.now(filed.proposal).item
    assert (item.left_why, item.number) == ("withdrawn", 1)
    assert filed.meeting.notices.filter(superseded_at=None).exists()
    assert filed.meeting_state == "convened"


def test_a_convened_meeting_that_loses_its_last_item_is_cancelled(convened):
    convened.do("withdraw", reason="Paid in full")
    meeting = convened.now(convened.meeting)
    assert (meeting.state, meeting.cancel_reason) == ("cancelled", "Paid in full")


def test_a_meeting_in_session_that_loses_its_last_item_stays_and_is_closed(in_session):
    in_session.do("withdraw", reason="Paid in full")
    assert in_session.meeting_state == "in_session"
    in_session.do("close_meeting")
    assert in_session.state == "withdrawn"


# --- resubmission (Art. 23) ---


@pytest.mark.article("23")
def test_a_rejected_plan_does_not_come_back_without_substantive_change(rejected):
    again = rejected.do("revise", changes={"title": "The same again"})
    rejected.refused("23/no-substantive-change", "submit", on=again)


def test_a_rejected_plan_comes_back_with_substantive_change(rejected):
    again = rejected.do("revise", changes={"measures": ["instalments", "active_visit"]})
    rejected.do("submit", on=again)
    case = rejected.now(again)
    assert case.resubmission
    assert case.revises == rejected.proposal
    compared = Comparison.objects.get(version=case.version)
    assert compared.rejected == rejected.now(rejected.proposal).version
    fields = {row["field"]: row["substantive"] for row in compared.differences}
    assert fields["measures"] is True


def test_a_plan_with_one_contract_of_a_rejected_one_is_a_resubmission_whoever_drafted_it(rejected):
    fresh = rejected.do("draft", "other_handler", plan=plan())
    rejected.refused("23/no-substantive-change", "submit", "other_handler", on=fresh)
    wider = rejected.another("C-1", "C-2", to="submitted", by="other_handler")
    assert rejected.now(wider).resubmission


def test_a_resubmission_differs_from_each_rejected_plan(rejected):
    """The second is rejected too; to return to the first is no change to it."""
    changed = {"measures": ["instalments", "active_visit"]}
    second = rejected.do("revise", changes=changed)
    rejected.do("submit", on=second)
    rejected.do("shortlist", on=second, ruling="Visits are new")
    rejected.do("file_docket", proposals=[second])
    other = rejected.convene(second, at=clock.now(), emergency=True, reason="Urgent")
    rejected.do("send_notice", on=other)
    for handle in rejected.seats:
        rejected.do("sign_in", handle, on=other)
    rejected.do("open_meeting", on=other)
    rejected.do("take_up", on=second)
    rejected.do("open_vote", on=second)
    for handle in rejected.seats:
        rejected.do("cast", handle, on=second, choice="against", reason="Still too long")
    rejected.do("close_vote", on=second)
    for changes in ({}, changed):
        third = rejected.do("draft", plan=plan(**changes))
        rejected.refused("23/no-substantive-change", "submit", on=third)
    third = rejected.another(to="submitted", measures=["active_visit"])
    assert Comparison.objects.filter(version=rejected.now(third).version).count() == 2


@pytest.mark.parametrize("step", ["drafted", "submitted", "filed", "voting", "carried"])
def test_only_a_rejected_plan_is_revised(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "revise", changes={})


def test_only_its_institution_revises_a_rejected_plan(rejected):
    rejected.refused("access/not-found", "revise", "other_handler", changes={})
    rejected.refused("access/denied", "revise", "handler_head", changes={})
    rejected.refused("13/not-handling-institution", "revise", "credit", changes={})


def test_a_revision_leaves_the_rejected_plan_as_it_is(rejected):
    before = rejected.now(rejected.proposal)
    made = rejected.do("revise", changes={"title": "Anew"})
    after = rejected.now(rejected.proposal)
    assert (after.state, after.version, after.state_since) == (
        before.state,
        before.version,
        before.state_since,
    )
    assert (made.state, made.number) == ("draft", None)


# --- what the log says ---


def test_each_act_on_a_plan_is_an_entry_of_its_stream(drafted):
    drafted.do("amend", changes={"title": "Anew"})
    drafted.do("submit")
    drafted.do("withdraw", reason="Paid")
    entries = Entry.objects.filter(stream=drafted.proposal.stream).order_by("seq")
    assert [(entry.seq, entry.action) for entry in entries] == [
        (1, "draft"), (2, "amend"), (3, "submit"), (4, "withdraw"),
    ]  # fmt: skip
    assert {entry.actor for entry in entries} == {str(drafted["handler"].pk)}


def test_withdrawing_a_tabled_plan_is_an_entry_of_both_streams(convened):
    before = Entry.objects.filter(stream=convened.meeting.stream).count()
    convened.do("withdraw", reason="Paid")
    assert Entry.objects.filter(stream=convened.meeting.stream).count() == before + 1
    assert Meeting.objects.get(pk=convened.meeting.pk).state == "cancelled"
