"""Amounts and rates that disagree, in a draft, and in a complete plan with its figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from proposals.contradictions.contradiction import (
    Contradiction,
    Document,
    conceded,
    day_of,
    rows_of,
    total_of,
    yuan,
)
from proposals.finance import ZERO, coverage, owed, plan_amounts
from proposals.plan.drafts import Plan
from proposals.plan.problem import json_path
from proposals.plan.schema import ENFORCEMENT
from proposals.plan.submission import receivable

#: an amount not accounted for counts from a hundredth of everything owed
_HUNDREDTH: Final = 100


def schedule_and_sources(document: Document) -> Iterator[Contradiction]:
    schedule = rows_of(document, "schedule")
    if not schedule:
        return
    scheduled = total_of(schedule, "principal", "interest")
    if "expected_recovery" in document:
        gap = Decimal(document["expected_recovery"]) - scheduled
        if gap:
            key = "expected-above-schedule" if gap > 0 else "expected-below-schedule"
            yield Contradiction(key, ("$.expected_recovery", "$.schedule"), {"amount": yuan(abs(gap))})
    sources = rows_of(document, "sources")
    short = scheduled - total_of(sources, "amount")
    if sources and short > 0:
        yield Contradiction("sources-short", ("$.sources", "$.schedule"), {"amount": yuan(short)})


def recoverability(document: Document) -> Iterator[Contradiction]:
    loans, stated = rows_of(document, "loans"), document.get("recoverability")
    if not loans or "expected_recovery" not in document:
        return
    principal, waived = total_of(loans, "principal"), conceded(document, "principal_waived")
    back = Decimal(document["expected_recovery"]) - conceded(document, "new_money")
    interest = total_of(rows_of(document, "schedule"), "interest")
    short = principal - waived - back
    paths = ("$.recoverability", "$.expected_recovery")
    # interest in the schedule is no principal, and what is waived is not received
    if stated == "temporarily_unrecoverable" and 0 < principal <= back - interest:
        yield Contradiction("unrecoverable-recovered", paths)
    if stated == "recoverable" and short > 0:
        yield Contradiction("recoverable-short", paths, {"amount": yuan(short)})


def new_rate(document: Document) -> Iterator[Contradiction]:
    new = document.get("concessions", {}).get("new_rate")
    old = [Decimal(loan["rate"]) for loan in rows_of(document, "loans") if "rate" in loan]
    if new is not None and old and Decimal(new) > max(old):
        paths = ("$.concessions.new_rate", "$.loans")
        yield Contradiction("rate-above", paths, {"new": new, "old": f"{max(old).normalize():f}"})


def extension(document: Document) -> Iterator[Contradiction]:
    months = document.get("concessions", {}).get("extension_months") or 0
    days = [day_of(document.get("base_date"))] + [
        day_of(loan.get("due_on")) for loan in rows_of(document, "loans")
    ]
    last = max((row.get("due_on", "") for row in rows_of(document, "schedule")), default="")
    begins = max((day for day in days if day), default=None)
    if not months or not last or begins is None:
        return
    # a month has at most 31 days, so that what is reported as late is late by any way of counting
    over = (date.fromisoformat(last) - begins).days - 31 * min(months, 1200)
    if over > 0:
        values = {"last": last, "days": over}
        paths = ("$.schedule", "$.concessions.extension_months")
        yield Contradiction("schedule-beyond-extension", paths, values)


def of_complete_plan(plan: Plan) -> Iterator[Contradiction]:
    """Contradictions between amounts that only a complete plan can have."""
    for rule in (_security, _alternatives, _left_open, _enforcement):
        yield from rule(plan)


def _security(plan: Plan) -> Iterator[Contradiction]:
    ratio = coverage(plan).ratio
    if "7.4" in plan.document["conditions"] and ratio is not None and ratio < 1:
        paths = (json_path(("conditions", "7.4")), "$.guarantees", "$.collateral")
        yield Contradiction("security-short", paths, {"ratio": f"{ratio * 100:.1f}"})


def _alternatives(plan: Plan) -> Iterator[Contradiction]:
    most = receivable(plan.terms)
    for index, row in enumerate(plan.document["alternatives"]):
        over = max((Decimal(flow["amount"]) for flow in row["flows"]), default=ZERO) - most
        if over > 0:
            paths = (f"$.alternatives[{index}].flows", "$.loans")
            yield Contradiction("alternative-above-owed", paths, {"name": row["name"], "amount": yuan(over)})


def _left_open(plan: Plan) -> Iterator[Contradiction]:
    document, total = plan.document, owed(plan).total
    waived = sum(
        (conceded(document, kind) for kind in ("interest_waived", "penalty_waived", "principal_waived")), ZERO
    )
    paid = total_of(document["schedule"], "principal", "interest") - conceded(document, "new_money")
    left = total - waived - paid
    if left > 0 and left >= total / _HUNDREDTH:
        yield Contradiction("left-open", ("$.loans", "$.concessions", "$.schedule"), {"amount": yuan(left)})


def _enforcement(plan: Plan) -> Iterator[Contradiction]:
    found = plan_amounts(plan)
    best = max(row.net_present_value for row in found.alternatives if row.name == ENFORCEMENT)
    if best > found.net_present_value:
        values = {"amount": yuan(best - found.net_present_value)}
        yield Contradiction("below-enforcement", ("$.alternatives", "$.schedule"), values)
