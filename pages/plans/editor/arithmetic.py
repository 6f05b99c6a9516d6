"""The figures beside the steps, of a draft as far as it is stated; all of them are those of `finance`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from pages.plans.editor import missing
from proposals import finance
from proposals.plan.drafts import Plan, parse_draft, problems, stored_plan
from proposals.plan.places import location
from regulation.refused import Refused
from web import charts, labels

#: without one of these nothing can be valued
_DATED = ("base_date", "discount_rate")
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Sums:
    """What is owed, given and scheduled, in yuan, and whether the schedule balances."""

    owed: finance.Owed
    waived: Decimal
    new_money: Decimal
    to_repay: Decimal
    scheduled: Decimal
    interest: Decimal
    chart: charts.Bars | None
    rate: str

    @property
    def short(self) -> Decimal:
        """What the schedule lacks; below zero what it has too much."""
        return self.to_repay - self.scheduled

    @property
    def excess(self) -> Decimal:
        """What the schedule has too much."""
        return self.scheduled - self.to_repay


def readable(document: Mapping[str, Any], typed: Mapping[str, Any]) -> Plan:
    """The plan with what is typed, as far as it can be read: what cannot is left out."""
    merged = {**document, **typed}
    for problem in problems(typed):
        _leave_out(merged, location(problem.path))
    try:
        return parse_draft(merged)
    except Refused:  # larger than a plan may be: saving says so
        return stored_plan(document)


def _leave_out(document: Any, place: list[str | int]) -> None:
    """The leaf at the place is gone; a whole that cannot be opened goes with it."""
    parent, last = document, place[-1]
    for part in place[:-1]:
        parent = parent[part]
    if isinstance(last, str):
        parent.pop(last, None)


def sums(plan: Plan) -> Sums:
    """The sums of the plan, in yuan; what is not stated counts as nothing."""
    document = plan.document
    owed = finance.owed(plan)
    given = document.get("concessions", {})
    schedule = document.get("schedule", [])
    principal_waived, new_money = _amount(given, "principal_waived"), _amount(given, "new_money")
    return Sums(
        owed=owed,
        waived=principal_waived + _amount(given, "interest_waived") + _amount(given, "penalty_waived"),
        new_money=new_money,
        to_repay=owed.principal - principal_waived + new_money,
        scheduled=sum((_amount(row, "principal") for row in schedule), _ZERO),
        interest=sum((_amount(row, "interest") for row in schedule), _ZERO),
        chart=_chart(plan),
        rate=document.get("discount_rate", ""),
    )


def _amount(row: Mapping[str, Any], key: str) -> Decimal:
    return Decimal(row.get(key, "0.00"))


def _valued(plan: Plan) -> Plan | None:
    """The plan with something neutral for all that its value does not depend on; None while it has none.

    Instalments, flows and alternatives that are not complete count for nothing.
    """
    document = plan.document
    if any(key not in document for key in _DATED):
        return None
    schedule = [row for row in document.get("schedule", []) if len(row) == 3]
    alternatives = [
        {"name": row.get("name", ""), "cost": row["cost"], "flows": _complete(row.get("flows", []))}
        for row in document.get("alternatives", [])
        if "cost" in row
    ]
    if not schedule:
        return None
    given = {**missing.NEUTRAL["concessions"], **document.get("concessions", {})}
    stated = {key: document[key] for key in _DATED}
    return parse_draft(
        {
            **missing.NEUTRAL,
            **stated,
            "concessions": given,
            "schedule": schedule,
            "alternatives": alternatives,
        }
    )


def _complete(flows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [flow for flow in flows if len(flow) == 3]


_WIDTH, _ROW = 240, 40


def _chart(plan: Plan) -> charts.Bars | None:
    """The plan beside its alternatives by net present value; None as long as nothing can be valued."""
    valued = _valued(plan)
    if valued is None:
        return None
    own = finance.net_present_value(valued), finance.total_recovery(valued)
    rows = [charts.Amount(_("This plan"), own[0], own=True, beside=own[1])]
    rows += [
        charts.Amount(
            labels.code(row.name, "alternatives.name") or _("Alternative"),
            row.net_present_value,
            own=False,
            beside=row.recovery,
        )
        for row in finance.alternative_values(valued)
    ]
    return charts.bars(rows, width=_WIDTH, row=_ROW, below_zero=True)
