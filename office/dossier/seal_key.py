"""The key with which the system seals dossiers: a PKCS#12 that the settings name, nobody's own."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from documents import credentials
from documents.credentials import Opened
from regulation.refused import Refused

#: rights that others than the site's account may not have on the files
_OTHERS = 0o077


def is_set() -> bool:
    """Whether a seal key is set; the demo's is once its authority is made."""
    return bool(settings.SEAL_KEY_FILE) and (not settings.DEMO or Path(settings.SEAL_KEY_FILE).exists())


def opened() -> Opened | None:
    """The key, open; None where none is set.

    ImproperlyConfigured for a file that cannot be read or that others may read, and for a wrong passphrase.
    """
    if not is_set():
        return None
    data = _read("SEAL_KEY_FILE", settings.SEAL_KEY_FILE)
    try:
        return credentials.open_pkcs12(data, _passphrase())
    except Refused as refused:
        raise ImproperlyConfigured(
            f"SEAL_KEY_FILE: {settings.SEAL_KEY_FILE} cannot be opened ({refused.code}). It is a PKCS#12 with"
            " a certificate, and SEAL_PASSPHRASE_FILE or SEAL_PASSPHRASE has its passphrase."
        ) from None


def _passphrase() -> str:
    if not settings.SEAL_PASSPHRASE_FILE:
        return str(settings.SEAL_PASSPHRASE)
    return _read("SEAL_PASSPHRASE_FILE", settings.SEAL_PASSPHRASE_FILE).decode("utf-8").rstrip("\n")


def _read(setting: str, name: str) -> bytes:
    path = Path(name)
    try:
        mode, data = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise ImproperlyConfigured(f"{setting}: {path} cannot be read: {error.strerror}.") from None
    if mode & _OTHERS:
        raise ImproperlyConfigured(
            f"{setting}: {path} may be read or changed by others (mode {mode & 0o777:o}). Remedy: chmod 600"
        )
    return data
