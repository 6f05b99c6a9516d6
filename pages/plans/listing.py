"""The list of proposals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import Committee, Position, Unit
from pages.plans import finding
from proposals.models import BY_BORROWER, BY_NUMBER, Docket, DocketEntry, Proposal
from web.lists.columns import Column
from web.lists.filters import LONGEST, Choice, Filter, Flag, Period, Text
from web.lists.listing import Listing
from web.viewer import Viewer

Role = Position.Role


def committees(who: Viewer) -> QuerySet[Committee]:
    """The committees whose proposals or meetings the person may come upon by office."""
    mine = [seat.committee_id for seat in who.seats] + [each.pk for each in who.liaison_of]
    return Committee.objects.filter(
        Q(pk__in=mine)
        | Q(branch__in=who.units(Role.RISK, Role.CREDIT))
        | Q(branch__bank__in=who.units(Role.HEAD_OFFICE, Role.AUDITOR))
        | Q(branch__children__in=who.units(Role.HANDLER, Role.HEAD))
    ).distinct()


def institutions(who: Viewer) -> QuerySet[Unit]:
    """The handling institutions whose proposals the person may come upon by office."""
    branches = {seat.committee.branch_id for seat in who.seats} | {each.branch_id for each in who.liaison_of}
    return Unit.objects.filter(handlers__isnull=False).filter(
        Q(pk__in=who.units(Role.HANDLER, Role.HEAD))
        | Q(parent__in=branches | who.units(Role.RISK, Role.CREDIT))
        | Q(bank__in=who.units(Role.HEAD_OFFICE, Role.AUDITOR))
    )


class OfDocket(Filter):
    """The plans on one docket, of which the person may see some."""

    kind = "hidden"

    def __init__(self, who: Viewer) -> None:
        super().__init__("docket", gettext_lazy("Docket"))
        self._who = who
        self._docket: Docket | None = None

    def read(self, given: QueryDict) -> list[tuple[str, str]]:
        number = given.get(self.name, "")
        if not number.isdecimal() or len(number) > LONGEST:
            return []
        seen = DocketEntry.objects.filter(proposal__in=Proposal.objects.visible_to(self._who.person))
        rows = Docket.objects.filter(pk=int(number), pk__in=seen.values("docket"))
        self._docket = rows.select_related("committee").first()
        return [(self.name, number)] if self._docket else []

    def narrow(self, rows: QuerySet[Any], asked: object) -> QuerySet[Any]:
        return rows.filter(docket_entries__docket=self._docket)

    def word(self, name: str, value: str) -> str:
        return _("On the docket %(docket)s") % {"docket": self._docket}


class Proposals(Listing):
    """The proposals that the person may see, those that moved last first."""

    name = "proposals"
    order = "-since"
    columns = (
        Column("number", gettext_lazy("Number"), lambda row: row.written_number, BY_NUMBER),
        Column("title", gettext_lazy("Title"), lambda row: row.title, shown=False),
        Column(
            "borrower",
            gettext_lazy("Borrower"),
            lambda row: row.borrower,
            BY_BORROWER,
            head=gettext_lazy("Title and borrower"),
        ),
        Column("unit", gettext_lazy("Handling institution"), lambda row: str(row.unit)),
        Column("committee", gettext_lazy("Committee"), lambda row: str(row.committee), shown=False),
        Column("state", gettext_lazy("State"), lambda row: row.get_state_display()),
        Column("since", gettext_lazy("Since"), lambda row: row.state_since, "state_since"),
        Column(
            "owed",
            gettext_lazy("Owed, yuan"),
            lambda row: row.owed,
            "owed",
            money=True,
            head=gettext_lazy("Owed"),
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

    def start(self) -> QuerySet[Any]:
        return Proposal.objects.visible_to(self.who.person)

    def full(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("committee", "unit")

    @cached_property
    def _committees(self) -> list[Committee]:
        return list(committees(self.who).order_by("name", "pk"))

    def build_filters(self) -> Iterable[Filter]:
        who = self.who
        yield Text(
            "q", gettext_lazy("Number, borrower, contract or words"), lambda text: finding.plans(who, text)
        )
        yield Choice("state", gettext_lazy("State"), Proposal.State.choices, several=True)
        units = [(row.pk, row.name) for row in institutions(who).order_by("name", "pk")]
        if len(units) > 1:
            yield Choice("unit", gettext_lazy("Handling institution"), units)
        if len(self._committees) > 1:
            named = [(row.pk, row.name) for row in self._committees]
            yield Choice("committee", gettext_lazy("Committee"), named)
        yield Period("submitted", gettext_lazy("Submitted"), "submitted_at")
        yield Period("resolved", gettext_lazy("Resolved"), "resolved_at")
        yield Flag("resubmission", gettext_lazy("Resubmissions"), Q(resubmission=True))
        yield OfDocket(who)
