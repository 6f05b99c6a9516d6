"""The verifier of exports: what is sound holds, what somebody without the keys has changed does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import note, verify
from audit.canonical import payload_bytes
from audit.note import Signer
from committee.models import Meeting
from proposals.models import Proposal
from tests.audit.exports import (
    ATTACHED,
    LOG,
    WITNESS,
    Exports,
    change_manifest,
    forge,
    rechain,
    rows,
    write_rows,
)

ROOT = Path(__file__).parents[2]
ALL = ("all", "meeting", "proposal", "since")
KEYS = [str(LOG.key)], [str(WITNESS.key)]
#: another key of the same name
STRANGER = Signer.make(LOG.key.name, note.ED25519, bytes(32))


def verified(path: Path, language: str = "en") -> tuple[int, str]:
    status, lines = verify.verify(str(path), *KEYS, language)
    return status, "\n".join(lines)


def refused(path: Path, *words: str, status: int = 1) -> str:
    """The export does not hold, or with 2 cannot be read, and these words say so."""
    found, said = verified(path)
    assert found == status, said
    for each in words:
        assert each in said, said
    assert verified(path, "zh")[0] == status
    return said


# -- what holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_what_was_exported_holds(exports: Exports, tmp_path: Path, name: str) -> None:
    status, said = verified(exports.folder / name)
    assert status == 0, said
    assert said.startswith("It holds.")
    assert f"signed by the log ({LOG.key.name}+{LOG.key.id.hex()})" in said
    assert f"cosigned by {WITNESS.key.name}+{WITNESS.key.id.hex()} at 2027-01-15 08:00:00 UTC" in said
    status, said = verified(exports.folder / name, "zh")
    assert status == 0
    assert said.startswith("校验相符。")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", exports.folder / name)
    with zipfile.ZipFile(packed) as archive, zipfile.ZipFile(tmp_path / "again.zip", "w") as again:
        listed = [each for each in archive.infolist() if each.filename != "./"]
        for each in listed:  # the folders are listed too, as `zip -r` does
            again.writestr(each, archive.read(each))
    assert {each.filename for each in listed if each.is_dir()} == {
        f"{each.name}/" for each in (exports.folder / name).iterdir() if each.is_dir()
    }
    assert verified(tmp_path / "again.zip")[0] == 0
    around = shutil.make_archive(str(tmp_path / "around"), "zip", exports.folder, name)
    assert verified(around)[0] == 0  # the folder itself, as a file manager packs it


def test_every_vote_is_counted_and_every_document_compared(exports: Exports) -> None:
    _, said = verified(exports.folder / "all")
    closed = sum(each["action"] == "close_vote" for each in rows(exports.folder / "all")) // 2
    cancelled = sum(each["action"] == "cancel_vote" for each in rows(exports.folder / "all")) // 2
    assert closed == 4
    assert cancelled == 1
    assert f"{closed} votes were counted again from 30 opened ballots; {cancelled} were cancelled" in said
    assert "5 documents have the digests" in said


def test_it_runs_alone(exports: Exports, tmp_path: Path) -> None:
    """As an auditor runs it: in a folder of its own, with nothing of ours on the path."""
    shutil.copy(ROOT / "audit" / "verify.py", tmp_path)
    keys = tmp_path / "keys"
    keys.write_text(f"log {LOG.key}\nwitness {WITNESS.key}\n")
    command = [sys.executable, "-I", "-W", "error", "verify.py", str(exports.folder / "meeting")]

    def run(*more: str) -> tuple[int, str]:
        done = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, check=False)
        assert done.stderr == b""
        return done.returncode, done.stdout.decode()

    assert run("--log", "keys", "--witness", "keys")[0] == 0
    status, said = run("--language", "zh")
    assert status == 0
    assert said.startswith("仅内部一致，未经证明。")
    status, said = run("--log", str(STRANGER.key))
    assert status == 1
    assert "checkpoint is not signed by the log's key that was given" in said


def test_without_keys_nothing_is_attested(exports: Exports) -> None:
    status, lines = verify.verify(str(exports.folder / "all"), [], [])
    assert status == 0
    assert lines[0] == "Consistent with itself, not attested."
    assert any("--log VKEY" in line for line in lines)
    status, lines = verify.verify(str(exports.folder / "all"), [str(LOG.key)], [])
    assert lines[0] == "It holds."
    assert any("--witness VKEY" in line for line in lines)


@pytest.mark.parametrize(
    "given", [(["nonsense"], []), ([str(WITNESS.key)], []), ([], [str(LOG.key)]), ([str(LOG.key)[:-4]], [])]
)
def test_a_key_that_is_none_is_refused(exports: Exports, given: tuple[list[str], list[str]]) -> None:
    status, lines = verify.verify(str(exports.folder / "all"), *given)
    assert status == 2
    assert "is no public key" in lines[0]


def test_notes_are_read_as_go_reads_them() -> None:
    vectors = json.loads((ROOT / "tests" / "audit" / "tlog_vectors.json").read_bytes())["notes"]
    assert len(vectors) == 15
    for each in vectors:
        key = verify.Key.parse(each["vkey"])
        try:
            text, signatures = verify._split(each["note"].encode("utf-8", "surrogatepass"))
        except ValueError:
            assert not each["valid"], each
            continue
        found = verify.Note("", b"", text, signatures, "", 0, b"").time_of(key)
        assert (found is not None and found[0]) == each["valid"], each


def test_its_words_are_those_of_the_site() -> None:
    with translation.override("zh-hans"):
        site = {state.value: str(state.label) for of in (Proposal.State, Meeting.State) for state in of}
    assert site == verify.STATES_ZH
    for english, chinese in verify.WORDS.values():
        assert english.isascii()
        assert fields(english) == fields(chinese), english


def fields(words: str) -> set[str]:
    return {part.partition("}")[0] for part in words.split("{")[1:]}


# -- what was changed in the file -------------------------------------------------------------------------


def first(entries: list[dict[str, Any]], **wanted: str) -> int:
    """The place of the first entry like that."""
    return next(
        place
        for place, each in enumerate(entries)
        if all(each[key] == value for key, value in wanted.items())
    )


def edit(entries: list[dict[str, Any]], place: int, **changes: Any) -> None:
    payload = payload_bytes(json.loads(entries[place]["payload"]) | changes).decode()
    entries[place]["payload"] = payload


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("field", ["at", "actor", "action", "subject", "recorded_at"])
def test_an_edited_entry_is_named(exports: Exports, tmp_path: Path, name: str, field: str) -> None:
    folder = exports.copy(name, tmp_path)
    entries = rows(folder)
    other = entries[-1]
    other[field] = other[field] + 1 if isinstance(other[field], int) else "other"
    write_rows(folder, entries)
    refused(folder, f"{other['stream']} #{other['seq']}: is not what its hash was made of")


@pytest.mark.parametrize("name", ALL)
def test_an_edited_payload_is_named(exports: Exports, tmp_path: Path, name: str) -> None:
    folder = exports.copy(name, tmp_path)
    entries = rows(folder)
    edit(entries, -1, n=2)
    write_rows(folder, entries)
    where = f"{entries[-1]['stream']} #{entries[-1]['seq']}"
    refused(folder, f"{where}: has a payload that is not its commitment's")


def without_payload(entries: list[dict[str, Any]]) -> None:
    del entries[-1]["payload"], entries[-1]["salt"]


def swap(entries: list[dict[str, Any]]) -> None:
    entries[-1], entries[-2] = entries[-2], entries[-1]


def remove(entries: list[dict[str, Any]]) -> None:
    del entries[-2]


def cut(entries: list[dict[str, Any]]) -> None:
    del entries[-1]


def double(entries: list[dict[str, Any]]) -> None:
    entries.append(entries[-1])


def foreign(entries: list[dict[str, Any]]) -> None:
    """An entry of another log, sound in itself."""
    one = dict(entries[-1], stream="meeting:999", index=entries[-1]["index"] + 1)
    alone = [one]
    rechain(alone)
    one["index"] = entries[-1]["index"] + 1
    entries.append(one)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_payload, ("has lost its payload",)),
        (swap, ("stands after leaf",)),
        (remove, ("is missing",)),
        (double, ("stands there again",)),
    ],
)
def test_a_changed_list_of_entries_is_told(
    exports: Exports, tmp_path: Path, name: str, change: Callable[[Any], None], words: tuple[str, ...]
) -> None:
    folder = exports.copy(name, tmp_path)
    entries = rows(folder)
    change(entries)
    write_rows(folder, entries)
    refused(folder, *words)
    # and when the numbers of the manifest are made to fit
    change_manifest(folder, entries=len(entries))
    refused(folder, *words)


@pytest.mark.parametrize("name", ALL)
def test_the_last_entry_cut_off_is_told(exports: Exports, tmp_path: Path, name: str) -> None:
    folder = exports.copy(name, tmp_path)
    entries = rows(folder)
    cut(entries)
    write_rows(folder, entries)
    missing = "is said to be the last with hash" if name in ("meeting", "proposal") else "leaf"
    refused(folder, missing, "the manifest says of entries")


@pytest.mark.parametrize("name", ["meeting", "proposal"])
def test_an_entry_of_another_log_has_no_proof(exports: Exports, tmp_path: Path, name: str) -> None:
    folder = exports.copy(name, tmp_path)
    entries = rows(folder)
    foreign(entries)
    write_rows(folder, entries)
    refused(folder, "meeting:999 #1: is of a stream that the manifest does not name", "is not in it")
    proof = folder / "proofs" / f"{entries[-1]['index']}.tlog-proof"
    shutil.copy(folder / "proofs" / f"{entries[-2]['index']}.tlog-proof", proof)
    refused(folder, "meeting:999 #1: its proof is of another checkpoint or leaf")
    body = proof.read_text().replace(f"index {entries[-2]['index']}", f"index {entries[-1]['index']}")
    proof.write_text(body)
    refused(folder, "meeting:999 #1: its proof does not show that it is leaf")


def test_a_stream_made_anew_is_not_in_the_tree(exports: Exports, tmp_path: Path) -> None:
    for name in ALL[:3]:
        folder = exports.copy(name, tmp_path)
        entries = rows(folder)
        indexes = [each["index"] for each in entries]
        place = first(entries, action="open_meeting")
        edit(entries, place, notice=7)
        rechain(entries)
        for each, index in zip(entries, indexes, strict=True):
            each["index"] = index
        write_rows(folder, entries)
        if name == "all":
            refused(folder, "the entries do not make the tree of the checkpoint")
        else:
            refused(folder, f"{entries[place]['stream']} #{entries[place]['seq']}: its proof does not show")


def test_everything_made_anew_lacks_the_signatures(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("all", tmp_path)
    entries = rows(folder)
    edit(entries, first(entries, action="open_meeting"), notice=7)
    forge(folder, entries, STRANGER)
    refused(folder, "checkpoint is not signed by the log's key", "checkpoint is not cosigned by the witness")
    forge(folder, entries, LOG)
    refused(folder, "checkpoint is not cosigned by the witness")
    # the same name and the same id, which are four bytes, and the signature of another key
    text, lines = note.split((folder / "checkpoint").read_bytes())
    body = note.decode(STRANGER.line(text).split(" ")[2].strip())
    line = f"— {LOG.key.name} {note.encode(LOG.key.id + body[4:])}\n"
    (folder / "checkpoint").write_text(f"{text}\n{line}{WITNESS.line(text, at=1)}")
    assert lines
    refused(folder, f"the signature of {LOG.key.name}+{LOG.key.id.hex()} under checkpoint is false")


def test_an_old_checkpoint_is_told_from_the_present_one(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("since", tmp_path)
    old = (exports.folder / "all" / "checkpoint").read_bytes()
    (folder / "checkpoint").write_bytes(old)
    refused(folder, "the manifest says of size", "the entries do not make the tree")
    folder = exports.copy("all", tmp_path)
    shutil.copy(exports.folder / "since" / "checkpoint", folder / "checkpoint")
    refused(folder, "leaf 240 is missing", "the entries do not make the tree")


def test_another_log_is_not_this_one(exports: Exports) -> None:
    other = Signer.make("lianxi.other/branch", note.ED25519, bytes(range(32)))
    status, lines = verify.verify(str(exports.folder / "all"), [str(other.key)], [])
    assert status == 1
    assert "the checkpoint is of the log lianxi.example/branch, and the key of another one" in lines[2]


def test_the_tree_before_is_the_one_that_was_signed(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("since", tmp_path)
    before = folder / "proofs" / "before"
    head, _, kept = before.read_text().partition("\n\n")
    lines = head.split("\n")
    before.write_text("\n".join([*lines[:2], lines[3], lines[2], *lines[4:]]) + f"\n\n{kept}")
    refused(folder, "the hashes in proofs/before do not make the tree of the earlier checkpoint")
    before.write_text("\n".join(lines[:-1]) + f"\n\n{kept}")
    refused(folder, "proofs/before is no proof", status=2)
    text, _ = note.split(kept)
    before.write_text(f"{head}\n\n{text}\n{STRANGER.line(text)}")
    refused(folder, "proofs/before is not signed by the log's key")
    body = note.decode(WITNESS.line(f"{text}x", at=1).split(" ")[2].strip())
    line = f"— {WITNESS.key.name} {note.encode(body)}\n"
    before.write_text(f"{head}\n\n{text}\n{LOG.line(text)}{line}")
    refused(
        folder, f"the signature of {WITNESS.key.name}+{WITNESS.key.id.hex()} under proofs/before is false"
    )


# -- proofs -----------------------------------------------------------------------------------------------


def proofs(folder: Path) -> list[Path]:
    return sorted((folder / "proofs").iterdir())


def test_swapped_truncated_and_oversized_proofs(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("meeting", tmp_path)
    one, other, *_ = proofs(folder)
    sound = one.read_bytes()
    one.write_bytes(other.read_bytes())
    refused(folder, "its proof is of another checkpoint or leaf")
    lines = sound.split(b"\n")
    one.write_bytes(b"\n".join([*lines[:2], *lines[3:]]))
    refused(folder, "its proof does not show that it is leaf")
    one.write_bytes(b"\n".join([*lines[:3], lines[2], *lines[3:]]))
    refused(folder, "its proof does not show that it is leaf")
    one.write_bytes(b"\n".join([*lines[:2], *[lines[2]] * 64, *lines[3:]]))
    refused(folder, f"proofs/{one.name} is no proof", status=2)
    one.write_bytes(sound + b" " * verify.MOST_PROOF)
    refused(folder, f"proofs/{one.name} is longer than", status=2)
    one.unlink()
    refused(folder, f"proofs/{one.name} is not in it", status=2)


@given(st.data())
@settings(max_examples=60)
def test_a_random_proof_proves_nothing(exports: Exports, data: st.DataObject) -> None:
    folder = exports.folder / "meeting"
    path = data.draw(st.sampled_from(proofs(folder)))
    sound = path.read_bytes()
    head, _, rest = sound.partition(b"\n\n")
    made = data.draw(
        st.one_of(
            st.binary(max_size=200),
            st.binary(max_size=200).map(lambda each: b"c2sp.org/tlog-proof@v1\nindex 0\n" + each),
            st.lists(st.binary(min_size=32, max_size=32), max_size=66).map(
                lambda hashes: b"\n".join(
                    [*head.split(b"\n")[:2], *(note.encode(each).encode() for each in hashes), b"", rest]
                )
            ),
        )
    )
    try:
        path.write_bytes(made)
        assert verified(folder)[0] in ((1, 2) if made != sound else (0,))
    finally:
        path.write_bytes(sound)


@given(st.data())
@settings(max_examples=150)
def test_any_bit_flipped_is_noticed(exports: Exports, data: st.DataObject) -> None:
    """In whatever file; of what nobody vouches for, manifest and README.txt, it never ends in a traceback."""
    name = data.draw(st.sampled_from(ALL))
    folder = exports.folder / name
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    sound = path.read_bytes()
    # whose name is changed in the earlier checkpoint is nobody known there, and is passed over
    end = sound.index("— head-office".encode()) if path.name == "before" else len(sound)
    bit = data.draw(st.integers(0, end * 8 - 1))
    changed = bytearray(sound)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        path.write_bytes(changed)
        status, said = verified(folder)
    finally:
        path.write_bytes(sound)
    vouched = path.name not in ("manifest.json", "README.txt")
    assert status in ((1, 2) if vouched else (0, 1, 2)), (path, bit, said)


@given(st.data())
@settings(max_examples=60)
def test_anything_cut_short_is_noticed(exports: Exports, data: st.DataObject) -> None:
    folder = exports.folder / data.draw(st.sampled_from(ALL))
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "README.txt")
    path = data.draw(st.sampled_from(files))
    sound = path.read_bytes()
    try:
        path.write_bytes(sound[: data.draw(st.integers(0, len(sound) - 1))])
        status, said = verified(folder)
    finally:
        path.write_bytes(sound)
    # the manifest's last byte is a line feed, which JSON does not need
    assert status in (1, 2) or path.name == "manifest.json", said


# -- documents and files ----------------------------------------------------------------------------------


def documents(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "manifest.json").read_bytes())["documents"]


def test_documents_changed_gone_unnamed_and_foreign(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("proposal", tmp_path)
    for each in documents(folder):
        path = folder / each["name"]
        sound = path.read_bytes()
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        refused(folder, f"{each['name']} is not the document that the log names")
        path.write_bytes(sound + b"\0")
        refused(folder, f"{each['name']} is not the document that the log names")
        path.unlink()
        refused(folder, f"{each['name']} is in the manifest and not in the export")
        path.write_bytes(sound)
    other = sha256(b"other").hexdigest()
    (folder / "documents" / other).write_bytes(b"other")
    refused(folder, f"documents/{other} does not belong to the export")
    named = documents(folder)[0] | {"name": f"documents/{other}", "sha256": other, "size": 5, "within": ""}
    change_manifest(folder, documents=[*documents(folder), named])
    refused(folder, f"documents/{other} is named by no entry")
    inner = next(each for each in documents(folder) if each["within"])
    change_manifest(folder, documents=[*documents(folder)[:-1], named | {"within": inner["within"]}])
    refused(folder, f"documents/{other} is named by no entry")
    assert ATTACHED


def test_a_document_that_many_are_said_to_be_within_is_read_once(
    exports: Exports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = exports.copy("proposal", tmp_path)
    inner = next(each for each in documents(folder) if each["within"])
    listed = documents(folder)
    for number in range(20):
        digest = sha256(b"%d" % number).hexdigest()
        (folder / "documents" / digest).write_bytes(b"%d" % number)
        size = len(str(number))
        listed.append(inner | {"name": f"documents/{digest}", "sha256": digest, "size": size})
    change_manifest(folder, documents=listed)
    opened: Counter[str] = Counter()
    kept = verify.Folder.open
    monkeypatch.setattr(
        verify.Folder, "open", lambda self, name: (opened.update([name]), kept(self, name))[1]
    )
    status, lines = verify.verify(str(folder), *KEYS)
    said = "\n".join(lines)
    assert status == 1
    assert said.count("is named by no entry") == 20
    assert f"{inner['name']} is named by no entry" not in said
    assert set(opened.values()) == {1}, opened.most_common(3)


def test_a_document_lacking_is_said(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("proposal", tmp_path)
    change_manifest(folder, lacking=[{"sha256": "", "what": "paper 7", "what_zh": "文件7", "why": "gone"}])
    assert "names it: paper 7 (the file is gone)" in verified(folder)[1]
    assert "未含：文件7（文件已不存在）" in verified(folder, "zh")[1]


@pytest.mark.parametrize("name", ["note.txt", "documents/x", "proofs/x.tlog-proof", "proofs/01.tlog-proof"])
def test_a_name_that_no_export_has(exports: Exports, tmp_path: Path, name: str) -> None:
    folder = exports.copy("meeting", tmp_path)
    (folder / name).write_text("x")
    refused(folder, f"has a name that no export has: {name}", status=2)


def test_links_pipes_and_folders_are_no_files(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("meeting", tmp_path)
    path = folder / "entries.jsonl"
    path.rename(tmp_path / "entries.jsonl")
    makers: tuple[Callable[[], object], ...] = (
        lambda: path.symlink_to(tmp_path / "entries.jsonl"),
        lambda: os.mkfifo(path),
        path.mkdir,
    )
    for make in makers:
        make()
        refused(folder, "entries.jsonl is no ordinary file", status=2)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    refused(folder, "entries.jsonl is not in it", status=2)
    (tmp_path / "entries.jsonl").rename(path)
    (folder / "proofs").rename(tmp_path / "proofs")
    (folder / "proofs").symlink_to(tmp_path / "proofs")
    refused(folder, "proofs is no ordinary file", status=2)


def test_nothing_there(tmp_path: Path) -> None:
    refused(tmp_path / "none", "there is no folder and no file", status=2)
    refused(tmp_path, "manifest.json is not in it", status=2)
    (tmp_path / "x.zip").write_bytes(b"PK")
    refused(tmp_path / "x.zip", "is no folder and no ZIP", status=2)


# -- ZIP --------------------------------------------------------------------------------------------------


def packed(folder: Path, path: Path, *more: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for each in sorted(each for each in folder.rglob("*") if each.is_file()):
            archive.write(each, each.relative_to(folder))
        for name, body in more:
            archive.writestr(name, body)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "documents/../../x",
        "documents\\x",
        "proofs/",
        "a\0b",
        "C:x",
        "documents/" + "0" * 63,
        "export/README.txt",
    ],
)
def test_a_zip_with_a_name_that_leads_elsewhere(exports: Exports, tmp_path: Path, name: str) -> None:
    path = packed(exports.folder / "meeting", tmp_path / "x.zip", (name.replace("\0", "?"), b"x"))
    if "\0" in name:
        path.write_bytes(path.read_bytes().replace(b"a?b", name.encode()))
    refused(path, "has a name that no export has", status=2)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_file_twice_or_packed_otherwise(exports: Exports, tmp_path: Path) -> None:
    folder = exports.folder / "meeting"
    checkpoint = (folder / "checkpoint").read_bytes()
    refused(
        packed(folder, tmp_path / "a.zip", ("checkpoint", checkpoint)), "checkpoint is in it twice", status=2
    )
    refused(
        packed(folder, tmp_path / "b.zip", how=zipfile.ZIP_LZMA),
        "is packed in a way that no export is",
        status=2,
    )
    body = bytearray(packed(folder, tmp_path / "c.zip").read_bytes())
    at = body.index(b"PK\x01\x02")
    body[at + 8] |= 1  # encrypted, the list of files says
    (tmp_path / "c.zip").write_bytes(body)
    refused(tmp_path / "c.zip", "is packed in a way that no export is", status=2)


@given(st.data())
@settings(max_examples=80)
def test_a_damaged_zip_never_ends_in_a_traceback(exports: Exports, data: st.DataObject) -> None:
    path = exports.folder / "damaged.zip"
    body = bytearray(packed(exports.folder / "proposal", path).read_bytes())
    if data.draw(st.booleans()):
        del body[data.draw(st.integers(0, len(body) - 1)) :]
    else:
        bit = data.draw(st.integers(0, len(body) * 8 - 1))
        body[bit // 8] ^= 1 << bit % 8
    path.write_bytes(body)
    status, said = verified(path)
    assert status in (0, 1, 2)
    assert said


# -- what is there to exhaust or confuse the reader -------------------------------------------------------

ZEROS = 10 << 30


def test_ten_gigabytes_of_zeros(exports: Exports, tmp_path: Path) -> None:
    for name, words in (
        ("entries.jsonl", "line 1 of entries.jsonl is longer"),
        ("checkpoint", "checkpoint is longer"),
        ("manifest.json", "manifest.json is longer"),
    ):
        folder = exports.copy("all", tmp_path / name)
        os.truncate(folder / name, 0)
        os.truncate(folder / name, ZEROS)  # holes: nothing is written to the disk
        refused(folder, words, status=2)
    folder = exports.copy("all", tmp_path / "documents")
    one = documents(folder)[0]
    os.truncate(folder / one["name"], ZEROS)
    refused(folder, f"{one['name']} is not the document")
    change_manifest(folder, documents=[one | {"size": ZEROS}, *documents(folder)[1:]])
    refused(folder, f"{one['name']} is longer than", status=2)


def test_a_zip_of_zeros(exports: Exports, tmp_path: Path) -> None:
    path = packed(exports.folder / "all", tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "y.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(path) as sound:
            for each in sound.namelist():
                if each != "entries.jsonl":
                    archive.writestr(each, sound.read(each))
        with archive.open("entries.jsonl", "w") as file:
            for _ in range(100):
                file.write(bytes(1 << 20))
    assert (tmp_path / "y.zip").stat().st_size < 1 << 20
    refused(tmp_path / "y.zip", "line 1 of entries.jsonl is longer", status=2)


def test_a_list_of_files_too_long_to_read(exports: Exports, tmp_path: Path) -> None:
    body = bytearray(packed(exports.folder / "all", tmp_path / "x.zip").read_bytes())
    at = body.rindex(b"PK\x05\x06")
    body[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(body)
    refused(tmp_path / "x.zip", "it has more than", status=2)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\n" * 1_000_000, "is no signed checkpoint"),
        (b"lianxi.example/branch\n1\n" + b"x\n" * 499_000 + b"\nx\n", "is no signed checkpoint"),
        (b"x\n\n" + "— a AAAAAAAA\n".encode() * 17, "is no signed checkpoint"),
        (
            b"lianxi.example/branch\n" + b"9" * 100_000 + b"\nAAAA\n\n\xe2\x80\x94 a AAAAAAAA\n",
            "is no signed",
        ),
        (b"\xff\n\n", "is no signed checkpoint"),
        (b"", "is no signed checkpoint"),
        (b"x" * 2_000_000, "is longer than"),
    ],
)
def test_notes_that_are_none(exports: Exports, tmp_path: Path, raw: bytes, words: str) -> None:
    folder = exports.copy("all", tmp_path)
    (folder / "checkpoint").write_bytes(raw)
    refused(folder, f"checkpoint {words}", status=2)


NUMBER = b"9" * 100_000


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"seq":NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"seq":' + NUMBER + b"}",
        b'{"seq":1e999}',
        b'{"index":0,"index":1}',
        b'"' + b"x" * 1000,
    ],
)
def test_lines_that_are_no_entries(exports: Exports, tmp_path: Path, line: bytes) -> None:
    folder = exports.copy("all", tmp_path)
    sound = (folder / "entries.jsonl").read_bytes()
    (folder / "entries.jsonl").write_bytes(sound + line + b"\n")
    refused(folder, "line 241 of entries.jsonl is no entry", status=2)
    (folder / "manifest.json").write_bytes(line)
    refused(folder, "manifest.json is not the JSON", status=2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("index", -1), ("index", 2**70), ("index", True), ("seq", "1"), ("seq", 2**63), ("at", None),
        ("stream", "\ud800"), ("hash", "00"), ("commitment", "zz" * 32), ("prev", "0" * 63), ("salt", "00"),
        ("salt", "AB" * 16), ("payload", 7), ("payload", None), ("stream", ["meeting:1"]), ("action", {}),
        ("salt", None), ("at", 2**63 - 1), ("recorded_at", -(2**63)),
    ],
)  # fmt: skip
def test_fields_that_are_none(exports: Exports, tmp_path: Path, field: str, value: Any) -> None:
    folder = exports.copy("all", tmp_path)
    lines = (folder / "entries.jsonl").read_bytes().splitlines(keepends=True)
    one = json.loads(lines[5]) | {field: value}
    lines[5] = json.dumps(one).encode() + b"\n"
    (folder / "entries.jsonl").write_bytes(b"".join(lines))
    status, said = verified(folder)
    assert status in (1, 2), said
    assert "line 6 of entries.jsonl" in said or one["stream"] in said or "leaf" in said


def test_payloads_that_confuse(exports: Exports, tmp_path: Path) -> None:
    """What a payload says is vouched for, and may still be nothing that an action has written."""
    for number, payload in enumerate(
        ("[" * 50_000, '{"seat":' + "9" * 5000 + "}", "null", '{"seat":NaN}', "7", "{}", '{"ballots":[[]]}')
    ):
        folder = exports.copy("all", tmp_path / str(number))
        entries = rows(folder)
        for action in ("cast", "close_vote", "open_vote", "convene", "found_committee"):
            entries[first(entries, action=action)]["payload"] = payload
        forge(folder, entries)
        refused(folder, "in a way that cannot be read")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "lianxi-export/2"},
        {"algorithms": {"hash": "SM3"}},
        {"size": -1},
        {"size": "240"},
        {"asked": {"part": "some", "stream": None, "since": None}},
        {"asked": {"part": "since", "stream": None, "since": None}},
        {"heads": []},
        {"documents": [{"name": "../x"}]},
        {"younger": None},
        {"root": "00"},
    ],
)
def test_manifests_that_are_none(exports: Exports, tmp_path: Path, changes: dict[str, Any]) -> None:
    folder = exports.copy("all", tmp_path)
    change_manifest(folder, **changes)
    status, said = verified(folder)
    assert status == 2, said
    known = {"format", "algorithms"} & changes.keys()
    assert ("its format is" if known else "manifest.json is not the JSON") in said


@pytest.mark.parametrize("what", ["entries", "streams", "size", "origin", "root"])
def test_a_manifest_that_says_otherwise(exports: Exports, tmp_path: Path, what: str) -> None:
    folder = exports.copy("all", tmp_path)
    said = json.loads((folder / "manifest.json").read_bytes())[what]
    change_manifest(folder, **{what: said + 1 if isinstance(said, int) else said[::-1]})
    refused(folder, f"the manifest says of {what}")


def test_so_many_faults_are_not_all_listed(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("all", tmp_path)
    write_rows(folder, [each | {"actor": "other"} for each in rows(folder)])
    said = refused(folder, "and more; reading stopped at 100 faults")
    assert said.count("✗") == 100


def test_what_a_terminal_would_obey_is_not_printed(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("all", tmp_path)
    entries = rows(folder)
    entries[-1]["stream"] = "meeting:\x1b[2J\u202e1"
    write_rows(folder, entries)
    said = refused(folder)
    assert "\x1b" not in said
    assert "\u202e" not in said


# -- the tree ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000])
def test_the_tree_is_that_of_the_log(size: int) -> None:
    from audit import merkle  # beside the verifier's own

    leaves = [merkle.leaf_hash(each.to_bytes(4)) for each in range(size + 300)]
    tiles = merkle.extend(0, leaves, lambda *_: b"")

    def get(level: int, index: int) -> bytes:
        return tiles[level, index]

    tree = verify.Tree(size, merkle.peaks(size, get))
    assert tree.root() == merkle.root(size, get)
    for at in range(size, size + 300):
        tree.add(leaves[at])
        if at % 37 == 0:
            assert tree.root() == merkle.root(at + 1, get)
    assert tree.root() == merkle.root(size + 300, get)
