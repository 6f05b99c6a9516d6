"""Signed notes, checkpoints and cosignatures: C2SP's signed-note, tlog-checkpoint and tlog-cosignature.

A note is a text of lines, an empty line, and signature lines `— name base64(key id ‖ signature)`. It is read
as Go's sumdb/note reads it: a signature of an unknown key is ignored, one of a known key that is false
makes the note invalid, and a note without any of a known key is not believed. Base64 is strict: what is read
is what would be written. At most 16 signature lines and 1,000,000 bytes.

A key is written `name+id+base64(type ‖ public key)`, a signer `PRIVATE+KEY+name+id+base64(type ‖ seed)`; the
id is the first four bytes of SHA-256(name ‖ 0A ‖ type ‖ public key) in hex. The types are 01, Ed25519 over
the text, and 04, Ed25519 over a time and the text of a checkpoint (cosignature/v1).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
MOST_BYTES = 1_000_000
MOST_SIGNATURES = 16
#: the greatest size of a tree and the latest time of a cosignature
GREATEST = 2**63 - 1

_BYTES = 32
_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_ID = re.compile(r"[0-9a-f]{8}")


class NoteError(ValueError):
    """Raised for a note or a key that cannot be used; the text says why."""


class Malformed(NoteError):
    """The bytes are no note, checkpoint or key."""


class FalseSignature(NoteError):
    """The note has a signature of a known key that is not that key's."""


class Unsigned(NoteError):
    """The note has no signature of a known key."""


@dataclass(frozen=True)
class Key:
    """A public key with the name under which it signs."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """The four bytes that tell this key from others of the same name."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """The key as C2SP writes it (a vkey)."""
        return f"{self.name}+{self.id.hex()}+{encode(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, written: str) -> Key:
        """The key that is written so; Malformed when it is none of the two types."""
        parts = written.strip().split("+", 2)
        if len(parts) != 3:
            raise Malformed(f"not a verifier key: {written[:80]!r}; it reads name+id+base64")
        name, number, encoded = parts
        body = decode(encoded)
        if not is_name(name) or not _ID.fullmatch(number) or len(body) != 1 + _BYTES:
            raise Malformed(f"not a verifier key: {written[:80]!r}")
        if body[0] not in (ED25519, COSIGNATURE):
            raise Malformed(f"a key of type {body[0]:02x}; only 01 and 04 are known")
        key = cls(name, body[0], body[1:])
        if key.id.hex() != number:
            raise Malformed(f"the id of the key {name} is {key.id.hex()}, and {number} is written")
        return key

    def time_of(self, signature: bytes) -> int | None:
        """The seconds since 1970 that a cosignature states; None for a signature of the other type."""
        return int.from_bytes(signature[:8], "big") if self.kind == COSIGNATURE else None

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the bytes (without the key's id) are this key's signature of the text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 8 + 64:
                return False
            at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            if not 0 < at <= GREATEST:
                return False
            message = _cosigned(text, at)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key, which signs notes under the name of its `key`."""

    key: Key
    seed: bytes

    @classmethod
    def make(cls, name: str, kind: int, seed: bytes | None = None) -> Signer:
        """A signer of this type with this seed of 32 bytes, or a new one; Malformed for another name."""
        if not is_name(name):
            raise Malformed(f"not a name of a key: {name!r}; it has no blanks and no plus sign")
        seed = Ed25519PrivateKey.generate().private_bytes_raw() if seed is None else seed
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(Key(name, kind, public), seed)

    @classmethod
    def parse(cls, written: str) -> Signer:
        """The signer that is written so; Malformed otherwise, without a word of the key itself."""
        parts = written.strip().removeprefix(_PRIVATE).split("+", 2)
        if not written.strip().startswith(_PRIVATE) or len(parts) != 3:
            raise Malformed("not a private key: it reads PRIVATE+KEY+name+id+base64")
        name, number, encoded = parts
        body = decode(encoded, what="a private key")
        if len(body) != 1 + _BYTES or body[0] not in (ED25519, COSIGNATURE):
            raise Malformed("not a private key: only types 01 and 04 of 32 bytes are known")
        signer = cls.make(name, body[0], body[1:])
        if signer.key.id.hex() != number:
            raise Malformed(f"the id of the private key {name} is {signer.key.id.hex()}, not the one written")
        return signer

    def __repr__(self) -> str:
        return f"Signer({self.key})"

    def written(self) -> str:
        """The private key as C2SP writes it."""
        key = self.key
        return f"{_PRIVATE}{key.name}+{key.id.hex()}+{encode(bytes([key.kind]) + self.seed)}"

    def line(self, text: str, *, at: int | None = None) -> str:
        """The signature line under the text. A cosignature needs its time, in seconds since 1970."""
        stated, message = b"", text.encode()
        if self.key.kind == COSIGNATURE:
            if at is None or not 0 < at <= GREATEST:
                raise ValueError(f"a cosignature has a time after 1970, not {at}")
            stated, message = at.to_bytes(8, "big"), _cosigned(text, at)
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        return f"{_DASH}{self.key.name} {encode(self.key.id + stated + signature)}\n"


