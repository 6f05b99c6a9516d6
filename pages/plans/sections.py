"""What a plan states, in the sections of its page: wherever a plan is read, it is these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from pages.plans.brief import Brief, make_brief
from pages.plans.files import attachments
from proposals import finance
from proposals.labels import CONCESSIONS, FIELDS, FINDINGS
from proposals.models import PlanVersion
from proposals.plan.drafts import Plan
from web import charts, labels


@dataclass(frozen=True)
class Amounts:
    """What a complete plan amounts to, in yuan, and its value beside that of its alternatives."""

    all: finance.PlanAmounts
    bars: list[charts.Bar]
    waived: Decimal


@dataclass(frozen=True)
class Instalment:
    """An instalment as scheduled, in yuan, with what of the principal is left after it."""

    due_on: str
    principal: Decimal
    interest: Decimal
    balance: Decimal

    @property
    def total(self) -> Decimal:
        """Principal and interest."""
        return self.principal + self.interest


@dataclass(frozen=True, kw_only=True)
class PlanSections:
    """A version of a plan, ready to be shown; the amounts only of a complete one."""

    version: PlanVersion
    plan: Mapping[str, Any]
    summary: Brief
    attached: list[attachments.AttachmentView]
    amounts: Amounts | None
    owed: finance.Owed
    #: the number of the condition, the condition in words, its evidence
    conditions: list[tuple[str, str, str]]
    findings: list[tuple[str | Promise, str]]
    concessions: list[tuple[str | Promise, str]]
    schedule_total: Mapping[str, Decimal]
    schedule: list[Instalment]
    scheduled_in_all: Decimal


def plan_sections(version: PlanVersion) -> PlanSections:
    """What this version of a plan states."""
    plan = version.plan
    document = plan.document
    investigation, given = document.get("investigation", {}), document.get("concessions", {})
    return PlanSections(
        version=version,
        plan=document,
        summary=make_brief(plan),
        attached=attachments.attachments_of(version),
        amounts=_amounts(plan),
        owed=finance.owed(plan),
        conditions=[
            (number, labels.condition(number), evidence)
            for number, evidence in sorted(document.get("conditions", {}).items())
        ],
        findings=[(FIELDS[name], text) for name in FINDINGS if (text := investigation.get(name))],
        concessions=[
            (FIELDS[name], labels.value(f"concessions.{name}", given[name]))
            for name in CONCESSIONS
            if name in given
        ],
        schedule_total=schedule_total(document),
        schedule=list(_schedule(plan)),
        scheduled_in_all=sum(schedule_total(document).values(), Decimal("0.00")),
    )


def _schedule(plan: Plan) -> Iterator[Instalment]:
    """The instalments; the balance begins with the principal owed less what is waived plus new money."""
    document = plan.document
    given = document.get("concessions", {})
    balance = finance.owed(plan).principal
    balance += Decimal(given.get("new_money", 0)) - Decimal(given.get("principal_waived", 0))
    for row in document.get("schedule", ()):
        principal, interest = Decimal(row.get("principal", 0)), Decimal(row.get("interest", 0))
        balance -= principal
        yield Instalment(row.get("due_on", ""), principal, interest, balance)


def schedule_total(document: Mapping[str, Any]) -> dict[str, Decimal]:
    """The principal and the interest scheduled, in yuan."""
    rows = document.get("schedule", ())
    return {
        kind: sum((Decimal(row.get(kind, 0)) for row in rows), Decimal("0.00"))
        for kind in ("principal", "interest")
    }


def _amounts(plan: Plan) -> Amounts | None:
    if not plan.complete:
        return None
    found = finance.plan_amounts(plan)
    given = plan.document["concessions"]
    waived = sum(
        (Decimal(given[kind]) for kind in ("interest_waived", "penalty_waived", "principal_waived")),
        Decimal("0.00"),
    )
    return Amounts(found, _bars(found), waived)


def _bars(amounts: finance.PlanAmounts) -> list[charts.Bar]:
    """The plan beside its alternatives by present value, in per cent of the largest; none below zero."""
    rows = [charts.Amount("", amounts.net_present_value, own=True, beside=amounts.total_recovery)]
    rows += [
        charts.Amount(
            labels.code(row.name, "alternatives.name"), row.net_present_value, own=False, beside=row.recovery
        )
        for row in amounts.alternatives
    ]
    return charts.bars(rows, width=100).bars
