"""A played log, sealed, signed and cosigned, of which the tests make exports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from audit import clock, note, sealer
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
