"""How entries hang together: each entry of a stream is sealed to the one before.

The database computes these links as it writes (`migrations/0002_guards.py`); here they are values, for
whoever holds an entry and wants to see for himself. `verify` re-derives a whole log.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from audit.canonical import HASH_BYTES, entry_bytes

GENESIS = bytes(HASH_BYTES)
"""What the first entry of a stream follows."""


def entry_hash(
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
    """The 32 bytes that seal an entry with all that came before it in its stream."""
    return sha256(
        entry_bytes(
            stream=stream,
            seq=seq,
            at=at,
            recorded_at=recorded_at,
            actor=actor,
            action=action,
            subject=subject,
            commitment=commitment,
            prev=prev,
        )
    ).digest()


def head_of_heads(heads: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> str:
    """The hex SHA-256 over the streams' last hashes, in order of the streams' names by code point."""
    named = sorted(dict(heads).items())
    return sha256(b"".join(last for _, last in named)).hexdigest()
