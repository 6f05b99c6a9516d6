"""A paper as a Word file to paste from: its text, its tables, and at its head that it is no official text."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from documents.content import Content, Fields, Heading, Line, Note, Signatures, Table, Text

_MARKS = {"zh-hans": "非正式文本", "en": "Unofficial text"}
_FONT = "FangSong"


def word(content: Content) -> bytes:
    """Return the paper as .docx, the same bytes for the same paper; boxes, bars and pictures are left out."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    _face(document.styles["Normal"], Pt(16 if content.language == "zh-hans" else 12))
    page.header.paragraphs[0].text = _MARKS[content.language]
    document.core_properties.title = content.title
    document.core_properties.author = content.organ
    document.core_properties.created = document.core_properties.modified = content.moment.replace(tzinfo=None)
    _centred(document, _MARKS[content.language])
    _centred(document, content.organ)
    if content.number:
        _centred(document, content.number)
    document.add_heading(content.title, 1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    if content.to:
        document.add_paragraph(content.to)
    for block in content.blocks:
        _block(document, block)
    for name in content.attachments:
        document.add_paragraph(name)
    if content.signature is not None:
        for line in (*content.signature.lines, content.signature.date):
            document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if content.copies_to:
        document.add_paragraph(content.copies_to)
    target = io.BytesIO()
    document.save(target)
    return _dated(target, content.moment)


def _dated(made: io.BytesIO, at: datetime) -> bytes:
    """The package with the paper's time on every part: python-docx writes the time of the day."""
    target = io.BytesIO()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as dated:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            dated.writestr(entry, parts.read(name))
    return target.getvalue()


def _block(document: Any, block: Any) -> None:
    if isinstance(block, Text):
        _paragraphs(document, block)
    elif isinstance(block, Heading):
        document.add_heading(block.text, block.level + 1)
    elif isinstance(block, (Line, Note)):
        document.add_paragraph(block.text)
    elif isinstance(block, Table):
        _table(document, [[column.name for column in block.columns], *block.rows])
    elif isinstance(block, Fields):
        _table(document, [block.head, *block.rows])
    elif isinstance(block, Signatures):
        for row in block.rows:
            document.add_paragraph(f"{row.label}{row.name}")


def _paragraphs(document: Any, block: Text) -> None:
    lines = [line for line in block.text.split("\n") if line.strip()] or [""]
    for place, line in enumerate(lines):
        paragraph = document.add_paragraph(f"{block.lead if place == 0 else ''}{line}")
        paragraph.paragraph_format.first_line_indent = Pt(32)


def _table(document: Any, rows: list[list[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value


def _centred(document: Any, text: str) -> None:
    document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _face(style: Any, size: Any) -> None:
    style.font.name, style.font.size = _FONT, size
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
