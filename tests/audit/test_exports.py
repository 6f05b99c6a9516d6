"""What is exported: complete files, one state of the log, with proofs, documents and an entry of its own."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from audit import merkle, note, verify
from audit.canonical import microseconds
from audit.exports import making
from audit.exports.asked import Asked, CannotExport
from audit.exports.making import export
from audit.exports.target import target
from audit.models import Checkpoint, Entry, Leaf, Payload
from audit.proofs.file import Proof
from audit.recording import SYSTEM, action, record
from proposals import storage
from tests import databases
from tests.audit.exports import ATTACHED, LOG, WITNESS, played_log, seal
from tests.stage import Stage


@pytest.fixture(scope="module")
def stage(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with django_db_blocker.unblock(), played_log(tmp_path_factory.mktemp("media")) as stage:
        yield stage


def said(*arguments: object) -> str:
    out = StringIO()
    call_command("audit", "export", *map(str, arguments), stdout=out)
    return out.getvalue()


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_bytes())


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "entries.jsonl").read_bytes().splitlines()]


@action
def write(stream: str, *, by: str) -> None:
    record(stream, "tested", stream, by=by, payload={"n": 1})


def last_of(stream: str) -> dict[str, Any]:
    entry = Entry.objects.filter(stream=stream).order_by("-seq")[0]
    payload = json.loads(bytes(Payload.objects.get(commitment=entry.commitment).body))
    return {"action": entry.action, "actor": entry.actor, "subject": entry.subject, **payload}


def test_all_has_every_leaf_in_its_order(stage: Stage, tmp_path: Path) -> None:
    head = Checkpoint.objects.latest("size")
    write("meeting:1", by=SYSTEM)
    told = said("--all", "--to", tmp_path / "all", "--by", stage["auditor"].username)
    found, rows = manifest(tmp_path / "all"), lines(tmp_path / "all")
    assert [row["index"] for row in rows] == list(range(head.size))
    assert head.size == found["entries"]
    assert (tmp_path / "all" / "checkpoint").read_text() == head.note
    assert found["younger"] == Entry.objects.count() - 1 - head.size >= 1
    assert f"{found['younger']} entries are younger" in told
    for row in rows:
        entry = Entry.objects.get(stream=row["stream"], seq=row["seq"])
        payload = Payload.objects.get(commitment=entry.commitment)
        assert (row["at"], row["recorded_at"]) == (microseconds(entry.at), microseconds(entry.recorded_at))
        assert row["payload"].encode() == bytes(payload.body)
        assert row["salt"] == bytes(payload.salt).hex()
        assert row["hash"] == bytes(entry.hash).hex()
        assert {row["actor"], row["action"], row["subject"]} == {entry.actor, entry.action, entry.subject}
    entry_of = last_of("system")
    assert entry_of["action"] == "export_log"
    assert entry_of["actor"] == str(stage["auditor"].pk)
    assert entry_of["manifest"] == sha256((tmp_path / "all" / "manifest.json").read_bytes()).hexdigest()
    assert entry_of["manifest"] in told
    assert not (tmp_path / "all" / "proofs").exists()


def test_a_meeting_has_its_streams_each_entry_its_proof(stage: Stage, tmp_path: Path) -> None:
    meeting, proposal, committee = stage.meeting, stage.proposal, stage.committee
    said("--meeting", meeting.pk, "--to", tmp_path / "m.zip")
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        archive.extractall(tmp_path / "m")
    rows, found = lines(tmp_path / "m"), manifest(tmp_path / "m")
    streams = {meeting.stream, proposal.stream, committee.stream}
    assert set(found["heads"]) == {row["stream"] for row in rows} == streams
    assert len(rows) == Leaf.objects.filter(stream__in=streams).count() == found["entries"]
    for stream in streams:
        last = max((row for row in rows if row["stream"] == stream), key=lambda row: row["seq"])
        assert found["heads"][stream] == {"seq": last["seq"], "hash": last["hash"]}
    assert len(list((tmp_path / "m" / "proofs").iterdir())) == len(rows)
    for row in rows:
        proof = Proof.parse((tmp_path / "m" / "proofs" / f"{row['index']}.tlog-proof").read_bytes())
        shown, signed = proof.check(bytes.fromhex(row["hash"]), [LOG.key], [WITNESS.key])
        assert proof.index == row["index"]
        assert len(signed.signatures) == 2
        assert shown.size == found["size"]
    assert last_of(meeting.stream)["action"] == "export_log"
    assert last_of(meeting.stream)["part"] == "meeting"


def test_documents_are_those_that_the_log_names(stage: Stage, tmp_path: Path) -> None:
    said("--proposal", stage.proposal.pk, "--to", tmp_path / "p")
    found = manifest(tmp_path / "p")
    kinds = sorted(each["what"].split()[0] for each in found["documents"])
    assert kinds == ["attachment:", "minutes", "plan", "report"]
    for each in found["documents"]:
        body = (tmp_path / "p" / each["name"]).read_bytes()
        assert sha256(body).hexdigest() == each["sha256"] == Path(each["name"]).stem
        assert len(body) == each["size"]
    attached = next(each for each in found["documents"] if each["within"])
    assert (tmp_path / "p" / attached["name"]).read_bytes() == ATTACHED
    assert said("--proposal", stage.proposal.pk, "--to", tmp_path / "q", "--no-documents")
    assert manifest(tmp_path / "q")["documents"] is None


def test_a_document_that_is_gone_or_changed_is_named(stage: Stage, tmp_path: Path) -> None:
    place = storage.place(sha256(ATTACHED).hexdigest())
    for change, why in ((lambda: place.write_bytes(b"other"), "changed"), (place.unlink, "gone")):
        change()
        told = said("--proposal", stage.proposal.pk, "--to", tmp_path / why)
        assert f"not in it: attachment: scan.txt ({place.name}), whose file is {why}" in told
        assert [each["why"] for each in manifest(tmp_path / why)["lacking"]] == [why]
    place.write_bytes(ATTACHED)


def test_since_continues_the_tree_before(stage: Stage, tmp_path: Path) -> None:
    before = Checkpoint.objects.latest("size")
    (tmp_path / "before").write_text(before.note)
    write("meeting:1", by=SYSTEM)
    seal()
    said("--since", tmp_path / "before", "--to", tmp_path / "s")
    rows = lines(tmp_path / "s")
    assert rows[0]["index"] == before.size
    head, _, kept = (tmp_path / "s" / "proofs" / "before").read_text().partition("\n\n")
    first, size, *hashes = head.split("\n")
    assert (first, size, kept) == ("lianxi-range/1", f"size {before.size}", before.note)
    peaks = [note.decode(each) for each in hashes]
    assert len(peaks) == before.size.bit_count()
    above = peaks.pop()
    while peaks:
        above = merkle.node_hash(peaks.pop(), above)
    assert above == note.Checkpoint.parse(note.split(kept)[0]).root
    said("--since", before.size, "--to", tmp_path / "t")
    assert lines(tmp_path / "t")[0] == rows[0]
    # nothing has followed the last one but the entries of these exports, which are not sealed yet
    said("--since", Checkpoint.objects.latest("size").size, "--to", tmp_path / "u")
    assert lines(tmp_path / "u") == []
    for name in ("s", "t", "u"):
        status, told = verify.verify(str(tmp_path / name), [str(LOG.key)], [str(WITNESS.key)])
        assert status == 0, told


def test_a_manifest_that_nobody_reads_is_not_written(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert making.MOST_MANIFEST == verify.MOST_MANIFEST
    monkeypatch.setattr(making, "MOST_MANIFEST", 1000)
    with pytest.raises(CommandError, match="too many documents for one export"):
        said("--all", "--to", tmp_path / "all")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_exported_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    head = Checkpoint.objects.latest("size")
    text, _ = note.split(head.note)
    other = text.replace(text.split("\n")[2], note.encode(bytes(32)))
    refused = {
        "There is no meeting 999": ["--meeting", 999],
        "no stored checkpoint of 999999": ["--since", "9" * 6],
        "not those of that checkpoint": ["--since", tmp_path / "forged"],
        "is of the log lianxi.other/x": ["--since", tmp_path / "foreign"],
        "is no checkpoint": ["--since", tmp_path / "none"],
        "nobody's login": ["--all", "--by", "nobody"],
    }
    (tmp_path / "forged").write_text(f"{other}\n{LOG.line(other)}")
    foreign = text.replace("lianxi.example/branch", "lianxi.other/x")
    (tmp_path / "foreign").write_text(f"{foreign}\n{LOG.line(foreign)}")
    (tmp_path / "none").write_bytes(b"\xff\n")
    before = sorted(tmp_path.iterdir())
    for words, arguments in refused.items():
        with pytest.raises(CommandError, match=words):
            said(*arguments, "--to", tmp_path / "to")
    with pytest.raises(CommandError, match="is there already"):
        said("--all", "--to", tmp_path / "none")
    assert sorted(tmp_path.iterdir()) == before


def test_progress_is_told_and_ends_it(stage: Stage, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    asked = Asked(meeting=stage.meeting.pk)
    done = export(asked, tmp_path / "m", by=SYSTEM, progress=lambda *each: told.append(each))
    assert told[0] == (0, 2 * done.entries)
    assert told[-1] == (2 * done.entries, 2 * done.entries)
    assert done.cosigned
    assert done.path == tmp_path / "m"

    class Enough(Exception):
        pass

    def stop(*_each: int) -> None:
        raise Enough

    before = Entry.objects.count()
    with pytest.raises(Enough):
        export(asked, tmp_path / "n", by=SYSTEM, progress=stop)
    assert Entry.objects.count() == before
    assert [each.name for each in tmp_path.iterdir()] == ["m"]


def test_it_is_of_one_thing() -> None:
    with pytest.raises(ValueError, match="one thing"):
        Asked(meeting=1, proposal=2)
    assert (Asked().part, Asked().stream) == ("all", None)
    assert Asked(proposal=3).stream == "proposal:3"


def fill(path: Path) -> None:
    with target(path) as put:
        with put("documents/a") as file:
            file.write(b"a")
        raise OSError("full")


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_is_written_is_its_owners_alone(tmp_path: Path, name: str) -> None:
    with target(tmp_path / name) as put, put("documents/a.txt") as file:
        file.write(b"a")
    there = [tmp_path / name, *(tmp_path / name).rglob("*")]
    assert [each for each in there if each.stat().st_mode & 0o077] == []


def test_a_target_is_complete_or_absent(tmp_path: Path) -> None:
    for name in ("folder", "archive.ZIP"):
        with pytest.raises(OSError, match="full"):
            fill(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_log_without_checkpoint_is_not_exported(fresh_db: Any, tmp_path: Path) -> None:
    with pytest.raises(CannotExport, match="no checkpoint yet"):
        export(Asked(), tmp_path / "x", by=SYSTEM)


def owner() -> psycopg.Connection[Any]:
    """A connection as the owner's role to the database of the stage."""
    return databases.Database(databases.cluster(), str(connection.settings_dict["NAME"])).owner()


