"""What the ledger and the committee have of a household: loans, classes, duties, plans, and what is
lacking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from portfolio.classes import Class
from portfolio.labels import CLASSES
from portfolio.models import Assignment, Balance, ClassChange, Household, Loan, Tape
from portfolio.money import yuan
from portfolio.permissions import loans_visible_to
from proposals.models import Proposal
from regulation.text import folded_identifier

NAMES = dict(CLASSES)
K = Assignment.Kind


@dataclass(frozen=True)
class Duty:
    """A duty: what for, whose, from and to which day, and whether the tape alone says so."""

    kind: str
    name: str | Promise
    person: str
    from_on: date | None = None
    to_on: date | None = None
    reason: str = ""
    by_tape: bool = False
    corrected: bool = False


@dataclass(frozen=True)
class Change:
    """A change of class: the day, from which to which, and the tape that says so."""

    on: date
    before: str | Promise
    after: str | Promise
    sub_grade: int
    tape: int
    #: of the class after it, from 1, normal, to 5, loss
    number: int


@dataclass(frozen=True)
class LoanView:
    """A loan with its latest balance in yuan, its changes of class, and who answers for it."""

    loan: Loan
    as_of: date | None
    #: days past due on that day
    late: int | None
    interest: Decimal | None
    penalty: Decimal | None
    changes: list[Change]
    duties: list[Duty]

    @property
    def principal(self) -> Decimal:
        """Yuan."""
        return yuan(self.loan.principal)

    @property
    def is_open(self) -> bool:
        """Whether the latest tape has it, and not as closed."""
        return self.loan.state == Loan.State.OPEN and self.loan.gone_on is None

    @property
    def is_bad(self) -> bool:
        """Whether it is open and non-performing."""
        return self.is_open and self.loan.loan_class >= Class.SUBSTANDARD

    def holder(self, kind: str) -> str:
        """Who has the duty now; empty for nobody."""
        now = [
            each for each in self.duties if each.kind == kind and not each.corrected and each.to_on is None
        ]
        return now[-1].person if now else ""

    @property
    def lender(self) -> str:
        """Who answers for the lending, for life."""
        return self.holder(K.LENDING)

    @property
    def collector(self) -> str:
        """Who answers for the collection now."""
        return self.holder(K.COLLECTION)


@dataclass(frozen=True)
class Plan:
    """A plan of the committee for one of the loans, with what it says of the household."""

    proposal: Proposal
    recoverability: str
    #: the five findings of the investigation: key and text
    findings: list[tuple[str, str]]

    @property
    def is_complete(self) -> bool:
        """Whether it has recoverability and all five findings."""
        return bool(self.recoverability) and len(self.findings) >= _CHECKS


def loans_of(household: Household, person: Person) -> list[Loan]:
    """The household's loans that the person sees, the open ones with the most principal first."""
    rows = Loan.objects.filter(loans_visible_to(person), borrower__household=household)
    found = rows.select_related("borrower", "institution__unit").order_by("gone_on", "-principal", "pk")
    return sorted(
        found, key=lambda loan: (loan.state != Loan.State.OPEN or loan.gone_on is not None, -loan.principal)
    )


def views(loans: Sequence[Loan]) -> list[LoanView]:
    """The loans with their latest balances, their changes of class, and their duties."""
    pks = [loan.pk for loan in loans]
    balances = _balances(loans)
    changes: dict[int, list[Change]] = defaultdict(list)
    for row in ClassChange.objects.filter(loan__in=pks).order_by("loan", "on"):
        before = NAMES[row.from_class] if row.from_class else ""
        changes[row.loan_id].append(
            Change(row.on, before, NAMES[row.to_class], row.sub_grade, row.tape_id, row.to_class)
        )
    duties = _duties(loans)
    return [_view(loan, balances.get(loan.pk), changes[loan.pk], duties[loan.pk]) for loan in loans]


def _view(loan: Loan, balance: Balance | None, changes: list[Change], duties: list[Duty]) -> LoanView:
    return LoanView(
        loan,
        balance.as_of if balance else None,
        balance.dpd if balance else None,
        yuan(balance.interest_on + balance.interest_off) if balance else None,
        yuan(balance.penalty) if balance else None,
        changes,
        duties,
    )


