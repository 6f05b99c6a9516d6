"""A paper of ours measured and validated: where its signs stand, and what `page` says of the file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import page
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from fontTools.cffLib import CFFFontSet

MM = 72 / 25.4
#: the one rule that `page` 0.11 gets wrong: it reads no widths of CID-keyed CFF (`widths_agree` looks itself)
WAIVED = {"PDFA3A-TRUETYPE-GLYPH-WIDTH-001", "PDFUA1-FONT-GLYPH-WIDTH-001"}


@dataclass(frozen=True)
class Sign:
    """A character on a page: origin and box in millimetres from the upper left corner, size in points."""

    char: str
    page: int
    x: float
    y: float
    top: float
    right: float
    size: float


def signs(pdf: bytes) -> list[Sign]:
    """Every character that is drawn, in the order of the file."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for number, sheet in enumerate(document):
        height = sheet.get_height()
        text = sheet.get_textpage()
        for index in range(text.count_chars()):
            x, y = pdfium.c_double(), pdfium.c_double()
            pdfium.FPDFText_GetCharOrigin(text, index, x, y)
            char = text.get_text_range(index, 1)
            if not char.strip():
                continue
            box = text.get_charbox(index)
            size = pdfium.FPDFText_GetFontSize(text, index)
            found.append(
                Sign(
                    char,
                    number + 1,
                    x.value / MM,
                    (height - y.value) / MM,
                    (height - box[3]) / MM,
                    box[2] / MM,
                    size,
                )
            )
    document.close()
    return found


def text_of(pdf: bytes) -> str:
    """The text of the file, without the places to break that the template puts into long runs."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    finally:
        document.close()
    return text.replace("\u200b", "").replace("\r\n", "")


def faults(pdf: bytes, *, ua: bool = True) -> list[tuple[str, str]]:
    """What is wrong with the file as PDF/A-3a and PDF/UA-1."""
    found = []
    for profile in ("pdf-a-3a", "pdf-ua-1") if ua else ("pdf-a-3a",):
        for each in page.validate_pdf_bytes(pdf, profile=profile).failures:
            if each.rule_id in WAIVED and widths_agree(pdf):
                continue
            found.append((each.rule_id, each.message))
    return found


def widths_agree(pdf: bytes) -> bool:
    """Whether each width that the file states of a CID-keyed CFF face is the one in the face."""
    compared = 0
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for each in file.objects:
            if not isinstance(each, pikepdf.Dictionary) or each.get("/Subtype") != "/CIDFontType0":
                continue
            stated = _stated(each)
            given = _given(bytes(each.FontDescriptor.FontFile3.read_bytes()))
            compared += len(given)
            default = float(each.get("/DW", 1000))
            if any(abs(stated.get(cid, default) - width) > 1 for cid, width in given.items()):
                return False
    return compared > 0


def _stated(font: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    rest = list(font.get("/W", []))
    while rest:
        first = int(rest.pop(0))
        second = rest.pop(0)
        if isinstance(second, pikepdf.Array):
            found |= {first + place: float(width) for place, width in enumerate(second)}
        else:
            width = float(rest.pop(0))
            found |= dict.fromkeys(range(first, int(second) + 1), width)
    return found


def _given(face: bytes) -> dict[int, float]:
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(face), None)
    top = fonts[0]
    found = {}
    for name in top.charset:
        char = top.CharStrings[name]
        char.decompile()
        private = top.FDArray[
            char.fdSelectIndex if hasattr(char, "fdSelectIndex") else top.FDSelect[top.charset.index(name)]
        ].Private
        char.calcBounds(top.CharStrings)
        width = getattr(char, "width", None)
        if width is None or width == private.defaultWidthX:
            width = private.defaultWidthX
        found[int(name[3:]) if name.startswith("cid") else 0] = float(width)
    return found
