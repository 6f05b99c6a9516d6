"""Proofs of entries, made from the database as files that are checked without it.

The proof's extra bytes are those of the entry (`canonical.entry_bytes`). Nobody has signed them, but their
SHA-256 is the leaf's data: whoever checks the proof knows that this very entry is in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import connection

from audit import log_keys, merkle
from audit.canonical import fields_of
from audit.models import Checkpoint, Entry, Leaf
from audit.note import Checkpoint as Head
from audit.note import Key, Malformed, split
from audit.proofs.file import Proof
from audit.witnessing import cosignature

_BLANK = bytes(merkle.TILE_BYTES)
_TILES = """
SELECT tile.level, tile."index", tile.hashes
FROM unnest(%s::smallint[], %s::bigint[]) AS wanted(level, "index")
    JOIN audit_tile AS tile ON tile.level = wanted.level AND tile."index" = wanted."index"
"""


class NoProof(LookupError):
    """Raised when no proof can be made; the text has the reason and the remedy."""


class Shown(NamedTuple):
    """What a proof has shown: the entry, its leaf, the checkpoint, and which witness has cosigned it when."""

    entry: dict[str, object]
    leaf: int
    checkpoint: Head
    cosigned: tuple[tuple[str, datetime], ...]


class Proved(NamedTuple):
    """How far an entry is sealed, with its proof; without one it is in no checkpoint yet."""

    #: its place in the tree; None while it is in none
    leaf: int | None
    proof: Proof | None = None
    #: leaves of the checkpoint of the proof
    size: int = 0
    #: when the witness cosigned that checkpoint; None where it has not, or none is set
    cosigned_at: datetime | None = None
    #: whether the checkpoint's tree does not hold the entry as it is stored, so that there is no proof
    contradicted: bool = False


def make(proof: Callable[[int, int, merkle.Get], list[bytes]], first: int, size: int) -> list[bytes]:
    """The proof, `merkle.inclusion` or `merkle.consistency`, of these numbers, from the tiles stored.

    One statement reads all tiles: which ones they are is found by making the proof over empty ones.
    """
    asked: set[merkle.Tile] = set()

    def blank(level: int, index: int) -> bytes:
        asked.add((level, index))
        return _BLANK

    proof(first, size, blank)
    stored = tiles(asked)
    return proof(first, size, lambda level, index: stored.get((level, index), b""))


def tiles(wanted: Collection[merkle.Tile]) -> dict[merkle.Tile, bytes]:
    """Those of the tiles that are stored."""
    with connection.cursor() as cursor:
        cursor.execute(_TILES, [[level for level, _ in wanted], [index for _, index in wanted]])
        return {(level, index): bytes(hashes) for level, index, hashes in cursor.fetchall()}


def prove(stream: str, seq: int) -> Proof:
    """The proof that the entry is in the log, against the last cosigned checkpoint, or the last without one.

    NoProof when there is no such entry, or no checkpoint covers it yet.
    """
    entry = Entry.objects.filter(stream=stream, seq=seq).first()
    if entry is None:
        raise NoProof(f"there is no entry {seq} of {stream}")
    leaf = Leaf.objects.filter(stream=stream, seq=seq, index__gte=0).first()
    covering = Checkpoint.objects.filter(size__gt=leaf.index).order_by("-size") if leaf else None
    last = covering.first() if covering is not None else None
    if leaf is None or covering is None or last is None:
        raise NoProof(
            f"entry {seq} of {stream} is in no checkpoint yet; `manage.py audit checkpoint` makes one"
        )
    witness = log_keys.witness()
    if witness is not None:
        named = covering.filter(note__contains=f"\n— {witness.name} ").iterator(chunk_size=10)
        last = next((each for each in named if cosignature(each, witness)), last)
    body = _bytes_of(entry)
    path = make(merkle.inclusion, leaf.index, last.size)
    return Proof(leaf.index, tuple(path), last.note, body)


def proved(stream: str, seq: int) -> Proof:
    """The same proof, once it is seen to hold: NoProof also when it leads to another root."""
    proof = prove(stream, seq)
    entry = Entry.objects.get(stream=stream, seq=seq)
    try:
        size = Head.parse(split(proof.checkpoint)[0]).size
    except Malformed as error:
        raise NoProof(f"the checkpoint over entry {seq} of {stream} is none: {error}") from error
    if not _holds(proof, size, bytes(entry.hash)):
        raise NoProof(
            f"entry {seq} of {stream} is not leaf {proof.index} of the tree of {size} leaves that was signed;"
            " `manage.py audit fsck` says where the tree differs"
        )
    return proof


def prove_all(entries: Collection[tuple[Entry, int | None]]) -> dict[tuple[str, int], Proved]:
    """How far each of these entries, given with its leaf, is sealed, by stream and number: three statements.

    The proof is against the last cosigned checkpoint where that covers the entry, else against the last. Each
    is checked against the checkpoint's root: an entry that was written anew together with its chain, or whose
    tiles are gone or changed, is contradicted. NoProof when an entry is not what its hash was made of.
    """
    last = Checkpoint.objects.order_by("-size").first()
    cosigned, at = _last_cosigned() if last is not None else (None, None)
    sealed = [(entry, leaf) for entry, leaf in entries if leaf is not None]
    against = {entry.pk: _covering(leaf, cosigned, last) for entry, leaf in sealed}
    paths = _paths([(leaf, against[entry.pk]) for entry, leaf in sealed])
    found = {}
    for entry, leaf in entries:
        row = against.get(entry.pk)
        if leaf is None or row is None:
            found[entry.stream, entry.seq] = Proved(leaf)
            continue
        proof = Proof(leaf, paths.get((leaf, row.size), ()), row.note, _bytes_of(entry))
        proved = Proved(leaf, proof, row.size, at if row is cosigned else None)
        found[entry.stream, entry.seq] = _checked(proved, proof, bytes(entry.hash))
    return found


def _checked(proved: Proved, proof: Proof, data: bytes) -> Proved:
    """The same, or contradicted when the path does not lead from the leaf's data to the checkpoint's root."""
    if _holds(proof, proved.size, data):
        return proved
    return Proved(proved.leaf, size=proved.size, contradicted=True)


def _holds(proof: Proof, size: int, data: bytes) -> bool:
    """Whether the path leads from the leaf's data to the root of the checkpoint of this size."""
    try:
        head = Head.parse(split(proof.checkpoint)[0])
    except Malformed:
        return False
    leaf = merkle.leaf_hash(data)
    return head.size == size and merkle.check_inclusion(proof.index, head.size, leaf, proof.path, head.root)


