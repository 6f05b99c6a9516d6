"""The list of tapes, the latest day first."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy

from pages.portfolio import reach
from portfolio.models import Tape
from portfolio.money import yuan
from portfolio.permissions import seen_by
from web.lists.columns import Column
from web.lists.filters import Choice, Choices, DateRange, ListFilters
from web.lists.listing import Listing
from web.viewer import Viewer


def _scopes(who: Viewer) -> QuerySet[Any]:
    """The institutions that have handed in tapes, as far as the person sees them."""
    handed_in = Tape.objects.order_by().values("scope")
    return reach.institutions(who.person).filter(pk__in=handed_in).annotate(name=F("unit__name"))


class TapeFilters(ListFilters):
    """The filters of the list of tapes."""

    state = Choices(label=gettext_lazy("State"), choices=Tape.State.choices)
    scope = Choice(label=gettext_lazy("Institution"), among=_scopes)
    as_of = DateRange(label=gettext_lazy("As of"))
    handed_in = DateRange("handed_in_at", label=gettext_lazy("Handed in"))


def visible(who: Viewer) -> QuerySet[Tape]:
    """The tapes of institutions that the person sees."""
    return Tape.objects.filter(seen_by(who.person).within("scope"))


class Tapes(Listing):
    """The tapes of the institutions that the person sees."""

    name = "tapes"
    tabbed = "state"
    filters_class = TapeFilters
    order = "-as_of"
    columns = (
        Column("as_of", gettext_lazy("As of"), lambda row: row.as_of, "as_of"),
        Column("scope", gettext_lazy("Institution"), lambda row: str(row.scope)),
        Column("state", gettext_lazy("State"), lambda row: row.get_state_display()),
        Column("rows", gettext_lazy("Rows"), lambda row: row.rows),
        Column("rejected", gettext_lazy("Rejected"), lambda row: row.rejected),
        Column(
            "principal",
            gettext_lazy("Principal, yuan"),
            lambda row: yuan(row.principal),
            money=True,
            header=gettext_lazy("Principal"),
        ),
        Column("handed_in", gettext_lazy("Handed in"), lambda row: row.handed_in_at, "handed_in_at"),
        Column("by", gettext_lazy("By"), lambda row: str(row.handed_in_by or ""), shown=False),
        Column("sha256", gettext_lazy("Digest"), lambda row: row.sha256, shown=False),
    )

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list: whoever sees institutions."""
        return viewer.sees_institutions

    def get_queryset(self) -> QuerySet[Any]:
        return visible(self.viewer)

    @property
    def waiting(self) -> frozenset[str]:
        """The state in which a tape needs a ruling."""
        return frozenset({Tape.State.HELD})

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("scope__unit", "handed_in_by")
