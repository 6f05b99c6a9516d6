"""The list of meetings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committee.models import MEETINGS_BY_NUMBER, AgendaItem, Meeting, Resolution
from committee.offices import CHAIR, LIAISON, SEAT, Office
from committee.visibility import whole_meetings_visible_to
from pages.meetings import finding
from pages.plans.listing import committees
from web.lists.columns import Column, ColumnHeader
from web.lists.filters import Choice, Choices, DateRange, Flag, ListFilters, Text
from web.lists.listing import Listing


class MeetingFilters(ListFilters):
    """The filters of the list of meetings."""

    q = Text(label=gettext_lazy("Number, place, committee or words"), method="fitting")
    state = Choices(label=gettext_lazy("State"), choices=Meeting.State.choices)
    committee = Choice(label=gettext_lazy("Committee"), among=committees)
    held = DateRange("at", label=gettext_lazy("Held"))
    emergency = Flag(label=gettext_lazy("Emergency meetings"), condition=Q(emergency=True))

    def fitting(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """The meetings that the text finds."""
        return rows.filter(finding.meetings(self.viewer, text))


_M = Meeting.State
#: office → the states in which a meeting waits for it
_NEEDS: Mapping[Office, tuple[str, ...]] = {
    LIAISON: (_M.CLOSED, _M.SIGNED),
    CHAIR: (_M.CONVENED, _M.MINUTED),
    SEAT: (_M.CONVENED, _M.IN_SESSION),
}


def outcome(row: Any) -> str:
    """How many plans were carried and not carried, in words; empty before the first vote has closed."""
    words = (
        (row.carried, ngettext("%(count)d carried", "%(count)d carried", row.carried or 0)),
        (row.rejected, ngettext("%(count)d not carried", "%(count)d not carried", row.rejected or 0)),
    )
    return _(", ").join(text % {"count": count} for count, text in words if count)


def _number(rows: QuerySet[Any], of: str, whole: Q) -> Case:
    """How many rows there are of a meeting that one sees whole; of another, none is told."""
    counted = rows.order_by().values(of).annotate(number=Count("pk")).values("number")
    return Case(When(whole, then=Subquery(counted)), output_field=IntegerField())


class Meetings(Listing):
    """The meetings that the person may see, the latest first."""

    name = "meetings"
    filters_class = MeetingFilters
    tabbed = "state"
    order = "-at"
    columns = (
        Column(
            "number",
            gettext_lazy("Number"),
            lambda row: row.written_number,
            MEETINGS_BY_NUMBER,
        ),
        Column("at", gettext_lazy("Time"), lambda row: row.at, "at"),
        Column("place", gettext_lazy("Place"), lambda row: row.place),
        Column("items", gettext_lazy("Items"), lambda row: row.items_put),
        Column("result", gettext_lazy("Result"), outcome),
        Column("committee", gettext_lazy("Committee"), lambda row: str(row.committee)),
        Column("state", gettext_lazy("State"), lambda row: row.get_state_display()),
        Column(
            "emergency",
            gettext_lazy("Emergency meeting"),
            lambda row: _("yes") if row.emergency else _("no"),
            shown=False,
        ),
        Column("closed", gettext_lazy("Closed at"), lambda row: row.closed_at, shown=False),
        Column("signed", gettext_lazy("Minutes signed at"), lambda row: row.signed_at, shown=False),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return Meeting.objects.visible_to(self.viewer.person)

    def read(self) -> Self:
        """Read page and numbers; each row has its result in words."""
        super().read()
        for row in self.page.rows:
            row.result = outcome(row)
        return self

    @property
    def headers(self) -> list[ColumnHeader]:
        """Without the committee where there is one alone."""
        shown = [column for column in self.columns if column.shown]
        return [self._header(each) for each in shown if each.name != "committee" or self.of_several]

    @property
    def of_several(self) -> bool:
        """Whether the meetings may be of several committees."""
        return "committee" in self.filters.list_filters

    @property
    def waiting(self) -> frozenset[str]:
        """The states in which a meeting needs the person's office."""
        offices = self.viewer.offices
        return frozenset(state for office, states in _NEEDS.items() if office in offices for state in states)

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Items and results are those of whoever sees the whole meeting."""
        put = AgendaItem.objects.exclude(left_why=AgendaItem.Left.DROPPED).filter(meeting=OuterRef("pk"))
        decided = Resolution.objects.filter(item__meeting=OuterRef("pk"), question=Resolution.Question.PLAN)
        whole = whole_meetings_visible_to(self.viewer.person)
        read: QuerySet[Any] = rows.select_related("committee").annotate(
            items_put=_number(put, "meeting", whole),
            carried=_number(decided.filter(carried=True), "item__meeting", whole),
            rejected=_number(decided.filter(carried=False), "item__meeting", whole),
        )
        return read
