"""The links of a hash chain: the hash of each entry covers that of the entry before.

The database computes them when it writes (`migrations/0002_guards.py`); these functions compute the same from
values, so that anyone who holds an entry can check it. `rows` recomputes a whole log.
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
    """The 32-byte hash of an entry, which covers every earlier entry of its stream."""
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
    """The hex SHA-256 over the last hash of each stream, the streams ordered by name (code points)."""
    named = sorted(dict(heads).items())
    return sha256(b"".join(last for _, last in named)).hexdigest()
