"""What acts put out: copies of the minutes and reports on their way (Art. 12.5, 21)."""

from __future__ import annotations

from collections.abc import Iterable

from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from audit import clock
from audit.recording import rehearsing
from committee.models import Meeting, Person
from office.models import Copy, Dispatch, DispatchReceipt, Report

#: the job that makes and sends a package
SEND = "send_dispatch"


def put_out(meeting: Meeting, sent: Iterable[Copy | Report], *, by: Person) -> None:
    """Each copy or report is on its way, in the transaction of the act that made it; sent after the commit.

    Two statements for any number. What a rehearsal sends stays under way.
    """
    rows = Dispatch.objects.bulk_create([_dispatch(meeting, each, by) for each in sent])
    if rows and not rehearsing():
        jobs: list[JSONDict] = [{"dispatch": row.pk} for row in rows]
        app.configure_task(SEND).batch_defer(*jobs)


def _dispatch(meeting: Meeting, sent: Copy | Report, by: Person) -> Dispatch:
    given = {"meeting": meeting, "made_by": by, "made_at": clock.now()}
    if isinstance(sent, Copy):
        kind = Dispatch.Kind.COPY
        return Dispatch(
            kind=kind, key=Dispatch.key_of(kind, sent.pk), unit_id=sent.unit_id, copy=sent, **given
        )
    kind, unit = Dispatch.Kind.REPORT, meeting.committee.bank_id
    return Dispatch(kind=kind, key=Dispatch.key_of(kind, sent.pk), unit_id=unit, report=sent, **given)


def note_receipt(report: Report, *, by: Person) -> None:
    """The report that head office has received has its receipt; called by `receive_report`."""
    for row in Dispatch.objects.filter(report=report, receipt=None):
        DispatchReceipt.objects.create(dispatch=row, received_by=by, received_at=clock.now())
