"""What is attached to a PDF."""

from __future__ import annotations

import io
import zlib

import pikepdf

#: bytes that an attachment may have; what a paper states has far fewer
MOST_BYTES = 64 << 20


def attached(pdf: bytes, name: str) -> bytes | None:
    """Return the bytes of the attachment with this name.

    None without one, for what is no PDF, for more than `MOST_BYTES`, and for an encoding that no paper of
    ours has: the file may be anybody's, and a few bytes can stand for any number.
    """
    try:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            found = file.attachments.get(name)
            return None if found is None else _decoded(found.get_file().obj)
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RuntimeError,
        zlib.error,
    ):
        return None


def _decoded(stream: pikepdf.Object) -> bytes | None:
    """The stream's bytes; None for too many, and when they are encoded otherwise than by one /FlateDecode."""
    raw = bytes(stream.read_raw_bytes())
    filters = stream.get("/Filter", pikepdf.Array())
    named = [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if not named:
        return raw if len(raw) <= MOST_BYTES else None
    if named != ["/FlateDecode"] or stream.get("/DecodeParms") is not None:
        return None
    inflating = zlib.decompressobj()
    data = inflating.decompress(raw, MOST_BYTES)
    return data if inflating.eof else None
