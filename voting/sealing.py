"""Sealed ballots: committed when cast, revealed when the vote closes. Pure, standard library only.

The commitment is SHA-256 over a tag, the salt of 32 bytes and the ballot's canonical JSON (keys sorted,
UTF-8, no white space): {"choice", "person", "reason", "seat", "vote"}, with vote and person as ids in text
and the seat as its number. Without the salt the choice cannot be found from the commitment, and no other
ballot fits it.
"""

from __future__ import annotations

import hashlib
import hmac
import json

TAG = b"lianxi-ballot-1\x00"
SALT_BYTES = 32


def commitment(salt: bytes, *, vote: str, seat: int, person: str, choice: str, reason: str) -> str:
    """The commitment to this ballot, as 64 hexadecimal digits."""
    ballot = {"vote": vote, "seat": seat, "person": person, "choice": choice, "reason": reason}
    body = json.dumps(ballot, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(TAG + salt + body).hexdigest()


def check_receipt(
    receipt: str, *, salt: str, vote: str, seat: int, person: str, choice: str, reason: str
) -> bool:
    """Whether the receipt given at casting matches the ballot revealed later; `salt` in hexadecimal."""
    try:
        opened = bytes.fromhex(salt)
    except ValueError:
        return False
    expected = commitment(opened, vote=vote, seat=seat, person=person, choice=choice, reason=reason)
    return hmac.compare_digest(expected, receipt.strip().lower().encode("ascii", "replace").decode())
