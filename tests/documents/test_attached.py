"""What is attached to a PDF of a stranger (documents/attached.py)."""

from __future__ import annotations

import io
import zlib

import pikepdf
import pytest

from documents import attached as reading
from documents.attached import attached

NAME = "minutes.json"
STATED = b'{"narrative":"","record":{}}'


def holding(data: bytes, *, filters: list[str] | None) -> bytes:
    """A PDF with an attachment whose stream has these bytes as they are, under these filters."""
    file = pikepdf.new()
    file.add_blank_page()
    file.attachments[NAME] = pikepdf.AttachedFileSpec(file, b"", filename=NAME)
    stream = file.attachments[NAME].get_file().obj
    stream.write(data, filter=pikepdf.Array([pikepdf.Name(each) for each in filters]) if filters else None)
    out = io.BytesIO()
    file.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


@pytest.mark.parametrize("filters", [None, ["/FlateDecode"]])
def test_what_is_attached_is_read(filters: list[str] | None) -> None:
    data = zlib.compress(STATED) if filters else STATED
    assert attached(holding(data, filters=filters), NAME) == STATED
    assert attached(holding(data, filters=filters), "other.json") is None


def test_an_attachment_that_grows_beyond_measure_is_not_read() -> None:
    bomb = holding(zlib.compress(b"\0" * (reading.MOST_BYTES + 1), 9), filters=["/FlateDecode"])
    assert len(bomb) < reading.MOST_BYTES // 500
    assert attached(bomb, NAME) is None


def test_an_attachment_packed_twice_or_cut_off_is_not_read() -> None:
    twice = zlib.compress(zlib.compress(STATED))
    assert attached(holding(twice, filters=["/FlateDecode", "/FlateDecode"]), NAME) is None
    assert attached(holding(zlib.compress(STATED)[:-6], filters=["/FlateDecode"]), NAME) is None
    assert attached(holding(b"no deflate", filters=["/FlateDecode"]), NAME) is None


def test_what_is_no_pdf_has_nothing_attached() -> None:
    assert attached(b"%PDF-1.7\n", NAME) is None
