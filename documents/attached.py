"""What is attached to a PDF."""

from __future__ import annotations

import io

import pikepdf


def attached(pdf: bytes, name: str) -> bytes | None:
    """Return the bytes of the attachment with this name; None without one, and for what is no PDF."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            found = file.attachments.get(name)
            return None if found is None else bytes(found.get_file().read_bytes())
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return None
