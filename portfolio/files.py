"""Files that acts on the ledger name, below MEDIA_ROOT by checksum: written once, never changed."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from documents import checksums


def place(sha256: str) -> Path:
    """The path of the file with that checksum, whether it exists or not."""
    return Path(settings.MEDIA_ROOT) / "files" / sha256[:2] / sha256


def keep(content: bytes) -> str:
    """The checksum of the content, which is on disk under it, complete."""
    sha256 = checksums.of_bytes(content)
    target = place(sha256)
    if target.exists():
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = target.with_name(f"{sha256}.{os.urandom(8).hex()}")
    with written.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    written.chmod(0o400)
    written.replace(target)
    return sha256
