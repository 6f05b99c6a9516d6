"""The demo's audit log is sealed, and cosigned by a witness that runs beside the site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from audit import log_keys, private
from audit.note import COSIGNATURE, ED25519, Signer
from audit.witness.server import Server
from audit.witness.store import Witness

ORIGIN, WITNESS = "lianxi.demo/branch", "lianxi.demo/head-office"


@contextmanager
def witnessed(folder: Path) -> Iterator[str]:
    """The log has keys and a witness, kept in the folder, until the block ends; yields its address.

    Where the settings name a key of the log nothing is changed, and the address is that of the settings.
    """
    if log_keys.sealed():
        yield settings.LOG_WITNESS_URL
        return
    private.folder(folder)
    log, witness = (
        _signer(folder / "log.key", ORIGIN, ED25519),
        _signer(folder / "witness.key", WITNESS, COSIGNATURE),
    )
    silence = settings.WITNESS_SILENCE.total_seconds()
    server = Server(
        ("127.0.0.1", 0), Witness(folder / "witness.sqlite3", witness, [log.key], silence=silence)
    )
    settings.LOG_KEY_FILE = str(folder / "log.key")
    settings.LOG_WITNESS_URL = f"http://127.0.0.1:{server.server_address[1]}"
    settings.LOG_WITNESS_KEY = str(witness.key)
    thread = threading.Thread(target=server.serve_forever, name="witness", daemon=True)
    thread.start()
    try:
        yield settings.LOG_WITNESS_URL
    finally:
        settings.LOG_KEY_FILE = settings.LOG_WITNESS_URL = settings.LOG_WITNESS_KEY = ""
        server.shutdown()
        thread.join()
        server.server_close()


def _signer(path: Path, name: str, kind: int) -> Signer:
    """The private key in the file, made at its first use."""
    if not path.exists():
        private.write(path, f"{Signer.make(name, kind).written()}\n".encode())
    return Signer.parse(path.read_text())