@dataclass(frozen=True)
class Signed:
    """A signature that was found to be `key`'s; `at` is the time of a cosignature."""

    key: Key
    line: str
    at: int | None


@dataclass(frozen=True)
class Note:
    """A note that was read: its text, and the signatures of known keys, each once."""

    text: str
    signatures: tuple[Signed, ...]

    def signed_by(self, key: Key) -> Signed | None:
        """The signature of this key."""
        return next((each for each in self.signatures if each.key == key), None)


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log's tree: the origin of the log, the number of leaves, the root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, encode(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint of a note's text; Malformed when it is none."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or "" in lines[:-1]:
            raise Malformed("not a checkpoint: it has at least three lines, and no empty one")
        origin, size, root, *extensions = lines[:-1]
        body = decode(root)
        if len(body) != _BYTES:
            raise Malformed(f"the root of a checkpoint has 32 bytes, not {len(body)}")
        return cls(origin, number(size), body, tuple(extensions))


def read(note: bytes | str, known: Iterable[Key]) -> Note:
    """The note, with at least one signature of a known key and none that is false.

    Malformed, FalseSignature, or Unsigned when no known key has signed it.
    """
    text, lines = split(note)
    keys = {(key.name, key.id): key for key in known}
    found: dict[tuple[str, bytes], Signed] = {}
    for line in lines:
        name, body = _signature(line)
        key = keys.get((name, body[:4]))
        if key is None or (name, body[:4]) in found:
            continue
        if not key.verifies(text, body[4:]):
            raise FalseSignature(f"the note has a false signature of the key {name}+{body[:4].hex()}")
        found[name, body[:4]] = Signed(key, line, key.time_of(body[4:]))
    if not found:
        raise Unsigned("the note has no signature of a known key")
    return Note(text, tuple(found.values()))


def split(note: bytes | str) -> tuple[str, list[str]]:
    """The text of a note and its signature lines, none of them verified; Malformed when it is none."""
    raw = note if isinstance(note, bytes) else note.encode("utf-8", "surrogatepass")
    if len(raw) > MOST_BYTES:
        raise Malformed(f"a note has at most {MOST_BYTES:,} bytes, not {len(raw):,}")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Malformed("the note is not UTF-8") from None
    if _CONTROL.search(whole):
        raise Malformed("the note has control characters")
    at = whole.rfind("\n\n")
    if at < 0:
        raise Malformed("the note has no empty line before its signatures")
    text, signatures = whole[: at + 1], whole[at + 2 :]
    if not signatures.endswith("\n"):
        raise Malformed("the note has no signature line that ends")
    lines = [f"{line}\n" for line in signatures.split("\n")[:-1]]
    if len(lines) > MOST_SIGNATURES:
        raise Malformed(f"a note has at most {MOST_SIGNATURES} signature lines, not {len(lines)}")
    for line in lines:
        _signature(line)
    return text, lines


def _signature(line: str) -> tuple[str, bytes]:
    """The name in a signature line, and the key's id with the signature; Malformed when it is none."""
    name, _, encoded = line.removeprefix(_DASH).removesuffix("\n").partition(" ")
    if not line.startswith(_DASH) or not is_name(name):
        raise Malformed("a line after the note's text is no signature line")
    body = decode(encoded)
    if len(body) < 5:
        raise Malformed("a signature of the note is too short")
    return name, body


def is_name(name: str) -> bool:
    """Whether a key may have this name: not empty, without blanks, plus signs and control characters."""
    return bool(name) and "+" not in name and not any(each.isspace() or each < " " for each in name)


def number(written: str) -> int:
    """The number, from 0 to 2**63 - 1; Malformed when it is written otherwise than in plain decimals."""
    if not _NUMBER.fullmatch(written) or int(written) > GREATEST:
        raise Malformed(f"not a number of leaves: {written[:30]!r}")
    return int(written)


def encode(body: bytes) -> str:
    """The bytes in base64."""
    return base64.b64encode(body).decode()


def decode(written: str, *, what: str = "base64") -> bytes:
    """The bytes; Malformed unless they would be written in just this way. `what` stands in the error."""
    try:
        body = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        body = None
    if body is None or encode(body) != written:
        raise Malformed(f"not {what} as RFC 4648 has it")
    return body


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
