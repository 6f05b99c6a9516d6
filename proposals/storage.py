"""The storage of attachments: below MEDIA_ROOT, by checksum, outside of static files.

    incoming/   being received; remains here are of aborted uploads
    files/ab/   received, by checksum: written once, never changed
    drawn/ab/   drawn pages; may be deleted at any time

A file is moved from incoming to files in one step, after its bytes are on disk, so that it is complete or
absent. The same bytes are stored once, whoever sent them.
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

#: seconds after which remains of aborted uploads are deleted, when the next file is received
_STALE = 24 * 3600


@dataclass(frozen=True, slots=True)
class Received:
    """A received file: its temporary path, checksum and size in bytes."""

    path: Path
    sha256: str
    size: int


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)


def place(sha256: str) -> Path:
    """The path of the file with that checksum, whether it exists or not."""
    return _root() / "files" / sha256[:2] / sha256


def drawn(sha256: str, page: int, width: int) -> Path:
    """The path of the drawing of a page, whether it exists or not."""
    return _root() / "drawn" / sha256[:2] / f"{sha256}-{page}-{width}.png"


@contextmanager
def received(chunks: Iterable[bytes]) -> Iterator[Received]:
    """Receive a file to disk and compute checksum and size; it is deleted at the end of the block unless
    kept.
    """
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
    """Move the file to its permanent path."""
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
