"""The log asks its witness to cosign: C2SP's tlog-witness, the client's side.

The witness keeps the last checkpoint that it has cosigned and cosigns only one whose tree begins with it. It
answers 409 with that checkpoint's size when it is not the one the log thinks: a witness that has seen a
greater tree than ours means that the log was cut short or restored from a backup.
"""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from audit import log_keys, merkle
from audit.models import Checkpoint as Row
from audit.models import Entry, Leaf
from audit.note import Key, Malformed, NoteError, Signed, encode, number, read, split
from audit.sealer import ALIAS, Alarm, alone, tile

TIMEOUT = 10.0
SIZE_TYPE = "text/x.tlog.size"
#: bytes of an answer that are read
_MOST = 100_000

_log = logging.getLogger("lianxi.audit")


class NotCosigned(Exception):
    """Raised when the witness cannot be reached or gives no cosignature; it is asked again later."""


class Answer(NamedTuple):
    """What the witness said."""

    status: int
    kind: str
    body: bytes


def cosign(*, again: bool = False) -> bool:
    """The last checkpoint has the witness's cosignature; return whether it has.

    False where no witness is set and for a log without checkpoints. A checkpoint that has it is sent `again`
    if asked, so that the witness sees that the log is alive. NotCosigned when the witness cannot; Alarm when
    it has seen another log than this one.
    """
    key = log_keys.witness()
    row = Row.objects.using(ALIAS).order_by("-size").first()
    if key is None or row is None:
        return False
    if cosignature(row, key) is not None:
        if again:
            _ask(row, row.size, key)
        return True
    before = _last_cosigned(key, using=ALIAS)
    _add(row, _ask(row, before.size if before else 0, key), key)
    return True


def cosignature(row: Row, key: Key) -> Signed | None:
    """The witness's cosignature of the checkpoint; None when it has none that is true."""
    try:
        return read(row.note, [key]).signed_by(key)
    except NoteError:
        return None


def uncosigned_since(*, using: str = DEFAULT_DB_ALIAS) -> datetime | None:
    """When the first checkpoint was signed that the witness has not covered yet; None when it has all.

    A cosignature covers all smaller trees. None also where no witness is set.
    """
    key = log_keys.witness()
    if key is None:
        return None
    before = _last_cosigned(key, using=using)
    waiting = Row.objects.using(using).filter(size__gt=before.size if before else 0)
    return waiting.order_by("size").values_list("made_at", flat=True).first()


def uncosigned_entry(stream: str, action: str) -> datetime | None:
    """When the first entry of this action was written to the stream, if no cosigned checkpoint covers it.

    None also where no witness is set, and without such an entry.
    """
    key = log_keys.witness()
    if key is None:
        return None
    entry = Entry.objects.filter(stream=stream, action=action).order_by("seq").first()
    if entry is None:
        return None
    before = _last_cosigned(key, using=DEFAULT_DB_ALIAS)
    size = before.size if before else 0
    covered = Leaf.objects.filter(stream=stream, seq=entry.seq, index__lt=size).exists()
    return None if covered else entry.recorded_at


def _last_cosigned(key: Key, *, using: str) -> Row | None:
    rows = Row.objects.using(using).filter(note__contains=f"\n— {key.name} ").order_by("-size")
    return next((row for row in rows.iterator(chunk_size=10) if cosignature(row, key)), None)


def _ask(row: Row, old: int, key: Key) -> str:
    """The witness's signature line for the checkpoint; it is asked anew when it has seen another size."""
    answer = _post(old, row)
    if answer.status == 409 and answer.kind == SIZE_TYPE:
        seen = _size(answer)
        if seen > row.size:
            raise Alarm(
                f"the witness {key.name} has seen {seen} leaves of this log, and it has {row.size}: "
                "leaves are missing, or a backup was restored"
            )
        if seen < old:
            _log.critical(
                "the witness %s has cosigned %d leaves of this log and says that it has seen %d: "
                "its store was lost or restored",
                key.name,
                old,
                seen,
            )
        answer = _post(seen, row)
    if answer.status == 422:
        raise Alarm(f"the witness {key.name} has seen another log: this one does not begin with it")
    if answer.status != 200:
        said = answer.body[:200].decode(errors="replace").strip()
        raise NotCosigned(f"the witness {key.name} answered {answer.status}: {said}")
    return _cosigned(row, answer, key)


def _cosigned(row: Row, answer: Answer, key: Key) -> str:
    """The line of the answer that is the witness's cosignature; those of other keys are ignored."""
    text, _ = split(row.note)
    try:
        signed = read(f"{text}\n".encode() + answer.body, [key]).signed_by(key)
    except NoteError as error:
        raise NotCosigned(f"the witness {key.name} answered no cosignature: {error}") from None
    assert signed is not None  # read() found one of the only key that it knows
    return signed.line


def _size(answer: Answer) -> int:
    try:
        return number(answer.body.decode("ascii").removesuffix("\n"))
    except (UnicodeDecodeError, Malformed):
        raise NotCosigned("the witness answered 409 without a size") from None


def _add(row: Row, line: str, key: Key) -> None:
    """The cosignature stands under the checkpoint, once."""
    with alone() as cursor:
        row.refresh_from_db(using=ALIAS)
        if cosignature(row, key) is None:
            cursor.execute(
                "UPDATE audit_checkpoint SET note = %s WHERE size = %s", [f"{row.note}{line}", row.size]
            )


def request(old: int, row: Row) -> bytes:
    """The body of the request: the old size, the proof, the checkpoint."""
    with alone() as cursor:
        proof = merkle.consistency(old, row.size, partial(tile, cursor))
    return written(old, proof, row.note).encode()


def written(old: int, proof: Iterable[bytes], note: str) -> str:
    """The old size, the proof and the checkpoint, as a witness is asked."""
    return "\n".join([f"old {old}", *map(encode, proof), "", note])


def _post(old: int, row: Row) -> Answer:
    asked = urllib.request.Request(  # noqa: S310 - log_keys.witness() lets only http and https through
        f"{settings.LOG_WITNESS_URL}/add-checkpoint",
        data=request(old, row),
        headers={"Content-Type": "text/plain; charset=utf-8"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:  # noqa: S310 - see above
            return Answer(answer.status, answer.headers.get_content_type(), answer.read(_MOST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get_content_type(), error.read(_MOST))
    except (OSError, ValueError) as error:
        raise NotCosigned(f"the witness cannot be reached: {error}") from None
