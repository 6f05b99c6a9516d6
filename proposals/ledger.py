"""Plans and the ledger of loans: what a plan takes from it, and what Art. 6 is judged by.

The ledger knows no plan. A plan's contracts are found in it by their folded spelling.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from committee.models import Person
from portfolio.at_date import (
    Figures,
    answerable,
    classes_on,
    contracts_of,
    figures_on,
    kept_or_written_off,
    officers_on,
    recent_tape,
)
from portfolio.models import Assignment, Institution, Loan
from portfolio.money import yuan
from portfolio.permissions import loans_visible_to
from proposals.models import LedgerBasis, PlanVersion, Proposal
from proposals.plan.drafts import Plan
from proposals.plan.on_ledger import CLASSES, Ledger, LedgerLoan
from proposals.plan.stated import contracts
from regulation.refused import Refused
from regulation.text import folded_identifier

#: the words of the five classes, by the ledger's number less one
_WORDS = tuple(CLASSES)


def class_word(number: int) -> str:
    """The plan's word for the ledger's class."""
    return _WORDS[number - 1]


# -- What Art. 6 is judged by ----------------------------------------------------------------------


def ledger_of(proposal: Proposal, plan: Plan, today: date) -> Ledger | None:
    """What the ledger has of the plan's contracts; None where its institution has no recent tape (Art. 6).

    Only loans of the institution and of those below it count, on which something is claimed. `today` is the
    day at the committee.
    """
    institution = Institution.objects.filter(unit=proposal.unit_id).first()
    if institution is None:
        return None
    tape = recent_tape(institution, today)
    if tape is None:
        return None
    loans = [loan for loan in loans_within(institution, plan) if kept_or_written_off(loan)]
    base = base_day(plan)
    then = classes_on(loans, base) if base is not None else {}
    known = {
        loan.contract_key: LedgerLoan(
            loan.contract_no,
            class_word(then[loan.pk].loan_class) if loan.pk in then else None,
            class_word(loan.loan_class),
        )
        for loan in loans
    }
    return Ledger(tape.as_of, known, tape.subject, tape.sha256)


def has_ledger(proposal: Proposal) -> bool:
    """Whether the ledger has the plan's institution, so that loans can be taken from it."""
    return Institution.objects.filter(unit=proposal.unit_id).exists()


def loans_within(institution: Institution, plan: Plan) -> list[Loan]:
    """The loans of the plan's contracts that are the institution's or of those below it."""
    within = set(Institution.objects.under(institution).values_list("pk", flat=True))
    found = contracts_of(institution.bank_id, contracts(plan))
    return [loan for loan in found if loan.institution_id in within]


def base_day(plan: Plan) -> date | None:
    """The base date, None where the draft states none."""
    text = plan.document.get("base_date")
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def duty_holders(proposal: Proposal, plan: Plan) -> frozenset[str]:
    """The folded staff numbers of those who have or had a duty for the plan's loans (Art. 20.3)."""
    return answerable(contracts_of(proposal.committee.bank_id, contracts(plan)))


# -- What a plan takes from the ledger -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filling:
    """Loans of the ledger as a plan states them, with the day and the tape of each."""

    #: keys of the plan
    changes: Mapping[str, Any]
    #: a basis a contract, of no version yet
    basis: Sequence[LedgerBasis]


def fill(document: Mapping[str, Any], named: Collection[str], *, by: Person, today: date) -> Filling:
    """The keys of the plan with the ledger's figures of these contracts, as of their latest tape.

    A loan that the plan has already is replaced, others follow those that it has; the borrower and the base
    date become the ledger's. `access/not-found` for a contract that `by` may not see in the ledger, and for
    one of which no tape has figures.
    """
    loans = _visible(named, by)
    figures = figures_on(loans, today)
    tapes = {pk: each.tape_id for pk, each in figures.items() if each.tape_id is not None}
    if any(loan.pk not in tapes for loan in loans):
        raise Refused("access/not-found")
    officers = officers_on(loans, today)
    rows = {loan.contract_key: _as_stated(loan, figures[loan.pk], officers[loan.pk]) for loan in loans}
    basis = [
        LedgerBasis(
            contract=loan.contract_key,
            loan=loan,
            as_of=figures[loan.pk].as_of,
            tape_id=tapes[loan.pk],
            figures=rows[loan.contract_key],
        )
        for loan in loans
    ]
    first = max(loans, key=lambda loan: loan.principal)
    changes = {
        "loans": _with(document.get("loans", ()), rows),
        "borrower": {**_mapping(document.get("borrower")), **_borrower(first)},
        "base_date": max(each.as_of for each in basis).isoformat(),
    }
    return Filling(changes, basis)


