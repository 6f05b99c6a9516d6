"""What is asked for in an export, and the state of the log that it is answered from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from audit import log_keys, merkle
from audit.models import Checkpoint as Row
from audit.note import Checkpoint, NoteError, Unsigned, read, split
from audit.sealer import tile
from audit.witnessing import cosignature

#: tiles that are kept in memory, 8 kB each
_TILES = 1024


class CannotExport(Exception):
    """Raised when nothing can be exported, or the log is not whole; the text has reason and remedy."""


@dataclass(frozen=True)
class Asked:
    """What is exported: one of a meeting, a proposal (by id), what follows a checkpoint, or all for none.

    `since` is the note of a checkpoint of this log.
    """

    meeting: int | None = None
    proposal: int | None = None
    since: str | None = None

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.meeting, self.proposal, self.since)) > 1:
            raise ValueError("an export is of one thing: a meeting, a proposal, or since a checkpoint")

    @property
    def part(self) -> str:
        """The word for it in the manifest: meeting, proposal, since, all."""
        given = ((name, getattr(self, name)) for name in ("meeting", "proposal", "since"))
        return next((name for name, value in given if value is not None), "all")

    @property
    def stream(self) -> str | None:
        """The stream of the one thing that is exported; None for all and since."""
        number = self.meeting if self.part == "meeting" else self.proposal
        return None if number is None else f"{self.part}:{number}"


@dataclass(frozen=True)
class Document:
    """A file whose digest the log holds, as a higher app tells of it.

    `within` is the digest of another document, JSON that names this one; empty for one that the entry names.
    """

    sha256: str
    #: the name's ending, such as ".pdf"
    suffix: str
    what: str
    what_zh: str
    content: bytes | Path
    within: str = ""


class TellsStreams(Protocol):
    """What a higher app contributes (setting AUDIT_PARTS, by the part): the streams that belong together."""

    def __call__(self, pk: int, /) -> Collection[str]:
        """The streams that a meeting or proposal is told of in; empty when there is none of that id."""


class TellsDocuments(Protocol):
    """What a higher app contributes (setting AUDIT_DOCUMENTS): the files that an entry vouches for."""

    def __call__(self, stream: str, action: str, payload: Mapping[str, Any], /) -> Iterable[Document]:
        """The documents whose digests this entry holds."""


def documents_of(stream: str, action: str, payload: Mapping[str, Any]) -> Iterator[Document]:
    """The documents that this entry vouches for, by all that is named in AUDIT_DOCUMENTS."""
    for name in settings.AUDIT_DOCUMENTS:
        tells: TellsDocuments = import_string(name)
        yield from tells(stream, action, payload)


@dataclass(frozen=True)
class State:
    """The log as one transaction sees it, up to the checkpoint that is exported.

    `streams` are those that are wanted, None for all; `first` is the index of the first leaf that may be.
    """

    note: str
    head: Checkpoint
    cosigned: bool
    streams: Collection[str] | None
    first: int
    get: merkle.Get
    #: the note of the earlier checkpoint that the export continues; empty for another export
    since: str = ""


@contextmanager
def state_of(asked: Asked) -> Iterator[State]:
    """One state of the log, the same throughout the block; CannotExport when nothing can be exported."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        streams = _streams(asked)
        row, cosigned = _checkpoint()
        try:
            head = Checkpoint.parse(split(row.note)[0])
        except NoteError as error:
            raise CannotExport(
                f"The checkpoint of {row.size} leaves cannot be read: {error}; see `manage.py audit fsck`."
            ) from None
        get = lru_cache(_TILES)(partial(tile, cursor))
        if head.size != row.size or _root(head.size, get) != head.root:
            raise CannotExport(
                f"The tree is not that of the checkpoint of {row.size} leaves; see `manage.py audit fsck`."
            )
        first, since = 0, ""
        if asked.since is not None:
            first = _size_of(asked.since, head, get)
            since = _signed(asked.since, first)
        yield State(row.note, head, cosigned, streams, first, get, since)


def _streams(asked: Asked) -> Collection[str] | None:
    """The streams of what is asked for, None for all of them."""
    pk = asked.meeting if asked.meeting is not None else asked.proposal
    if pk is None:
        return None
    tells: TellsStreams = import_string(settings.AUDIT_PARTS[asked.part])
    streams = sorted(tells(pk))
    if not streams:
        raise CannotExport(f"There is no {asked.part} {pk}.")
    return streams


def _checkpoint() -> tuple[Row, bool]:
    """The last checkpoint that the witness has cosigned, and True; the last one where there is none such."""
    rows = Row.objects.order_by("-size")
    last = rows.first()
    if last is None:
        raise CannotExport("The log has no checkpoint yet; `manage.py audit checkpoint` makes one.")
    witness = log_keys.witness()
    if witness is not None:
        for row in rows.filter(note__contains=f"\n— {witness.name} ").iterator(chunk_size=10):
            if cosignature(row, witness):
                return row, True
    return last, False


def _root(size: int, get: merkle.Get) -> bytes | None:
    try:
        return merkle.root(size, get)
    except merkle.Incomplete:
        return None


def _size_of(note: str, head: Checkpoint, get: merkle.Get) -> int:
    """The number of leaves of that earlier checkpoint, of whose tree this one is the continuation."""
    try:
        since = Checkpoint.parse(split(note)[0])
    except NoteError as error:
        raise CannotExport(f"What is given as --since is no checkpoint: {error}.") from None
    if since.origin != head.origin:
        raise CannotExport(f"That checkpoint is of the log {since.origin}, and this is {head.origin}.")
    if since.size > head.size:
        raise CannotExport(
            f"That checkpoint has {since.size} leaves, and the one that can be exported {head.size}."
        )
    if _root(since.size, get) != since.root:
        raise CannotExport(
            f"The first {since.size} leaves are not those of that checkpoint: keep it, and ask why."
        )
    return since.size


def _signed(since: str, size: int) -> str:
    """The note of the earlier checkpoint, which this log has signed.

    Of one that bears none of the present keys, as before a rotation, it is the stored one of the same text.
    CannotExport for one that the log has not signed: the export would not hold, by no fault of the log.
    """
    witness = log_keys.witness()
    keys = [each.key for each in log_keys.signers()]
    try:
        if not keys or any(
            each.key in keys for each in read(since, [*keys, *filter(None, [witness])]).signatures
        ):
            return since
    except Unsigned:
        pass
    except NoteError as error:
        raise CannotExport(f"What is given as --since was not signed by this log: {error}.") from None
    row = Row.objects.filter(size=size).first()
    if row is None or split(row.note)[0] != split(since)[0]:
        raise CannotExport("What is given as --since is not signed by this log's key.")
    return row.note


#: called with how many steps are done and how many there are
Progress = Callable[[int, int], None]
