"""How a rehearsal names the ledger's objects: by what the field calls them, not by handles.

An institution by its number, `111`; a tape by scope and day, `111 2026-03-02`; a loan by its contract; a duty
by contract and kind, `LS-1 collection`; a household by its number or a contract; a warning by institution and
trigger, `111 increase`; a supervision, an admonishment and a place in a ranking by the institution; the
targets by the year; a review by a contract. Of several it is the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet

from committee.acts import Kind
from committee.models import Unit
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
from regulation.text import folded_identifier
from rehearsal import cast

#: the institutions of every rehearsal's bank: number → unit of the cast, and level
INSTITUTIONS: Mapping[str, tuple[str, str]] = {
    "100": (cast.HEAD_OFFICE, Institution.Level.UNION),
    "110": (cast.BRANCH, Institution.Level.OFFICE),
    "111": (cast.FIRST, Institution.Level.INSTITUTION),
    "112": (cast.SECOND, Institution.Level.INSTITUTION),
}


def _institution(bank: Unit, name: str) -> QuerySet[Any]:
    return Institution.objects.filter(bank=bank, code_key=folded_identifier(name))


def _tape(bank: Unit, name: str) -> QuerySet[Any]:
    scope, _blank, day = name.partition(" ")
    return Tape.objects.filter(scope__in=_institution(bank, scope), as_of=day)


def _household(bank: Unit, name: str) -> QuerySet[Any]:
    loans = Loan.objects.filter(bank=bank, contract_key=folded_identifier(name))
    by_number = Household.objects.filter(bank=bank, number=name)
    return by_number | Household.objects.filter(bank=bank, pk__in=loans.values("borrower__household"))


def _loan(bank: Unit, name: str) -> QuerySet[Any]:
    return Loan.objects.filter(bank=bank, contract_key=folded_identifier(name))


def _duty(bank: Unit, name: str) -> QuerySet[Any]:
    contract, _blank, kind = name.rpartition(" ")
    return Assignment.objects.standing().filter(loan__in=_loan(bank, contract), kind=kind)


def _warning(bank: Unit, name: str) -> QuerySet[Any]:
    institution, _blank, trigger = name.partition(" ")
    return LedgerWarning.objects.filter(institution__in=_institution(bank, institution), trigger=trigger)


def _review(bank: Unit, name: str) -> QuerySet[Any]:
    return Accountability.objects.filter(loan__bank=bank, loan__contract_key=folded_identifier(name))


_FOUND: Mapping[Kind, Callable[[Unit, str], QuerySet[Any]]] = {
    Kind.INSTITUTION: _institution,
    Kind.TAPE: _tape,
    Kind.LOAN: _loan,
    Kind.DUTY: _duty,
    Kind.HOUSEHOLD: _household,
    Kind.WARNING: _warning,
    Kind.SUPERVISION: lambda bank, name: Supervision.objects.filter(institution__in=_institution(bank, name)),
    Kind.ADMONISHMENT: lambda bank, name: Admonishment.objects.filter(
        institution__in=_institution(bank, name)
    ),
    Kind.RANKED: lambda bank, name: RankingRow.objects.filter(institution__in=_institution(bank, name)),
    Kind.TARGETS: lambda bank, name: TargetSet.objects.filter(bank=bank, year=name),
    Kind.REVIEW: _review,
}
#: what a step names so
NAMED = frozenset(_FOUND)
#: kind → how it is named, for whoever names it otherwise
FORMS: Mapping[Kind, str] = {
    Kind.INSTITUTION: f"one of: {', '.join(INSTITUTIONS)}",
    Kind.TAPE: "an institution and a day, such as 111 2026-03-02",
    Kind.WARNING: "an institution and a trigger, such as 111 increase",
    Kind.TARGETS: "a year, such as 2026",
}


def find(kind: Kind, bank: Unit, name: str) -> Any:
    """The bank's latest object of that name, None without one."""
    return _FOUND[kind](bank, name).order_by("-pk").first()
