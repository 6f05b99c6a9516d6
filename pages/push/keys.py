"""The site's key for pushes (VAPID, RFC 8292), in a file beside the database."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

_log = logging.getLogger("lianxi.push")


def key() -> Vapid02 | None:
    """The key; None where none is set or its file cannot be read, which the log says: nothing is pushed."""
    return _read(settings.PUSH_KEY_FILE) if settings.PUSH_KEY_FILE else None


@cache
def _read(name: str) -> Vapid02 | None:
    try:
        loaded = serialization.load_pem_private_key(Path(name).read_bytes(), password=None)
        return Vapid02(loaded)
    except (OSError, ValueError, TypeError):
        _log.exception("PUSH_KEY_FILE cannot be read as a private key in PEM: nothing is pushed")
        return None


def public_key() -> str:
    """The public key as browsers take it, in base64url; empty without a key."""
    found = key()
    if found is None:
        return ""
    point = found.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))
