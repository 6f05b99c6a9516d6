"""The list of loans."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pages.portfolio import reach
from pages.portfolio.loans.listing import Loans, what
from web import shell


@dataclass(frozen=True)
class LoansPage:
    """The loans that the person may see, as the address filters them."""

    list: Loans
    what: str
    duties_only: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The loans that the person may see, filtered and sorted as the address says."""
    who, seen = reach.reader(request)
    listing = Loans(who, request.GET).read()
    page = LoansPage(listing, what(listing), not seen.whole)
    return shell.page(request, "portfolio/loans.html", page, here="ledger")
