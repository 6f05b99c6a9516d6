"""The loans of the ledger among which a handler picks those of a plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext

from portfolio.models import Loan
from portfolio.models.loans import LoanQuerySet
from portfolio.money import yuan
from portfolio.permissions import loans_visible_to
from proposals.ledger import class_word
from proposals.models import LiveContract, Proposal
from regulation.text import folded_identifier
from web.forms import ActForm
from web.lists.filters import LONGEST, clean
from web.viewer import Viewer

#: so many loans are listed; a narrower search shows others
MOST = 50


class LoansForm(ActForm):
    """The loans chosen, by their ids; the subject is the plan, or the committee of a new one."""

    @property
    def named(self) -> list[str]:
        """The loans as they were sent, each once."""
        return list(dict.fromkeys(name for name in self.data.getlist("loan") if name.isdecimal()))

    @cached_property
    def chosen(self) -> list[Loan]:
        """The loans; 404 where the person does not see one of them."""
        named = [name for name in self.named if len(name) <= LONGEST]
        found = list(visible(self.who).filter(pk__in=named))
        if len(found) < len(self.named):
            raise Http404
        return found

    def clean(self) -> dict[str, Any]:
        """At least one loan is chosen."""
        if not self.named:
            raise ValidationError(gettext("Choose at least one loan."))
        return self.cleaned_data

    def arguments(self) -> dict[str, Any]:
        """The contracts that fill the plan."""
        return {"contracts": [loan.contract_no for loan in self.chosen]}


@dataclass(frozen=True)
class Row:
    """A loan that can be chosen; `stated` where the plan has it, `live` where another plan does."""

    loan: Loan
    #: yuan
    principal: Decimal
    classification: str
    stated: bool
    live: bool
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Picking:
    """The loans found, and what was asked for."""

    rows: list[Row]
    #: what was typed in the search
    text: str
    #: the household whose loans are listed; empty for all
    household: str
    #: whether there are more than are listed
    more: bool
    form: LoansForm
    #: whether the form holds what was chosen before the session ended
    kept: bool


@dataclass(frozen=True, kw_only=True)
class PickPage(Picking):
    """The page on which loans are taken into a plan that exists."""

    proposal: Proposal


@dataclass(frozen=True, kw_only=True)
class StartPage(Picking):
    """The page on which a new plan is begun with loans; `committees` are those to which it may be brought."""

    committees: Sequence[Any]
    committee: Any
    lead: str | Promise


def visible(who: Viewer) -> LoanQuerySet:
    """The loans that the person sees in the ledger, with what a row shows."""
    rows: LoanQuerySet = Loan.objects.filter(loans_visible_to(who.person), bank=who.person.bank_id)
    return rows.select_related("borrower__household", "institution__unit")


def picking(
    who: Viewer, asked: QueryDict, form: LoansForm, *, stated: Collection[str] = (), of: int | None = None
) -> dict[str, Any]:
    """The loans that the address asks for, as `Picking` has them; the largest principal first.

    `stated` are the contracts of the plan with the id `of`, as folded.
    """
    text, household = clean(asked.get("q", "")), _number(asked.get("household", ""))
    found = visible(who).non_performing().order_by("-principal", "pk")
    if household:
        found = found.filter(borrower__household=int(household))
    if text:
        found = found.filter(_named(text))
    loans = list(found[: MOST + 1])
    keys = [loan.contract_key for loan in loans]
    elsewhere = LiveContract.objects.filter(bank=who.person.bank_id, contract_no__in=keys).exclude(
        proposal=of
    )
    live = set(elsewhere.values_list("contract_no", flat=True)) if loans else set()
    named = set(form.named) if form.is_bound else None
    asked_for = set(asked.getlist("loan"))
    return {
        "rows": [
            Row(
                loan,
                yuan(loan.principal),
                class_word(loan.loan_class),
                loan.contract_key in stated,
                loan.contract_key in live,
                _is_chosen(loan, named, asked_for, of_household=bool(household)),
            )
            for loan in loans[:MOST]
        ],
        "text": text,
        "household": household,
        "more": len(loans) > MOST,
        "form": form,
    }


def _is_chosen(loan: Loan, named: set[str] | None, asked_for: set[str], *, of_household: bool) -> bool:
    """Whether it was chosen; before anything was, those of the household, or those that the address names."""
    if named is not None:
        return str(loan.pk) in named
    return str(loan.pk) in asked_for if asked_for else of_household


def _number(text: str) -> str:
    return text if text.isdecimal() and len(text) <= LONGEST else ""


def _named(text: str) -> Q:
    """Loans by the beginning of the contract or of the borrower's name, or by the household's number."""
    found = Q(borrower__name__startswith=text) | Q(borrower__household__number=text)
    key = folded_identifier(text)
    return found | Q(contract_key__startswith=key) if key else found
