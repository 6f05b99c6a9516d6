"""The page of a household, and its identity numbers for those to whom they are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods

from committee.models import Person
from committee.offices import HANDLER
from pages.portfolio import reach
from pages.portfolio.households import drawing, reading
from pages.portfolio.households.drawing import Bands
from pages.portfolio.households.reading import LoanView, Plan
from portfolio.actions import identities
from portfolio.identity import masked
from portfolio.models import Borrower, Household, Loan
from portfolio.permissions import households_visible_to, identities_open
from proposals.labels import FIELDS
from regulation.refused import Refused
from web import shell


@dataclass(frozen=True)
class Debtor:
    """A borrower of the household with the identity number, masked unless it was asked for."""

    borrower: Borrower
    identity: str


@dataclass(frozen=True, kw_only=True)
class HouseholdPage:
    """A household with all that the person may see of it."""

    household: Household
    name: str
    borrowers: list[Debtor]
    #: whether an identity number is open to the person, and whether it is shown
    may_show: bool
    shown: bool
    loans: list[LoanView]
    #: the day of the balances
    latest: date | None
    #: non-performing principal, yuan
    npl: Decimal
    bands: Bands | None
    plans: list[Plan]
    gaps: list[str | Promise]
    handles: bool
    fields: Mapping[str, str | Promise]


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A household with its loans; asked for with POST also its identity numbers, which leaves an entry."""
    who, _seen = reach.reader(request)
    rows = Household.objects.filter(households_visible_to(who.person)).select_related("institution__unit")
    household = reach.one(rows, pk)
    opened = _opened(household, who.person) if request.method == "POST" else {}
    loans = reading.loans_of(household, who.person)
    views = reading.views(loans)
    plans = reading.plans_of(loans, who.person)
    latest = max((each.as_of for each in views if each.as_of), default=None)
    borrowers = _debtors(loans, opened)
    page = HouseholdPage(
        household=household,
        name="、".join(dict.fromkeys(each.borrower.name for each in borrowers)),
        borrowers=borrowers,
        may_show=not opened and _may_show(loans, who.person),
        shown=bool(opened),
        loans=views,
        latest=latest,
        npl=sum((each.principal for each in views if each.is_bad), Decimal(0)),
        bands=drawing.bands(views, latest),
        plans=plans,
        gaps=reading.gaps(views, plans),
        handles=reach.acts_for(who, household.institution, HANDLER),
        fields=FIELDS,
    )
    return shell.page(request, "portfolio/household.html", page, here="ledger")


def _opened(household: Household, by: Person) -> Mapping[int, str]:
    """The identity numbers that were asked for, by borrower; a refusal as the page's status."""
    try:
        return identities.show_identities(household, by=by)
    except Refused as refused:
        raise (Http404 if refused.code == "access/not-found" else PermissionDenied) from refused


def _may_show(loans: Sequence[Loan], person: Person) -> bool:
    return Loan.objects.filter(identities_open(person), pk__in=[loan.pk for loan in loans]).exists()


def _debtors(loans: Sequence[Loan], opened: Mapping[int, str]) -> list[Debtor]:
    """The borrowers of the loans, each once, with the numbers that were asked for."""
    borrowers = {loan.borrower_id: loan.borrower for loan in loans}
    return [Debtor(row, opened.get(pk) or masked(row.id_no)) for pk, row in sorted(borrowers.items())]
