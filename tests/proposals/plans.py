"""Plans for tests: a complete one that states something everywhere, the bundled ones, and random ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from proposals.plan.drafts import Plan, parse_draft
from proposals.plan.problem import json_path

Document = dict[str, Any]
Place = tuple[str | int, ...]

CASES = Path(__file__).parents[2] / "rehearsal" / "cases"
SUBMITTED = date(2026, 3, 2)

# Owed: principal 100,000, interest 7,000, penalty 1,000; exposure 108,000, so that 1 % of it is 1,080 yuan.
FULL: Document = {
    "title": "Instalments of a machinery works",
    "borrower": {
        "name": "王某某",
        "id_no": "91150000MA0EXAMPL1",
        "kind": "enterprise",
        "operating": "reduced",
        "cause": "Working capital tied up in receivables",
    },
    "base_date": "2026-02-27",
    "loans": [
        {
            "contract_no": "GX-1",
            "principal": "60000.00",
            "interest_on_balance": "3000.00",
            "interest_off_balance": "2000.00",
            "penalty": "600.00",
            "rate": "8.40",
            "issued_on": "2024-03-01",
            "due_on": "2025-03-01",
            "days_past_due": 363,
            "classification": "doubtful",
            "lending_officer": "Officer A",
            "collection_officer": "Officer B",
        },
        {
            "contract_no": "GX-2",
            "principal": "40000.00",
            "interest_on_balance": "2000.00",
            "interest_off_balance": "0.00",
            "penalty": "400.00",
            "rate": "7.5",
            "issued_on": "2024-06-01",
            "due_on": "2025-09-01",
            "days_past_due": 179,
            "classification": "substandard",
            "lending_officer": "Officer C",
            "collection_officer": "Officer B",
        },
    ],
    "guarantees": [{"guarantor": "张某", "amount": "49000.00", "capacity": "Deposits seen"}],
    "collateral": [
        {
            "kind": "workshop",
            "title_no": "WS-2",
            "owner": "王某某",
            "value": "60000.00",
            "valued_on": "2026-02-20",
            "appraiser": "County appraisal office",
            "rank": 1,
            "haircut": "30",
        }
    ],
    "conditions": {"7.1": "Order book for 2026 seen", "7.3": "Interest paid to date"},
    "investigation": {
        "relationship": "Acknowledged in writing.",
        "willingness": "Answers visits.",
        "assets": "Register searched.",
        "feasibility": "The sources cover the schedule.",
        "accountability": "No breach found.",
    },
    "recoverability": "recoverable_with_effort",
    "measures": ["instalments", "active_visit"],
    "concessions": {
        "interest_waived": "1000.00",
        "penalty_waived": "400.00",
        "principal_waived": "2000.00",
        "new_money": "5000.00",
        "extension_months": 12,
        "new_rate": "6",
    },
    "sources": [{"kind": "business_income", "amount": "109000.00", "description": "Monthly sales"}],
    "schedule": [
        {"due_on": "2026-06-30", "principal": "50000.00", "interest": "2000.00"},
        {"due_on": "2026-12-31", "principal": "30000.00", "interest": "2000.00"},
        {"due_on": "2027-06-30", "principal": "23000.00", "interest": "2000.00"},
    ],
    "discount_rate": "6.00",
    "alternatives": [
        {
            "name": "enforcement",
            "cost": "1500.00",
            "flows": [
                {"on": "2026-12-31", "amount": "30000.00", "probability": "60"},
                {"on": "2027-12-31", "amount": "20000.00", "probability": "40.5"},
            ],
        },
        {
            "name": "transfer",
            "cost": "0.00",
            "flows": [{"on": "2026-04-30", "amount": "35000.00", "probability": "100"}],
        },
    ],
    "expected_recovery": "109000.00",
    "executor": "Collection officer of the sub-branch",
    "milestones": [
        {"on": "2026-06-30", "what": "First instalment received"},
        {"on": "2026-12-31", "what": "Second instalment received"},
    ],
    "attachments": [{"name": "Plan signed by the borrower", "text": "Signed."}],
}


def full(**changes: Any) -> Document:
    """A fresh copy of the full plan, with keys of the plan replaced as the verb ``amend`` does."""
    return copy.deepcopy({**FULL, **changes})


def with_value(place: Place, value: Any, document: Document = FULL) -> Document:
    """A fresh copy of the document with that value at that place."""
    changed = copy.deepcopy(document)
    parent: Any = changed
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = copy.deepcopy(value)
    return changed


def without(place: Place, document: Document = FULL) -> Document:
    """A fresh copy of the document in which that key is missing."""
    changed = copy.deepcopy(document)
    parent: Any = changed
    for step in place[:-1]:
        parent = parent[step]
    del parent[place[-1]]
    return changed


def plan(**changes: Any) -> Plan:
    """The full plan, parsed, with keys of the plan replaced."""
    return parse_draft(full(**changes))


def plan_with(place: Place, value: Any) -> Plan:
    """The full plan, parsed, with that value at that place."""
    return parse_draft(with_value(place, value))


def places(value: Any = FULL, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every place of a document with its value, containers before what they hold."""
    if at:
        yield at, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in items:
        yield from places(part, (*at, step))


