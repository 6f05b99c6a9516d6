"""Saving and restoring on PostgreSQL: whole or not at all, and equal to what was saved."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import clock
from audit.models import Head
from committee.models import Meeting
from config.backup import facts, saving
from config.database import embedded_postgres
from config.database.base import cluster
from documents import checksums
from office.actions.minutes import distribute
from proposals import storage
from proposals.actions.attachments import attach
from proposals.attachments import StatedAttachment
from tests import databases
from tests.stage import START, Stage

CONTENT = b"%PDF-1.7 a valuation"


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def done(fresh_db: databases.Database, media: Path) -> databases.Database:
    """A database with a meeting whose minutes are signed, and a plan with a file."""
    with clock.frozen(START):
        stage = Stage().to("drafted")
        with storage.received([CONTENT]) as file:
            stated = StatedAttachment("valuation.pdf", "", "application/pdf", file.size, 1, file.sha256)
            attach(stage.proposal, by=stage["handler"], file=file, attachment=stated)
        stage.to("signed")
    return fresh_db


@pytest.fixture
def backup(done: databases.Database, tmp_path: Path, capsys: Any) -> Path:
    """A backup of it."""
    call_command("backup", to=tmp_path / "saved")
    (made,) = (tmp_path / "saved").iterdir()
    assert not [path for path in [made.parent, *made.parent.rglob("*")] if path.stat().st_mode & 0o077]
    return made


@pytest.fixture
def empty(template: str) -> Iterator[databases.Database]:
    """A database that is migrated and has nothing in it."""
    made = databases.clone(template)
    yield made
    databases.drop(made)


def everything(database: databases.Database) -> dict[str, list[Any]]:
    """All rows of all tables, and what guards them."""
    with database.owner(autocommit=True) as opened, opened.cursor() as cursor:
        found = {
            name: sorted(map(repr, cursor.execute(f'SELECT * FROM public."{name}"').fetchall()))
            for name in facts.tables(cursor)
        }
        for what, statement in STANDS.items():
            found[what] = sorted(map(repr, cursor.execute(statement).fetchall()))
    return found


STANDS = {
    "rights": "SELECT relname, relkind, relacl::text FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace",
    "triggers": "SELECT tgname, tgenabled, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, prosrc, proacl::text FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace",
    "schema": "SELECT nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = 'public'",
    "to come": "SELECT defaclrole::regrole::text, defaclobjtype, defaclacl::text FROM pg_default_acl",
    "sequences": "SELECT sequencename, last_value FROM pg_sequences",
}


def restored(folder: Path, database: databases.Database, **options: Any) -> None:
    with databases.django_on(database):
        call_command("restore", folder, **options)


def refused(folder: Path, database: databases.Database, **options: Any) -> str:
    """What `restore` says when it does not restore."""
    with databases.django_on(database), pytest.raises(CommandError) as caught:
        call_command("restore", folder, **options)
    return str(caught.value)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- both ways ---


def test_what_is_restored_into_an_empty_database_equals_what_was_saved(
    done, backup, empty, media, settings, tmp_path, capsys
):
    before = everything(done)
    assert sum(map(len, before.values())) > 500
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    restored(backup, empty)
    assert everything(empty) == before
    file = checksums.of_bytes(CONTENT)
    assert (tmp_path / "elsewhere" / "files" / file[:2] / file).read_bytes() == CONTENT
    assert "restored and verified" in capsys.readouterr().out


def test_the_restored_database_goes_on_from_there_and_stays_guarded(backup, empty):
    restored(backup, empty)
    with databases.django_on(empty):
        meeting = Meeting.objects.get()
        assert meeting.state == "signed"
        distribute(meeting, by=meeting.committee.liaison)
        call_command("audit", "verify")
        with pytest.raises(Exception, match="permission denied"):
            connection.cursor().execute("DELETE FROM audit_entry")


def test_a_backup_says_what_it_is_and_is_checked_without_the_system(backup, done):
    manifest = json.loads((backup / "manifest.json").read_bytes())
    assert manifest["rows"]["committee_meeting"] == 1
    assert manifest["rows"]["proposals_attachment"] == 1
    assert (manifest["missing"], manifest["left_out"]) == ([], [])
    lines = [json.loads(line) for line in (backup / "heads.jsonl").read_text().splitlines()]
    assert lines == [[row.stream, row.seq, bytes(row.hash).hex()] for row in Head.objects.order_by("stream")]
    ran = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=backup, check=False)
    assert ran.returncode == 0
    assert names(backup) == {*checksums.read((backup / "SHA256SUMS").read_bytes()), "SHA256SUMS"}
    assert backup.stat().st_mode & 0o077 == 0


def test_uploads_under_way_and_drawings_are_not_saved_and_private_keys_never(
    done, media, tmp_path, capsys, settings
):
    for name in ("incoming/half", "drawn/ab/page.png", "keys/chair.p12", "keys/chair.pem", "keys/public.pem"):
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(b"-----BEGIN CERTIFICATE-----")
    (media / "keys/chair.pem").write_bytes(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    (media / "keys/log").write_bytes(b"PRIVATE+KEY+lianxi+00000000+AAAA")
    (media / "signers").mkdir()
    (media / "signers" / "opaque").write_bytes(b"x")
    settings.SIGNER_KEYS = str(media / "signers")
    call_command("backup", to=tmp_path / "saved")
    (made,) = (tmp_path / "saved").iterdir()
    file = checksums.of_bytes(CONTENT)
    assert names(made / "media") == {f"files/{file[:2]}/{file}", "keys/public.pem"}
    said = capsys.readouterr().err
    assert "keys/chair.p12 has a private key" in said
    for name in ("keys/chair.pem", "keys/log", "signers/opaque"):
        assert f"{name} has a private key" in said


def test_the_public_parts_of_keys_are_saved_and_their_private_parts_are_nowhere(
    done, media, tmp_path, settings, empty, capsys
):
    """A signer's key as the demo's authority makes it, in its own folder; what verifies it is saved."""
    authority = tmp_path / "authority"
    for name, content in (
        ("anchors/root.pem", b"-----BEGIN CERTIFICATE-----"), ("lists/root.crl", b"a list"),
        ("anchors/root.key", b"secret of the authority"), ("keys/chair.p12", b"secret of the chair"),
    ):  # fmt: skip
        (authority / name).parent.mkdir(parents=True, exist_ok=True)
        (authority / name).write_bytes(content)
    settings.TRUST_ANCHORS, settings.REVOCATION_LISTS = str(authority / "anchors"), str(authority / "lists")
    settings.SIGNER_KEYS = str(authority / "keys")
    call_command("backup", to=tmp_path / "saved")
    (made,) = (tmp_path / "saved").iterdir()
    assert names(made / "public") == {"anchors/root.pem", "lists/root.crl"}
    assert not any(b"secret of the" in path.read_bytes() for path in made.rglob("*") if path.is_file())
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    restored(made, empty)
    assert "2 certificates and revocation lists are in" in capsys.readouterr().out


def test_a_file_that_is_not_what_its_row_names_is_told_when_it_is_saved(done, media, tmp_path, capsys, empty):
    file = checksums.of_bytes(CONTENT)
    path = media / "files" / file[:2] / file
    path.chmod(0o600)
    path.write_bytes(CONTENT[:-1] + b"N")
    call_command("backup", to=tmp_path / "saved")
    assert f"changed: files/{file[:2]}/{file}" in capsys.readouterr().err
    (made,) = (tmp_path / "saved").iterdir()
    assert json.loads((made / "manifest.json").read_bytes())["changed"] == [f"files/{file[:2]}/{file}"]
    restored(made, empty)


def test_a_file_that_is_not_what_the_restored_row_names_is_told(done, media, tmp_path, empty):
    file = checksums.of_bytes(CONTENT)
    path = media / "files" / file[:2] / file
    path.chmod(0o600)
    path.write_bytes(CONTENT[:-1] + b"N")
    call_command("backup", to=tmp_path / "saved")
    (made,) = (tmp_path / "saved").iterdir()
    manifest = json.loads((made / "manifest.json").read_bytes())
    rewritten(made, "manifest.json", facts.as_json(manifest | {"changed": []}))
    assert "is not the file that the database names" in refused(made, empty)


def test_a_file_that_is_named_and_not_there_is_told_and_expected_to_be_missing(
    done, media, tmp_path, empty, capsys
):
    file = checksums.of_bytes(CONTENT)
    shutil.rmtree(media / "files")
    call_command("backup", to=tmp_path / "saved")
    assert f"missing: files/{file[:2]}/{file}" in capsys.readouterr().err
    (made,) = (tmp_path / "saved").iterdir()
    restored(made, empty)


# --- what is not restored ---


def test_a_database_with_data_is_overwritten_only_when_told(done, backup):
    before = everything(done)
    with done.owner(autocommit=True) as opened:
        opened.execute("ALTER TABLE committee_unit DISABLE TRIGGER USER")
        opened.execute("UPDATE committee_unit SET name = name || '!'")
        opened.execute("ALTER TABLE committee_unit ENABLE TRIGGER USER")
        opened.execute("CREATE TABLE made_since (id int)")
    changed = everything(done)
    assert "has data" in refused(backup, done)
    assert everything(done) == changed
    restored(backup, done, overwrite=True)
    assert everything(done) == before


@pytest.mark.parametrize("name", ["database.dump", "manifest.json", "heads.jsonl", "SHA256SUMS", "media"])
def test_a_flipped_byte_is_refused_and_nothing_is_touched(backup, empty, name, tmp_path, settings):
    before = everything(empty)
    path = backup / name if name != "media" else next((backup / "media").rglob("*/*/*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    said = refused(backup, empty)
    assert "Nothing was restored" in said
    assert "SHA256SUMS" in said
    assert everything(empty) == before
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "heads.jsonl").unlink(), "heads.jsonl is missing"),
        (lambda folder: (folder / "more").write_text("x"), "more is there, and SHA256SUMS does not name it"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "never completed"),
        (lambda folder: (folder / "link").symlink_to("/etc/passwd"), "is a link"),
    ],
    ids=["missing", "extra", "no list", "link"],
)
def test_a_folder_that_is_not_whole_is_refused(backup, empty, change, words):
    change(backup)
    assert words in refused(backup, empty)


def rewritten(folder: Path, name: str, content: bytes) -> None:
    """The file has this content, and the list says so."""
    (folder / name).write_bytes(content)
    sums = checksums.read((folder / "SHA256SUMS").read_bytes())
    (folder / "SHA256SUMS").write_bytes(checksums.written(sums | {name: checksums.of_bytes(content)}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "has the format 2"),
        ({"roles": {"app": "a", "owner": "b"}}, "is of the roles b and a"),
        ({"server": 990000}, "is of PostgreSQL 99"),
    ],
)
def test_a_backup_of_another_kind_is_refused(backup, empty, changes, words):
    before = everything(empty)
    manifest = json.loads((backup / "manifest.json").read_bytes())
    rewritten(backup, "manifest.json", facts.as_json(manifest | changes))
    assert words in refused(backup, empty)
    assert everything(empty) == before


def test_while_others_use_the_database_nothing_is_restored(backup, empty):
    with empty.connect(autocommit=True) as other:
        other.execute("SELECT 1")
        assert "1 other connections use the database" in refused(backup, empty)


def test_a_dump_that_fails_half_way_leaves_the_database_as_it_was(done, backup):
    before = everything(done)
    dump = (backup / "database.dump").read_bytes()
    rewritten(backup, "database.dump", dump[: len(dump) * 2 // 3])
    assert "is as it was" in refused(backup, done, overwrite=True)
    assert everything(done) == before


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("heads.jsonl", lambda text: text.replace(b'"meeting:', b'"meeting:1', 1), "heads of the audit log"),
        ("manifest.json", lambda text: text.replace(b'"committee_seat": 3', b'"committee_seat": 4'), "4"),
    ],
)
def test_what_is_restored_is_compared_with_what_was_saved(backup, empty, name, change, words):
    rewritten(backup, name, change((backup / name).read_bytes()))
    said = refused(backup, empty)
    assert "not sound" in said
    assert words in said


def test_a_log_that_does_not_verify_is_told(done, tmp_path, empty):
    with cluster().connect(done.name) as superuser:
        superuser.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        superuser.execute("UPDATE audit_entry SET actor = '999' WHERE seq = 2")
        superuser.execute("ALTER TABLE audit_entry ENABLE TRIGGER ALL")
    call_command("backup", to=tmp_path / "saved")
    (made,) = (tmp_path / "saved").iterdir()
    assert "the audit log has a fault" in refused(made, empty)


# --- what is interrupted ---


def test_a_full_disk_says_so_and_leaves_nothing(done, tmp_path):
    """On a real file system of 64 kB, where one may be mounted."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no file system may be mounted here")
    try:
        with pytest.raises(CommandError, match="no space left"):
            call_command("backup", to=small)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("at", range(5))