def _last_cosigned() -> tuple[Checkpoint | None, datetime | None]:
    """The last checkpoint that the witness has cosigned, and when; neither without one."""
    witness = log_keys.witness()
    if witness is None:
        return None, None
    named = Checkpoint.objects.filter(note__contains=f"\n— {witness.name} ").order_by("-size")[:10]
    for row in named:
        signed = cosignature(row, witness)
        if signed is not None and signed.at is not None:
            return row, datetime.fromtimestamp(signed.at).astimezone()
    return None, None


def _covering(leaf: int, *rows: Checkpoint | None) -> Checkpoint | None:
    """The first of the checkpoints whose tree has the leaf."""
    return next((row for row in rows if row is not None and leaf < row.size), None)


def _paths(wanted: Collection[tuple[int, Checkpoint | None]]) -> dict[tuple[int, int], tuple[bytes, ...]]:
    """The path of each leaf to the root of its checkpoint's tree, empty where tiles of it are gone, and none
    of a leaf that no tree has; one statement reads all tiles.
    """
    pairs = {(leaf, row.size) for leaf, row in wanted if row is not None and leaf >= 0}
    asked: set[merkle.Tile] = set()

    def blank(level: int, index: int) -> bytes:
        asked.add((level, index))
        return _BLANK

    for leaf, size in pairs:
        merkle.inclusion(leaf, size, blank)
    stored = tiles(asked) if asked else {}

    def path(leaf: int, size: int) -> tuple[bytes, ...]:
        try:
            return tuple(merkle.inclusion(leaf, size, lambda level, index: stored.get((level, index), b"")))
        except merkle.Incomplete:
            return ()

    return {(leaf, size): path(leaf, size) for leaf, size in pairs}


def check(proof: Proof, log: Collection[Key], witnesses: Collection[Key]) -> Shown:
    """What the proof shows by these keys; NoteError or NotProved when it shows nothing."""
    try:
        entry = fields_of(proof.extra)
    except ValueError as error:
        raise Malformed(f"the proof does not say of which entry it is: {error}") from None
    checkpoint, note = proof.check(sha256(proof.extra).digest(), log, witnesses)
    cosigned = tuple(
        (each.key.name, datetime.fromtimestamp(each.at).astimezone())
        for each in note.signatures
        if each.at is not None
    )
    return Shown(entry, proof.index, checkpoint, cosigned)


def _bytes_of(entry: Entry) -> bytes:
    """The bytes of the entry; NoProof when its hash was not made of them."""
    if not entry.is_sound:
        raise NoProof(f"entry {entry.seq} of {entry.stream} is not what its hash was made of")
    return entry.body
