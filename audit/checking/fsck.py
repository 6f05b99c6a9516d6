"""The whole tree made again from the entries, and compared with what is stored of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

from django.db import connection
from django.utils.translation import gettext_noop as _

from audit import merkle
from audit.checking.rows import Fault
from audit.note import Checkpoint, Key, NoteError, read, split
from audit.sealer import count, tile

Cursor = Any
#: index, stream, seq, and the hash of the entry
Row: TypeAlias = tuple[int, str, int, bytes | None]

_LEAVES = """
SELECT leaf."index", leaf.stream, leaf.seq, entry.hash
FROM audit_leaf AS leaf LEFT JOIN audit_entry AS entry ON entry.stream = leaf.stream AND entry.seq = leaf.seq
ORDER BY leaf."index"
"""
# The leaves of a stream are its entries from 1 to its mark, which is not beyond its head.
_MARKS = """
SELECT coalesce(leaves.stream, sealed.stream), coalesce(leaves.many, 0), coalesce(leaves.last, 0),
    coalesce(sealed.seq, 0), coalesce(head.seq, 0)
FROM (SELECT stream, count(*) AS many, max(seq) AS last FROM audit_leaf GROUP BY stream) AS leaves
    FULL JOIN audit_sealed AS sealed ON sealed.stream = leaves.stream
    LEFT JOIN audit_head AS head ON head.stream = coalesce(leaves.stream, sealed.stream)
WHERE leaves.many IS DISTINCT FROM sealed.seq OR leaves.last IS DISTINCT FROM sealed.seq
    OR sealed.seq > coalesce(head.seq, 0)