def test_a_disk_that_is_full_at_any_file_leaves_nothing(done, tmp_path, monkeypatch, at):
    add, count = saving._Folder.add, iter(range(100))

    def failing(folder: Any, name: str, chunks: Any) -> None:
        if next(count) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        add(folder, name, chunks)

    with monkeypatch.context() as failed:
        failed.setattr(saving._Folder, "add", failing)
        with pytest.raises(CommandError, match="no space left"):
            call_command("backup", to=tmp_path / "saved")
    assert list((tmp_path / "saved").iterdir()) == []
    call_command("backup", to=tmp_path / "saved")
    assert len(list((tmp_path / "saved").iterdir())) == 1


def test_a_killed_backup_leaves_no_folder_that_looks_whole(done, media, tmp_path, empty):
    """Killed while it copies a file that never ends."""
    (media / "files" / "zz").mkdir()
    with (media / "files" / "zz" / "large").open("wb") as file:
        file.truncate(8 << 30)
    ran = subprocess.Popen(
        [sys.executable, "manage.py", "backup", "--to", tmp_path / "saved"],
        cwd=embedded_postgres.ROOT,
        env=done.env | {"MEDIA_ROOT": str(media)},
    )
    try:
        partial = awaited(tmp_path / "saved")
    finally:
        ran.send_signal(signal.SIGKILL)
        ran.wait()
    (media / "files" / "zz" / "large").unlink()
    assert [path.name[0] for path in (tmp_path / "saved").iterdir()] == ["."]
    assert "never completed" in refused(partial, empty)


def awaited(folder: Path) -> Path:
    """The folder below in which the large file is being copied."""
    for _ in range(600):
        for found in folder.glob(".*/media/files/zz/large"):
            return found.parents[3]
        time.sleep(0.05)
    raise AssertionError("the backup did not come to the large file")
