"""The list of meetings."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import MEETINGS_BY_NUMBER, Meeting
from pages.meetings import finding
from pages.plans.listing import committees
from web.lists.columns import Column
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


class Meetings(Listing):
    """The meetings that the person may see, the latest first."""

    name = "meetings"
    filters_class = MeetingFilters
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

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("committee")
