"""The plan at issue as the room shows it beside the acts: borrower, sums, measures, value, contradictions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise

from pages.plans.brief import Doubt, make_brief
from proposals import finance
from proposals.models import PlanVersion
from web import labels
from web.templatetags import kept


@dataclass(frozen=True, kw_only=True)
class PlanInBrief:
    """What one has to know of a plan while it is deliberated; amounts in yuan."""

    borrower: str
    #: code of the kind of borrower
    kind: str
    loans: int
    #: code of the worst classification, and the longest delay in days
    classification: str
    past_due: int
    owed: Decimal
    principal: Decimal
    waived: Decimal
    #: what the bank gives: name, and amount or number in words
    given: tuple[tuple[str | Promise, str], ...]
    #: codes of the measures
    measures: tuple[str, ...]
    instalments: int
    first_due: str
    last_due: str
    #: the present value beside that of enforcement, in words; empty for an incomplete plan
    value: str
    doubts: tuple[Doubt, ...]


def plan_in_brief(version: int) -> PlanInBrief:
    """The version (its id) of a plan in brief; read once for each language, since a version never changes."""
    return kept.keep("plan-in-brief", (version,), lambda: _read(version))


def _read(version: int) -> PlanInBrief:
    plan = PlanVersion.objects.get(pk=version).plan
    found, borrower, owed = make_brief(plan), plan.document.get("borrower", {}), finance.owed(plan)
    waived = ((name, labels.money(amount)) for name, amount in found.waivers)
    return PlanInBrief(
        borrower=borrower.get("name", ""),
        kind=borrower.get("kind", ""),
        loans=found.loans,
        classification=found.classification,
        past_due=found.past_due,
        owed=owed.total,
        principal=owed.principal,
        waived=found.waived,
        given=(*waived, *found.given),
        measures=tuple(plan.document.get("measures", ())),
        instalments=found.instalments,
        first_due=found.first_due,
        last_due=found.last_due,
        value=found.comparison.gain_in_words if found.comparison else "",
        doubts=tuple(found.doubts),
    )
