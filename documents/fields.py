"""Signature fields of a PDF: all of them are made at once, before the first signature.

A field that is added later would be a change that a signature before it forbids.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjectStream
from pyhanko.sign import fields

#: the names of the fields
CHAIR, LIAISON = "chair", "liaison"


def of_seat(number: int) -> str:
    """The name of a seat's field."""
    return f"seat{number}"


@dataclass(frozen=True, slots=True)
class Field:
    """A field on a page (from 0), where it lies in points from the lower left, and its purpose in words."""

    name: str
    page: int
    box: tuple[float, float, float, float]
    label: str


class AppendingWriter(IncrementalPdfFileWriter):
    """Appends to a file, leaves its metadata alone, and ends no stream with a carriage return.

    pyHanko writes the XMP anew with each update and leaves out the schemas of extensions that PDF/A demands.
    A carriage return before the line feed of `endstream` is read as part of that line break by some, who then
    find /Length wrong (ISO 19005-3, 6.1.7.1): such a stream, a certificate perhaps, is compressed.
    """

    def add_object(
        self,
        obj: generic.PdfObject,
        obj_stream: ObjectStream | None = None,
        idnum: int | None = None,
    ) -> generic.IndirectObject:
        """Add the object and return the reference to it."""
        if isinstance(obj, generic.StreamObject) and obj.encoded_data.endswith(b"\r"):
            obj.compress()
        return super().add_object(obj, obj_stream, idnum)

    def _update_meta(self) -> None:
        """Leave the metadata as they are."""


def written(writer: IncrementalPdfFileWriter) -> bytes:
    """The file with what the writer appends."""
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def ended(pdf: bytes) -> bytes:
    """The file with a line break at its end: the next object begins a line (ISO 19005-3, 6.1.9)."""
    return pdf if pdf.endswith(b"\n") else pdf + b"\n"


def add(pdf: bytes, wanted: Sequence[Field]) -> bytes:
    """Return the file with empty signature fields; ValueError if it has fields, or for a name given twice."""
    if len({field.name for field in wanted}) < len(wanted):
        raise ValueError("a field is named twice")
    writer = AppendingWriter(io.BytesIO(ended(pdf)))
    if "/AcroForm" in writer.root:
        raise ValueError("the file has fields already")
    for field in wanted:
        fields.append_signature_field(
            writer,
            fields.SigFieldSpec(
                field.name,
                on_page=field.page,
                box=field.box,  # type: ignore[arg-type]  # typed for whole points; fractions are written
                readable_field_name=field.label,
                empty_field_appearance=False,
            ),
        )
    return ended(written(writer))


def state(pdf: bytes) -> dict[str, bool]:
    """The signature fields in order, and whether each is signed."""
    reader = PdfFileReader(io.BytesIO(pdf))
    return {name: value is not None for name, value, _ in fields.enumerate_sig_fields(reader)}


def places(pdf: bytes, labels: Sequence[str]) -> list[tuple[int, float]]:
    """Return where each label stands at its last occurrence: page (from 0), and its base in points.

    ValueError for a label that does not stand there.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_place(document, label) for label in labels]
    finally:
        document.close()


def _place(document: pypdfium2.PdfDocument, label: str) -> tuple[int, float]:
    for number in range(len(document) - 1, -1, -1):
        text = document[number].get_textpage()
        searcher = text.search(label, match_case=True)
        found = None
        while (occurrence := searcher.get_next()) is not None:
            found = occurrence
        if found is not None:
            start, length = found
            return number, min(text.get_charbox(index)[1] for index in range(start, start + length))
    raise ValueError(f"{label!r} does not stand in the file")
