"""A proof as a file: what is written is read, and only the log's own leaf at its place is proved."""

from __future__ import annotations

import dataclasses
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle, note
from audit.note import Checkpoint, Malformed, NoteError, Signer
from audit.proofs.file import NotProved, Proof

LOG = Signer.make("lianxi.example/log", note.ED25519, bytes(range(32)))
WITNESS = Signer.make("witness.example/w1", note.COSIGNATURE, bytes(range(1, 33)))
DATA = [sha256(bytes([each])).digest() for each in range(21)]
TILES = merkle.extend(0, [merkle.leaf_hash(each) for each in DATA], lambda *_: b"")


def get(level: int, index: int) -> bytes:
    return TILES[level, index]


HEAD = Checkpoint("lianxi.example/log", 21, merkle.root(21, get))
SIGNED = f"{HEAD.text}\n{LOG.line(HEAD.text)}{WITNESS.line(HEAD.text, at=1_700_000_000)}"
PROOF = Proof(13, tuple(merkle.inclusion(13, 21, get)), SIGNED)


def test_a_file_is_read_as_it_was_written() -> None:
    for proof in (
        PROOF,
        dataclasses.replace(PROOF, extra=b"meeting:1 7"),
        dataclasses.replace(PROOF, path=()),
    ):
        assert Proof.parse(proof.written().encode()) == proof
    assert PROOF.written().startswith("c2sp.org/tlog-proof@v1\nindex 13\n")
    assert PROOF.written().endswith(f"\n\n{SIGNED}")


def test_the_leaf_is_proved_and_the_witness_named() -> None:
    checkpoint, found = PROOF.check(DATA[13], [LOG.key], [WITNESS.key])
    assert checkpoint == HEAD
    assert [(each.key, each.at) for each in found.signatures] == [
        (LOG.key, None),
        (WITNESS.key, 1_700_000_000),
    ]


def test_another_leaf_or_place_is_not_proved() -> None:
    with pytest.raises(NotProved, match="number 13"):
        PROOF.check(DATA[12], [LOG.key])
    for index in (12, 14, 21, 2**62):
        with pytest.raises(NotProved):
            dataclasses.replace(PROOF, index=index).check(DATA[13], [LOG.key])


def test_the_log_itself_must_have_signed() -> None:
    other = Signer.make("lianxi.example/log", note.ED25519, bytes(32))
    with pytest.raises(note.Unsigned):
        PROOF.check(DATA[13], [other.key], [WITNESS.key])
    stranger = Signer.make("other.example/log", note.ED25519, bytes(32))
    foreign = dataclasses.replace(PROOF, checkpoint=f"{HEAD.text}\n{stranger.line(HEAD.text)}")
    with pytest.raises(NotProved, match="not of the one"):
        foreign.check(DATA[13], [stranger.key])
    # whoever knows the keys of several logs believes each for its own alone
    with pytest.raises(NotProved, match="signed by another's key"):
        foreign.check(DATA[13], [LOG.key, stranger.key])


def test_a_false_cosignature_of_a_known_witness_is_refused() -> None:
    other = Signer.make("witness.example/w1", note.COSIGNATURE, bytes(32))
    line = other.line(HEAD.text, at=1)
    body = note.decode(line.split(" ")[2].strip())
    forged = f"— {WITNESS.key.name} {note.encode(WITNESS.key.id + body[4:])}\n"
    proof = dataclasses.replace(PROOF, checkpoint=f"{HEAD.text}\n{LOG.line(HEAD.text)}{forged}")
    assert proof.check(DATA[13], [LOG.key])  # unknown here, and so ignored
    with pytest.raises(note.FalseSignature):
        proof.check(DATA[13], [LOG.key], [WITNESS.key])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nx",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex " + "9" * 100_000 + "\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + (note.encode(bytes(32)) + "\n") * 64 + "\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + "A" * 2_000_001,
    ],
)
def test_no_proof(written: str) -> None:
    with pytest.raises(Malformed):
        Proof.parse(written.encode())


def test_not_text() -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        Proof.parse(b"\xff")


@given(st.data())
def test_any_bit_of_a_proof_flipped_is_noticed(data: st.DataObject) -> None:
    whole = bytearray(PROOF.written().encode())
    whole = whole[: whole.index("— witness".encode())]  # of the witness nothing is asked here
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    with pytest.raises((NotProved, NoteError)):
        Proof.parse(bytes(whole)).check(DATA[13], [LOG.key])


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_in_words(whole: bytes) -> None:
    with pytest.raises((NotProved, NoteError)):
        Proof.parse(b"c2sp.org/tlog-proof@v1\nindex 0\n" + whole).check(DATA[0], [LOG.key])