def test_a_checkpoint_that_the_log_has_not_signed_is_refused(stage: Stage, tmp_path: Path) -> None:
    """The export would not hold, and blame the log for it."""
    written = seal()
    text, lines_ = note.split(written)
    forged = tmp_path / "forged"
    stranger = note.Signer.make(LOG.key.name, note.ED25519, bytes(32))
    body = note.decode(stranger.line(text).split(" ")[2].strip())
    false = f"— {LOG.key.name} {note.encode(LOG.key.id + body[4:])}\n"
    empty = note.Checkpoint(LOG.key.name, 0, merkle.EMPTY_ROOT).text
    for said_, words in (
        (f"{text}\n{false}", "was not signed by this log: the note has a false signature"),
        (f"{text}extension\n\n{lines_[0]}", "was not signed by this log: the note has a false signature"),
        (f"{empty}\n{stranger.line(empty)}", "is not signed by this log's key"),
    ):
        forged.write_text(said_)
        with pytest.raises(CommandError, match=words):
            said("--since", forged, "--to", tmp_path / "export")
    assert not (tmp_path / "export").exists()
    # before a new key came it was signed with another one: the stored note of the same text stands in
    forged.write_text(f"{text}\n{stranger.line(text)}")
    said("--since", forged, "--to", tmp_path / "export")
    status, told = verify.verify(str(tmp_path / "export"), [str(LOG.key)], [str(WITNESS.key)])
    assert status == 0, told


