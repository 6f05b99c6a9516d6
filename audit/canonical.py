"""The bytes that are hashed.

Two layouts, both of version 1. Neither depends on Python, on a locale or on a time zone, and
each is injective: different values never share their bytes.

An entry's bytes are the 20 bytes 00000001 00000000 00000011 00000009 00000001 (hex), which mark the
version, and then nine fields in this order, each preceded by its length in bytes as a big-endian
32-bit integer:

    seq          8 bytes   big-endian signed; 1 for the first entry of a stream
    at           8 bytes   big-endian signed; microseconds since 2000-01-01T00:00:00Z
    recorded_at  8 bytes   the same, by the database's own clock
    commitment  32 bytes   of the payload, see below
    prev        32 bytes   hash of the entry before; 32 zero bytes for the first of a stream
    stream      UTF-8
    actor       UTF-8      a person's id in decimal, or "system"
    action      UTF-8
    subject     UTF-8

The entry's hash is the SHA-256 of these bytes. Years before 2000 are negative; leap seconds do not
count. This is how PostgreSQL sends an array of nine bytea, and field by field how it sends a row of
these columns in a binary COPY: so the trigger makes the bytes in one call, and the verifier hashes
them as they come.

A payload's bytes are its canonical JSON: UTF-8 without escapes that JSON does not demand, object
keys sorted by code point, no blank between tokens, no floating-point number (money is a string).
Its commitment is the SHA-256 of the tag "lianxi/audit/payload/1" and a zero byte, a salt of 16
random bytes, and the canonical JSON.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

VERSION = bytes.fromhex("00000001 00000000 00000011 00000009 00000001")
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PAYLOAD_TAG = b"lianxi/audit/payload/1\x00"
SALT_BYTES = 16
HASH_BYTES = 32

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_MICROSECOND = timedelta(microseconds=1)


def payload_bytes(payload: Mapping[str, object]) -> bytes:
    """The canonical JSON of `payload`.

    A `Decimal` becomes its plain decimal string, a date or time its ISO 8601 string, in UTC where it
    has a zone. TypeError for a float, a key that is not a string, a naive datetime and anything else;
    ValueError for a Decimal that is not finite and for text that is not Unicode.
    """
    return _encode(_plain(payload)).encode()


def commitment(salt: bytes, body: bytes) -> bytes:
    """The 32 bytes that stand for `body` and tell nothing of it without `salt`."""
    return sha256(PAYLOAD_TAG + salt + body).digest()


def entry_bytes(
    *,
    stream: str,
    seq: int,
    at: datetime,
    recorded_at: datetime,
    actor: str,
    action: str,
    subject: str,
    commitment: bytes,
    prev: bytes,
) -> bytes:
    """The bytes of one entry, in the layout above.

    ValueError when a hash is not 32 bytes or a time is naive, OverflowError beyond 64 bits.
    """
    if len(commitment) != HASH_BYTES or len(prev) != HASH_BYTES:
        raise ValueError("a hash has 32 bytes")
    fields = (
        seq.to_bytes(8, "big", signed=True),
        microseconds(at).to_bytes(8, "big", signed=True),
        microseconds(recorded_at).to_bytes(8, "big", signed=True),
        commitment,
        prev,
        stream.encode(),
        actor.encode(),
        action.encode(),
        subject.encode(),
    )
    return VERSION + b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def fields_of(body: bytes) -> dict[str, object]:
    """The fields of an entry by name, from its bytes: what `entry_bytes` was given.

    ValueError when they are not an entry's bytes, each of them.
    """
    if not body.startswith(VERSION):
        raise ValueError("not the bytes of an entry of version 1")
    fields, at = [], len(VERSION)
    for _ in range(9):
        length = int.from_bytes(body[at : at + 4], "big")
        fields.append(body[at + 4 : at + 4 + length])
        at += 4 + length
    if at != len(body) or [len(each) for each in fields[:5]] != [8, 8, 8, HASH_BYTES, HASH_BYTES]:
        raise ValueError("not the bytes of one entry")
    seq, given, recorded = (int.from_bytes(each, "big", signed=True) for each in fields[:3])
    stream, actor, action, subject = (each.decode() for each in fields[5:])
    try:
        at_recorded = EPOCH + given * _MICROSECOND, EPOCH + recorded * _MICROSECOND
    except OverflowError:
        raise ValueError("not the time of an entry") from None
    return {
        "stream": stream,
        "seq": seq,
        "at": at_recorded[0],
        "recorded_at": at_recorded[1],
        "actor": actor,
        "action": action,
        "subject": subject,
        "commitment": fields[3],
        "prev": fields[4],
    }


def microseconds(moment: datetime) -> int:
    """Microseconds from 2000-01-01T00:00:00Z to `moment`; ValueError when it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment has a time zone")
    return (moment - EPOCH) // _MICROSECOND


def _plain(value: object) -> object:
    match value:
        case str():
            return str.__str__(value)  # a member of a TextChoices is the text that it stands for
        case Mapping():
            return {_key(key): _plain(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_plain(item) for item in value]
        case _:
            return _scalar(value)


def _scalar(value: object) -> object:
    # bool is an int and datetime is a date: the narrower comes first.
    match value:
        case None | bool():
            return value
        case int():
            return int(value)
        case Decimal() if value.is_finite():
            return format(value, "f")
        case Decimal():
            raise ValueError(f"not a number that can be recorded: {value}")
        case datetime():
            if value.tzinfo is None:
                raise TypeError("a naive datetime cannot be recorded")
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            raise TypeError(f"cannot be recorded: {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key is a string: {key!r}")
    return str.__str__(key)
