"""The witness of logs: it keeps the last checkpoint of each and cosigns only what that one begins.

C2SP's tlog-witness, the server's side. It knows nothing of a log but its origin and public keys, and needs no
database beside a file of its own (SQLite). What it has promised is on the disk before it is said: check
and store are one transaction, which is synced before the cosignature is made.

Whatever a log has signed that does not follow from its last checkpoint is kept as evidence: nobody but the
log could have signed it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from audit import merkle
from audit.note import COSIGNATURE, Checkpoint, Key, Malformed, NoteError, Signer, decode, number, read, split

#: bytes of a request: a note, and 63 hashes before it
MOST_BYTES = 1_004_000
MOST_HASHES = 63

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"

FORKED, SHRUNK = "forked", "shrunk"

_TABLES = """
CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL,
    request BLOB NOT NULL, note TEXT NOT NULL, kept TEXT NOT NULL
) STRICT;
"""


class Answer(NamedTuple):
    """The answer to a request."""

    status: int
    kind: str
    body: bytes


class Seen(NamedTuple):
    """The last checkpoint of a log that was cosigned, and when it was seen last (seconds since 1970)."""

    size: int
    root: bytes
    note: str
    at: int


class Evidence(NamedTuple):
    """A checkpoint of a log that contradicts the one that was kept, both as the log has signed them."""

    id: int
    origin: str
    at: int
    what: str
    note: str
    kept: str


class Standing(NamedTuple):
    """How a log stands: what was seen last, whether it is silent, and what speaks against it."""

    origin: str
    seen: Seen | None
    silent: bool
    forked: tuple[Evidence, ...]
    shrunk: Evidence | None


class Refusal(Exception):
    """Raised with the answer to a request that is refused."""

    def __init__(self, status: int, why: str) -> None:
        self.answer = Answer(status, TEXT, f"{why}\n".encode())


class Asked(NamedTuple):
    """A request: the size of which the log thinks that it was seen last, the proof from it, the note."""

    old: int
    proof: list[bytes]
    note: str


class Witness:
    """A witness with its store, its key, and the keys of the logs that it watches.

    `silence` is in seconds. NoteError for a key that is none of a witness, or of a log.
    """

    def __init__(
        self,
        store: Path,
        signer: Signer,
        logs: Iterable[Key],
        *,
        silence: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        if signer.key.kind != COSIGNATURE:
            raise Malformed("the key of a witness is of type 04 (cosignature/v1)")
        self._store, self._signer, self._silence, self._now = store, signer, silence, now
        self.logs: dict[str, list[Key]] = {}
        for key in logs:
            if key.kind == COSIGNATURE:
                raise Malformed(f"{key.name} is the key of a witness, not of a log")
            self.logs.setdefault(key.name, []).append(key)
        with self._connection() as connection:
            connection.executescript(_TABLES)

    def add_checkpoint(self, body: bytes) -> Answer:
        """The cosignature of the checkpoint in the request, or why there is none.

        404 for an unknown log; 403 without a signature of its keys, or with a false one; 400 for what cannot
        be read, more than 63 hashes, or an old size above the checkpoint's; 409 with the size last seen when
        the old size is another; 422 when the tree does not begin with the one last seen.
        """
        try:
            asked = _asked(body)
            return self._weigh(asked, self._believed(asked), body)
        except Refusal as refusal:
            return refusal.answer

    def _believed(self, asked: Asked) -> Checkpoint:
        """The checkpoint, which a trusted key of its log has signed, and which is not below the old size."""
        try:
            checkpoint = Checkpoint.parse(split(asked.note)[0])
        except NoteError as error:
            raise Refusal(400, str(error)) from None
        keys = self.logs.get(checkpoint.origin)
        if keys is None:
            raise Refusal(404, f"the log {checkpoint.origin} is not watched here")
        try:
            read(asked.note, keys)
        except NoteError as error:
            raise Refusal(403, str(error)) from None
        if asked.old > checkpoint.size:
            raise Refusal(400, f"the old size {asked.old} is greater than that of the checkpoint")
        return checkpoint

    def _weigh(self, asked: Asked, checkpoint: Checkpoint, body: bytes) -> Answer:
        """Check against what was seen last, store, and only then sign: all in one transaction."""
        now = int(self._now())
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            seen = _seen(connection, checkpoint.origin)
            size, root = (seen.size, seen.root) if seen else (0, merkle.EMPTY_ROOT)
            kept = seen.note if seen else ""
            if asked.old != size:
                what = _contradicts(checkpoint, size, root)
                if what:
                    _keep(connection, Evidence(0, checkpoint.origin, now, what, asked.note, kept), body)
                connection.execute("COMMIT")
                return Answer(409, SIZE, f"{size}\n".encode())
            if not merkle.check_consistency(size, checkpoint.size, root, checkpoint.root, asked.proof):
                _keep(connection, Evidence(0, checkpoint.origin, now, FORKED, asked.note, kept), body)
                connection.execute("COMMIT")
                raise Refusal(
                    422, f"the tree is not shown to begin with the one of {size} leaves seen before"
                )
            connection.execute(
                "INSERT OR REPLACE INTO log (origin, size, root, note, seen_at) VALUES (?, ?, ?, ?, ?)",
                (checkpoint.origin, checkpoint.size, checkpoint.root, asked.note, now),
            )
            connection.execute("COMMIT")
        return Answer(200, TEXT, self._signer.line(checkpoint.text, at=now).encode())

    def standings(self) -> list[Standing]:
        """All logs that are watched, in the order of their origins."""
        with self._connection() as connection:
            return [self._standing(connection, origin) for origin in sorted(self.logs)]

    def _standing(self, connection: sqlite3.Connection, origin: str) -> Standing:
        seen = _seen(connection, origin)
        found = [
            Evidence(*row)
            for row in connection.execute(
                "SELECT id, origin, at, what, note, kept FROM evidence WHERE origin = ? ORDER BY id DESC",
                (origin,),
            )
        ]
        shrunk = next((each for each in found if each.what == SHRUNK), None)
        if shrunk and seen and shrunk.at < seen.at:
            shrunk = None  # the log has gone on from its last checkpoint since
        silent = seen is None or self._now() - seen.at > self._silence
        return Standing(origin, seen, silent, tuple(each for each in found if each.what == FORKED), shrunk)

    def evidence(self, number: int) -> Evidence | None:
        """What was kept under this number."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT id, origin, at, what, note, kept FROM evidence WHERE id = ?", (number,)
            ).fetchone()
            return Evidence(*row) if row else None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection whose commits are on the disk when they return; what is left open is rolled back."""
        with closing(sqlite3.connect(self._store, isolation_level=None, timeout=30)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            yield connection


def _asked(body: bytes) -> Asked:
    """The request; Refusal 400 when it cannot be read."""
    if len(body) > MOST_BYTES:
        raise Refusal(400, f"a request has at most {MOST_BYTES:,} bytes")
    try:
        head, blank, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Refusal(400, "the request is not UTF-8") from None
    first, *lines = head.split("\n")
    if not blank or not first.startswith("old "):
        raise Refusal(400, "a request is a line `old SIZE`, the proof, an empty line, and the checkpoint")
    try:
        old, proof = number(first.removeprefix("old ")), [decode(line) for line in lines]
    except Malformed as error:
        raise Refusal(400, str(error)) from None
    if len(proof) > MOST_HASHES or any(len(each) != merkle.HASH_BYTES for each in proof):
        raise Refusal(400, f"a proof is at most {MOST_HASHES} hashes of 32 bytes")
    return Asked(old, proof, note)


def _contradicts(checkpoint: Checkpoint, size: int, root: bytes) -> str:
    """What it is beside the checkpoint seen last, whatever old size it came with; "" when it may follow."""
    if checkpoint.size < size:
        return SHRUNK
    return FORKED if checkpoint.size == size and checkpoint.root != root else ""


def _seen(connection: sqlite3.Connection, origin: str) -> Seen | None:
    last = "SELECT size, root, note, seen_at FROM log WHERE origin = ?"
    row = connection.execute(last, (origin,)).fetchone()
    return Seen(*row) if row else None


def _keep(connection: sqlite3.Connection, found: Evidence, body: bytes) -> None:
    """Keep it with its request, and once what the log repeats each minute.

    Of smaller trees the last is kept: anyone may repeat an old checkpoint.
    """
    if found.what == SHRUNK:
        connection.execute("DELETE FROM evidence WHERE origin = ? AND what = ?", (found.origin, SHRUNK))
    same = "SELECT id FROM evidence WHERE origin = ? AND what = ? AND note = ? AND kept = ?"
    if connection.execute(same, (found.origin, found.what, found.note, found.kept)).fetchone():
        return
    connection.execute(
        "INSERT INTO evidence (origin, at, what, request, note, kept) VALUES (?, ?, ?, ?, ?, ?)",
        (found.origin, found.at, found.what, body, found.note, found.kept),
    )
