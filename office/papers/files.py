"""The files of papers: with their data attached; below MEDIA_ROOT, by checksum, whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from audit.canonical import payload_bytes
from documents import render
from documents.content import Content
from office.models.papers import paper_path

#: the name of the attached JSON
DATA = "paper.json"


def rendered(content: Content, pictures: Mapping[str, bytes]) -> render.Rendered:
    """Return the paper as it is put on file, with its data attached as canonical JSON.

    `document/no-glyph` for a character that no font has.
    """
    return render.render(content, pictures=pictures, attached={DATA: payload_bytes(content.as_json())})


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
