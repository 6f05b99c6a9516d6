"""The list of meetings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import MEETINGS_BY_NUMBER, Meeting
from pages.meetings import finding
from pages.plans.listing import committees
from web.lists.columns import Column
from web.lists.filters import Choice, Filter, Flag, Period, Text
from web.lists.listing import Listing


class Meetings(Listing):
    """The meetings that the person may see, the latest first."""

    name = "meetings"
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

    def start(self) -> QuerySet[Any]:
        return Meeting.objects.visible_to(self.who.person)

    def full(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("committee")

    def build_filters(self) -> Iterable[Filter]:
        who = self.who
        yield Text(
            "q", gettext_lazy("Number, place, committee or words"), lambda text: finding.meetings(who, text)
        )
        yield Choice("state", gettext_lazy("State"), Meeting.State.choices, several=True)
        named = [(row.pk, row.name) for row in committees(who).order_by("name", "pk")]
        if len(named) > 1:
            yield Choice("committee", gettext_lazy("Committee"), named)
        yield Period("held", gettext_lazy("Held"), "at")
        yield Flag("emergency", gettext_lazy("Emergency meetings"), Q(emergency=True))
