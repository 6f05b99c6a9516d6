"""Sending what was put out once, and its receipts (Art. 12.5, 21)."""

from __future__ import annotations

import os

from django.db.models import F
from procrastinate.contrib.django import app

from audit import clock
from audit.recording import Actor, action, record
from committee.locks import lock_meeting
from committee.models import Meeting, Person
from documents import checksums
from documents.archive.writing import write
from office import packages
from office.actions.archive import receive_report
from office.actions.outgoing import SEND
from office.models import Dispatch, DispatchReceipt
from office.models.dispatches import package_path
from office.permissions import dispatches_addressed_to, dispatches_visible_to
from regulation.refused import Refused


@action
def send_dispatch(dispatch: Dispatch, *, by: Actor) -> Dispatch:
    """The package is made and sent; one that is sent already stays as it is.

    The same dispatch gives the same package, so a try that was cut off is gone on with. `CannotWrite` when it
    cannot be made, and nothing has changed then.
    """
    meeting, row = _locked(dispatch)
    if row.sent_at is not None:
        return row
    row.sha256, row.size = _packed(row)
    row.sent_at = row.tried_at = clock.now()
    row.failure = ""
    row.tries += 1
    row.save(update_fields=["sha256", "size", "sent_at", "tried_at", "failure", "tries"])
    record(
        meeting.stream,
        "send_dispatch",
        row.subject,
        by=by,
        payload={"key": row.key, "unit": str(row.unit_id), "sha256": row.sha256},
    )
    return row


def note_failure(dispatch: Dispatch, why: str) -> None:
    """The last try failed; the row says why, until it is sent."""
    Dispatch.objects.filter(pk=dispatch.pk, sent_at=None).update(
        tries=F("tries") + 1, failure=why, tried_at=clock.now()
    )


def send_again(dispatch: Dispatch) -> None:
    """Queue another try, unless one waits; what is sent already is not sent again.

    `state/not-allowed` when it is sent.
    """
    if dispatch.sent_at is not None:
        raise Refused("state/not-allowed", cause="dispatch/sent")
    app.configure_task(SEND).defer(dispatch=dispatch.pk)


@action
def receive_dispatch(dispatch: Dispatch, *, by: Person) -> DispatchReceipt:
    """The addressee has received it; a report as with `receive_report`.

    `access/not-found` to whom it does not concern, `access/denied` to others than the addressee;
    `state/not-allowed` while it is under way, and a second time.
    """
    meeting, row = _addressed(dispatch, by)
    if row.sent_at is None:
        raise Refused("state/not-allowed", cause="dispatch/under-way")
    receipt = DispatchReceipt.objects.filter(dispatch=row).first()
    if receipt is not None:
        raise Refused("state/not-allowed", cause="dispatch/received")
    if row.report is not None:
        receive_report(meeting, by=by)
        return DispatchReceipt.objects.get(dispatch=row)
    receipt = DispatchReceipt.objects.create(dispatch=row, received_by=by, received_at=clock.now())
    _told(meeting, "receive_dispatch", row, by)
    return receipt


@action
def acknowledge_dispatch(dispatch: Dispatch, *, by: Person) -> DispatchReceipt:
    """The addressee has taken note of what was received.

    The refusals of `receive_dispatch`; `state/not-allowed` before it was received and a second time.
    """
    meeting, row = _addressed(dispatch, by)
    receipt = DispatchReceipt.objects.select_for_update().filter(dispatch=row).first()
    if receipt is None:
        raise Refused("state/not-allowed", cause="dispatch/not-received")
    if receipt.acknowledged_at is not None:
        raise Refused("state/not-allowed", cause="dispatch/acknowledged")
    receipt.acknowledged_by, receipt.acknowledged_at = by, clock.now()
    receipt.save(update_fields=["acknowledged_by", "acknowledged_at"])
    _told(meeting, "acknowledge_dispatch", row, by)
    return receipt


def _locked(dispatch: Dispatch) -> tuple[Meeting, Dispatch]:
    """The meeting and the dispatch, both locked."""
    meeting = lock_meeting(dispatch.meeting_id)
    rows = Dispatch.objects.select_for_update(of=("self",)).select_related(
        "copy__minutes__meeting__committee", "report__meeting__committee", "unit", "made_by",
        "meeting__committee__branch__bank",
    )  # fmt: skip
    return meeting, rows.get(pk=dispatch.pk)


def _addressed(dispatch: Dispatch, by: Person) -> tuple[Meeting, Dispatch]:
    """The meeting and the dispatch, locked, for its addressee."""
    meeting, row = _locked(dispatch)
    own = Dispatch.objects.filter(pk=row.pk)
    if not own.filter(dispatches_visible_to(by)).exists():
        raise Refused("access/not-found")
    if not own.filter(dispatches_addressed_to(by)).exists():
        raise Refused("access/denied")
    return meeting, row


def _told(meeting: Meeting, verb: str, row: Dispatch, by: Person) -> None:
    record(meeting.stream, verb, row.subject, by=by, payload={"key": row.key, "sha256": row.sha256})


def _packed(row: Dispatch) -> tuple[str, int]:
    """The checksum and size of the package, which lies in its place."""
    folder = package_path("").parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = folder / f".{row.pk}.{os.urandom(4).hex()}.zip"
    try:
        write(made, packages.about(row), packages.files(row))
        digest, size = checksums.of_file(made), made.stat().st_size
        place = package_path(digest)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made.chmod(0o400)
        made.replace(place)
        checksums.sync(place.parent)
    finally:
        made.unlink(missing_ok=True)
    return digest, size
