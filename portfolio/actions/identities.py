"""Identity numbers shown and taken away: each leaves an entry in the log."""

from __future__ import annotations

from audit.recording import action, record
from committee.models import Person
from portfolio.models import Borrower, Household, Loan
from portfolio.permissions import identities_open, require_household_visible
from regulation.refused import Refused


@action
def show_identities(household: Household, *, by: Person) -> dict[int, str]:
    """The identity numbers of the household's borrowers that are open to `by`, by the borrowers' ids.

    `access/not-found`; `access/denied` where none of them is open.
    """
    require_household_visible(household, by)
    opened = Loan.objects.filter(identities_open(by), borrower__household=household)
    borrowers = Borrower.objects.filter(pk__in=opened.order_by().values("borrower")).order_by("pk")
    found = dict(borrowers.values_list("pk", "id_no"))
    if not found:
        raise Refused("access/denied")
    record(
        household.institution.stream,
        "show_identities",
        f"household:{household.pk}",
        by=by,
        payload={"borrowers": [str(pk) for pk in found]},
    )
    return found


@action
def record_export(person: Person, *, by: Person, filters: str, rows: str) -> None:
    """The entry says who exported a list of loans: with which filters, and how many rows."""
    record(
        f"ledger:{person.bank_id}",
        "export_loans",
        f"person:{person.pk}",
        by=by,
        payload={"filters": filters, "rows": rows},
    )
