"""What waits for a handling institution, its handlers and its head alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.offices import Scope
from office import overdue
from pages.desk.rows import Row, list_address, proposal_row, proposals_in
from pages.desk.sections import Section, SectionQuery
from proposals.models import Proposal
from web import labels
from web.templatetags.lianxi import day_written
from web.viewer import Viewer

_S = Proposal.State


_ON_THE_WAY = (_S.SUBMITTED, _S.SHORTLISTED, _S.FILED, _S.TABLED, _S.VOTING, _S.CARRIED)
_IN_EXECUTION = (_S.CREDIT_APPROVED, _S.EXECUTING)


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The institution's plans on their way, then those in execution."""
    yield SectionQuery(
        _("On the way"),
        _("Submitted plans appear here until the committee and the credit department have decided."),
        proposals_in(who, *_ON_THE_WAY).filter(_own(who)),
        _on_the_way_row,
        more=list_address("proposals", state=_ON_THE_WAY),
    )  # fmt: skip
    yield from _execution(who)


def _own(who: Viewer) -> Q:
    return Q(unit__in=who.units_of(Scope.INSTITUTION))


def _on_the_way_row(proposal: Proposal) -> Row:
    """A plan under way, which waits for others."""
    tone = labels.TONES.get(proposal.state, "plain")
    return proposal_row(proposal, str(_S(proposal.state).label), "information" if tone == "waiting" else tone)


def _execution(who: Viewer) -> Iterator[SectionQuery | Section]:
    yield SectionQuery(
        _("In execution"),
        _("Plans with credit approval appear here until their schedule is repaid."),
        proposals_in(who, *_IN_EXECUTION).filter(_own(who)),
        _execution_row,
        more=list_address("proposals", state=_IN_EXECUTION),
    )


def _execution_row(proposal: Any) -> Row:
    received = proposal.received or Decimal(0)
    rows = list(overdue.instalments(proposal.version.document if proposal.version else {}, received))
    owed = sum((row.due for row in rows), Decimal(0))
    open_ones = [row for row in rows if row.open > 0]
    today = overdue.today(proposal.committee)
    late = any(row.late(today) for row in open_ones)
    note = gettext("Received %(received)s of %(owed)s yuan") % {
        "received": labels.money(received),
        "owed": labels.money(owed),
    }
    when, due = _due(open_ones[0].due_on if open_ones else "", late=late)
    return proposal_row(proposal, note, "stopped" if late else "information", when, due)


def _due(day: str, *, late: bool) -> tuple[str, date | None]:
    """The day of the first open instalment, in words and as a date; empty and None without one."""
    if not day:
        return "", None
    when = gettext("due since %(day)s") if late else gettext("next due on %(day)s")
    due = date.fromisoformat(day)
    return when % {"day": day_written(due)}, due
