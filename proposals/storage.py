"""Where the bytes of attachments lie: below MEDIA_ROOT, named by their checksum, outside of what is served.

    incoming/   being received; what is left there was broken off
    files/ab/   received in full, by checksum: written once, never changed
    drawn/ab/   pages drawn from them; may be removed at any time

A file moves from incoming to files in one step, after its bytes have reached the disk: it is there in full or
not at all. The same bytes lie there once, whoever sent them.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

#: what was broken off so many seconds ago is gone with the next file received
_STALE = 24 * 3600


@dataclass(frozen=True, slots=True)
class Received:
    """A file received: where it lies until it is kept, its checksum and its size in bytes."""

    path: Path
    sha256: str
    size: int


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)


def place(sha256: str) -> Path:
    """Where the file of that checksum lies, or would."""
    return _root() / "files" / sha256[:2] / sha256


def drawn(sha256: str, page: int, width: int) -> Path:
    """Where the drawing of a page lies, or would."""
    return _root() / "drawn" / sha256[:2] / f"{sha256}-{page}-{width}.png"


@contextmanager
def received(chunks: Iterable[bytes]) -> Iterator[Received]:
    """The bytes are on disk, checked and weighed; they are gone afterwards unless they were kept."""
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder)
    path = folder / os.urandom(16).hex()
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Received(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def keep(file: Received) -> None:
    """The file lies under its checksum, for good."""
    target = place(file.sha256)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.path.chmod(0o400)
    file.path.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(folder: Path) -> None:
    before = time.time() - _STALE
    for left in folder.iterdir():
        if left.stat().st_mtime < before:
            left.unlink(missing_ok=True)
