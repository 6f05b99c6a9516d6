"""The log sealed within a test's own transaction: leaves, tiles, and a checkpoint that is signed."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from audit import merkle, note
from audit.models import Entry, Leaf
from audit.note import Signer
from tests.stage import as_owner

LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(1, 33)))


def seal_all(*, cosigned: bool = False) -> int:
    """Every entry is a leaf of the tree of one checkpoint; return how many there are."""
    before = Leaf.objects.count()
    assert before == 0
    entries = list(Entry.objects.order_by("stream", "seq"))
    for index, entry in enumerate(entries):
        as_owner("INSERT INTO public.audit_leaf VALUES ({}, {}, {})", index, entry.stream, entry.seq)
    tiles = merkle.extend(0, [merkle.leaf_hash(bytes(entry.hash)) for entry in entries], lambda *_: b"")
    for (level, at), hashes in tiles.items():
        as_owner(
            "INSERT INTO public.audit_tile (level, index, hashes) VALUES ({}, {}, {})",
            level,
            at,
            bytes(hashes),
        )
    size = len(entries)
    root = merkle.root(size, lambda level, at: bytes(tiles[level, at]))
    text = note.Checkpoint(LOG.key.name, size, root).text
    lines = LOG.line(text) + (WITNESS.line(text, at=1_700_000_000) if cosigned else "")
    as_owner("INSERT INTO public.audit_checkpoint (size, note) VALUES ({}, {})", size, f"{text}\n{lines}")
    return size


def written_anew(stream: str, action: str) -> Entry:
    """The stream's last entry of the action has another time, and the hash that is made of it; the tree is as
    it was.
    """
    as_owner("ALTER TABLE public.audit_entry DISABLE TRIGGER USER")
    entry = Entry.objects.filter(stream=stream, action=action).order_by("seq").last()
    assert entry is not None
    entry.at += timedelta(seconds=5)
    as_owner(
        "UPDATE public.audit_entry SET at = {}, hash = {} WHERE stream = {} AND seq = {}",
        entry.at,
        sha256(entry.body).digest(),
        entry.stream,
        entry.seq,
    )
    return entry
