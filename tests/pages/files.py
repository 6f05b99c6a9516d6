"""Files for tests, made here: PDF, Office packages, pictures, and what only looks like one."""

from __future__ import annotations

import io
import zipfile

import pillow_heif
import pypdfium2 as pdfium
from PIL import Image

pillow_heif.register_heif_opener()


def pdf(pages=1, width=595, height=842):
    """A PDF of empty pages."""
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(width, height)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def package(*parts, size=10, said=None, comment=b""):
    """A ZIP archive with these parts, each a name or a zipfile.ZipInfo; `said` of what kinds they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"\0" * size if said is None else said)
        for part in parts:
            archive.writestr(part, b"\0" * size)
        archive.comment = comment
    return out.getvalue()


def ofd():
    """As much of an OFD file as its recognition reads."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml"):
            archive.writestr(part, b"<?xml version='1.0'?>")
    return out.getvalue()


def picture(kind="PNG", size=(40, 30), *, mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "white").save(out, kind, **options)
    return out.getvalue()


def huge():
    """A picture of more pixels than are drawn; of one bit each, it is made quickly."""
    return picture("PNG", (12_000, 12_000), mode="1")


def compound(*streams):
    """As much of a compound file as its recognition reads."""
    names = b"".join(name.encode("utf-16-le") + b"\0\0" for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + names
