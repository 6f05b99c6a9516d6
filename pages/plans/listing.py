"""The list of proposals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import Committee, Unit
from committee.offices import CHAIR, CREDIT, HANDLER, LIAISON, OFFICES, SEAT, Office, Scope
from pages.plans import finding
from proposals.models import BY_BORROWER, BY_NUMBER, Docket, DocketEntry, Proposal, StateCount
from proposals.permissions import counts_visible_to
from web.lists.columns import Column
from web.lists.filters import (
    LONGEST,
    Choice,
    Choices,
    DateRange,
    Flag,
    ListFilter,
    ListFilters,
    Parameter,
    Text,
)
from web.lists.listing import Listing
from web.viewer import Viewer


def committees(who: Viewer) -> QuerySet[Committee]:
    """The committees whose proposals or meetings the person may come upon by office."""
    return Committee.objects.filter(who.reach(OFFICES.values()))


def institutions(who: Viewer) -> QuerySet[Unit]:
    """The handling institutions whose proposals the person may come upon by office."""
    branches = {seat.committee.branch_id for seat in who.seats} | {each.branch_id for each in who.liaison_of}
    return Unit.objects.filter(handlers__isnull=False).filter(
        Q(pk__in=who.units_of(Scope.INSTITUTION))
        | Q(parent__in=branches | who.units_of(Scope.BRANCH))
        | Q(bank__in=who.units_of(Scope.BANK))
    )


class _DocketField(forms.Field):
    def __init__(self, *, queryset: QuerySet[Docket], **more: Any) -> None:
        super().__init__(**more)
        self._queryset = queryset

    def to_python(self, value: Any) -> Docket | None:
        is_number = value and value.isdecimal() and len(value) <= LONGEST
        return self._queryset.filter(pk=int(value)).first() if is_number else None


class OnDocket(ListFilter):
    """The plans on one docket, of which the person may see some."""

    kind = "hidden"
    field_class = _DocketField

    @property
    def field(self) -> Any:
        visible = Proposal.objects.visible_to(self.parent.viewer.person)
        seen = DocketEntry.objects.filter(proposal__in=visible).values("docket")
        self.extra["queryset"] = Docket.objects.filter(pk__in=seen).select_related("committee")
        return super().field

    def parameters(self, value: Docket | None) -> list[Parameter]:
        return [Parameter(self.name, str(value.pk), self.describe(value))] if value else []

    def describe(self, value: Docket) -> str:
        return _("On the docket %(docket)s") % {"docket": value}


class ProposalFilters(ListFilters):
    """The filters of the list of proposals."""

    q = Text(label=gettext_lazy("Number, borrower, contract or words"), method="fitting")
    state = Choices(label=gettext_lazy("State"), choices=Proposal.State.choices)
    unit = Choice(label=gettext_lazy("Handling institution"), among=institutions)
    committee = Choice(label=gettext_lazy("Committee"), among=committees)
    submitted = DateRange("submitted_at", label=gettext_lazy("Submitted"))
    resolved = DateRange("resolved_at", label=gettext_lazy("Resolved"))
    resubmission = Flag(label=gettext_lazy("Resubmissions"), condition=Q(resubmission=True))
    docket = OnDocket("docket_entries__docket", label=gettext_lazy("Docket"))

    def fitting(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """The proposals that the text finds."""
        return rows.filter(finding.plans(self.viewer, text))


_S = Proposal.State
#: office → the states in which a plan waits for it
_NEEDS: Mapping[Office, tuple[str, ...]] = {
    HANDLER: (_S.DRAFT, _S.RETURNED),
    LIAISON: (_S.SUBMITTED, _S.SHORTLISTED),
    CHAIR: (_S.FILED,),
    SEAT: (_S.VOTING,),
    CREDIT: (_S.CARRIED,),
}


class Proposals(Listing):
    """The proposals that the person may see, those that moved last first."""

    name = "proposals"
    tabbed = "state"
    filters_class = ProposalFilters
    order = "-since"
    columns = (
        Column("number", gettext_lazy("Number"), lambda row: row.written_number, BY_NUMBER),
        Column("title", gettext_lazy("Title"), lambda row: row.title, shown=False),
        Column(
            "borrower",
            gettext_lazy("Borrower"),
            lambda row: row.borrower,
            BY_BORROWER,
            header=gettext_lazy("Title and borrower"),
        ),
        Column("unit", gettext_lazy("Handling institution"), lambda row: str(row.unit)),
        Column("committee", gettext_lazy("Committee"), lambda row: str(row.committee), shown=False),
        Column("state", gettext_lazy("State"), lambda row: row.get_state_display()),
        Column("since", gettext_lazy("In this state since"), lambda row: row.state_since, "state_since"),
        Column(
            "owed",
            gettext_lazy("Owed, yuan"),
            lambda row: row.owed,
            "owed",
            money=True,
            header=gettext_lazy("Owed"),
        ),
        Column("submitted", gettext_lazy("Submitted at"), lambda row: row.submitted_at, shown=False),
        Column("filed", gettext_lazy("Filed at"), lambda row: row.filed_at, shown=False),
        Column("resolved", gettext_lazy("Resolved at"), lambda row: row.resolved_at, shown=False),
        Column(
            "resubmission",
            gettext_lazy("Resubmission"),
            lambda row: _("yes") if row.resubmission else _("no"),
            shown=False,
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return Proposal.objects.visible_to(self.viewer.person)

    def numbers(self) -> Mapping[str, int]:
        """How many plans are in each state: all of them are counted already, but drafts and single ones."""
        kept, lacking = counts_visible_to(self.viewer.person)
        counted = StateCount.objects.filter(kept).values("state").annotate(number=Sum("number"))
        lacked = Proposal.objects.filter(lacking).order_by().values("state").annotate(number=Count("pk"))
        found: Counter[str] = Counter()
        for state, number in counted.values_list("state", "number").union(
            lacked.values_list("state", "number"), all=True
        ):
            found[state] += number
        return found

    @property
    def waiting(self) -> frozenset[str]:
        """The states in which a plan needs the person's office."""
        offices = self.viewer.offices
        return frozenset(state for office, states in _NEEDS.items() if office in offices for state in states)

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("committee", "unit")
