"""What waits for the head of a handling institution: items to attend as observer."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting
from committee.offices import HANDLER, HEAD
from pages.desk import ledger
from pages.desk.roles import institution
from pages.desk.rows import Row, written_at
from pages.desk.sections import Section, SectionQuery
from portfolio.models import Warning as LedgerWarning
from proposals.models import Tabling
from web.viewer import Viewer

_M = Meeting.State


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The items that the person attends, and what is on its way where no handler's desk shows it."""
    yield SectionQuery(
        _("Items that you attend as observer"),
        _("An item appears here while you are admitted to answer questions on it (Art. 19)."),
        Tabling.objects.filter(
            item__observer__person=who.person,
            item__observer__withdrew_at=None,
            item__meeting__state=_M.IN_SESSION,
        ).order_by("item__observer__admitted_at", "pk"),
        lambda row: Row(
            reverse("observed", args=[row.item_id]),
            row.item.meeting.written_number,
            row.item.title,
            row.item.meeting.place,
            "waiting",
            written_at(row.item.meeting, row.item.observer.admitted_at),
            now=True,
        ),
        article="19",
    )
    if HANDLER not in who.offices:
        yield from institution.sections(who)
    own = ledger.within(who.units(HEAD))
    yield from ledger.watched(own)
    yield from ledger.warnings_in(own, *LedgerWarning.UNANSWERED)
    yield from ledger.duty_gaps(own)
