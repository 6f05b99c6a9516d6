"""Each loan of a plan as the plan states it, as the ledger had it on the base date, and as it has it today.

Whoever sees the plan sees this of its loans: those of its institution and of the ones below it, no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.prepared import Prepared
from portfolio.at_date import Figures, Graded, Officer, classes_on, figures_on, officers_on
from portfolio.models import Assignment, Institution, Loan
from portfolio.money import yuan
from proposals.labels import FIELDS
from proposals.ledger import base_day, basis_of, class_word, loans_within
from proposals.models import LedgerBasis, PlanVersion, Proposal
from proposals.plan.on_ledger import differing
from proposals.plan.stated import contracts
from regulation.text import folded_identifier
from web import labels
from web.templatetags.lianxi import day_written
from web.viewer import Viewer

#: the institution of a unit, if the ledger has it
INSTITUTION = Prepared(lambda unit: Institution.objects.filter(unit=unit), int)

_KINDS = {
    "lending_officer": Assignment.Kind.LENDING.value,
    "collection_officer": Assignment.Kind.COLLECTION.value,
}
#: what is shown, in its order
_SHOWN = (
    "classification",
    "days_past_due",
    "principal",
    "interest_on_balance",
    "interest_off_balance",
    "penalty",
    *_KINDS,
)


@dataclass(frozen=True)
class Line:
    """A figure three ways, in words; a dash for what is not known."""

    name: str | Promise
    stated: str
    then: str
    now: str
    #: whether the plan states something else than the ledger had on the base date
    differs: bool
    #: whether the ledger has something else today
    moved: bool


@dataclass(frozen=True)
class LoanBeside:
    """A loan of the plan beside the ledger; without lines where the ledger does not have it."""

    contract: str
    #: whence its figures were taken into this version; None where they were typed
    basis: LedgerBasis | None
    #: the days of the figures
    then_on: date | None
    now_on: date | None
    lines: Sequence[Line]

    @property
    def differing(self) -> list[str]:
        """The figures that the plan states otherwise."""
        return [str(line.name) for line in self.lines if line.differs]

    @property
    def moved(self) -> list[str]:
        """The figures that have changed since."""
        return [str(line.name) for line in self.lines if line.moved]


@dataclass(frozen=True)
class Beside:
    """The plan's loans beside the ledger, and earlier plans with their contracts (Art. 23)."""

    loans: Sequence[LoanBeside]
    base_date: date | None
    earlier: Sequence[Proposal]

    @property
    def absent(self) -> list[str]:
        """The contracts that the ledger does not have."""
        return [loan.contract for loan in self.loans if not loan.lines]

    @property
    def told(self) -> list[str]:
        """What differs, a sentence a loan."""
        return list(_told(self.loans))


def _told(loans: Sequence[LoanBeside]) -> Iterator[str]:
    for loan in loans:
        if loan.differing:
            text = gettext("%(contract)s: the plan differs from the ledger on the base date: %(names)s.")
            yield text % {"contract": loan.contract, "names": gettext(", ").join(loan.differing)}
        if loan.moved:
            text = gettext("%(contract)s: changed since the base date: %(names)s.")
            yield text % {"contract": loan.contract, "names": gettext(", ").join(loan.moved)}


def beside(
    version: PlanVersion, proposal: Proposal, institutions: Sequence[Institution], who: Viewer, today: date
) -> Beside | None:
    """The version's loans beside the ledger; None where the institution has none, or no loan is in it."""
    if not institutions:
        return None
    plan = version.plan
    basis = basis_of(version)
    loans = {loan.contract_key: loan for loan in loans_within(institutions[0], plan)}
    if not loans and not basis:
        return None
    base = base_day(plan)
    then = _Known.on(list(loans.values()), base) if base is not None else _Known({}, {}, {})
    now = _Known.on(list(loans.values()), today)
    rows = [
        _loan(stated, loans.get(key), basis.get(key), then, now)
        for stated in plan.document.get("loans", ())
        if (key := folded_identifier(stated.get("contract_no", "")))
    ]
    return Beside(rows, base, _earlier(proposal, contracts(plan), who))


