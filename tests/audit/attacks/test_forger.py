"""Somebody outside of the branch: forged checkpoints and proofs convince neither witness nor reader.

The forms of a note that Go refuses are in tests/audit/test_note.py, a proof's flipped bits in
test_proof_file.py.
"""

from __future__ import annotations

import dataclasses
import urllib.error
import urllib.request
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import assume, given
from hypothesis import strategies as st

from audit import merkle, note
from audit.models import Checkpoint, Leaf
from audit.note import Checkpoint as Head
from audit.note import NoteError, Signer
from audit.proofs.file import MOST_BYTES, NotProved, Proof
from audit.witness.store import Witness
from tests.audit.attacks.deeds import NOISE, says
from tests.audit.test_sealer import OLD, alter
from tests.audit.test_witnessing import WITNESS
from tests.databases import Database

#: the forger's keys: of the log's name, and of another
SAME_NAME = Signer.make(OLD.key.name, note.ED25519, bytes(range(9, 41)))
OTHER_NAME = Signer.make("lianxi.other/branch", note.ED25519, bytes(range(9, 41)))


def claiming(text: str, signer: Signer, key: note.Key) -> str:
    """The signer's signature of the text, under the name and the id of the other key."""
    body = note.decode(signer.line(text).split(" ")[2].strip())
    return f"— {key.name} {note.encode(key.id + body[4:])}\n"


#: who has signed → the line, the witness's answer, what a reader of a proof is told
FORGED: dict[str, Any] = {
    "another key of another name": (OTHER_NAME.line, 403, "no signature of a known key"),
    "another key of the same name": (SAME_NAME.line, 403, "no signature of a known key"),
    "another key under the same name and id": (
        lambda text: claiming(text, SAME_NAME, OLD.key), 403, "a false signature of the key",
    ),
    "the true one beside a false one": (
        lambda text: claiming(text, SAME_NAME, OLD.key) + OLD.line(text), 403, "a false signature of the key",
    ),
    "the witness's alone": (
        lambda text: WITNESS.line(text, at=1_700_000_000), 403, "no signature of a known key",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "status", "said"), FORGED.values(), ids=FORGED)
def test_a_forged_checkpoint_convinces_nobody(
    log: Database, witness: Witness, settings: Any, tmp_path: Path, line: Any, status: int, said: str
) -> None:
    says("prove", NOISE[7], 5, "--out", tmp_path / "proof")
    proof = Proof.parse((tmp_path / "proof").read_bytes())
    text, _ = note.split(proof.checkpoint)
    forged = f"{text}\n{line(text)}"
    assert post(settings, f"old 0\n\n{forged}")[0] == status
    assert witness.standings()[0].seen is None
    (tmp_path / "proof").write_text(dataclasses.replace(proof, checkpoint=forged).written())
    told = says("check-proof", tmp_path / "proof", "--log", OLD.key)
    assert "CommandError: The proof does not hold" in told
    assert said in told
    alter(log, "UPDATE audit_checkpoint SET note = %s", forged, table="audit_checkpoint")
    size = Leaf.objects.count()
    assert f"the checkpoint of {size} leaves cannot be believed: the note has {said[:20]}" in says("fsck")


def test_a_forged_cosignature_is_found_by_whoever_knows_the_witnesss_key(
    log: Database, settings: Any, tmp_path: Path
) -> None:
    other = Signer.make(WITNESS.key.name, note.COSIGNATURE, bytes(32))
    written = Checkpoint.objects.get().note
    line = other.line(note.split(written)[0], at=1_700_000_000)
    body = note.decode(line.split(" ")[2].strip())
    forged = f"{written}— {WITNESS.key.name} {note.encode(WITNESS.key.id + body[4:])}\n"
    alter(log, "UPDATE audit_checkpoint SET note = %s", forged, table="audit_checkpoint")
    assert "CommandError" not in says("fsck")  # no witness is known here
    said = f"cannot be believed: the note has a false signature of the key {WITNESS.key.name}"
    assert said in says("fsck", "--witness", WITNESS.key)
    says("prove", NOISE[7], 5, "--out", tmp_path / "proof")
    assert "a false signature" in says("check-proof", tmp_path / "proof", "--witness", WITNESS.key)
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)
    assert said in says("fsck")


def post(settings: Any, body: str) -> tuple[int, bytes]:
    asked = urllib.request.Request(f"{settings.LOG_WITNESS_URL}/add-checkpoint", data=body.encode())
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


