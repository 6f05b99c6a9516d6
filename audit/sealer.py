"""Entries become leaves of one Merkle tree, and checkpoints of it are signed.

What is sealed is told by the marks of `audit_sealed`, never by an entry's time or number alone: a
transaction that commits late is found by its stream's head. Each batch is one transaction under one
advisory lock, so that leaves, tiles and marks stand together or not at all, and two sealers follow one
another. Entries are read after the lock in a statement of its own, which sees what is committed, in each
stream's order, once.

It works as the sealer's role (the connection `sealer`), which alone may write these tables.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from django.db import connections, transaction

from audit import log_keys, merkle
from audit.note import Checkpoint, Signer, split

ALIAS = "sealer"
#: the advisory lock of whoever seals; no other code uses this number
LOCK = 5_120_313
#: entries that become leaves in one transaction
BATCH = 10_000

Cursor: TypeAlias = Any

_log = logging.getLogger("lianxi.audit")


class CannotSeal(Exception):
    """Raised where nothing can be sealed; the text has the reason and the remedy."""


class Alarm(Exception):
    """Raised when the log is not the one that was sealed before; nothing is signed then."""


class Due(NamedTuple):
    """An entry that is no leaf yet; `mark` is the last of its stream that is one."""

    stream: str
    seq: int
    hash: bytes
    mark: int


_DUE = """
SELECT entry.stream, entry.seq, entry.hash, coalesce(sealed.seq, 0)
FROM audit_head AS head LEFT JOIN audit_sealed AS sealed ON sealed.stream = head.stream,
    LATERAL (
        SELECT each.stream, each.seq, each.hash FROM audit_entry AS each
        WHERE each.stream = head.stream AND each.seq > coalesce(sealed.seq, 0) AND each.seq <= head.seq
        ORDER BY each.seq LIMIT %(batch)s
    ) AS entry
WHERE head.seq > coalesce(sealed.seq, 0)
    AND (%(streams)s::text[] IS NULL OR head.stream = ANY(%(streams)s))
    AND head.stream <> ALL(%(without)s::text[])
