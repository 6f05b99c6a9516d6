"""What waits for head office: requests of the chair, reports, dockets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Meeting, Seat
from committee.offices import HEAD_OFFICE
from office.models import Report
from pages.desk import ledger
from pages.desk.rows import Row, request_row, written_at
from pages.desk.sections import Section, SectionQuery
from proposals.models import Docket
from voting.models import AbstentionRequest
from web.templatetags.lianxi import day_written
from web.viewer import Viewer

_M = Meeting.State

#: a docket is shown for so long from its filing on
LATELY = timedelta(days=30)


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """What the committees of the bank bring to head office."""
    banks = who.units(HEAD_OFFICE)
    yield SectionQuery(
        _("Requests of the chair"),
        _("Requests to abstain of the chair and of an acting chair are yours to decide (Art. 20)."),
        AbstentionRequest.objects.filter(
            Q(seat__number=Seat.CHAIR) | Q(seat=F("item__meeting__acting_seat")),
            state=AbstentionRequest.State.PENDING,
            item__meeting__state=_M.IN_SESSION,
            item__meeting__committee__branch__bank__in=banks,
        ).order_by("requested_at", "pk"),
        request_row,
        article="20",
    )
    yield SectionQuery(
        _("Reports to receive"),
        _("A report on a meeting appears here until you confirm that it was received."),
        Report.objects.filter(received_at=None, meeting__committee__branch__bank__in=banks).order_by(
            "sent_at", "pk"
        ),
        lambda report: Row(
            reverse("meeting", args=[report.meeting_id]),
            str(report),
            f"{report.meeting.committee} · {report.meeting.written_number}",
            gettext("Sent on %(when)s") % {"when": written_at(report.meeting, report.sent_at)},
            "waiting",
            since=report.sent_at,
        ),
        more=reverse("reports"),
        article="12",
    )
    yield SectionQuery(
        _("Recent dockets"),
        _("Dockets that committees file appear here for thirty days."),
        Docket.objects.filter(committee__branch__bank__in=banks, filed_at__gte=clock.now() - LATELY).order_by(
            "-filed_at", "-pk"
        ),
        _docket_row,
        more=reverse("dockets"),
    )
    yield from ledger.supervised(ledger.within(banks))


def _docket_row(docket: Any) -> Row:
    with_plans = ngettext("%(count)d plan", "%(count)d plans", docket.plans) % {"count": docket.plans}
    return Row(
        reverse("docket", args=[docket.pk]),
        str(docket),
        str(docket.committee),
        with_plans,
        "information",
        day_written(docket.filed_at.astimezone(docket.committee.tz).date()),
    )
