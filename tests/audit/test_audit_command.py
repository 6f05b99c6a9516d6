"""`manage.py audit` beside `verify`, and `manage.py witness`: what they print, write and refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from audit import note, sealer
from audit.models import Entry, Leaf
from audit.note import Key, Signer
from audit.proofs.file import Proof
from tests.audit.test_sealer import OLD, alter, entries
from tests.databases import Database

ROOT = Path(__file__).parents[2]
WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(5, 37)))


@pytest.fixture
def log(fresh_db: Database, settings: Any) -> Iterator[Database]:
    settings.LOG_KEY = OLD.written()
    settings.AUDIT_LISTENERS = []
    yield fresh_db
    connections[sealer.ALIAS].close()


def said(*arguments: object) -> str:
    out = StringIO()
    call_command("audit", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def test_seal_checkpoint_and_fsck(log: Database, tmp_path: Path) -> None:
    entries("meeting:1", "meeting:2")
    assert said("seal") == f"{Entry.objects.count()} entries sealed\n"
    assert said("seal") == "0 entries sealed\n"
    entries("meeting:1")
    written = said("checkpoint")
    found = note.Checkpoint.parse(note.read(written, [OLD.key]).text)
    assert found.size == Leaf.objects.count() == Entry.objects.count()
    said("checkpoint", "--out", tmp_path / "checkpoint")
    assert (tmp_path / "checkpoint").read_text() == written
    assert (tmp_path / "checkpoint").stat().st_mode & 0o777 == 0o600
    assert said("fsck") == f"{found.size} leaves, 1 tiles and 1 checkpoints hold\n"
    alter(log, "UPDATE audit_tile SET hashes = set_byte(hashes, 0, 0)")
    alter(log, "UPDATE audit_tile SET hashes = set_byte(hashes, 1, 0)")
    with pytest.raises(CommandError, match="2 faults"):
        said("fsck")


def test_nothing_to_sign(log: Database) -> None:
    assert not Entry.objects.exists()
    with pytest.raises(CommandError, match="no entries"):
        said("checkpoint")


def test_a_proof_holds_for_its_entry_and_no_other(log: Database, tmp_path: Path) -> None:
    entries("meeting:1", "meeting:2", "meeting:1")
    path = tmp_path / "entry.tlog-proof"
    with pytest.raises(CommandError, match="in no checkpoint yet"):
        said("prove", "meeting:1", 2, "--out", path)
    said("seal")
    with pytest.raises(CommandError, match="audit checkpoint"):
        said("prove", "meeting:1", 2, "--out", path)
    said("checkpoint")
    with pytest.raises(CommandError, match="no entry 9 of meeting:1"):
        said("prove", "meeting:1", 9, "--out", path)
    assert "meeting:1" in said("prove", "meeting:1", 2, "--out", path)
    assert path.stat().st_mode & 0o777 == 0o600
    told = said("check-proof", path)
    assert "entry 2 of meeting:1" in told
    assert "tested on meeting:1 by system" in told
    assert "not cosigned" in told
    proof = Proof.parse(path.read_bytes())
    other = Entry.objects.get(stream="meeting:2", seq=1)
    changed = proof.extra.replace(b"meeting:1", b"meeting:2")
    assert other.hash != proof.extra
    path.write_text(Proof(proof.index, proof.path, proof.checkpoint, changed).written())
    with pytest.raises(CommandError, match="does not hold"):
        said("check-proof", path)
    path.write_text(Proof(proof.index, proof.path, proof.checkpoint, b"").written())
    with pytest.raises(CommandError, match="of which entry"):
        said("check-proof", path)
    path.write_bytes(b"\xff")
    with pytest.raises(CommandError, match="UTF-8"):
        said("check-proof", path)
    path.write_bytes(b"PK\3\4")
    with pytest.raises(CommandError, match=r"is a ZIP.*Unpack it and name one.*verify\.py EXPORT"):
        said("check-proof", path)
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match=r"is a PDF.*has the proofs of its entries as a ZIP"):
        said("check-proof", path)


def test_a_proof_is_checked_by_the_keys_given_and_shows_the_witness(
    log: Database, settings: Any, tmp_path: Path
) -> None:
    entries("meeting:1")
    written = said("checkpoint")
    text, _ = note.split(written)
    line = WITNESS.line(text, at=1_700_000_000)
    with sealer.alone() as cursor:
        cursor.execute("UPDATE audit_checkpoint SET note = note || %s", [line])
    path = tmp_path / "entry.tlog-proof"
    said("prove", "meeting:1", 1, "--out", path)
    settings.LOG_KEY = ""
    with pytest.raises(CommandError, match="--log VKEY"):
        said("check-proof", path)
    assert "not cosigned" in said("check-proof", path, "--log", OLD.key)
    told = said("check-proof", path, "--log", OLD.key, "--witness", WITNESS.key)
    assert "cosigned by head-office.example/witness at 2023-11-1" in told
    other = Signer.make(OLD.key.name, note.ED25519, bytes(32))
    with pytest.raises(CommandError, match="no signature of a known key"):
        said("check-proof", path, "--log", other.key)
    with pytest.raises(CommandError, match="not a verifier key"):
        said("check-proof", path, "--log", "nonsense")


def test_the_last_cosigned_checkpoint_is_proved_against(log: Database, settings: Any, tmp_path: Path) -> None:
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)
    entries("meeting:1")
    sealer.seal()
    written = sealer.checkpoint()
    assert written is not None
    with sealer.alone() as cursor:
        line = WITNESS.line(note.split(written)[0], at=1_700_000_000)
        cursor.execute("UPDATE audit_checkpoint SET note = note || %s", [line])
    entries("meeting:1")
    assert "not yet cosigned" in said("checkpoint")
    first, second = tmp_path / "1", tmp_path / "2"
    said("prove", "meeting:1", 1, "--out", first)
    said("prove", "meeting:1", 2, "--out", second)
    assert "cosigned by" in said("check-proof", first).replace("not cosigned by", "")
    assert "not cosigned" in said("check-proof", second)


def test_keys_are_made_and_printed(log: Database, settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    made = said("keys", "--make", "lianxi.bank/branch", "--out", path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.startswith("log lianxi.bank/branch+")
    settings.LOG_KEY_FILE = str(path)
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://x", str(WITNESS.key)
    assert said("keys") == f"{made}witness {WITNESS.key}\n"
    with pytest.raises(CommandError, match="File exists"):
        said("keys", "--make", "lianxi.bank/branch", "--out", path)
    with pytest.raises(CommandError, match="is named lianxi"):
        said("keys", "--make", "other", "--out", tmp_path / "x")
    with pytest.raises(CommandError, match="--out FILE"):
        said("keys", "--make", "lianxi.bank/branch")
    witness = said("keys", "--make", "head.example/w", "--for-witness", "--out", tmp_path / "witness.key")
    assert Key.parse(witness.removeprefix("witness ")).kind == note.COSIGNATURE
    path.chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        said("keys")


def test_without_keys_it_says_what_to_set_and_where_the_demo_has_its_own(settings, tmp_path) -> None:
    settings.LOG_KEY_FILE = settings.LOG_KEY = settings.LOG_WITNESS_KEY = settings.LOG_WITNESS_URL = ""
    settings.VAR_DIR = tmp_path
    with pytest.raises(CommandError, match="set LOG_KEY_FILE") as told:
        said("keys")
    assert "demo" not in str(told.value)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "log.key").write_text("anything")
    with pytest.raises(CommandError, match=f"LOG_KEY_FILE={tmp_path}/demo/log.key"):
        said("keys")


def test_the_witness_serves_without_a_database(tmp_path: Path) -> None:
    key = tmp_path / "witness.key"
    key.write_text(WITNESS.written())
    key.chmod(0o600)
    command = [
        sys.executable,
        "manage.py",
        "witness",
        "--listen",
        "127.0.0.1:0",
        "--store",
        tmp_path / "store",
    ]
    command += ["--log", str(OLD.key), "--key", key]
    environment = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "LIANXI_DEMO": "1",
        "PATH": "/usr/bin",
    }
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The witness of lianxi.example/branch is at http://127.0.0.1:"), line
        assert process.stdout.readline().startswith(f"{tmp_path / 'store'} is new: this witness has not seen")
        process.terminate()
        process.wait(30)


def test_a_witness_that_cannot_begin_says_why(tmp_path: Path) -> None:
    key = tmp_path / "witness.key"
    key.write_text(WITNESS.written())
    given = ["--listen", "127.0.0.1:0", "--store", str(tmp_path / "store"), "--key", str(key)]
    with pytest.raises(CommandError, match="chmod 600"):
        call_command("witness", *given, "--log", str(OLD.key))
    key.chmod(0o600)
    with pytest.raises(CommandError, match="not a verifier key"):
        call_command("witness", *given, "--log", "nonsense")
    with pytest.raises(CommandError, match="HOST:PORT"):
        call_command("witness", *["--listen", "x", *given[2:]], "--log", str(OLD.key))
    (tmp_path / "no-store").write_text("a text that is no database, whatever its name" * 20)
    for store in (tmp_path / "no-store", tmp_path / "absent" / "store", tmp_path):
        with pytest.raises(CommandError, match=r"cannot be the store"):
            call_command("witness", *given, "--store", str(store), "--log", str(OLD.key))