def test_what_was_erased_after_the_checkpoint_is_not_exported_as_if_lost(
    stage: Stage, tmp_path: Path
) -> None:
    write("committee:77", by=SYSTEM)
    seal()
    with owner() as own:
        own.execute("SELECT audit_erase('committee:77', 1, 'by law')")
    with pytest.raises(CommandError, match=r"entry:1 of committee:77 said was erased after the checkpoint"):
        said("--all", "--to", tmp_path / "early")
    assert not (tmp_path / "early").exists()
    said("--meeting", stage.meeting.pk, "--to", tmp_path / "other")
    seal()
    assert "1 payloads were erased by law" in said("--all", "--to", tmp_path / "late")
    status, told = verify.verify(str(tmp_path / "late"), [str(LOG.key)], [str(WITNESS.key)])
    assert status == 0, told


def test_an_export_needs_a_folder_to_lie_in(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no folder .*/absent to write the export into"):
        said("--all", "--to", tmp_path / "absent" / "export")


def test_a_checkpoint_that_cannot_be_read_is_said(stage: Stage, tmp_path: Path) -> None:
    seal()
    last = Checkpoint.objects.latest("size")
    with owner() as own:
        own.execute("ALTER TABLE audit_checkpoint DISABLE TRIGGER USER")
        own.execute("UPDATE audit_checkpoint SET note = 'x' WHERE size = %s", [last.size])
    words = f"The checkpoint of {last.size} leaves cannot be read"
    try:
        with (
            override_settings(LOG_WITNESS_URL="", LOG_WITNESS_KEY=""),
            pytest.raises(CommandError, match=words),
        ):
            said("--all", "--to", tmp_path / "export")
    finally:
        with owner() as own:
            own.execute("UPDATE audit_checkpoint SET note = %s WHERE size = %s", [last.note, last.size])
            own.execute("ALTER TABLE audit_checkpoint ENABLE TRIGGER USER")