ORIGIN = OLD.key.name
ROOT = note.encode(bytes(32))
HUGE: dict[str, str] = {
    "a text of a million lines": "\n" * 1_000_000 + "x\n\n",
    "60,000 signatures": f"{ORIGIN}\n1\n{ROOT}\n\n" + "— a AAAAAAAA\n" * 60_000,
    "extensions without end": f"{ORIGIN}\n1\n{ROOT}\n" + "x\n" * 490_000 + "\n— a AAAAAAAA\n",
    "a million empty signatures": f"{ORIGIN}\n1\n{ROOT}\n\n" + "\n" * 900_000,
    "a size of 100,000 digits": f"{ORIGIN}\n{'9' * 100_000}\n{ROOT}\n\n— a AAAAAAAA\n",
    "a name of 900,000 letters": f"{ORIGIN}\n1\n{ROOT}\n\n— {'a' * 900_000} AAAAAAAA\n",
    "a root of 900,000 letters": f"{ORIGIN}\n1\n{'A' * 900_000}\n\n— a AAAAAAAA\n",
}


#: what has the form of a checkpoint, and is not signed
FORMED = ("extensions without end", "a name of 900,000 letters")


@pytest.mark.parametrize(("name", "written"), HUGE.items(), ids=HUGE)
def test_a_note_without_end_is_refused_in_few_words_by_each_reader(
    log: Database, witness: Witness, settings: Any, tmp_path: Path, name: str, written: str
) -> None:
    status, answer = post(settings, f"old 0\n\n{written}")
    assert status == (403 if name in FORMED else 400)
    assert len(answer) < 300
    assert witness.standings()[0].seen is None
    says("prove", NOISE[7], 5, "--out", tmp_path / "proof")
    proof = Proof.parse((tmp_path / "proof").read_bytes())
    (tmp_path / "proof").write_text(dataclasses.replace(proof, checkpoint=written).written())
    told = says("check-proof", tmp_path / "proof", "--log", OLD.key)
    assert "CommandError: The proof does not hold" in told
    assert len(told) < 300
    alter(log, "UPDATE audit_checkpoint SET note = %s", written, table="audit_checkpoint")
    told = says("fsck")
    assert f"the checkpoint of {Leaf.objects.count()} leaves cannot be believed" in told
    assert len(told) < 400
    connection.close()


DIGITS = "9" * 100_000
#: in the lines of a proof
NUMBERS = {
    "its index": ("index 5", f"index {DIGITS}"),
    "an index with zeros before": ("index 5", f"index {'0' * 100_000}5"),
    "a negative index": ("index 5", f"index -{DIGITS}"),
    "an index in other digits": ("index 5", "index " + "\u0669" * 100_000),
}