@dataclass(frozen=True)
class _Known:
    """What the ledger has of loans on a day, by their ids."""

    figures: Mapping[int, Figures]
    classes: Mapping[int, Graded]
    officers: Mapping[int, Mapping[str, Officer]]

    @classmethod
    def on(cls, loans: Sequence[Loan], day: date) -> _Known:
        if not loans:
            return cls({}, {}, {})
        return cls(figures_on(loans, day), classes_on(loans, day), officers_on(loans, day))

    def day(self, pk: int) -> date | None:
        found = self.figures.get(pk)
        return found.as_of if found is not None else None

    def values(self, pk: int) -> dict[str, Any]:
        """The loan as a plan would state it, as far as it is known; officers by staff number."""
        found: dict[str, Any] = {}
        if pk in self.classes:
            found["classification"] = class_word(self.classes[pk].loan_class)
        if pk in self.figures:
            row = self.figures[pk]
            found |= {
                "days_past_due": row.dpd,
                "principal": str(yuan(row.principal)),
                "interest_on_balance": str(yuan(row.interest_on)),
                "interest_off_balance": str(yuan(row.interest_off)),
                "penalty": str(yuan(row.penalty)),
            }
        held = self.officers.get(pk, {})
        return found | {key: held[kind].staff_no for key, kind in _KINDS.items() if kind in held}

    def words(self, pk: int, key: str, value: Any) -> str:
        """The value for readers; an officer by name and staff number."""
        held = self.officers.get(pk, {}).get(_KINDS.get(key, ""))
        return str(held) if held is not None else _words(key, value)


def _words(key: str, value: Any) -> str:
    return labels.value(key if key == "classification" else f"loans.{key}", value)


def _loan(
    stated: Mapping[str, Any], loan: Loan | None, basis: LedgerBasis | None, then: _Known, now: _Known
) -> LoanBeside:
    contract = str(stated.get("contract_no", ""))
    if loan is None:
        return LoanBeside(contract, basis, None, None, ())
    before, today = then.values(loan.pk), now.values(loan.pk)
    if "principal" not in before and basis is not None:  # that day's balances are kept no more
        before = {**basis.figures, **before}
    other = set(differing(stated, {key: before[key] for key in _SHOWN if key in before}))
    other -= _named_otherwise(stated, then.officers.get(loan.pk, {}))
    lines = [
        Line(
            FIELDS[key],
            _words(key, stated.get(key)),
            _told_of(then, loan, key, before),
            _told_of(now, loan, key, today),
            differs=key in other,
            moved=key in before and key in today and before[key] != today[key],
        )
        for key in _SHOWN
    ]
    return LoanBeside(contract, basis, then.day(loan.pk), now.day(loan.pk), lines)


def _named_otherwise(stated: Mapping[str, Any], officers: Mapping[str, Officer]) -> set[str]:
    """The officers whom the plan names by name instead of staff number."""
    return {key for key, kind in _KINDS.items() if _is_named(stated.get(key), officers.get(kind))}


def _told_of(known: _Known, loan: Loan, key: str, values: Mapping[str, Any]) -> str:
    """The value for readers; a dash where it is not known."""
    return known.words(loan.pk, key, values[key]) if key in values else "—"


def _is_named(stated: object, officer: Officer | None) -> bool:
    """Whether the plan names the officer, by name instead of staff number."""
    return officer is not None and folded_identifier(str(stated)) == folded_identifier(officer.name)


#: so many earlier plans are shown
_EARLIER = 10


def _earlier(proposal: Proposal, named: Sequence[str], who: Viewer) -> list[Proposal]:
    """Other plans with one of the contracts as submitted, as far as the person sees them, the last first."""
    rows = Proposal.objects.visible_to(who.person).filter(
        submitted_version__contracts__contract_no__in=list(named)
    )
    found = rows.exclude(pk=proposal.pk).select_related("committee").distinct()
    return list(found.order_by("-state_since", "-pk")[:_EARLIER])


# -- Beside the fields of the editor ---------------------------------------------------------------


FROM_TAPE = _("from the tape of %(day)s")
OTHERWISE = _("the tape of %(day)s says %(value)s")


def remarks(
    basis: Mapping[str, LedgerBasis], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[int, str, str]]:
    """What is said beside each field of these loans that the ledger filled: the row, the key, the words."""
    for number, stated in enumerate(rows):
        row = basis.get(folded_identifier(str(stated.get("contract_no", ""))))
        if row is None:
            continue
        others = {*differing(stated, row.figures), *(key for key in row.figures if key not in stated)}
        for key, figure in row.figures.items():
            day = day_written(row.as_of)
            words = (
                OTHERWISE % {"day": day, "value": _words(key, figure)}
                if key in others
                else FROM_TAPE % {"day": day}
            )
            yield number, key, words
