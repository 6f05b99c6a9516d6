"""What in a plan belies something else in it, and that a plan at one with itself has nothing of the kind."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given

from proposals.contradictions.rules import find_contradictions
from proposals.contradictions.wording import WORDING
from proposals.plan.drafts import parse_draft
from proposals.plan.schema import PARTS
from tests.proposals import plans

LOAN = plans.FULL["loans"][0] | {"days_past_due": 363, "classification": "loss"}
#: a plan at one with itself
SOUND = plans.full(
    borrower=plans.FULL["borrower"] | {"operating": "normal"},
    conditions={"7.1": "Order book seen", "7.2": "Statements seen"},
    loans=[LOAN, plans.FULL["loans"][1]],
    measures=["instalments", "active_visit", "interest_waiver"],
    concessions=plans.FULL["concessions"] | {"extension_months": 18},
)
GIVEN = SOUND["concessions"]
COLLATERAL = SOUND["collateral"][0]
STOPPED = SOUND["borrower"] | {"operating": "stopped"}


def keys(**changes: Any) -> list[str]:
    return [each.key for each in find_contradictions(parse_draft({**SOUND, **changes}))]


def loan(**changes: Any) -> list[dict[str, Any]]:
    return [LOAN | changes, SOUND["loans"][1]]


def source(kind: str) -> list[dict[str, Any]]:
    return [SOUND["sources"][0] | {"kind": kind}]


#: key → what is changed in the sound plan so that it, and nothing else, is found
ALONE: dict[str, dict[str, Any]] = {
    "not-operating-normally": {"borrower": SOUND["borrower"] | {"operating": "reduced"}},
    "cash-flow-stopped": {
        "borrower": STOPPED, "conditions": {"7.2": "Statements"}, "sources": source("asset_sale"),
    },
    "interest-waived": {"conditions": {"7.3": "Paid"}},
    "security-short": {"conditions": {"7.4": "Secured"}},
    "liquidity-stopped": {
        "borrower": STOPPED, "conditions": {"7.5": "A gap"}, "sources": source("asset_sale"),
    },
    "business-income-stopped": {"borrower": STOPPED, "conditions": {"7.6": "Special"}},
    "unrecoverable-recovered": {
        "recoverability": "temporarily_unrecoverable", "loans": loan(principal="58000.00"),
    },
    "expected-below-schedule": {"expected_recovery": "108000.00"},
    "expected-above-schedule": {"expected_recovery": "110000.00"},
    "sources-short": {"sources": [SOUND["sources"][0] | {"amount": "108999.99"}]},
    "rate-above": {"concessions": GIVEN | {"new_rate": "8.41"}},
    "schedule-beyond-extension": {"concessions": GIVEN | {"extension_months": 12}},
    "measure-without": {"measures": ["extension"], "concessions": GIVEN | {"extension_months": 0}},
    "source-without-guarantee": {"sources": source("guarantor"), "guarantees": []},
    "source-without-collateral": {"sources": source("collateral"), "collateral": []},
    "own-guarantor": {
        "guarantees": [{"guarantor": " 王某某", "amount": "1.00", "capacity": "None"}],
    },
    "valued-long-ago": {"collateral": [COLLATERAL | {"valued_on": "2025-02-26"}]},
    "lends-and-executes": {"executor": "officer a"},
    "rate-high": {"loans": loan(rate="840")},
    "before-base-date": {"milestones": [{"on": "2025-06-30", "what": "First instalment"}]},
    "ends-late": {"milestones": [{"on": "2062-06-30", "what": "Last instalment"}]},
    "extension-long": {"concessions": GIVEN | {"extension_months": 372}},
    "two-drawdowns": {
        "loans": [LOAN, SOUND["loans"][1] | {"contract_no": " gx-1"}],
    },
    "days-too-few": {"loans": loan(days_past_due=300, classification="loss")},
    "days-too-many": {"loans": loan(days_past_due=800)},
    "class-too-good": {"loans": loan(classification="doubtful")},
    "below-enforcement": {
        "alternatives": [
            {
                "name": "enforcement", "cost": "0.00",
                "flows": [{"on": "2026-04-30", "amount": "108000.00", "probability": "100"}],
            }
        ],
    },
}  # fmt: skip
#: keys that come with another
TOGETHER: dict[str, dict[str, Any]] = {
    "recoverable-short": {"recoverability": "recoverable", "expected_recovery": "50000.00"},
    "issued-later": {"loans": loan(issued_on="2026-02-28", due_on="2027-02-28")},
    "alternative-above-owed": {
        "alternatives": [
            {
                "name": "enforcement",
                "cost": "0.00",
                "flows": [{"on": "2026-12-31", "amount": "119000.01", "probability": "1"}],
            }
        ],
    },
    "left-open": {"loans": loan(penalty="5000.00")},
}


def test_a_plan_at_one_with_itself_has_none():
    assert keys() == []


@pytest.mark.parametrize("key", ALONE)
def test_each_is_found_alone(key):
    assert keys(**ALONE[key]) == [key]


@pytest.mark.parametrize("key", TOGETHER)
def test_each_is_found(key):
    assert key in keys(**TOGETHER[key])


def test_every_key_is_reached_and_worded_in_both_languages():
    assert ALONE.keys() | TOGETHER.keys() == WORDING.keys()
    for key, changes in (ALONE | TOGETHER).items():
        for each in find_contradictions(parse_draft({**SOUND, **changes})):
            english, chinese = each.message("en"), each.message("zh-Hans")
            assert "{" not in english + chinese
            assert not re.search("[\u4e00-\u9fff]", english) or key == "own-guarantor"
            assert chinese.endswith("。")


@pytest.mark.parametrize(
    "changes",
    [
        {"loans": loan(days_past_due=360, classification="doubtful")},
        {"loans": loan(days_past_due=335)},
        {"loans": loan(days_past_due=332)},
        {"collateral": [COLLATERAL | {"valued_on": "2025-02-27"}]},
        {"concessions": GIVEN | {"new_rate": "8.40"}},
        {"measures": ["rate_reduction"], "concessions": GIVEN | {"new_rate": "0"}},
        {"recoverability": "temporarily_unrecoverable"},
        {"loans": [LOAN | {"principal": "50000.00", "interest_on_balance": "0.00"}] * 2},
        {"executor": "Officer AB of the sub-branch"},
        {"borrower": STOPPED, "conditions": {"7.2": "Wages"}, "sources": source("wages")},
    ],
)
def test_what_just_agrees_is_no_contradiction(changes):
    assert keys(**changes) == []


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("issued_on", "2023-01-11", True),
        ("due_on", "2025-02-01", True),
        ("principal", "49999.00", True),
        ("penalty", "1.00", False),
        ("classification", "doubtful", False),
        ("collection_officer", "Another", False),
    ],
)
def test_rows_of_one_contract_are_drawdowns_when_they_differ_in_day_or_principal(kind, value, told):
    assert ("two-drawdowns" in keys(loans=[LOAN, LOAN | {kind: value}])) is told


def test_drawdowns_are_told_with_every_row_and_the_contract_as_its_first_row_writes_it():
    rows = [
        LOAN | {"contract_no": "Ht-01"},
        SOUND["loans"][1],
        LOAN | {"contract_no": "hT-01", "issued_on": "2023-01-11"},
    ]
    (told,) = [
        each
        for each in find_contradictions(parse_draft({**SOUND, "loans": rows}))
        if each.key == "two-drawdowns"
    ]
    assert told.values == {"contract": "Ht-01", "rows_en": "1, 3", "rows_zh": "1、3"}
    assert told.paths == ("$.loans[0].contract_no", "$.loans[2].contract_no")


def test_before_2026_the_days_do_not_settle_the_class():
    document = {
        **SOUND,
        "base_date": "2025-12-31",
        "loans": loan(days_past_due=363, classification="doubtful"),
    }
    assert "class-too-good" not in [each.key for each in find_contradictions(parse_draft(document))]


@given(plans.balanced())
def test_places_are_places_of_the_schema_and_nothing_breaks(document):
    assert _strange(document) == []


@pytest.mark.parametrize("key", ALONE)
def test_each_names_places_of_the_schema(key):
    document = {**SOUND, **ALONE[key]}
    assert [each.paths for each in find_contradictions(parse_draft(document))]
    assert _strange(document) == []


@pytest.mark.parametrize(
    "key",
    ["not-operating-normally", "cash-flow-stopped", "interest-waived", "security-short", "liquidity-stopped"],
)
def test_what_belies_a_condition_names_it(key):
    (claimed,) = ALONE[key].get("conditions", {"7.1": ""})
    (found,) = find_contradictions(parse_draft({**SOUND, **ALONE[key]}))
    assert f"$.conditions['{claimed}']" in found.paths


@pytest.mark.parametrize(("days", "late"), [(12 * 31, False), (12 * 31 + 1, True)])
def test_a_schedule_is_too_long_by_months_of_31_days_from_when_the_last_loan_is_due(days, late):
    due = max(
        date.fromisoformat(day) for day in (SOUND["base_date"], *(row["due_on"] for row in SOUND["loans"]))
    )
    last = SOUND["schedule"][-1] | {"due_on": (due + timedelta(days=days)).isoformat()}
    found = keys(schedule=[last], concessions=GIVEN | {"extension_months": 12})
    assert ("schedule-beyond-extension" in found) is late


def _strange(document):
    """The places named that no plan has."""
    fields = {name for part in PARTS for name in part.model_fields}
    named = [path for each in find_contradictions(parse_draft(document)) for path in each.paths]
    return [path for path in named if path.removeprefix("$.").replace("[", ".").split(".")[0] not in fields]


@pytest.mark.parametrize("place", [place for place, _ in plans.leaves()], ids=plans.named)
def test_a_draft_in_which_something_is_missing_is_read_all_the_same(place):
    find_contradictions(parse_draft(plans.without(place) if isinstance(place[-1], str) else plans.full()))


def test_an_empty_draft_contradicts_nothing():
    assert find_contradictions(parse_draft({})) == []


@pytest.mark.parametrize(
    ("base", "found"), [("2025-12-31", False), ("2026-01-01", True), ("2026-01-02", True)]
)
def test_the_rule_on_classes_by_days_past_due_holds_from_its_first_day(base, found):
    told = keys(base_date=base, loans=loan(classification="substandard", days_past_due=400))
    assert ("class-too-good" in told) is found