def _balances(loans: Sequence[Loan]) -> dict[int, Balance]:
    """Each loan's balance of the latest tape of its institution."""
    days: dict[int, date] = {}
    for loan in loans:
        if loan.institution_id not in days:
            tape = Tape.objects.latest_of(loan.institution)
            if tape is not None:
                days[loan.institution_id] = tape.as_of
    asked = Q(pk__in=[])
    for day in set(days.values()):
        here = [loan.pk for loan in loans if days.get(loan.institution_id) == day]
        asked |= Q(as_of=day, loan__in=here)
    return {row.loan_id: row for row in Balance.objects.filter(asked)} if days else {}


def _duties(loans: Sequence[Loan]) -> Mapping[int, list[Duty]]:
    """Each loan's duties by kind and day; where none is recorded, what the tape says."""
    found: dict[int, list[Duty]] = defaultdict(list)
    rows = Assignment.objects.filter(loan__in=[loan.pk for loan in loans]).select_related("person")
    for row in rows.order_by("loan", "kind", "from_on", "pk"):
        person = f"{row.person} ({row.staff_no})" if row.person else row.staff_no
        label = K(row.kind).label
        found[row.loan_id].append(
            Duty(row.kind, label, person, row.from_on, row.to_on, row.reason, corrected=row.corrected)
        )
    names = _names(loans)
    for loan in loans:
        kinds = {each.kind for each in found[loan.pk] if not each.corrected}
        found[loan.pk] += [
            Duty(kind, K(kind).label, names.get(staff, staff), by_tape=True)
            for kind, staff in _on_tape(loan)
            if staff and kind not in kinds
        ]
    return found


def _on_tape(loan: Loan) -> tuple[tuple[str, str], ...]:
    return (
        (K.LENDING.value, loan.lending_staff_no),
        (K.APPROVAL.value, loan.approver_staff_no),
        (K.COLLECTION.value, loan.collection_staff_no),
    )


def _names(loans: Iterable[Loan]) -> dict[str, str]:
    """Names with staff numbers, by the numbers of the tape, of those who are known."""
    loans = list(loans)
    keys = {staff for loan in loans for _kind, staff in _on_tape(loan) if staff}
    people = Person.objects.filter(bank__in={loan.bank_id for loan in loans}, staff_key__in=keys)
    return {person.staff_key: f"{person} ({person.staff_no})" for person in people}


def plans_of(loans: Sequence[Loan], person: Person) -> list[Plan]:
    """The plans that cover one of the loans, as far as the person sees them, the latest first."""
    keys = {folded_identifier(loan.contract_no) for loan in loans}
    rows = Proposal.objects.visible_to(person).filter(
        submitted_version__contracts__contract_no__in=keys,
        committee__branch__bank__in={loan.bank_id for loan in loans},
    )
    found = rows.select_related("submitted_version", "committee", "unit").distinct().order_by("-pk")
    return [_plan(proposal) for proposal in found]


def _plan(proposal: Proposal) -> Plan:
    document = proposal.submitted_version.document if proposal.submitted_version else {}
    findings = document.get("investigation") or {}
    return Plan(
        proposal,
        str(document.get("recoverability") or ""),
        [(key, str(text)) for key, text in findings.items() if text],
    )


def gaps(loans: Sequence[LoanView], plans: Sequence[Plan]) -> list[str | Promise]:
    """What the household's file lacks to be complete: persons, a plan, checks and recoverability."""
    bad = [each for each in loans if each.is_bad]
    if not bad:
        return []
    lacking: tuple[tuple[bool, str | Promise], ...] = (
        (
            not all(each.lender for each in bad),
            _("Nobody answers for the lending of one of the loans."),
        ),
        (
            not all(each.collector for each in bad),
            _("Nobody answers for the collection of one of the loans."),
        ),
        (not plans, _("No plan covers the loans: checks and recoverability are stated with it.")),
        (
            bool(plans) and not plans[0].is_complete,
            _("The latest plan lacks a check or the recoverability."),
        ),
    )
    return [text for lacks, text in lacking if lacks]


#: the findings of an investigation
_CHECKS = 5
