"""The log sealed in the transaction of a test, which the sealer's own connection cannot see."""

from __future__ import annotations

from audit import merkle, note
from audit.models import Checkpoint, Entry, Leaf, Tile
from audit.note import Signer
from tests.stage import as_owner

LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(1, 33)))
COSIGNED_AT = 1_700_000_000


def stored(level: int, index: int) -> bytes:
    """The hashes of a tile."""
    row = Tile.objects.filter(level=level, index=index).first()
    return bytes(row.hashes) if row else b""


def seal(*, most: int | None = None) -> int:
    """The entries that are no leaves become leaves, so many at most; return the number of leaves."""
    size = Leaf.objects.count()
    sealed = set(Leaf.objects.values_list("stream", "seq"))
    rows = [row for row in Entry.objects.order_by("stream", "seq") if (row.stream, row.seq) not in sealed][
        :most
    ]
    for place, row in enumerate(rows, start=size):
        as_owner(
            'INSERT INTO audit_leaf ("index", stream, seq) VALUES ({}, {}, {})', place, row.stream, row.seq
        )
    for (level, index), hashes in sorted(
        merkle.extend(size, [merkle.leaf_hash(bytes(row.hash)) for row in rows], stored).items()
    ):
        as_owner(
            'INSERT INTO audit_tile (level, "index", hashes) VALUES ({}, {}, {})'
            ' ON CONFLICT (level, "index") DO UPDATE SET hashes = EXCLUDED.hashes',
            level, index, hashes,
        )  # fmt: skip
    for stream, seq in {row.stream: row.seq for row in rows}.items():
        as_owner(
            "INSERT INTO audit_sealed (stream, seq) VALUES ({}, {})"
            " ON CONFLICT (stream) DO UPDATE SET seq = EXCLUDED.seq",
            stream, seq,
        )  # fmt: skip
    return size + len(rows)


def sign(size: int, *, cosigned: bool = False) -> Checkpoint:
    """The checkpoint of so many leaves, signed by LOG and if asked by WITNESS."""
    text = note.Checkpoint(LOG.key.name, size, merkle.root(size, stored)).text
    written = f"{text}\n{LOG.line(text)}{WITNESS.line(text, at=COSIGNED_AT) if cosigned else ''}"
    as_owner("INSERT INTO audit_checkpoint (size, note) VALUES ({}, {})", size, written)
    return Checkpoint.objects.get(size=size)
