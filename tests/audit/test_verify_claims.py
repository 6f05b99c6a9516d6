"""The verifier of exports: what an export says of itself, and whose keys are believed for what."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit import note, verify
from audit.canonical import payload_bytes
from audit.note import Signer
from office import exported
from tests.audit.exports import COSIGNED_AT, LOG, WITNESS, Exports, change_manifest, forge, rows, write_rows

#: another branch's log, whose key an auditor of both has too, and a second witness
OTHER = Signer.make("lianxi.other/branch", note.ED25519, bytes(range(9, 41)))
SECOND = Signer.make("regulator.example/witness", note.COSIGNATURE, bytes(range(6, 38)))


def verified(path: Path, log: list[str] | None = None, witness: list[str] | None = None) -> tuple[int, str]:
    status, lines = verify.verify(
        str(path), [str(LOG.key)] if log is None else log, [str(WITNESS.key)] if witness is None else witness
    )
    return status, "\n".join(lines)


def manifest(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return said


# -- whose keys -------------------------------------------------------------------------------------------


def test_the_key_of_another_log_vouches_for_none_but_its_own(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("all", tmp_path)
    forge(folder, rows(folder), OTHER)
    status, said = verified(folder, [str(LOG.key), str(OTHER.key)], [])
    assert status == 1, said
    assert f"checkpoint is not signed by the log's key that was given ({LOG.key.name}+" in said
    assert "is signed by the log" not in said
    forge(folder, rows(folder), LOG, OTHER)
    status, said = verified(folder, [str(OTHER.key), str(LOG.key)], [])
    assert status == 0, said
    assert said.count("is signed by the log") == 1


def test_the_earlier_checkpoint_needs_its_own_logs_signature(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("since", tmp_path)
    before = folder / "proofs" / "before"
    head, _, kept = before.read_text().partition("\n\n")
    text, _ = note.split(kept)
    before.write_text(f"{head}\n\n{text}\n{OTHER.line(text)}")
    status, said = verified(folder, [str(LOG.key), str(OTHER.key)])
    assert status == 1
    assert "proofs/before is not signed by the log's key" in said


def test_each_witness_that_is_given_must_have_cosigned(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("all", tmp_path)
    status, said = verified(folder, witness=[str(WITNESS.key), str(SECOND.key)])
    assert status == 1, said
    assert f"checkpoint is not cosigned by the witness whose key was given ({SECOND.key.name}+" in said
    text, _ = note.split((folder / "checkpoint").read_bytes())
    with (folder / "checkpoint").open("a") as file:
        file.write(SECOND.line(text, at=COSIGNED_AT))
    assert verified(folder, witness=[str(WITNESS.key), str(SECOND.key)])[0] == 0
    # of one witness that has a new key, both stand in its file, and one of them is enough
    keys = tmp_path / "keys"
    renewed = Signer.make(WITNESS.key.name, note.COSIGNATURE, bytes(32))
    keys.write_text(f"witness {renewed.key}\nwitness {WITNESS.key}\n")
    assert verified(folder, witness=[str(keys)])[0] == 0


# -- what the export says that it is ----------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["meeting:999", "meeting:1 — examined", ""])
def test_an_export_of_one_thing_is_not_passed_off_as_that_of_another(
    exports: Exports, tmp_path: Path, stream: str
) -> None:
    for name in ("meeting", "proposal"):
        folder = exports.copy(name, tmp_path)
        change_manifest(folder, asked={"part": "meeting", "stream": stream, "since": None})
        status, said = verified(folder)
        assert status == (1 if stream else 2), said
        assert not stream or f"the export is said to be of {stream}, and nothing of that is here" in said
    change_manifest(folder, asked={"part": "meeting", "stream": exports.proposal, "since": None})
    status, said = verified(folder)
    assert status == 2
    assert "manifest.json is not the JSON" in said


def test_a_meeting_without_its_own_stream_does_not_hold(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("meeting", tmp_path)
    left = [each for each in rows(folder) if each["stream"] == exports.committee]
    assert left
    write_rows(folder, left)
    for each in (folder / "proofs").iterdir():
        if int(each.name.partition(".")[0]) not in {entry["index"] for entry in left}:
            each.unlink()
    shutil.rmtree(folder / "documents")
    heads = {exports.committee: manifest(folder)["heads"][exports.committee]}
    change_manifest(folder, heads=heads, entries=len(left), streams=1, documents=[])
    status, said = verified(folder)
    assert status == 1, said
    assert f"the export is said to be of {exports.meeting}, and nothing of that is here" in said
    shutil.rmtree(folder / "proofs")
    write_rows(folder, [])
    change_manifest(folder, heads={}, entries=0, streams=0)
    assert verified(folder)[0] == 1


# -- its documents ----------------------------------------------------------------------------------------


def test_a_document_listed_again_under_another_name_is_told(exports: Exports, tmp_path: Path) -> None:
    """The copy that is sound must not vouch for the one that is not."""
    folder = exports.copy("all", tmp_path)
    documents = manifest(folder)["documents"]
    one = next(each for each in documents if each["name"].endswith(".json"))
    again = one | {"name": f"documents/{one['sha256']}.pdf"}
    shutil.copy(folder / one["name"], folder / again["name"])
    (folder / one["name"]).write_bytes(b"another text")
    for listed in ([*documents, again], [again, *documents]):
        change_manifest(folder, documents=listed)
        status, said = verified(folder)
        assert status == 2, said
        assert "is in it twice" in said


@pytest.mark.parametrize("digest", ["", "a", "a" * 63])
def test_a_document_without_a_whole_digest_is_none(exports: Exports, tmp_path: Path, digest: str) -> None:
    """An empty one is in every text, and is what a file of another size than said was compared with."""
    folder = exports.copy("all", tmp_path)
    documents = manifest(folder)["documents"]
    outer = next(each for each in documents if not each["within"])
    name = f"documents/{'a' * 64}.pdf"
    (folder / name).write_bytes(b"forged")
    forged = outer | {"name": name, "sha256": digest, "size": 1, "within": outer["sha256"]}
    change_manifest(folder, documents=[*documents, forged])
    status, said = verified(folder)
    assert status == 2, said
    assert "manifest.json is not the JSON" in said


def test_a_document_taken_out_with_its_row_is_remarked(exports: Exports, tmp_path: Path) -> None:
    folder = exports.copy("meeting", tmp_path)
    documents = manifest(folder)["documents"]
    assert "neither in the export nor said to be lacking" not in verified(folder)[1]
    one = next(each for each in documents if each["what"].startswith("report"))
    (folder / one["name"]).unlink()
    change_manifest(folder, documents=[each for each in documents if each is not one])
    status, said = verified(folder)
    assert status == 0
    assert "1 documents that entries name are neither in the export nor said to be lacking" in said
    assert f"the first is named by {one['stream']} #{one['seq']}." in said
    lacking = {"sha256": one["sha256"], "what": one["what"], "what_zh": one["what_zh"], "why": "gone"}
    change_manifest(folder, lacking=[lacking])
    said = verified(folder)[1]
    assert "neither in the export" not in said
    assert f"Not in the export, though the log names it: {one['what']}" in said


def test_a_digest_in_what_somebody_said_names_no_document(exports: Exports, tmp_path: Path) -> None:
    """A member may say any text: a file that was prepared with its digest is not vouched for by that."""
    folder = exports.copy("all", tmp_path)
    forged = b"minutes that nobody signed"
    digest = sha256(forged).hexdigest()
    entries = rows(folder)
    for action, field in (("convene", "place"), ("sign_minutes", "remark"), ("close_vote", "digest")):
        one = next(each for each in entries if each["action"] == action)
        one["payload"] = payload_bytes(json.loads(one["payload"]) | {field: digest}).decode()
    forge(folder, entries)
    for action in ("convene", "sign_minutes", "close_vote"):
        one = next(each for each in rows(folder) if each["action"] == action)
        name = f"documents/{digest}.pdf"
        (folder / name).write_bytes(forged)
        row = {"name": name, "sha256": digest, "size": len(forged), "what": "minutes", "what_zh": "纪要"}
        row |= {"stream": one["stream"], "seq": one["seq"], "within": ""}
        change_manifest(folder, documents=[*manifest(exports.folder / "all")["documents"], row])
        status, said = verified(folder)
        assert status == 1, said
        assert f"{name} is named by no entry" in said


def test_it_knows_the_acts_that_name_documents() -> None:
    acts = {*exported._PLAN, *exported._MINUTES, "report_decisions", "draw_up_papers"}
    assert set(verify.NAMING) == acts


# -- what cannot be opened --------------------------------------------------------------------------------


def test_a_name_that_no_file_can_have_is_said_to_be_unreadable() -> None:
    status, said = verified(Path("a" * 5000))
    assert status == 2
    assert "It cannot be read: aaaa" in said
