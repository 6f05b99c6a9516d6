"""What the ledger of loans brings to several desks: loans without a collector, tapes held, loans of one's
own.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.desk.rows import Row
from pages.desk.sections import Section, SectionQuery
from portfolio.models import Assignment, Institution, Loan, Tape
from portfolio.money import yuan
from portfolio.permissions import loans_visible_to
from web import labels
from web.lists.filters import InArray
from web.templatetags.lianxi import day_written
from web.viewer import Viewer


def within(units: frozenset[int], column: str = "institution") -> Q:
    """The condition for rows of the ledger's institutions within these units, by the column of their
    institution.

    The ids are an array that the statement itself reads first, so that the index by institution serves.
    """
    above = Institution.objects.filter(
        unit__in=units, bank=OuterRef("bank"), lft__lte=OuterRef("lft"), rgt__gte=OuterRef("rgt")
    )
    rows = Institution.objects.filter(Exists(above.order_by())).order_by()
    return Q(InArray(F(column), ArraySubquery(rows.values("pk"))))


def loan_row(loan: Loan, tone: str = "information", note: str = "") -> Row:
    """A loan: its contract and borrower, and what is owed of its principal."""
    return Row(
        reverse("household", args=[loan.borrower.household_id]),
        loan.contract_no,
        loan.borrower.name,
        note or f"{loan.institution} · {loan.get_loan_class_display()}",
        tone,
        gettext("%(amount)s yuan") % {"amount": labels.money(yuan(loan.principal))},
    )


def without_collector(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Those of the loans for whose collection nobody answers."""
    running = Assignment.objects.standing().filter(
        loan=OuterRef("pk"), kind=Assignment.Kind.COLLECTION, to_on=None
    )
    return loans.filter(~Exists(running), collection_staff_no="")


def duty_gaps(within: Q) -> Iterator[SectionQuery | Section]:
    """The institutions' non-performing loans without a collector, those with the most principal first."""
    rows = without_collector(Loan.objects.non_performing().filter(within))
    yield SectionQuery(
        _("Loans without a collector"),
        _("A non-performing loan for whose collection nobody answers appears here at once."),
        rows.order_by("-principal", "pk"),
        lambda loan: loan_row(loan, "stopped"),
        more=f"{reverse('loans')}?gap=1",
        always=False,
    )


def tapes_held(within: Q) -> Iterator[SectionQuery | Section]:
    """Tapes of the institutions that wait until they are released or given up."""
    yield SectionQuery(
        _("Tapes that are held"),
        _("A doubtful tape waits here until you release it or give it up."),
        Tape.objects.filter(within, state=Tape.State.HELD).order_by("as_of", "pk"),
        lambda tape: Row(
            reverse("tape", args=[tape.pk]),
            tape.as_of.isoformat(),
            str(tape.scope),
            gettext("%(rows)s rows, %(rejected)s rejected")
            % {"rows": f"{tape.rows:,}", "rejected": f"{tape.rejected:,}"},
            "waiting",
            day_written(tape.as_of),
            since=tape.handed_in_at,
        ),
        more=f"{reverse('tapes')}?state=held",
        always=False,
    )


def own_loans(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The non-performing loans with a duty of the person's own, those with the most principal first."""
    yield SectionQuery(
        _("Loans to collect"),
        _("Non-performing loans appear here from the day on which their collection is your duty."),
        Loan.objects.non_performing().filter(loans_visible_to(who.person)).order_by("-principal", "pk"),
        loan_row,
        more=reverse("loans"),
    )
