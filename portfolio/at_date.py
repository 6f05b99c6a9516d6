"""Loans of the ledger as they were on a day: figures, class and who answered for them.

A day's figures are those of the last tape up to it that is still kept. What is asked of many loans is one
statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from committee.models import Person
from portfolio.models import (
    Assignment,
    Balance,
    ClassChange,
    Institution,
    Loan,
    PolicyVersion,
    Tape,
)
from portfolio.policy import Policy
from regulation.text import folded_identifier

#: so many tapes back a day's balances are looked for; of three of each month they are always kept
_TAPES_BACK = 31


@dataclass(frozen=True, slots=True)
class Figures:
    """What a tape states of a loan; amounts in fen, days past due."""

    as_of: date
    tape_id: int | None
    loan_class: int
    sub_grade: int
    dpd: int
    principal: int
    interest_on: int
    interest_off: int
    penalty: int
    state: str


@dataclass(frozen=True, slots=True)
class Graded:
    """A class with its sub-grade (0 without one), and since which day it stands."""

    loan_class: int
    sub_grade: int
    since: date


@dataclass(frozen=True, slots=True)
class Officer:
    """Who answers: the staff number, and the name where the bank employs the person."""

    staff_no: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} {self.staff_no}".strip()


def policy_on(bank_id: int, day: date) -> Policy:
    """The ledger's numbers in force in the bank on the day; the defaults before the first version."""
    version = PolicyVersion.objects.in_force(bank_id, day)
    return Policy() if version is None else Policy.from_json(version.values)


def recent_tape(institution: Institution, day: date) -> Tape | None:
    """The latest tape with the institution's loans, if on the day it is at most `stale_days` old."""
    since = day - timedelta(days=policy_on(institution.bank_id, day).stale_days)
    place = Q(scope__lft__lte=institution.lft, scope__rgt__gte=institution.rgt)
    place |= Q(scope__lft__range=(institution.lft, institution.rgt))
    found = Tape.objects.loaded().filter(place, bank=institution.bank_id, as_of__range=(since, day))
    return found.order_by("-as_of", "-pk").first()


def figures_on(loans: Iterable[Loan], day: date) -> dict[int, Figures]:
    """The figures of each loan by its id, of the last tape up to the day; none for one without a tape."""
    wanted = {loan.pk: loan for loan in loans}
    if not wanted:
        return {}
    ended = {loan.ended_on for loan in wanted.values() if loan.ended_on is not None and loan.ended_on <= day}
    tapes = _tapes(wanted.values(), day, ended)
    days = {tape.as_of for tape in tapes}
    rows = Balance.objects.filter(as_of__in=days, loan__in=list(wanted)).order_by("as_of")
    by_day = {(tape.as_of, each): tape.pk for tape in reversed(tapes) for each in tape.institutions}
    return {
        row.loan_id: Figures(
            row.as_of,
            by_day.get((row.as_of, row.institution_id)),
            row.loan_class,
            row.sub_grade,
            row.dpd,
            row.principal,
            row.interest_on,
            row.interest_off,
            row.penalty,
            Balance.STATES[row.state],
        )
        for row in rows
    }


def _tapes(loans: Collection[Loan], day: date, ended: Collection[date]) -> list[Tape]:
    """The last tapes up to the day with loans of the institutions, the last first, then those of `ended`."""
    bank = next(iter(loans)).bank_id
    places = sorted({loan.institution_id for loan in loans})
    rows = Tape.objects.loaded().filter(bank=bank, as_of__lte=day).order_by("-as_of", "-pk")
    last = list(rows.filter(institutions__overlap=places)[:_TAPES_BACK])
    return [*last, *rows.filter(as_of__in=ended)] if ended else last


def classes_on(loans: Iterable[Loan], day: date) -> dict[int, Graded]:
    """The class of each loan on the day, by its id; none for one that no tape up to the day has."""
    rows = (
        ClassChange.objects.filter(loan__in=[loan.pk for loan in loans], on__lte=day)
        .order_by("loan_id", "-on")
        .distinct("loan_id")
    )
    return {row.loan_id: Graded(row.to_class, row.sub_grade, row.on) for row in rows}


def officers_on(loans: Collection[Loan], day: date) -> dict[int, dict[str, Officer]]:
    """Who answers for each loan on the day, by the loan's id and the kind of duty.

    A duty recorded here leads; without one it is whom the latest tape names.
    """
    found: dict[int, dict[str, str]] = {loan.pk: _on_tape(loan) for loan in loans}
    duties = Assignment.objects.standing().filter(loan__in=list(found), from_on__lte=day)
    for row in duties.filter(Q(to_on=None) | Q(to_on__gte=day)).order_by("from_on"):
        found[row.loan_id][row.kind] = row.staff_no
    names = _names(loans, {each for kinds in found.values() for each in kinds.values()})
    return {
        loan: {kind: Officer(each, names.get(folded_identifier(each), "")) for kind, each in kinds.items()}
        for loan, kinds in found.items()
    }


def _on_tape(loan: Loan) -> dict[str, str]:
    stated = {
        Assignment.Kind.LENDING.value: loan.lending_staff_no,
        Assignment.Kind.APPROVAL.value: loan.approver_staff_no,
        Assignment.Kind.COLLECTION.value: loan.collection_staff_no,
    }
    return {kind: staff_no for kind, staff_no in stated.items() if staff_no}


def _names(loans: Collection[Loan], staff_nos: Collection[str]) -> Mapping[str, str]:
    """The names of the bank's people with these staff numbers, by the number as folded."""
    if not staff_nos:
        return {}
    bank = next(iter(loans)).bank_id
    folded = [folded_identifier(each) for each in staff_nos]
    people = Person.objects.filter(bank=bank, staff_key__in=folded)
    return dict(people.values_list("staff_key", "display_name"))


def answerable(loans: Collection[Loan]) -> frozenset[str]:
    """The folded staff numbers of all who have or had the duty of lending or collection of a loan."""
    kinds = (Assignment.Kind.LENDING, Assignment.Kind.COLLECTION)
    duties = Assignment.objects.standing().filter(loan__in=[loan.pk for loan in loans], kind__in=kinds)
    named = {
        folded_identifier(each)
        for loan in loans
        for each in (loan.lending_staff_no, loan.collection_staff_no)
    }
    return frozenset(each for each in (*duties.values_list("staff_key", flat=True), *named) if each)


def contracts_of(bank_id: int, contracts: Collection[str]) -> list[Loan]:
    """The bank's loans with these contracts, as folded; in the order of their contracts."""
    rows = Loan.objects.filter(bank=bank_id, contract_key__in=list(contracts))
    return list(rows.select_related("borrower", "institution").order_by("contract_key"))


def kept_or_written_off(loan: Loan) -> bool:
    """Whether something is still claimed on the loan: open on the latest tape, or written off."""
    return (loan.state == Loan.State.OPEN and loan.gone_on is None) or loan.state == Loan.State.WRITTEN_OFF