@pytest.mark.parametrize(("old", "new"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_of_100000_digits_is_refused_in_few_words(old: str, new: str) -> None:
    written = proof_of(5).written()
    assert old in written
    with pytest.raises(NoteError, match="not a number of leaves") as told:
        check(written.replace(old, new).encode(), 5)
    assert len(str(told.value)) < 200


def test_a_size_of_100000_digits_is_refused_though_the_log_signed_it() -> None:
    text = f"{ORIGIN}\n{DIGITS}\n{ROOT}\n"
    proof = dataclasses.replace(proof_of(5), checkpoint=f"{text}\n{OLD.line(text)}")
    with pytest.raises(NoteError, match=r"not a number of leaves: '9{30}'$"):
        check(proof.written().encode(), 5)


# --- proofs, with what hypothesis thinks of ---

DATA = [sha256(bytes([each])).digest() for each in range(21)]
LEAVES = [merkle.leaf_hash(each) for each in DATA]


@cache
def tiles() -> dict[merkle.Tile, bytes]:
    return merkle.extend(0, LEAVES, lambda *_: b"")


def get(level: int, index: int) -> bytes:
    return tiles()[level, index]


def signed(size: int) -> str:
    text = Head(ORIGIN, size, merkle.root(size, get)).text
    return f"{text}\n{OLD.line(text)}"


def proof_of(leaf: int, size: int = 21) -> Proof:
    return Proof(leaf, tuple(merkle.inclusion(leaf, size, get)), signed(size))


def check(written: bytes, leaf: int) -> None:
    Proof.parse(written).check(DATA[leaf], [OLD.key])


def refused(written: bytes, leaf: int) -> None:
    """The proof is refused with an error that says so in few words, never with another one."""
    with pytest.raises((NotProved, NoteError)) as told:
        check(written, leaf)
    assert 0 < len(str(told.value)) < 300


leaves = st.integers(0, 20)


@given(leaves, st.data())
def test_a_truncated_proof_is_refused(leaf: int, data: st.DataObject) -> None:
    whole = proof_of(leaf).written().encode()
    check(whole, leaf)
    refused(whole[: data.draw(st.integers(0, len(whole) - 1))], leaf)


@given(leaves, st.data())
def test_a_path_with_other_hashes_is_refused(leaf: int, data: st.DataObject) -> None:
    """Exchanged, doubled, left out, in another order, or any others."""
    proof = proof_of(leaf)
    any_of = st.sampled_from([*proof.path, *LEAVES, bytes(32)])
    path = tuple(data.draw(st.lists(any_of, max_size=len(proof.path) + 3)))
    assume(path != proof.path)
    refused(dataclasses.replace(proof, path=path).written().encode(), leaf)


@given(leaves, leaves, st.integers(1, 21), st.integers(1, 21))
def test_parts_of_different_proofs_prove_nothing(leaf: int, other: int, size: int, of: int) -> None:
    """The path of one leaf for another, and that in one tree for another."""
    assume(leaf < size and other < of and (leaf, size) != (other, of))
    whole = dataclasses.replace(proof_of(leaf, size), path=proof_of(other, of).path)
    if whole == proof_of(leaf, size):
        return  # the two have the same siblings
    refused(whole.written().encode(), leaf)


@given(leaves, leaves)
def test_the_true_proof_of_one_leaf_is_none_of_another(leaf: int, other: int) -> None:
    assume(leaf != other)
    refused(proof_of(leaf).written().encode(), other)


@given(st.integers(0, 2**63 - 1), leaves)
def test_the_proof_of_another_place_is_refused(place: int, leaf: int) -> None:
    assume(place != leaf)
    refused(dataclasses.replace(proof_of(leaf), index=place).written().encode(), leaf)


@given(st.integers(1, 7), st.data())
def test_a_node_within_the_tree_is_no_leaf(height: int, data: st.DataObject) -> None:
    """The path from an inner node upwards leads to the root as well."""
    size = 1 << height
    nodes = [LEAVES[each % len(LEAVES)] for each in range(size)]
    path: list[bytes] = []
    while len(nodes) > 2:
        path.append(merkle.node_hash(nodes[2], nodes[3]))
        nodes = [merkle.node_hash(*nodes[at : at + 2]) for at in range(0, len(nodes), 2)]
    above = [LEAVES[1], *path]
    root = merkle.node_hash(*nodes)
    assert merkle.check_inclusion(0, size, LEAVES[0], above, root)
    cut = data.draw(st.integers(1, height))
    within = LEAVES[0]
    for each in above[:cut]:
        within = merkle.node_hash(within, each)
    assert not merkle.check_inclusion(0, size, within, above[cut:], root)


@given(leaves, st.integers(0, 64), st.binary(min_size=32, max_size=32))
def test_an_oversized_proof_is_refused(leaf: int, many: int, each: bytes) -> None:
    proof = proof_of(leaf)
    longer = dataclasses.replace(proof, path=(*proof.path, *[each] * (many + 1)))
    refused(longer.written().encode(), leaf)


def test_a_proof_of_more_than_two_million_bytes_is_not_read(tmp_path: Path) -> None:
    refused(proof_of(5).written().encode() + b"\n" * MOST_BYTES, 5)
    with (tmp_path / "proof").open("wb") as file:
        file.truncate(10 << 30)  # of zeros, which take no room
    assert "at most 2,000,000 bytes" in says("check-proof", tmp_path / "proof", "--log", OLD.key)


sizes = st.integers(0, 21)
hashes = st.lists(st.binary(min_size=32, max_size=32) | st.sampled_from(LEAVES), max_size=6)


@given(sizes, sizes, hashes)
def test_a_made_up_proof_of_consistency_is_refused(old: int, size: int, path: list[bytes]) -> None:
    """What is not the proof that there is does not convince; the true one does, of this tree alone."""
    assume(0 < old <= size)
    roots = merkle.root(old, get), merkle.root(size, get)
    true = merkle.consistency(old, size, get)
    assert merkle.check_consistency(old, size, *roots, true)
    assert merkle.check_consistency(old, size, *roots, path) == (path == true)
    assert not merkle.check_consistency(old, size, bytes(32), roots[1], true)
    assert not merkle.check_consistency(old, size, roots[0], bytes(32), true) or old == size == 0
