"""The files of papers: below MEDIA_ROOT, by checksum, written once and whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from office.models.papers import paper_path


def keep(sha256: str, content: bytes) -> Path:
    """Write the file unless it is there, and return its path; its bytes are on disk when this returns."""
    target = paper_path(sha256)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_name(f"{sha256}.{secrets.token_hex(8)}.part")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o400)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target
