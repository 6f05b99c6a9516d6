"""The list of loans: what is non-performing, or all that is open, or what has ended."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from committee.models import Person
from pages.portfolio import reach
from portfolio.actions import identities
from portfolio.classes import Class
from portfolio.identity import masked
from portfolio.labels import CLASSES
from portfolio.models import Assignment, Borrower, Institution, Loan
from portfolio.money import yuan
from portfolio.permissions import identities_open, loans_visible_to
from regulation.text import folded_identifier
from web.lists.columns import Column
from web.lists.filters import LONGEST, Choice, Choices, DateRange, Flag, ListFilters, Text
from web.lists.listing import Listing
from web.viewer import Viewer

#: what the list has without another choice
NON_PERFORMING = Q(state=Loan.State.OPEN, gone_on=None, loan_class__gte=Class.SUBSTANDARD)


class _Under(Choice):
    """An institution with all below it, by its id."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value or not str(value).isdecimal() or len(str(value)) > LONGEST:
            return qs
        found = Institution.objects.filter(pk=int(value)).first()
        if found is None:
            return qs
        return qs.filter(institution__in=list(Institution.objects.under(found).values_list("pk", flat=True)))


class _Standing(Choice):
    """Which loans: the non-performing ones without a choice."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value == "all":
            return qs
        if value == "open":
            return qs.filter(state=Loan.State.OPEN, gone_on=None)
        if value == "ended":
            return qs.exclude(state=Loan.State.OPEN, gone_on=None)
        return qs.filter(NON_PERFORMING)


def _institutions(who: Viewer) -> QuerySet[Any]:
    """The institutions that the person sees, by the names of their units."""
    return reach.institutions(who.person).annotate(name=F("unit__name"))


def _without_collector() -> Q:
    running = Assignment.objects.standing().filter(
        loan=OuterRef("pk"), kind=Assignment.Kind.COLLECTION, to_on=None
    )
    return Q(collection_staff_no="") & ~Q(Exists(running))


class LoanFilters(ListFilters):
    """The filters of the list of loans."""

    q = Text(label=gettext_lazy("Contract, borrower or household number"), method="fitting")
    which = _Standing(
        label=gettext_lazy("Which loans"),
        choices=[
            ("open", gettext_lazy("All open loans")),
            ("ended", gettext_lazy("Ended or gone from the tape")),
            ("all", gettext_lazy("Every loan")),
        ],
    )
    under = _Under(label=gettext_lazy("Institution"), among=_institutions)
    loan_class = Choices(label=gettext_lazy("Class"), choices=CLASSES)
    kind = Choices("borrower__kind", label=gettext_lazy("Kind of borrower"), choices=Borrower.Kind.choices)
    guarantee = Choices(label=gettext_lazy("Guarantee"), choices=Loan.Guarantee.choices)
    due = DateRange("due_on", label=gettext_lazy("Due on"))
    npl = DateRange("first_npl_on", label=gettext_lazy("Non-performing since"))
    insider = Flag(label=gettext_lazy("Borrowers who are insiders"), condition=~Q(borrower__insider=""))
    gap = Flag(label=gettext_lazy("Without a collector"), condition=_without_collector())

    def fitting(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """The loans that the text finds; by identity number only where it is open to the reader."""
        folded = folded_identifier(text)
        found = Q(contract_key__startswith=folded) | Q(borrower__name__startswith=text)
        found |= Q(borrower__household__number=text)
        return rows.filter(found | (Q(borrower__id_key=folded) & identities_open(self.viewer.person)))


def _staff(row: Any) -> str:
    """Who answers for collection: the duty here, or else the tape's staff number."""
    recorded = row.collector_name or row.collector_no
    return str(recorded or row.tape_collector or row.collection_staff_no)


def _identity(row: Any) -> str:
    id_no: str = row.borrower.id_no
    return id_no if row.identity_open else masked(id_no)


class Loans(Listing):
    """The loans that the person may see, those with the most principal first."""

    name = "loans"
    filters_class = LoanFilters
    order = "-principal"
    columns = (
        Column("contract", gettext_lazy("Contract"), lambda row: row.contract_no, "contract_key"),
        Column("borrower", gettext_lazy("Borrower"), lambda row: row.borrower.name),
        Column("identity", gettext_lazy("Identity number"), _identity, shown=False),
        Column(
            "household",
            gettext_lazy("Household number"),
            lambda row: row.borrower.household.number,
            shown=False,
        ),
        Column("institution", gettext_lazy("Institution"), lambda row: str(row.institution)),
        Column("class", gettext_lazy("Class"), lambda row: row.get_loan_class_display()),
        Column(
            "sub_grade",
            gettext_lazy("Sub-grade"),
            lambda row: row.sub_grade or None,
            shown=False,
        ),
        Column(
            "since",
            gettext_lazy("Non-performing since"),
            lambda row: row.first_npl_on,
            header=pgettext_lazy("non-performing", "Since"),
        ),
        Column("due", gettext_lazy("Due on"), lambda row: row.due_on, shown=False),
        Column("guarantee", gettext_lazy("Guarantee"), lambda row: row.get_guarantee_display(), shown=False),
        Column("collector", gettext_lazy("Collector"), _staff),
        Column("lending", gettext_lazy("Lending officer"), lambda row: row.lending_staff_no, shown=False),
        Column("state", gettext_lazy("State"), lambda row: row.get_state_display(), shown=False),
        Column(
            "principal",
            gettext_lazy("Principal, yuan"),
            lambda row: yuan(row.principal),
            "principal",
            money=True,
            header=gettext_lazy("Principal"),
        ),
    )

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list."""
        return viewer.has_ledger

    def get_queryset(self) -> QuerySet[Any]:
        return Loan.objects.filter(loans_visible_to(self.viewer.person))

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        running = Assignment.objects.standing().filter(
            loan=OuterRef("pk"), kind=Assignment.Kind.COLLECTION, to_on=None
        )
        first = running.order_by("-from_on", "-pk")
        named = Person.objects.filter(bank=OuterRef("bank"), staff_key=OuterRef("collection_staff_no"))
        found: QuerySet[Any] = rows.select_related("borrower__household", "institution__unit").annotate(
            collector_name=Subquery(first.values("person__display_name")[:1]),
            collector_no=Subquery(first.values("staff_no")[:1]),
            tape_collector=Subquery(named.values("display_name")[:1]),
            identity_open=ExpressionWrapper(identities_open(self.viewer.person), output_field=BooleanField()),
        )
        return found

    def record_export(self) -> None:
        """Who exported which loans, since identity numbers are among them."""
        identities.record_export(
            self.viewer.person, by=self.viewer.person, filters=self.address, rows=str(self.count)
        )


def what(listing: Loans) -> str:
    """What the list has, in words, for the head of its page."""
    chosen = listing.asked["which"]
    return chosen[0].words if chosen else _("Non-performing loans")
