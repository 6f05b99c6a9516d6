"""Notes as Go reads them, checkpoints and cosignatures; what is written is read, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import note
from audit.note import Checkpoint, FalseSignature, Key, Malformed, Signer, Unsigned

NOTES = json.loads(Path(__file__).with_name("tlog_vectors.json").read_text("utf-8"))["notes"]
GO_SAYS = {"malformed note": Malformed, "note has no verifiable signatures": Unsigned}

LOG = Signer.make("lianxi.example/log", note.ED25519, bytes(range(32)))
WITNESS = Signer.make("witness.example/w1", note.COSIGNATURE, bytes(range(1, 33)))
CHECKPOINT = Checkpoint("lianxi.example/log", 1000, bytes(range(32)))


def signed(text: str, *lines: str) -> str:
    return f"{text}\n{''.join(lines)}"


def test_there_are_15_notes() -> None:
    assert len(NOTES) == 15


@pytest.mark.parametrize("case", NOTES, ids=[f"{at}-{case['source'][-30:]}" for at, case in enumerate(NOTES)])
def test_as_go_judges_it(case: dict[str, Any]) -> None:
    key = Key.parse(case["vkey"])
    assert str(key) == case["vkey"]
    if case["valid"]:
        assert case["go_says"] == "ok"
        found = note.read(case["note"], [key])
        assert case["note"].startswith(found.text + "\n— ")
        assert [each.key for each in found.signatures] == [key]
        return
    with pytest.raises(GO_SAYS.get(case["go_says"], FalseSignature)) as told:
        note.read(case["note"], [key])
    assert (told.type is FalseSignature) is case["go_says"].startswith("invalid signature")


@pytest.mark.parametrize("case", [case for case in NOTES if "skey" in case], ids=["example", "checkpoint"])
def test_the_same_bytes_as_go_signs(case: dict[str, Any]) -> None:
    signer = Signer.parse(case["skey"])
    assert signer.written() == case["skey"]
    assert str(signer.key) == case["vkey"]
    text, lines = note.split(case["note"])
    assert [signer.line(text)] == lines


def test_gos_checkpoint_is_read_and_written() -> None:
    text, _ = note.split(NOTES[-1]["note"])
    found = Checkpoint.parse(text)
    assert (found.origin, found.size, found.text) == ("PeterNeumann", 1000, text)


def test_a_cosignature_is_over_its_time_and_the_text() -> None:
    text = CHECKPOINT.text
    line = WITNESS.line(text, at=1_700_000_000)
    found = note.read(signed(text, LOG.line(text), line), [LOG.key, WITNESS.key])
    assert [(each.key, each.at) for each in found.signatures] == [
        (LOG.key, None),
        (WITNESS.key, 1_700_000_000),
    ]
    name, body = line.removeprefix("— ").strip().split(" ")
    raw = bytearray(note.decode(body))
    raw[11] ^= 1  # another time
    with pytest.raises(FalseSignature):
        note.read(signed(text, f"— {name} {note.encode(bytes(raw))}\n"), [WITNESS.key])
    # the published example of a cosignature's message, made with the library's own Ed25519
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # only here

    message = f"cosignature/v1\ntime 1700000000\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(WITNESS.key.public).verify(note.decode(body)[12:], message)


@pytest.mark.parametrize("at", [None, 0, -1, 2**63])
def test_a_cosignature_has_a_time(at: int | None) -> None:
    with pytest.raises(ValueError, match="time"):
        WITNESS.line(CHECKPOINT.text, at=at)


def test_a_cosignature_of_time_zero_is_false() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # only here

    text = CHECKPOINT.text
    made = Ed25519PrivateKey.from_private_bytes(WITNESS.seed).sign(f"cosignature/v1\ntime 0\n{text}".encode())
    line = f"— {WITNESS.key.name} {note.encode(WITNESS.key.id + bytes(8) + made)}\n"
    with pytest.raises(FalseSignature):
        note.read(signed(text, line), [WITNESS.key])


def test_a_key_of_the_same_name_and_another_id_is_unknown() -> None:
    other = Signer.make(LOG.key.name, note.ED25519, bytes(32))
    text = CHECKPOINT.text
    with pytest.raises(Unsigned):
        note.read(signed(text, other.line(text)), [LOG.key])
    found = note.read(signed(text, other.line(text), LOG.line(text)), [LOG.key])
    assert [each.key for each in found.signatures] == [LOG.key]
    assert found.signed_by(other.key) is None


def test_a_forged_line_under_a_known_name_and_id_rejects_the_note() -> None:
    text = CHECKPOINT.text
    other = Signer.make(LOG.key.name, note.ED25519, bytes(32))
    forged = note.decode(other.line(text).split(" ")[2].strip())
    line = f"— {LOG.key.name} {note.encode(LOG.key.id + forged[4:])}\n"
    with pytest.raises(FalseSignature, match=LOG.key.name):
        note.read(signed(text, line), [LOG.key])
    # also where a good signature of another known key stands beside it
    with pytest.raises(FalseSignature):
        note.read(signed(text, WITNESS.line(text, at=1), line), [LOG.key, WITNESS.key])


def test_sixteen_lines_and_no_more() -> None:
    text = CHECKPOINT.text
    unknown = [Signer.make(f"other{each}", note.ED25519, bytes(32)).line(text) for each in range(15)]
    assert note.read(signed(text, *unknown, LOG.line(text)), [LOG.key]).text == text
    with pytest.raises(Malformed, match="at most 16"):
        note.read(signed(text, *unknown, *unknown[:1], LOG.line(text)), [LOG.key])


def test_a_megabyte_and_no_more() -> None:
    text = "a" * (note.MOST_BYTES - len(signed("\n", LOG.line("x\n")).encode())) + "\n"
    whole = signed(text, LOG.line(text)).encode()
    assert len(whole) == note.MOST_BYTES
    assert note.read(whole, [LOG.key]).text == text
    with pytest.raises(Malformed, match="1,000,000"):
        note.read(b"a" + whole, [LOG.key])


@pytest.mark.parametrize("code", [each for each in range(32) if each != 10])
def test_no_control_character(code: int) -> None:
    text = f"a{chr(code)}b\n"
    with pytest.raises(Malformed, match="control"):
        note.read(signed(text, LOG.line(text)), [LOG.key])


@pytest.mark.parametrize("change", ["=", "==", "\u00a0", " ", "-", "_", "A"])
def test_base64_is_strict(change: str) -> None:
    text = CHECKPOINT.text
    with pytest.raises(Malformed):
        note.read(signed(text, LOG.line(text).replace("\n", f"{change}\n")), [LOG.key])


def test_base64_with_bits_left_over_is_refused() -> None:
    assert note.decode("QQ==") == b"A"
    with pytest.raises(Malformed):
        note.decode("QR==")


@pytest.mark.parametrize(
    "whole",
    [
        b"",
        b"\n\n",
        b"a\n\n",
        b"a\n\n\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n",
        "a\n\n— a+b AAAAAAA=\n".encode(),
        "a\n\n—  AAAAAAA=\n".encode(),
        "a\n\n— a AAAA\n".encode(),
        "a\n\n— a\u3000b AAAAAAA=\n".encode(),
    ],
)
def test_no_note_at_all(whole: bytes) -> None:
    with pytest.raises(Malformed):
        note.read(whole, [LOG.key])


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("log\n1000\n", "three lines"),
        ("log\n01\n{root}\n", "number"),
        ("log\n-1\n{root}\n", "number"),
        ("log\n+1\n{root}\n", "number"),
        ("log\n１\n{root}\n", "number"),
        ("log\n9223372036854775808\n{root}\n", "number"),
        ("log\n" + "1" * 100_000 + "\n{root}\n", "number"),
        ("log\n1\nAAAA\n", "32 bytes"),
        ("log\n1\n{root}\n\nmore\n", "empty"),
        ("\n1\n{root}\n", "empty"),
        ("log\n1\n{root}", "empty"),
    ],
)
def test_no_checkpoint(lines: str, what: str) -> None:
    with pytest.raises(Malformed, match=what):
        Checkpoint.parse(lines.format(root=note.encode(bytes(32))))


def test_extension_lines_of_other_logs_are_part_of_the_text() -> None:
    text = CHECKPOINT.text + "more\n"
    assert Checkpoint.parse(text).extensions == ("more",)
    assert Checkpoint.parse(text).text == text


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a",
        "a+b",
        "a+00000000+AA==",
        "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_no_key(written: str) -> None:
    with pytest.raises(Malformed):
        Key.parse(written)


@pytest.mark.parametrize("written", ["", "a+b+c", "PRIVATE+KEY+a+b", "PRIVATE+KEY+a+00000000+AQ=="])
def test_no_private_key_and_nothing_of_it_told(written: str) -> None:
    with pytest.raises(Malformed) as told:
        Signer.parse(written)
    assert not written or written not in str(told.value)


def test_a_private_key_is_not_shown() -> None:
    assert note.encode(LOG.seed) not in repr(LOG)
    assert Signer.parse(LOG.written()) == LOG
    with pytest.raises(Malformed, match="not the one written"):
        Signer.parse(LOG.written().replace(LOG.key.id.hex(), "00000000"))


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_in_words(whole: bytes) -> None:
    with pytest.raises(note.NoteError):
        note.read(whole, [LOG.key])


@given(st.data())
def test_any_bit_flipped_is_noticed(data: st.DataObject) -> None:
    text = CHECKPOINT.text
    whole = bytearray(signed(text, LOG.line(text)).encode())
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    with pytest.raises(note.NoteError):
        note.read(bytes(whole), [LOG.key])
