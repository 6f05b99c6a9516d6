"""Files of signed minutes on disk: complete or absent, and gone when no row names them.

    signed/ab/   by checksum: written under another name, flushed to disk, read back, then renamed

A row names a file only after that. What a killed process left behind is swept before the first
signature of each process, and each hour.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from django.conf import settings
from django.db import transaction

from office.models import MinutesFile
from office.models.signing import signed_path
from regulation.refused import Refused

#: seconds after which a file that no row names is nobody's: the transaction that names it takes far less
STALE = 600
_UNDER_WAY = ".part"
_once = Event()


def put(pdf: bytes, valid: Callable[[bytes], bool]) -> str:
    """Store the file and return its checksum.

    `document/not-stored` when the disk does not take it, `document/not-valid` when what was read back is not.
    """
    if not _once.is_set():
        _once.set()
        sweep()
    sha256 = hashlib.sha256(pdf).hexdigest()
    target = signed_path(sha256)
    part = target.with_suffix(f".{os.urandom(8).hex()}{_UNDER_WAY}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        again = part.read_bytes()
        if again != pdf or not valid(again):
            raise Refused("document/not-valid")
        part.chmod(0o400)
        part.replace(target)
        _flush(target.parent)
    except OSError as failed:
        raise Refused("document/not-stored") from failed
    finally:
        part.unlink(missing_ok=True)
    return sha256


def read(file: MinutesFile) -> bytes:
    """The file's bytes; `document/not-valid` when they are not those of its row."""
    try:
        pdf = file.path.read_bytes()
    except OSError as lost:
        raise Refused("document/not-valid") from lost
    if hashlib.sha256(pdf).hexdigest() != file.sha256:
        raise Refused("document/not-valid")
    return pdf


def remove_when_committed(path: Path) -> None:
    """Remove a file when the transaction that no longer names it is committed."""

    def remove() -> None:
        path.unlink(missing_ok=True)

    transaction.on_commit(remove, robust=True)


def sweep(*, older_than: float = STALE) -> list[Path]:
    """Remove and return the files that no row names and that have lain there for so many seconds."""
    before = time.time() - older_than
    root = Path(settings.MEDIA_ROOT) / "signed"
    lying = [path for path in root.glob("*/*") if path.is_file() and path.stat().st_mtime <= before]
    named = set(
        MinutesFile.objects.filter(sha256__in={path.stem for path in lying}, ended_at=None).values_list(
            "sha256", flat=True
        )
    )
    gone = [path for path in lying if path.suffix != ".pdf" or path.stem not in named]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
