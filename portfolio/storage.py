"""The storage of tapes: below MEDIA_ROOT, by checksum, outside of static files.

tapes/incoming/   being received; remains here are of aborted imports
tapes/ab/         received, by checksum: written once, never changed
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

#: bytes read at once
CHUNK = 1 << 20
#: seconds after which remains of aborted imports are deleted, when the next file is received
_STALE = 24 * 3600


@dataclass(frozen=True, slots=True)
class Received:
    """A file on disk, with its checksum and size in bytes; `kept` when it is at its place."""

    path: Path
    sha256: str
    size: int
    kept: bool = False


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "tapes"


def place(sha256: str) -> Path:
    """The path of the file with that checksum, whether it exists or not."""
    return _root() / sha256[:2] / sha256


def stored(sha256: str) -> Received:
    """The kept file with that checksum; FileNotFoundError without it."""
    path = place(sha256)
    return Received(path, sha256, path.stat().st_size, kept=True)


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a chunk at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


@contextmanager
def received(given: Iterable[bytes]) -> Iterator[Received]:
    """Receive a file to disk and compute checksum and size; it is deleted at the end unless kept."""
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder)
    path = folder / os.urandom(16).hex()
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in given:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        yield Received(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def keep(file: Received) -> None:
    """Move the file to its permanent path, its bytes on disk."""
    if file.kept:
        return
    target = place(file.sha256)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.path.open("rb") as written:
        os.fsync(written.fileno())
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
