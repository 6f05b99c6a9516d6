"""A played log, sealed, signed and cosigned, of which the tests make exports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from audit import clock, merkle, note, sealer
from audit.canonical import EPOCH, commitment, entry_bytes, payload_bytes
from audit.note import Checkpoint, Signer
from proposals import storage
from tests import databases
from tests.stage import START, Stage

LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(5, 37)))
CASES = Path(__file__).parents[2] / "rehearsal" / "cases"
#: between them: a proxy without the vote, consents, reasons, a cancelled vote and a second round
PLAYED = ("06-proxy", "07-abstention-and-reasons", "08-cancelled-vote")
COSIGNED_AT = 1_800_000_000
ATTACHED = b"a scanned valuation"


@contextmanager
def played_log(folder: Path) -> Iterator[Stage]:
    """A database with the cases and a stage carried to its end, sealed and cosigned; yields the stage."""
    own = databases.clone(databases.template())
    given: dict[str, Any] = {
        "LOG_KEY": LOG.written(),
        "LOG_WITNESS_URL": "http://127.0.0.1:9",
        "LOG_WITNESS_KEY": str(WITNESS.key),
        "AUDIT_LISTENERS": [],
        "MEDIA_ROOT": str(folder),
    }
    try:
        with override_settings(**given), databases.django_on(own):
            ContentType.objects.clear_cache()
            with clock.frozen(START):
                yield _played()
    finally:
        connections[sealer.ALIAS].close()
        databases.drop(own)


def _played() -> Stage:
    stage = Stage()
    digest = sha256(ATTACHED).hexdigest()
    stage.plan["attachments"] = [
        {"name": "scan.txt", "text": f"text/plain; {len(ATTACHED)} bytes; sha256:{digest}"}
    ]
    storage.place(digest).parent.mkdir(parents=True)
    storage.place(digest).write_bytes(ATTACHED)
    stage.to("completed")
    files = [str(CASES / f"{name}.json") for name in PLAYED]
    call_command("rehearse", *files, keep=True, stdout=StringIO())
    seal()
    return stage


def seal() -> str:
    """Everything is sealed under a checkpoint that the witness has cosigned; return its note."""
    sealer.seal()
    written = sealer.checkpoint()
    assert written is not None
    text, _ = note.split(written)
    line = WITNESS.line(text, at=COSIGNED_AT)
    if line in written:
        return written
    with sealer.alone() as cursor:
        statement = "UPDATE audit_checkpoint SET note = note || %s WHERE size = %s"
        cursor.execute(statement, [line, Checkpoint.parse(text).size])
    return written + line


@dataclass(frozen=True)
class Exports:
    """Folders with exports, and the streams of the stage that they tell of."""

    folder: Path
    meeting: str
    proposal: str
    committee: str

    def copy(self, name: str, to: Path) -> Path:
        """A copy of one of the exports, which a test may change."""
        return Path(shutil.copytree(self.folder / name, to / name))


def rows(folder: Path) -> list[dict[str, Any]]:
    """The entries of an export."""
    return [json.loads(line) for line in (folder / "entries.jsonl").read_bytes().splitlines()]


def write_rows(folder: Path, entries: Iterable[dict[str, Any]]) -> None:
    """The entries of an export are these, as they are."""
    (folder / "entries.jsonl").write_bytes(b"".join(payload_bytes(each) + b"\n" for each in entries))


def change_manifest(folder: Path, **changes: Any) -> None:
    """The manifest says this instead."""
    said = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(payload_bytes(said | changes))


def rechain(entries: list[dict[str, Any]]) -> None:
    """Each entry has the seq, link, commitment and hash that it should have, and the index of its place."""
    last: dict[str, tuple[int, str]] = {}
    for index, each in enumerate(entries):
        seq, prev = last.get(each["stream"], (0, "00" * 32))
        each |= {"index": index, "seq": seq + 1, "prev": prev}
        if "payload" in each:
            each["commitment"] = commitment(bytes.fromhex(each["salt"]), each["payload"].encode()).hex()
        each["hash"] = sha256(
            entry_bytes(
                stream=each["stream"],
                seq=each["seq"],
                at=EPOCH + timedelta(microseconds=each["at"]),
                recorded_at=EPOCH + timedelta(microseconds=each["recorded_at"]),
                actor=each["actor"],
                action=each["action"],
                subject=each["subject"],
                commitment=bytes.fromhex(each["commitment"]),
                prev=bytes.fromhex(prev),
            )
        ).hexdigest()
        last[each["stream"]] = each["seq"], each["hash"]


def forge(folder: Path, entries: list[dict[str, Any]], *signers: Signer) -> None:
    """The export of all is of these entries, consistent throughout and signed by these keys.

    So it can be made by whoever has the log's key, and the witness's.
    """
    rechain(entries)
    write_rows(folder, entries)
    leaves = [merkle.leaf_hash(bytes.fromhex(each["hash"])) for each in entries]
    tiles = merkle.extend(0, leaves, lambda *_: b"")
    root = merkle.root(len(leaves), lambda level, index: tiles[level, index])
    text = Checkpoint(LOG.key.name, len(leaves), root).text
    lines = [each.line(text, at=COSIGNED_AT) for each in signers or (LOG, WITNESS)]
    (folder / "checkpoint").write_text(f"{text}\n{''.join(lines)}")
    change_manifest(
        folder,
        size=len(leaves),
        root=root.hex(),
        entries=len(entries),
        streams=len({each["stream"] for each in entries}),
        erased=[{} for each in entries if "payload" not in each],
    )
