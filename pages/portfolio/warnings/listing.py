"""The list of warnings, those of the latest ten days first."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from committee.offices import AUDITOR, HEAD_OFFICE, LEDGER_OFFICE, RISK
from pages.portfolio import reach
from portfolio.models import Warning as LedgerWarning
from portfolio.money import yuan
from portfolio.permissions import seen_by
from web.lists.columns import Column
from web.lists.filters import Choice, Choices, DateRange, ListFilters
from web.lists.listing import Listing
from web.viewer import Viewer

_S = LedgerWarning.State
#: before it is issued, and when it never is, a warning is the business of those who issue warnings
_PREPARED = (_S.RAISED, _S.DISMISSED)
_ISSUERS = frozenset({LEDGER_OFFICE, RISK, HEAD_OFFICE, AUDITOR})


def visible(who: Viewer) -> QuerySet[LedgerWarning]:
    """The warnings of institutions that the person sees; to heads and handlers only once issued."""
    rows = LedgerWarning.objects.filter(seen_by(who.person).within("institution", "institution__bank"))
    return rows if who.offices & _ISSUERS else rows.exclude(state__in=_PREPARED)


def _institutions(who: Viewer) -> QuerySet[Any]:
    return reach.institutions(who.person).filter(ranked=True).annotate(name=F("unit__name"))


class _Late(Choice):
    """Those whose reply is overdue."""

    kind = "flag"

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(Q(pk__in=LedgerWarning.objects.overdue(timezone.localdate()))) if value else qs


class WarningFilters(ListFilters):
    """The filters of the list of warnings."""

    state = Choices(label=gettext_lazy("State"), choices=_S.choices)
    institution = Choice(label=gettext_lazy("Institution"), among=_institutions)
    trigger = Choices(label=gettext_lazy("Trigger"), choices=LedgerWarning.Trigger.choices)
    channel = Choices(label=pgettext_lazy("warning", "Channel"), choices=LedgerWarning.Channel.choices)
    last_on = DateRange(label=gettext_lazy("Ten days until"))
    late = _Late(label=gettext_lazy("Reply overdue"), choices=[("1", gettext_lazy("Reply overdue"))])


class Warnings(Listing):
    """The warnings that the person may see."""

    name = "warnings"
    tabbed = "state"
    filters_class = WarningFilters
    order = "-last_on"
    columns = (
        Column("last_on", gettext_lazy("Ten days until"), lambda row: row.last_on, "last_on"),
        Column("institution", gettext_lazy("Institution"), lambda row: str(row.institution)),
        Column("trigger", gettext_lazy("Trigger"), lambda row: row.get_trigger_display()),
        Column("state", gettext_lazy("State"), lambda row: row.get_state_display()),
        Column("due", gettext_lazy("Reply due"), lambda row: row.reply_due_on),
        Column("level", gettext_lazy("Levels up"), lambda row: row.level),
        Column(
            "channel", pgettext_lazy("warning", "Channel"), lambda row: row.get_channel_display(), shown=False
        ),
        Column(
            "amount",
            gettext_lazy("Rise, yuan"),
            lambda row: yuan(row.amount),
            "amount",
            money=True,
            header=gettext_lazy("Rise"),
        ),
    )

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list: whoever sees institutions."""
        return viewer.sees_institutions

    def get_queryset(self) -> QuerySet[Any]:
        return visible(self.viewer)

    @property
    def waiting(self) -> frozenset[str]:
        """The states in which a warning waits for the person's office."""
        if self.viewer.offices & (_ISSUERS - {AUDITOR}):
            return frozenset({_S.RAISED, _S.REPLIED, _S.ACCEPTED})
        return frozenset({_S.ISSUED, _S.SEEN, _S.SENT_BACK})

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("institution__unit")
