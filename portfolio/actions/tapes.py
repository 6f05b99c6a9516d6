"""Loan tapes: handed in, and when held, released or discarded by the risk department."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection

from audit import clock
from audit.recording import SYSTEM, Actor, action, record
from committee.models import Person
from portfolio import storage
from portfolio.days import today
from portfolio.importing.files import opened
from portfolio.importing.run import Import, Judged, lock_bank
from portfolio.importing.workbooks import as_text
from portfolio.models import Institution, Tape
from portfolio.permissions import ACTS, permit_on
from portfolio.watching import judge_day
from regulation.refused import Refused
from regulation.text import has_content


def _quiet(_stage: str) -> None:
    """What is told to nobody."""


@action
def hand_in(
    scope: Institution,
    *,
    by: Actor,
    file: storage.Received,
    as_of: date,
    name: str = "",
    check_only: bool = False,
    tell: Callable[[str], None] = _quiet,
) -> Tape:
    """The file is the scope's tape of the day: in the ledger, or held until the risk department releases it.

    The same file again changes nothing, and its tape is returned. Another file of a day takes the place of
    the former one. With `check_only` it is judged, and nothing is taken in. `tape/day-open` for a day after
    today; `tape/columns`, `tape/control-total`, `tape/unreadable`, `tape/overlap` for a file that cannot be
    taken.
    """
    lock_bank(scope.bank_id)
    scope = Institution.objects.select_related("unit").get(pk=scope.pk)
    if by != SYSTEM:
        assert isinstance(by, Person)
        permit_on(scope, by)
    if as_of > today():
        raise Refused("tape/day-open", day=as_of.isoformat())
    same = Tape.objects.filter(scope=scope, as_of=as_of, sha256=file.sha256)
    known = same.filter(state__in=(Tape.State.LOADED, Tape.State.HELD)).order_by("-id").first()
    if known is not None and not check_only:
        return known
    going = Import(scope, as_of, tell)
    with as_text(file.path) as path:
        judged = going.read(opened(path))
    state = Tape.State.CHECKED if check_only else Tape.State.HELD if judged.held else Tape.State.LOADED
    if state == Tape.State.LOADED:
        _take_out(going)
    tape = _made(going, judged, by=by, file=file, name=name, state=state)
    if state == Tape.State.LOADED:
        going.take_in(tape.pk)
        judge_day(tape.bank_id, as_of, tape)
    going.keep_faults(tape.pk)
    going.done()
    storage.keep(file)
    record(tape.stream, "hand_in_tape", tape.subject, by=by, payload=_payload(tape))
    return tape


@action
def hand_in_bytes(institution: Institution, *, by: Person, as_of: date, file: bytes, name: str = "") -> Tape:
    """The bytes are the institution's tape of the day, with all below it: what programs and rehearsals call.

    `access/not-found` to whoever is not of a risk department at or above the institution; the refusals of
    `hand_in`; `access/denied` to nobody beside.
    """
    with storage.received([file]) as received:
        return hand_in(institution, by=by, file=received, as_of=as_of, name=name)


@action
def release(tape: Tape, *, by: Person, reason: str, tell: Callable[[str], None] = _quiet) -> Tape:
    """The held tape is in the ledger, as its file was; `text/required` without a reason.

    `access/not-found`, `access/denied`, `state/not-allowed`; the refusals of `hand_in` for what has
    changed since.
    """
    tape = _begin("release_tape", tape, by, reason)
    going = Import(tape.scope, tape.as_of, tell)
    with as_text(storage.stored(tape.sha256).path) as path:
        going.read(opened(path))
    _take_out(going)
    tape.release()
    _rule(tape, by, reason)
    going.take_in(tape.pk)
    judge_day(tape.bank_id, tape.as_of, tape)
    going.done()
    record(tape.stream, "release_tape", tape.subject, by=by, payload=_payload(tape) | {"reason": reason})
    return tape


@action
def discard(tape: Tape, *, by: Person, reason: str) -> Tape:
    """The held tape is given up; `text/required` without a reason.

    `access/not-found`, `access/denied`, `state/not-allowed`.
    """
    tape = _begin("discard_tape", tape, by, reason)
    tape.discard()
    _rule(tape, by, reason)
    record(tape.stream, "discard_tape", tape.subject, by=by, payload={"reason": reason})
    return tape


def _begin(verb: str, tape: Tape, by: Person, reason: str) -> Tape:
    lock_bank(tape.bank_id)
    locked = Tape.objects.select_related("scope__unit").get(pk=tape.pk)
    permit_on(locked.scope, by)
    if locked.state not in ACTS[verb].states:
        raise ACTS[verb].misplaced(locked.state)
    if not has_content(reason):
        raise Refused("text/required")
    return locked


def _rule(tape: Tape, by: Person, reason: str) -> None:
    tape.released_by, tape.released_at, tape.reason = by, clock.now(), reason
    tape.save(update_fields=["state", "released_by", "released_at", "reason"])


def _made(going: Import, judged: Judged, *, by: Actor, file: storage.Received, name: str, state: str) -> Tape:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('portfolio_tape', 'id'))")
        (pk,) = cursor.fetchone()
    return Tape.objects.create(
        pk=pk,
        bank_id=going.scope.bank_id,
        scope=going.scope,
        as_of=going.as_of,
        state=state,
        sha256=file.sha256,
        size=file.size,
        name=name,
        rows=judged.rows - judged.rejected,
        rejected=judged.rejected,
        principal=judged.principal,
        institutions=list(judged.institutions),
        figures=judged.as_json(),
        handed_in_by=by if isinstance(by, Person) else None,
        handed_in_at=clock.now(),
        supersedes=going.former if state != Tape.State.CHECKED else None,
    )


def _take_out(going: Import) -> None:
    """The former tape of the day is replaced."""
    tape = going.former
    if tape is not None:
        tape.replace()
        tape.save(update_fields=["state"])


def _payload(tape: Tape) -> dict[str, Any]:
    """One entry tells digest, rows, rejects and sums by class."""
    return {
        "scope": str(tape.scope_id),
        "as_of": tape.as_of.isoformat(),
        "state": str(tape.state),
        "sha256": tape.sha256,
        "size": tape.size,
        "rows": tape.rows,
        "rejected": tape.rejected,
        "principal": tape.principal,
        "supersedes": str(tape.supersedes_id) if tape.supersedes_id else None,
        **tape.figures,
    }
