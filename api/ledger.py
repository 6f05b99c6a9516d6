"""The ledger's objects and rows as programs name them: institutions by number, the others by id.

What a row of a table states is turned into what the action takes: amounts in yuan into fen, staff numbers
into people. A cell that cannot be read is left as it is; the action refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Model

from committee.acts import Kind
from committee.models import Person
from portfolio.models import (
    Accountability,
    Admonishment,
    Assignment,
    Household,
    Institution,
    Loan,
    RankingRow,
    Supervision,
    Tape,
    TargetSet,
)
from portfolio.models import Warning as LedgerWarning
from portfolio.money import fen
from regulation.text import folded_identifier

#: model → the name of the argument for it, and its kind
SUBJECTS: Mapping[type[Model], tuple[str, Kind]] = {
    Institution: ("institution", Kind.INSTITUTION),
    Household: ("household", Kind.HOUSEHOLD),
    Loan: ("loan", Kind.LOAN),
    Assignment: ("duty", Kind.DUTY),
    Tape: ("tape", Kind.TAPE),
    LedgerWarning: ("warning", Kind.WARNING),
    Supervision: ("supervision", Kind.SUPERVISION),
    Admonishment: ("admonishment", Kind.ADMONISHMENT),
    TargetSet: ("target_set", Kind.TARGETS),
    Accountability: ("review", Kind.REVIEW),
}
#: kind → the model, and the column of its bank
ROWS: Mapping[Kind, tuple[type[Model], str]] = {
    Kind.HOUSEHOLD: (Household, "bank"),
    Kind.DUTY: (Assignment, "loan__bank"),
    Kind.TAPE: (Tape, "bank"),
    Kind.WARNING: (LedgerWarning, "institution__bank"),
    Kind.SUPERVISION: (Supervision, "institution__bank"),
    Kind.ADMONISHMENT: (Admonishment, "institution__bank"),
    Kind.TARGETS: (TargetSet, "bank"),
    Kind.REVIEW: (Accountability, "institution__bank"),
    Kind.RANKED: (RankingRow, "institution__bank"),
}


def row(kind: Kind, value: Any, bank: int | None) -> Any:
    """The bank's row of this kind with the id, the institution with the number, the loan or loans with the
    contracts; None if one is not there.
    """
    if kind is Kind.INSTITUTION:
        return Institution.objects.filter(bank=bank, code_key=folded_identifier(value)).first()
    if kind is Kind.LOAN:
        return Loan.objects.filter(bank=bank, contract_key=folded_identifier(value)).first()
    if kind is Kind.LOANS:
        loans = [row(Kind.LOAN, each, bank) for each in dict.fromkeys(value)]
        return None if None in loans else loans
    model, of_bank = ROWS[kind]
    return model._default_manager.filter(**{of_bank: bank}, pk=value).first()


#: what is named otherwise than by id
NAMED = frozenset({Kind.INSTITUTION, Kind.LOAN, Kind.LOANS})
KINDS = NAMED | ROWS.keys()

Given = Mapping[str, Any]


def row_or_value(kind: Kind, value: Any, bank: int | None) -> Any:
    """What the kind names in the ledger, as `row`; the value itself of another kind."""
    return row(kind, value, bank) if kind in KINDS else value


def in_fen(*names: str) -> Callable[[Given], Given]:
    """Amounts in yuan become fen: of the argument itself, or `amount` in each of the rows that it has."""

    def found(given: Given) -> Given:
        return {**given, **{name: _in_fen(given[name]) for name in names if name in given}}

    return found


def _in_fen(value: Any) -> Any:
    if isinstance(value, list):
        return [{**each, "amount": _in_fen(each["amount"])} if "amount" in each else each for each in value]
    try:
        return fen(Decimal(value)) if isinstance(value, str) else value
    except (InvalidOperation, ValueError):
        return 0


def team(given: Given) -> Given:
    """The rows of a team become pairs of office and person; whoever is not there stands for nobody."""
    rows: Sequence[Mapping[str, Any]] = given["team"]
    bank = given["institution"].bank_id
    keys = [folded_identifier(str(each.get("person", ""))) for each in rows]
    people = {each.staff_key: each for each in Person.objects.filter(bank=bank, staff_key__in=keys)}
    pairs = [
        (str(each.get("office", "")), people[key])
        for each, key in zip(rows, keys, strict=True)
        if key in people
    ]
    return {**given, "team": pairs}
