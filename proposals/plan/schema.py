"""The parts of a plan, and the plan with nothing missing: ``Terms``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from proposals.plan.fields import (
    DUE,
    BorrowerKind,
    Classification,
    Condition,
    Count,
    Day,
    Evidence,
    Line,
    Measure,
    Money,
    NewRate,
    Operating,
    Percent,
    Rank,
    Rate,
    Recoverability,
    Rows,
    SomeRows,
    Text,
    invalid,
    one_line,
)

ENFORCEMENT: Final = "enforcement"


def _with_enforcement(value: tuple[Alternative, ...], info: ValidationInfo) -> tuple[Alternative, ...]:
    if info.context == DUE and all(alternative.name != ENFORCEMENT for alternative in value):
        raise invalid("no-enforcement")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Borrower(_Part):
    """Who owes."""

    name: Line
    id_no: Line
    kind: BorrowerKind
    operating: Operating
    cause: Text


class Loan(_Part):
    """One loan contract: what is owed on it at the base date (yuan), its rate, dates and officers."""

    contract_no: Line
    principal: Money
    interest_on_balance: Money
    interest_off_balance: Money
    penalty: Money
    rate: Rate
    issued_on: Day
    due_on: Day
    days_past_due: Count
    classification: Classification
    lending_officer: Line
    collection_officer: Line


class Guarantee(_Part):
    """Who guarantees, how much (yuan), and what the guarantor is good for."""

    guarantor: Line
    amount: Money
    capacity: Text


class Collateral(_Part):
    """One title, its valuation (yuan) and the haircut on it (per cent)."""

    kind: Line
    title_no: Line
    owner: Line
    value: Money
    valued_on: Day
    appraiser: Line
    rank: Rank
    haircut: Percent


class Investigation(_Part):
    """The five findings of the investigation."""

    relationship: Text
    willingness: Text
    assets: Text
    feasibility: Text
    accountability: Text


class Concessions(_Part):
    """What the bank gives: waivers and new money (yuan), an extension (months), a new rate."""

    interest_waived: Money
    penalty_waived: Money
    principal_waived: Money
    new_money: Money
    extension_months: Count
    new_rate: NewRate


class Source(_Part):
    """One source of repayment (yuan)."""

    kind: Line
    amount: Money
    description: Text


class Instalment(_Part):
    """What is due on a day (yuan)."""

    due_on: Day
    principal: Money
    interest: Money


class Flow(_Part):
    """What an alternative brings on a day (yuan), and how likely (per cent)."""

    on: Day
    amount: Money
    probability: Percent


class Alternative(_Part):
    """Another way to recover, with its cost (yuan) and expected flows."""

    name: Line
    cost: Money
    flows: Rows[Flow]


class Milestone(_Part):
    """What should have happened by a day."""

    on: Day
    what: Line


class Attachment(_Part):
    """A paper that goes with the plan."""

    name: Line
    text: Text


class Terms(_Part):
    """A plan with nothing missing, typed."""

    title: Line
    borrower: Borrower
    base_date: Day
    loans: SomeRows[Loan]
    guarantees: Rows[Guarantee]
    collateral: Rows[Collateral]
    conditions: dict[Condition, Evidence]
    investigation: Investigation
    recoverability: Recoverability
    measures: SomeRows[Measure]
    concessions: Concessions
    sources: SomeRows[Source]
    schedule: SomeRows[Instalment]
    discount_rate: Rate
    alternatives: Annotated[SomeRows[Alternative], AfterValidator(_with_enforcement)]
    expected_recovery: Money
    executor: Line
    milestones: Rows[Milestone]
    attachments: Rows[Attachment]


PARTS: Final[tuple[type[BaseModel], ...]] = (
    Terms, Borrower, Loan, Guarantee, Collateral, Investigation, Concessions, Source, Instalment, Alternative,
    Flow, Milestone, Attachment,
)  # fmt: skip
NUMERIC: Final = frozenset(
    name
    for part in PARTS
    for name, info in part.model_fields.items()
    if info.annotation in (Decimal, Decimal | None)
)
"""The keys whose texts are numbers: money, rates and per cents. No key is one here and a text elsewhere."""
LINES: Final = frozenset(
    name
    for part in PARTS
    for name, info in part.model_fields.items()
    if any(getattr(rule, "func", None) is one_line for rule in info.metadata)
)
"""The keys whose texts are one line: names and identifiers. No key is one here and prose elsewhere."""