ORDER BY 1
"""
_STRAY = 'SELECT level, "index" FROM audit_tile WHERE "index" * 256 >= %s >> (8 * level) ORDER BY 1, 2'
_AHEAD = 'SELECT "index", hashes FROM audit_tile WHERE level = 0 AND "index" >= %s AND "index" < %s'
#: leaves read at once, a whole number of tiles
_AT_ONCE = 65_536


class Checked(NamedTuple):
    """What was gone through."""

    leaves: int
    tiles: int
    checkpoints: int


class Fsck:
    """One pass over the tree, in a transaction that sees one state of it.

    Signatures are checked where public keys of the log are `known`, cosignatures where those of its
    `witnesses` are too. `faults` yields what is wrong, in words that say where; `checked` counts as it goes.
    """

    def __init__(self, cursor: Cursor, known: Iterable[Key], witnesses: Iterable[Key] = ()) -> None:
        self._cursor = cursor
        self._known, self._witnesses = tuple(known), tuple(witnesses)
        self._tiles = 0
        self._notes = 0
        self._size = 0
        self._ahead: dict[int, bytes] = {}

    @property
    def checked(self) -> Checked:
        """How much was gone through so far."""
        return Checked(self._size, self._tiles, self._notes)

    def faults(self) -> Iterator[Fault]:
        """What does not hold: leaves against entries, tiles against leaves, marks, checkpoints."""
        self._size = count(self._cursor)
        yield from self._tree()
        self._cursor.execute(_STRAY, [self._size])
        for level, index in self._cursor.fetchall():
            what = _("tile %(tile)s of level %(level)s is beyond the %(size)s leaves")
            yield _fault(what, tile=index, level=level, size=self._size)
        self._cursor.execute(_MARKS)
        for stream, many, last, mark, head in self._cursor.fetchall():
            what = _(
                "%(stream)s: %(many)s leaves up to entry %(last)s, marked as sealed up to %(mark)s, and the"
                " stream has %(head)s entries"
            )
            yield _fault(what, stream=stream, many=many, last=last, mark=mark, head=head)
        yield from self._checkpoints()

    def _tree(self) -> Iterator[Fault]:
        """Each tile is what the entries make of it; a tile above is made of what those below should be."""
        above: dict[int, bytes] = {}
        last: dict[str, int] = {}
        with connection.chunked_cursor() as leaves:
            leaves.execute(_LEAVES)
            at = 0
            for block in _blocks(leaves):
                hashes = []
                for index, stream, seq, digest in block:
                    if index != at:
                        yield _fault(_("leaf %(leaf)s is missing: the next is %(next)s"), leaf=at, next=index)
                        return
                    yield from _of_leaf(at, stream, seq, last.get(stream, 0), digest)
                    last[stream] = seq
                    hashes.append(merkle.leaf_hash(bytes(digest or b"")))
                    at += 1
                yield from self._compare(0, (at - 1) // merkle.WIDTH, b"".join(hashes), above, of=block)
        level = 1
        while level in above:  # the tiles at the right edge, which are not full
            index = (self._size >> (merkle.HEIGHT * level)) // merkle.WIDTH
            if above[level]:
                yield from self._compare(level, index, above[level], above, full=False)
            level += 1

    def _compare(
        self,
        level: int,
        index: int,
        hashes: bytes,
        above: dict[int, bytes],
        *,
        full: bool = True,
        of: Sequence[Row] = (),
    ) -> Iterator[Fault]:
        """The tile is stored with these hashes; one that is full is a hash of the level above.

        `of` are the leaves of a tile of the lowest level.
        """
        self._tiles += 1
        stored = self._stored(level, index)
        if stored != hashes:
            what, about = _difference(stored, hashes, of)
            yield _fault(what, tile=index, level=level, **about)
        if not full or len(hashes) < merkle.TILE_BYTES:
            return
        higher = above.get(level + 1, b"") + merkle.fold(hashes)
        above[level + 1] = b"" if len(higher) == merkle.TILE_BYTES else higher
        if not above[level + 1]:
            yield from self._compare(level + 1, index // merkle.WIDTH, higher, above)

    def _stored(self, level: int, index: int) -> bytes:
        """The tile as it is stored; those of the lowest level are asked for in one order, many at once."""
        if level:
            return tile(self._cursor, level, index)
        if index not in self._ahead:
            beyond = index + _AT_ONCE // merkle.WIDTH
            self._cursor.execute(_AHEAD, [index, beyond])
            self._ahead = dict.fromkeys(range(index, beyond), b"")
            self._ahead |= {at: bytes(hashes) for at, hashes in self._cursor.fetchall()}
        return self._ahead[index]

    def _checkpoints(self) -> Iterator[Fault]:
        """Each checkpoint is signed, of a tree that is there, and with its root."""
        self._cursor.execute("SELECT size, note FROM audit_checkpoint ORDER BY size")
        get = lru_cache(512)(partial(tile, self._cursor))
        for size, note in self._cursor.fetchall():
            self._notes += 1
            found = self._of_note(size, note, get)
            if found is not None:
                yield found

    def _of_note(self, size: int, note: str, get: merkle.Get) -> Fault | None:
        try:
            text = read(note, self._known).text if self._known else split(note)[0]
            if self._known and self._witnesses:
                read(note, [*self._known, *self._witnesses])
            checkpoint = Checkpoint.parse(text)
        except NoteError as error:
            what = _("the checkpoint of %(size)s leaves cannot be believed: %(error)s")
            return _fault(what, size=size, error=str(error))
        if checkpoint.size != size:
            what = _("the checkpoint of %(size)s leaves says %(said)s leaves")
            return _fault(what, size=size, said=checkpoint.size)
        if size > self._size:
            what = _("the checkpoint of %(size)s leaves is of more leaves than there are (%(leaves)s)")
            return _fault(what, size=size, leaves=self._size)
        try:
            root = merkle.root(size, get)
        except merkle.Incomplete as error:
            what = _("the checkpoint of %(size)s leaves has no complete tree: %(error)s")
            return _fault(what, size=size, error=str(error))
        if checkpoint.root == root:
            return None
        return _fault(_("the checkpoint of %(size)s leaves has another root than the tree"), size=size)


def _blocks(leaves: Cursor) -> Iterator[list[Row]]:
    """The rows, as many at once as a tile has."""
    while rows := leaves.fetchmany(_AT_ONCE):
        for at in range(0, len(rows), merkle.WIDTH):
            yield rows[at : at + merkle.WIDTH]


def _fault(code: str, **values: int | str) -> Fault:
    """A fault of the tree, which is at no entry of a stream."""
    return Fault("", 0, code, values)


def _of_leaf(leaf: int, stream: str, seq: int, last: int, digest: bytes | None) -> Iterator[Fault]:
    """A leaf without its entry, or not of the entry after the stream's last."""
    if digest is None:
        what = _("leaf %(leaf)s is of entry %(seq)s of %(stream)s, which is missing")
        yield _fault(what, leaf=leaf, seq=seq, stream=stream)
    if seq != last + 1:
        what = _("leaf %(leaf)s is of entry %(seq)s of %(stream)s, after entry %(last)s")
        yield _fault(what, leaf=leaf, seq=seq, stream=stream, last=last)


def _difference(stored: bytes, hashes: bytes, of: Sequence[Row]) -> tuple[str, dict[str, int | str]]:
    """How the tile that is stored differs; that of the lowest level at which leaf and entry first."""
    size = merkle.HASH_BYTES
    if not stored:
        return _("tile %(tile)s of level %(level)s is missing"), {}
    if len(stored) != len(hashes):
        what = _("tile %(tile)s of level %(level)s has %(many)s hashes, and there are %(wanted)s")
        return what, {"many": len(stored) // size, "wanted": len(hashes) // size}
    at = next(
        at for at in range(len(hashes) // size) if stored[at * size :][:size] != hashes[at * size :][:size]
    )
    if not of:
        return _("tile %(tile)s of level %(level)s differs at its hash %(place)s"), {"place": at}
    index, stream, seq, _digest = of[at]
    what = _("tile %(tile)s of level %(level)s differs at leaf %(leaf)s, entry %(seq)s of %(stream)s")
    return what, {"leaf": index, "seq": seq, "stream": stream}
