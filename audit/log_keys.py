"""The keys that sign the log's checkpoints, and the witness's public key, as the settings name them."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit.note import COSIGNATURE, ED25519, Key, Malformed, Signer

#: lianxi.<bank>/<branch>
ORIGIN = re.compile(r"lianxi\.[^/\s+]+/[^\s+]+")
_OTHERS = 0o077


def sealed() -> bool:
    """Whether this installation seals its log by itself: it does where a key for it is set."""
    return bool(settings.LOG_KEY or settings.LOG_KEY_FILE)


def signers() -> tuple[Signer, ...]:
    """The log's private keys, the present one first and then those it replaces; none where none is set.

    ImproperlyConfigured for a file that others may read, a key that is none, or keys of several names.
    """
    written, where = settings.LOG_KEY, "LOG_KEY"
    if settings.LOG_KEY_FILE:
        where = settings.LOG_KEY_FILE
        written = read_private(Path(where), "LOG_KEY_FILE")
    try:
        keys = tuple(map(Signer.parse, written.split()))
    except Malformed as error:
        raise ImproperlyConfigured(
            f"{where}: {error}. `manage.py audit keys --make NAME --out FILE` makes a key."
        ) from None
    if any(each.key.kind != ED25519 or not ORIGIN.fullmatch(each.key.name) for each in keys):
        raise ImproperlyConfigured(f"{where}: a log's key is of type 01 and named lianxi.<bank>/<branch>.")
    if len({each.key.name for each in keys}) > 1:
        raise ImproperlyConfigured(f"{where}: the keys of a log have one name, that of the log.")
    return keys


def read_private(path: Path, setting: str) -> str:
    """The text of a file of private keys; ImproperlyConfigured when others may read it, or nobody can."""
    try:
        mode = path.stat().st_mode
        written = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{setting}: {path} cannot be read: {error}") from None
    if mode & _OTHERS:
        raise ImproperlyConfigured(
            f"{setting}: {path} may be read or changed by others (mode {mode & 0o777:o}). Remedy: chmod 600"
        )
    if not written.strip():
        raise ImproperlyConfigured(f"{setting}: {path} holds no key.")
    return written


def witness() -> Key | None:
    """The witness's public key; None where no witness is set.

    ImproperlyConfigured when it is no key of a witness, or has no address.
    """
    written, address = settings.LOG_WITNESS_KEY, settings.LOG_WITNESS_URL
    if not written and not address:
        return None
    if not (written and address):
        raise ImproperlyConfigured("LOG_WITNESS_KEY and LOG_WITNESS_URL are set together, or neither.")
    if not address.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"LOG_WITNESS_URL is {address!r}; it begins with https:// or http://.")
    try:
        key = Key.parse(written)
    except Malformed as error:
        raise ImproperlyConfigured(f"LOG_WITNESS_KEY: {error}") from None
    if key.kind != COSIGNATURE:
        raise ImproperlyConfigured("LOG_WITNESS_KEY: a witness's key is of type 04 (cosignature/v1).")
    return key