def _visible(named: Collection[str], by: Person) -> list[Loan]:
    """The loans with these contracts, all of which the person sees in the ledger."""
    wanted = {folded_identifier(each) for each in named}
    rows = Loan.objects.filter(loans_visible_to(by), bank=by.bank_id, contract_key__in=wanted)
    found = list(rows.select_related("borrower", "institution").order_by("pk"))
    if len(found) < len(wanted) or not wanted:
        raise Refused("access/not-found")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_stated(loan: Loan, figures: Figures, officers: Mapping[str, Any]) -> dict[str, Any]:
    """The loan as a plan states it; an officer whom the ledger does not have is left out."""
    row: dict[str, Any] = {
        "contract_no": loan.contract_no,
        "principal": str(yuan(figures.principal)),
        "interest_on_balance": str(yuan(figures.interest_on)),
        "interest_off_balance": str(yuan(figures.interest_off)),
        "penalty": str(yuan(figures.penalty)),
        "rate": _rate(loan),
        "issued_on": loan.issued_on.isoformat(),
        "due_on": loan.due_on.isoformat(),
        "days_past_due": figures.dpd,
        "classification": class_word(figures.loan_class),
    }
    for key, kind in _OFFICERS.items():
        if kind in officers:
            row[key] = officers[kind].staff_no
    return row


_OFFICERS = {
    "lending_officer": Assignment.Kind.LENDING.value,
    "collection_officer": Assignment.Kind.COLLECTION.value,
}


def _rate(loan: Loan) -> str:
    """Per cent a year with two decimals, more only where they say something."""
    text = f"{loan.rate:.6f}".rstrip("0")
    whole, _point, parts = text.partition(".")
    return f"{whole}.{parts:0<2}"


def _borrower(loan: Loan) -> dict[str, str]:
    """Who owes, as a plan states it; the kinds are the plan's."""
    return {"name": loan.borrower.name, "id_no": loan.borrower.id_no, "kind": loan.borrower.kind}


def _with(stated: Any, rows: Mapping[str, dict[str, Any]]) -> list[Any]:
    """The plan's loans with these in the place of those with the same contract, the others behind."""
    left = dict(rows)
    kept = []
    for each in stated if isinstance(stated, list | tuple) else ():
        contract = folded_identifier(str(_mapping(each).get("contract_no", "")))
        kept.append({**each, **left.pop(contract)} if contract in left else each)
    return [*kept, *left.values()]


# -- The basis of a version ------------------------------------------------------------------------


def keep_basis(
    version: PlanVersion, plan: Plan, *, before: PlanVersion | None, new: Sequence[LedgerBasis]
) -> None:
    """The version has the basis of each of its contracts: a new one, or that of the version before."""
    stated = set(contracts(plan))
    found = {row.contract: row for row in _basis_of(before)} if before is not None else {}
    found |= {row.contract: row for row in new}
    LedgerBasis.objects.bulk_create(
        [
            LedgerBasis(
                version=version,
                contract=row.contract,
                loan_id=row.loan_id,
                as_of=row.as_of,
                tape_id=row.tape_id,
                figures=row.figures,
            )
            for contract, row in sorted(found.items())
            if contract in stated
        ]
    )


def _basis_of(version: PlanVersion) -> Sequence[LedgerBasis]:
    return list(LedgerBasis.objects.filter(version=version))


def basis_of(version: PlanVersion) -> dict[str, LedgerBasis]:
    """Whence the version has its loans' figures, by contract as folded; empty for one that was typed."""
    rows = LedgerBasis.objects.filter(version=version).select_related("tape__scope__unit")
    return {row.contract: row for row in rows}