def leaves(value: Any = FULL) -> Iterator[tuple[Place, Any]]:
    """The places that hold no other."""
    return ((place, part) for place, part in places(value) if not isinstance(part, dict | list))


def named(place: Place) -> str:
    """The JSON path, as the name of a test case."""
    return json_path(place)


def bundled() -> list[tuple[str, date, Document]]:
    """The plans of the bundled rehearsals: a name, the day each starts, the document."""
    plans = []
    for path in sorted(CASES.glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        started = date.fromisoformat(case["start"][:10])
        plans += [
            (f"{path.stem}-{handle}", started, document) for handle, document in case["proposals"].items()
        ]
    return plans


def yuan(fen: int) -> str:
    """The text of an amount given in fen."""
    return f"{Decimal(fen) / 100:.2f}"


amounts = st.integers(0, 10**17 - 1)  # fen, up to fifteen digits of yuan
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
words = texts.filter(lambda text: text.strip())
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def ascending(least: date) -> st.SearchStrategy[list[date]]:
    """A few ascending days, from that one on."""
    steps = st.lists(st.integers(0, 400), min_size=1, max_size=6)

    def run(gaps: list[int]) -> list[date]:
        return [least + timedelta(sum(gaps[: number + 1])) for number in range(len(gaps))]

    return steps.map(run)


@st.composite
def balanced(draw: st.DrawFn) -> Document:
    """A complete plan with random amounts that balances: it may be submitted on ``SUBMITTED``."""
    document = full()
    owed = {"principal": 0, "interest": 0, "penalty": 0}
    for loan in document["loans"]:
        for kind in ("principal", "interest_on_balance", "interest_off_balance", "penalty"):
            fen = draw(st.integers(0, 10**15))
            loan[kind] = yuan(fen)
            owed[kind.split("_")[0]] += fen
    given = {kind: draw(st.integers(0, most)) for kind, most in owed.items()}
    new_money = draw(st.integers(0, 10**12))
    for kind, fen in given.items():
        document["concessions"][f"{kind}_waived"] = yuan(fen)
    document["concessions"]["new_money"] = yuan(new_money)
    left = owed["principal"] - given["principal"] + new_money
    rows = []
    due_days = draw(ascending(date(2026, 2, 27)))
    for number, day in enumerate(due_days, start=1):
        part = left if number == len(due_days) else draw(st.integers(0, left))
        left -= part
        rows.append(
            {
                "due_on": day.isoformat(),
                "principal": yuan(part),
                "interest": yuan(draw(st.integers(0, 10**9))),
            }
        )
    document["schedule"] = rows
    interest = sum(int(row["interest"].replace(".", "")) for row in rows)
    document["expected_recovery"] = yuan(draw(st.integers(0, sum(owed.values()) + new_money + interest)))
    return document
