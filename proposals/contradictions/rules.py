"""All contradictions of a plan, in the order of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from proposals.contradictions import amounts, conditions, loans, outliers
from proposals.contradictions.contradiction import Contradiction, Document
from proposals.finance import exactly
from proposals.plan.drafts import Plan


@exactly
def find_contradictions(plan: Plan) -> list[Contradiction]:
    """All contradictions in the plan."""
    document = plan.document
    found = [each for rule in _RULES for each in rule(document)]
    return [*found, *amounts.of_complete_plan(plan)] if plan.complete else found


_RULES: Final[tuple[Callable[[Document], Iterator[Contradiction]], ...]] = (
    conditions.operation, conditions.interest_waived, amounts.recoverability, amounts.schedule_and_sources,
    amounts.new_rate, amounts.extension, conditions.security, conditions.measures_carried_out,
    conditions.valuations, conditions.officers, loans.drawdowns, loans.days_past_due, outliers.days,
    outliers.rates,
)  # fmt: skip
