"""The checks on one plan can all be pleased together: none asks of it what another forbids."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proposals.contradictions.rules import find_contradictions
from proposals.plan.drafts import parse_draft
from proposals.plan.measures import MEASURES
from proposals.plan.submission import check_submission, receivable
from tests.proposals.plans import SUBMITTED, Document, balanced, full, yuan

BASE = date(2026, 2, 27)
_KINDS = ("principal", "interest_on_balance", "interest_off_balance", "penalty")
_CLASS = ((360, "loss"), (270, "doubtful"), (0, "substandard"))
_NOTHING: dict[str, Any] = {
    "interest_waived": "0.00", "penalty_waived": "0.00", "principal_waived": "0.00", "new_money": "0.00",
    "extension_months": 0, "new_rate": None,
}  # fmt: skip
#: condition → how the borrower operates and pays when it is claimed
_CLAIMS = {
    "7.1": ("normal", "business_income"),
    "7.2": ("stopped", "wages"),
    "7.3": ("normal", "business_income"),
    "7.4": ("stopped", "collateral"),
    "7.5": ("reduced", "business_income"),
    "7.6": ("stopped", "asset_sale"),
}
_GIVEN = {
    "extension": {"extension_months": 24},
    "rate_reduction": {"new_rate": "0"},
    "interest_waiver": {"interest_waived": "0.01"},
    "working_capital": {"new_money": "100.00"},
}


def fen(amount: str) -> int:
    return int(amount.replace(".", ""))


def total(loans: list[Document], *kinds: str) -> int:
    return sum(fen(loan[kind]) for loan in loans for kind in kinds)


@st.composite
def loans(draw: st.DrawFn) -> list[Document]:
    """Any loans that do not belie themselves, down to nothing owed and not yet due."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        issued = draw(st.integers(1, 3000))
        due = draw(st.integers(-2000, issued - 1))
        past = draw(st.integers(max(due, 0), max(due, 0) + 31)) if due > 0 else 0
        least = next(name for days, name in _CLASS if past > days or not days)
        found.append(
            {
                **full()["loans"][0],
                **{kind: yuan(draw(st.integers(0, 10**12))) for kind in _KINDS},
                "contract_no": f"C-{number}",
                "rate": str(draw(st.integers(0, 30))),
                "issued_on": (BASE - timedelta(issued)).isoformat(),
                "due_on": (BASE - timedelta(due)).isoformat(),
                "days_past_due": min(past, issued),
                "classification": least,
            }
        )
    return found


def pleasing(
    owed: list[Document],
    *,
    condition: str = "7.6",
    recoverability: str = "recoverable_with_effort",
    measure: str = "instalments",
    interest: int | None = None,
) -> Document:
    """A plan for these loans with this choice of the handler; `interest` in fen, by default all that is owed.

    Somebody who calls the debt temporarily unrecoverable waives a fen of the principal at least.
    """
    given = {**_NOTHING, **_GIVEN.get(measure, {})}
    principal = total(owed, "principal")
    if recoverability == "temporarily_unrecoverable":
        given["principal_waived"] = yuan(min(principal, 1))
    back = principal - fen(given["principal_waived"]) + fen(given["new_money"])
    paid = total(owed, *_KINDS[1:]) if interest is None else interest
    operating, source = _CLAIMS[condition]
    brings = yuan(back + paid)
    title = full()["collateral"][0] | {
        "value": yuan(total(owed, *_KINDS) + 1), "haircut": "0", "valued_on": BASE.isoformat(),
    }  # fmt: skip
    return full(
        borrower=full()["borrower"] | {"operating": operating},
        loans=owed,
        collateral=[title],
        conditions={condition: "Evidence"},
        recoverability=recoverability,
        measures=[measure],
        concessions=given,
        sources=[{"kind": source, "amount": brings, "description": "Seen"}],
        schedule=[{"due_on": BASE.isoformat(), "principal": yuan(back), "interest": yuan(paid)}],
        alternatives=[{"name": "enforcement", "cost": "0.00", "flows": []}],
        expected_recovery=brings,
        executor="Officer of the sub-branch",
    )


def assert_pleased(document: Document) -> None:
    plan = parse_draft(document)
    check_submission(plan, submitted_on=SUBMITTED)
    assert [(each.key, each.values) for each in find_contradictions(plan)] == []


@settings(max_examples=60)
@given(loans(), st.sampled_from(sorted(_CLAIMS)))
def test_for_any_loans_a_plan_pleases_every_check(owed: list[Document], condition: str) -> None:
    document = pleasing(owed, condition=condition)
    if condition == "7.4" and total(owed, *_KINDS) == 0:
        return
    assert_pleased(document)


@settings(max_examples=40)
@given(loans(), st.integers(0, 10**12))
def test_a_plan_that_goes_on_bearing_interest_may_expect_all_that_it_schedules(
    owed: list[Document], more: int
) -> None:
    """The schedule brings more interest than is owed today: what is expected is what it brings."""
    assert_pleased(pleasing(owed, interest=total(owed, *_KINDS[1:]) + more))


@settings(max_examples=40)
@given(balanced())
def test_whatever_a_schedule_brings_may_be_expected_and_received(document: Document) -> None:
    rows = document["schedule"]
    brings = total(rows, "principal", "interest")
    document["expected_recovery"] = yuan(brings)
    plan = parse_draft(document)
    assert Decimal(yuan(brings)) <= receivable(plan.terms)
    if len(yuan(brings)) <= 18:
        check_submission(plan, submitted_on=SUBMITTED)
        assert not {"expected-below-schedule", "expected-above-schedule"} & {
            each.key for each in find_contradictions(plan)
        }


@pytest.mark.parametrize(
    "recoverability", ["recoverable", "recoverable_with_effort", "temporarily_unrecoverable"]
)
@settings(max_examples=20)
@given(owed=loans())
def test_every_recoverability_can_be_stated_without_contradiction(
    recoverability: str, owed: list[Document]
) -> None:
    assert_pleased(pleasing(owed, recoverability=recoverability))


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_every_measure_can_be_chosen_without_contradiction(measure: str) -> None:
    owed = full()["loans"][1:]
    document = pleasing(owed, measure=measure)
    if measure == "interest_waiver":
        row = document["schedule"][0]
        row["interest"] = yuan(fen(row["interest"]) - 1)
        document["expected_recovery"] = document["sources"][0]["amount"] = yuan(
            fen(row["principal"]) + fen(row["interest"])
        )
    assert_pleased(document)