ORDER BY entry.stream, entry.seq LIMIT %(batch)s
"""
_LEAVES = """
INSERT INTO audit_leaf ("index", stream, seq)
SELECT %s + place - 1, stream, seq
FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS new(stream, seq, place)
"""
_TILES = """
INSERT INTO audit_tile (level, "index", hashes)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
ON CONFLICT (level, "index") DO UPDATE SET hashes = EXCLUDED.hashes
"""
_MARKS = """
INSERT INTO audit_sealed (stream, seq) SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (stream) DO UPDATE SET seq = EXCLUDED.seq
"""
_SHORTENED = """
SELECT sealed.stream, sealed.seq, coalesce(head.seq, 0)
FROM audit_sealed AS sealed LEFT JOIN audit_head AS head ON head.stream = sealed.stream
WHERE sealed.seq > coalesce(head.seq, 0) ORDER BY 1 LIMIT 1
"""


def seal(streams: Iterable[str] | None = None, *, batch: int = BATCH) -> int:
    """Make leaves of all committed entries of these streams, of all for None; return how many there were.

    A stream in which an entry is missing is sealed up to it, and each time that is a critical line of the
    log. Alarm when the tiles are not those of the leaves; CannotSeal without the sealer's connection.
    """
    wanted = None if streams is None else sorted(set(streams))
    broken: set[str] = set()
    total = 0
    while True:
        with alone() as cursor:
            given = {"streams": wanted, "without": sorted(broken), "batch": batch}
            cursor.execute(_DUE, given)
            read = [Due(stream, seq, bytes(digest), mark) for stream, seq, digest, mark in cursor.fetchall()]
            due, gaps = _without_gaps(read)
            if due:
                _add(cursor, due)
        broken |= gaps
        total += len(due)
        if len(read) < batch:
            return total


@contextmanager
def alone() -> Iterator[Cursor]:
    """A transaction of the sealer in which nobody else seals."""
    connection = connections[ALIAS]
    if connection.vendor == "unknown":
        raise CannotSeal("DATABASE_SEALER_URL is not set: only the sealer's role can seal the log.")
    with transaction.atomic(using=ALIAS), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield cursor


def _without_gaps(read: Collection[Due]) -> tuple[list[Due], set[str]]:
    """The entries up to the first that is missing in each stream, and the streams in which one is."""
    due: list[Due] = []
    gaps = set()
    for stream, entries in groupby(read, key=attrgetter("stream")):
        expected = 0
        for entry in entries:
            expected = (expected or entry.mark) + 1
            if entry.seq != expected:
                _log.critical("audit log: entry %d of %s is missing and cannot be sealed", expected, stream)
                gaps.add(stream)
                break
            due.append(entry)
    return due, gaps


def _add(cursor: Cursor, due: Collection[Due]) -> None:
    """These entries are leaves, in this order, after those that there are."""
    size = count(cursor)
    tiles = merkle.extend(size, [merkle.leaf_hash(each.hash) for each in due], partial(_edge, cursor, size))
    cursor.execute(_LEAVES, [size, [each.stream for each in due], [each.seq for each in due]])
    rows = sorted(tiles.items())
    cursor.execute(
        _TILES, [[level for (level, _), _ in rows], [at for (_, at), _ in rows], [each for _, each in rows]]
    )
    marks = {each.stream: each.seq for each in due}
    cursor.execute(_MARKS, [list(marks), list(marks.values())])


def count(cursor: Cursor) -> int:
    """The number of leaves."""
    cursor.execute('SELECT coalesce(max("index") + 1, 0) FROM audit_leaf')
    (found,) = cursor.fetchone()
    return int(found)


def tile(cursor: Cursor, level: int, index: int) -> bytes:
    """The hashes of a tile; empty when there is none."""
    cursor.execute('SELECT hashes FROM audit_tile WHERE level = %s AND "index" = %s', [level, index])
    found = cursor.fetchone()
    return bytes(found[0]) if found else b""


def _edge(cursor: Cursor, size: int, level: int, index: int) -> bytes:
    """A tile that is begun; Alarm when it does not hold just what `size` leaves make of it."""
    found = tile(cursor, level, index)
    expected = (size >> (merkle.HEIGHT * level)) - index * merkle.WIDTH
    if len(found) != expected * merkle.HASH_BYTES:
        raise Alarm(
            f"tile {index} of level {level} has {len(found) // merkle.HASH_BYTES} hashes, and {size} leaves "
            f"make {expected}; `manage.py audit fsck` says more"
        )
    return found


def checkpoint() -> str | None:
    """The note on the present tree, signed by all keys of the log; None for an empty log.

    That of the last checkpoint is returned when nothing was added since, signed by the keys that have not
    signed it. Alarm when the tree is smaller than that of the last note, or does not begin with it, and when
    a stream has fewer entries than are sealed of it.
    """
    keys = log_keys.signers()
    if not keys:
        raise CannotSeal("Neither LOG_KEY_FILE nor LOG_KEY is set: no key signs the log's checkpoints.")
    with alone() as cursor:
        _require_whole_streams(cursor)
        size = count(cursor)
        get = partial(tile, cursor)
        cursor.execute("SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        last = cursor.fetchone()
        if last is not None:
            signed, note = last
            _require_beginning(signed, note, size, get)
            if signed == size:
                return _signed_by_all(cursor, size, note, keys)
        if size == 0:
            return None
        text = Checkpoint(keys[0].key.name, size, merkle.root(size, get)).text
        note = f"{text}\n{''.join(each.line(text) for each in keys)}"
        cursor.execute("INSERT INTO audit_checkpoint (size, note) VALUES (%s, %s)", [size, note])
        return note


def _require_whole_streams(cursor: Cursor) -> None:
    """Each stream reaches as far as it is sealed; Alarm for the first that does not."""
    cursor.execute(_SHORTENED)
    found = cursor.fetchone()
    if found is not None:
        stream, mark, last = found
        raise Alarm(
            f"{stream} has {last} entries, and {mark} are sealed: entries are missing from {last + 1} on"
        )


def _require_beginning(size: int, note: str, leaves: int, get: merkle.Get) -> None:
    """The tree begins with that of the note; Alarm when it does not."""
    if leaves < size:
        raise Alarm(f"the log has {leaves} leaves, and a checkpoint of {size} is signed: leaves are missing")
    last = Checkpoint.parse(split(note)[0])
    try:
        root = merkle.root(size, get)
    except merkle.Incomplete as error:
        raise Alarm(f"the tree of {size} leaves is not complete: {error}") from None
    if (last.size, last.root) != (size, root):
        raise Alarm(f"the first {size} leaves are not those of the checkpoint that is signed")


def _signed_by_all(cursor: Cursor, size: int, note: str, keys: Iterable[Signer]) -> str:
    """The note, signed also by the keys that have not signed it."""
    text, lines = split(note)
    fresh = [line for line in (each.line(text) for each in keys) if line not in lines]
    if fresh:
        note = "".join([note, *fresh])
        cursor.execute("UPDATE audit_checkpoint SET note = %s WHERE size = %s", [note, size])
    return note
