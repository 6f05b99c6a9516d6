"""Sending what was put out once, and its receipts (Art. 12.5, 21)."""

from __future__ import annotations

import errno
import os

from django.db.models import F, Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from audit import clock
from audit.recording import SYSTEM, Actor, action, record, rehearsing
from committee import messages
from committee.acts import Act
from committee.locks import lock_meeting
from committee.messages import announce, settle
from committee.models import Meeting, Person, Position
from documents import checksums
from documents.archive.writing import CannotWrite, Why, write
from office import packages
from office.actions.archive import receive_report
from office.actions.outgoing import SEND
from office.models import Dispatch, DispatchReceipt
from office.models.dispatches import package_path
from office.permissions import ACTS, dispatches_visible_to
from regulation.refused import Refused


@action
def send_dispatch(dispatch: Dispatch, *, by: Actor) -> Dispatch:
    """The package is made and sent, and its addressees are told; one that is sent already stays as it is.

    A try that was cut off is made again, of the same facts and the log's checkpoint of then. `CannotWrite`
    when it cannot be made, and nothing has changed then.
    """
    meeting, row = _locked(dispatch)
    return row if row.sent_at is not None else _sent(meeting, row, by)


def note_failure(dispatch: Dispatch, error: Exception) -> None:
    """The last try failed; the row says why, in a word and in those of the error, until it is sent."""
    cause = error.why if isinstance(error, CannotWrite) else Why.OTHER
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        cause = Why.SPACE
    Dispatch.objects.filter(pk=dispatch.pk, sent_at=None).update(
        tries=F("tries") + 1, cause=Dispatch.Cause(cause), failure=str(error), tried_at=clock.now()
    )


@action
def receive_dispatch(dispatch: Dispatch, *, by: Person) -> DispatchReceipt:
    """The addressee has received it; a report as with `receive_report`.

    `access/denied` to others than the addressee; `state/not-allowed` while it is under way, and a second
    time.
    """
    meeting, row = begin_on_dispatch(ACTS["receive_dispatch"], dispatch, by)
    if row.sent_at is None and rehearsing():  # where no worker sends it
        row = _sent(meeting, row, SYSTEM)
    if row.sent_at is None:
        raise Refused("state/not-allowed", cause="dispatch/under-way")
    if DispatchReceipt.objects.filter(dispatch=row).exists():
        raise Refused("state/not-allowed", cause="dispatch/received")
    if row.report is not None:
        receive_report(meeting, by=by)
        return DispatchReceipt.objects.get(dispatch=row)
    receipt = DispatchReceipt.objects.create(dispatch=row, received_by=by, received_at=clock.now())
    _recorded(meeting, "receive_dispatch", row, by)
    return receipt


@action
def acknowledge_dispatch(dispatch: Dispatch, *, by: Person) -> DispatchReceipt:
    """The addressee has taken note of what was received.

    `access/denied` to others than the addressee; `state/not-allowed` before it was received, and a second
    time.
    """
    meeting, row = begin_on_dispatch(ACTS["acknowledge_dispatch"], dispatch, by)
    receipt = DispatchReceipt.objects.select_for_update().filter(dispatch=row).first()
    if receipt is None:
        raise Refused("state/not-allowed", cause="dispatch/not-received")
    if receipt.acknowledged_at is not None:
        raise Refused("state/not-allowed", cause="dispatch/acknowledged")
    receipt.acknowledged_by, receipt.acknowledged_at = by, clock.now()
    receipt.save(update_fields=["acknowledged_by", "acknowledged_at"])
    settle("send_dispatch", about=row.subject)
    _recorded(meeting, "acknowledge_dispatch", row, by)
    return receipt


@action
def send_again(dispatch: Dispatch, *, by: Person) -> Dispatch:
    """What is under way is tried once more at once; of what was sent and not received the addressees are told
    once more. The package stays the one that it is.

    `12/only-liaison`; `state/not-allowed` once it is received.
    """
    meeting, row = begin_on_dispatch(ACTS["send_again"], dispatch, by)
    if DispatchReceipt.objects.filter(dispatch=row).exists():
        raise Refused("state/not-allowed", cause="dispatch/received")
    if row.sent_at is not None:
        _tell_addressees(meeting, row, by)
    elif not rehearsing():
        _queue(row)
    _recorded(meeting, "send_again", row, by)
    return row


def _queue(row: Dispatch) -> None:
    """Queue a try for now, unless one waits that is due."""
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=clock.now())
    waiting = ProcrastinateJob.objects.filter(due, task_name=SEND, status="todo", args__dispatch=row.pk)
    if not waiting.exists():
        app.configure_task(SEND).defer(dispatch=row.pk)


def _sent(meeting: Meeting, row: Dispatch, by: Actor) -> Dispatch:
    """The locked dispatch, sent."""
    row.sha256, row.size = _packed(row)
    row.sent_at = row.tried_at = clock.now()
    row.cause = row.failure = ""
    row.tries += 1
    row.save(update_fields=["sha256", "size", "sent_at", "tried_at", "cause", "failure", "tries"])
    if row.report is None:  # of a report head office was told when it was made
        _tell_addressees(meeting, row, by)
    _recorded(meeting, "send_dispatch", row, by, unit=str(row.unit_id))
    return row


def _tell_addressees(meeting: Meeting, row: Dispatch, by: Actor) -> None:
    """The addressees have one message of it that is not done."""
    if row.copy is None:
        settle("report_decisions", about=meeting.subject)
        announce("report_decisions", addressees(row), by=by, about=meeting.subject)
    else:
        settle("send_dispatch", about=row.subject)
        announce("send_dispatch", addressees(row), by=by, about=row.subject)


def addressees(dispatch: Dispatch) -> list[int]:
    """The people to whom it is addressed, as `office.permissions.dispatches_addressed_to` has it."""
    if dispatch.copy is None:
        return messages.head_office(dispatch.committee)
    if dispatch.copy.full:
        staff = Person.objects.filter(unit=dispatch.unit_id, is_active=True)
        return list(staff.order_by("pk").values_list("pk", flat=True))
    roles = (Position.Role.HANDLER, Position.Role.HEAD)
    rows = Position.objects.filter(role__in=roles, unit=dispatch.unit_id)
    return list(rows.order_by("pk").values_list("person", flat=True))


def _locked(dispatch: Dispatch) -> tuple[Meeting, Dispatch]:
    """The meeting and the dispatch, both locked; `access/not-found` without it."""
    meeting = lock_meeting(dispatch.meeting_id)
    rows = Dispatch.objects.select_for_update(of=("self",)).select_related(
        "copy__minutes__meeting__committee", "report__meeting__committee", "unit", "made_by",
        "meeting__committee__branch__bank",
    )  # fmt: skip
    row = rows.filter(pk=dispatch.pk).first()
    if row is None:
        raise Refused("access/not-found")
    return meeting, row


def begin_on_dispatch(act: Act, dispatch: Dispatch, by: Person) -> tuple[Meeting, Dispatch]:
    """The meeting and the dispatch, locked, for the act's officer.

    `access/not-found` to whom it does not concern.
    """
    meeting, row = _locked(dispatch)
    if not Dispatch.objects.filter(dispatches_visible_to(by), pk=row.pk).exists():
        raise Refused("access/not-found")
    if not act.office.held_by(by, row):
        raise Refused(act.code)
    return meeting, row


def _recorded(meeting: Meeting, verb: str, row: Dispatch, by: Actor, **facts: str) -> None:
    record(meeting.stream, verb, row.subject, by=by, payload={"key": row.key, "sha256": row.sha256, **facts})


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
