"""Screening and the docket (Art. 12.1, 14, 23)."""

import pytest

from audit import clock
from proposals.models import DocketEntry
from tests.proposals.test_actions_plans import rejected  # noqa: F401  # a fixture
from tests.stage import START


@pytest.mark.article("14")
@pytest.mark.parametrize(
    ("verb", "given", "state"),
    [
        ("return", {"reason": "Add the register"}, "returned"),
        ("screen_out", {"reason": "No source of repayment"}, "screened_out"),
        ("shortlist", {}, "shortlisted"),
    ],
)
def test_the_liaison_screens_what_was_submitted(submitted, verb, given, state):
    submitted.do(verb, **given)
    assert submitted.state == state
    submitted.refused("state/not-allowed", verb, **given)


@pytest.mark.parametrize("verb", ["return", "screen_out", "shortlist"])
@pytest.mark.parametrize(
    ("by", "code"),
    [("chair", "12/only-liaison"), ("handler", "12/only-liaison"), ("risk", "12/only-liaison"),
     ("seat2", "access/not-found"), ("credit", "access/not-found"), ("head_office", "access/not-found")],
)  # fmt: skip
def test_nobody_else_screens(submitted, verb, by, code):
    submitted.refused(code, verb, by, **({} if verb == "shortlist" else {"reason": "Why"}))


@pytest.mark.parametrize("verb", ["return", "screen_out"])
@pytest.mark.parametrize("reason", ["", "\u3000", "!?", "、。"])
def test_returning_and_screening_out_take_a_reason(submitted, verb, reason):
    submitted.refused("14/reason-required", verb, reason=reason)


@pytest.mark.parametrize("verb", ["return", "screen_out", "shortlist"])
def test_the_liaison_cannot_act_on_a_returned_plan(submitted, verb):
    submitted.do("return", reason="Add the register")
    submitted.refused("state/not-allowed", verb, **({} if verb == "shortlist" else {"reason": "Why"}))
    submitted.refused("14/not-shortlisted", "file_docket", proposals=[submitted.proposal])


def test_the_reason_of_a_return_is_kept_for_the_handler(submitted):
    submitted.do("return", reason="Add the register")
    assert submitted.now(submitted.proposal).state_reason == "Add the register"


# --- the ruling (Art. 23) ---


@pytest.mark.article("23")
@pytest.mark.parametrize("ruling", ["", "  ", "…"])
def test_shortlisting_a_resubmission_takes_the_liaisons_ruling(rejected, ruling):  # noqa: F811  # the fixture
    again = rejected.do("revise", changes={"measures": ["active_visit"]})
    rejected.do("submit", on=again)
    rejected.refused("23/ruling-required", "shortlist", on=again, ruling=ruling)
    rejected.do("shortlist", on=again, ruling="Another measure")
    assert rejected.now(again).ruling == "Another measure"


def test_a_first_submission_needs_no_ruling(submitted):
    submitted.do("shortlist")


# --- the docket ---


@pytest.mark.article("14")
def test_a_docket_files_the_shortlisted_plans_with_head_office(shortlisted):
    other = shortlisted.another("C-2", to="shortlisted")
    docket = shortlisted.do("file_docket", proposals=[shortlisted.proposal, other])
    assert shortlisted.state == shortlisted.now(other).state == "filed"
    assert str(docket) == f"呼联备〔{START.year}〕{docket.number}号"
    entries = DocketEntry.objects.filter(docket=docket).order_by("pk")
    assert [(row.proposal, row.version) for row in entries] == [
        (case, shortlisted.now(case).version) for case in (shortlisted.proposal, other)
    ]


def test_a_plan_named_twice_is_filed_once(shortlisted):
    docket = shortlisted.do("file_docket", proposals=[shortlisted.proposal, shortlisted.proposal])
    assert docket.entries.count() == 1


def test_an_empty_docket_is_not_filed(shortlisted):
    shortlisted.refused("14/not-shortlisted", "file_docket", proposals=[])


def test_only_the_liaison_files(shortlisted):
    for by, code in [
        ("chair", "12/only-liaison"), ("handler", "12/only-liaison"), ("seat2", "access/not-found"),
    ]:  # fmt: skip
        shortlisted.refused(code, "file_docket", by, proposals=[shortlisted.proposal])
    shortlisted.refused("12/only-liaison", "file_docket", "seat2", proposals=[])


def test_only_shortlisted_plans_are_filed_and_then_all_or_none(shortlisted):
    other = shortlisted.another("C-2", to="submitted")
    shortlisted.refused("14/not-shortlisted", "file_docket", proposals=[shortlisted.proposal, other])
    assert shortlisted.state == "shortlisted"


@pytest.mark.parametrize("step", ["filed", "convened", "voting", "carried"])
def test_what_is_filed_is_not_filed_again(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "file_docket", proposals=[founded.proposal])


@pytest.mark.parametrize("verb", ["withdraw", "screen_out"])
def test_a_plan_that_is_out_is_on_no_docket(submitted, verb):
    submitted.do(verb, reason="Paid in full")
    submitted.refused("state/not-allowed", "file_docket", proposals=[submitted.proposal])


def test_a_draft_is_not_there_for_the_docket(drafted):
    drafted.refused("access/not-found", "file_docket", proposals=[drafted.proposal])


@pytest.mark.article("1")
def test_days_since_submission_are_counted_from_the_first(submitted):
    submitted.do("return", reason="Add the register")
    submitted.travel("2026-03-09T09:00+08:00")
    submitted.do("submit")
    case = submitted.now(submitted.proposal)
    assert (case.submitted_at, case.state_since) == (START, clock.now())


@pytest.mark.article("17")
def test_how_long_a_plan_has_waited_for_a_meeting_is_counted_from_its_filing(filed):
    filed.meeting = filed.convene(filed.proposal)
    filed.travel("2026-03-03T09:00+08:00")
    filed.do("cancel_meeting", reason="Ill")
    case = filed.now(filed.proposal)
    assert (case.state, case.filed_at) == ("filed", START)
