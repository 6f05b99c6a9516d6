"""The credit department's decision (Art. 2, 22)."""

import pytest

from proposals.models import LiveContract, Proposal
from tests.proposals.test_actions_plans import rejected  # noqa: F401  # a fixture
from tests.stage import plan


@pytest.mark.article("22")
def test_the_credit_department_approves_what_was_resolved(signed):
    decision = signed.do("approve_credit")
    assert signed.state == "credit_approved"
    assert (decision.approved, decision.resolution.digest) == (
        True,
        signed.now(signed.proposal).version.digest,
    )
    signed.refused("state/not-allowed", "approve_credit")
    signed.refused("state/not-allowed", "decline_credit", reason="Late")


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"discount_rate": "6.00"},
        {"schedule": plan()["schedule"], "expected_recovery": "1100.00"},
        {"concessions": {"new_money": "0.00"}},
        plan(),
    ],
)
def test_any_part_of_the_plan_may_be_stated_as_terms(signed, terms):
    signed.do("approve_credit", terms=terms)


@pytest.mark.parametrize(
    "terms",
    [
        {"discount_rate": "5.00"},
        {"expected_recovery": "1099.99"},
        {"schedule": plan()["schedule"][:1]},
        {"concessions": {"new_money": "0.01"}},
        {"colour": "red"},
        {**plan(), "title": "Another"},
    ],
)
def test_terms_that_deviate_go_back_to_the_committee(signed, terms):
    signed.refused("22/terms-deviate", "approve_credit", terms=terms)
    assert signed.state == "carried"


@pytest.mark.parametrize("verb", ["approve_credit", "decline_credit"])
def test_only_the_credit_department_decides(signed, verb):
    given = {"reason": "Too dear"} if verb == "decline_credit" else {}
    for by in ("liaison", "chair", "seat2", "handler", "head_office", "risk"):
        signed.refused("22/only-credit-department", verb, by, **given)
    for by in ("outsider", "other_handler", "deputy2"):
        signed.refused("access/not-found", verb, by, **given)


@pytest.mark.article("2")
@pytest.mark.parametrize("step", ["carried", "closed", "minuted"])
@pytest.mark.parametrize("verb", ["approve_credit", "decline_credit"])
def test_a_resolution_has_effect_with_the_chairs_signature(founded, step, verb):
    founded.to(step)
    founded.refused(
        "22/no-effective-resolution", verb, **({"reason": " "} if verb == "decline_credit" else {})
    )


def test_a_rejected_plan_has_no_resolution_to_rest_on(rejected):  # noqa: F811  # the fixture
    for verb in ("close_meeting", "draft_minutes", "sign_minutes"):
        rejected.do(verb, **({"narrative": "Said."} if verb == "draft_minutes" else {}))
    rejected.refused("22/no-effective-resolution", "approve_credit")
    rejected.refused("22/no-effective-resolution", "decline_credit", reason="Too dear")


def test_a_plan_not_yet_resolved_is_not_there_for_the_credit_department(voting):
    voting.refused("access/not-found", "approve_credit")


@pytest.mark.parametrize("reason", ["", "  ", "--"])
def test_declining_takes_a_reason(signed, reason):
    signed.refused("22/reason-required", "decline_credit", reason=reason)


def test_declining_frees_the_contracts_and_is_no_rejection(signed):
    signed.do("decline_credit", reason="No limit left")
    assert signed.state == "credit_declined"
    assert not LiveContract.objects.filter(proposal=signed.proposal).exists()
    again = signed.another("C-1", to="submitted")
    assert not Proposal.objects.get(pk=again.pk).resubmission
