"""Lists as files: CSV that Excel reads, and XLSX.

Texts are entered by people, so one that a spreadsheet would take for a formula gets an apostrophe. Numbers
stay numbers; one with more digits than a spreadsheet keeps is written as text, so that no fen is lost. Times
have their zone: in CSV each of them, in XLSX the head of the column.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from web.lists.columns import Column

#: beginnings of formulas, also as typed with a Chinese keyboard
_FORMULA = frozenset("=+-@\t\r\n|＝＋－＠｜")
#: the number of digits that a spreadsheet keeps
_DIGITS = 15
#: rows read and written at once
_CHUNK = 500
_WIDEST = 60
BOM = "\ufeff"


class Exportable(Protocol):
    """What can be exported: a list of a page, or anything with a name, columns and lines."""

    @property
    def name(self) -> str:
        """The name of the sheet."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns, with their titles."""

    @property
    def rows(self) -> Any:
        """The rows, with an `iterator` that reads a few at a time."""

    def lines(self, rows: Iterable[Any]) -> Iterator[list[Any]]:
        """The rows as lines of values."""


def harmless(text: str) -> str:
    """The text, with an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" \u3000\u00a0")[:1] in _FORMULA else text


def _as_text(value: Any) -> str:
    """A value in CSV: amounts unchanged, times in the site's zone with their offset."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return harmless(str(value))


def iterate_rows(listing: Exportable) -> Iterator[list[Any]]:
    """All lines of the list on one snapshot, read from the server in parts."""
    return listing.lines(listing.rows.iterator(chunk_size=_CHUNK))


def csv_parts(listing: Exportable) -> Iterator[str]:
    """The list as CSV (RFC 4180), in parts of some rows; the head comes before the first query."""
    yield BOM + _csv([[str(column.title) for column in listing.columns]])
    chunk: list[list[str]] = []
    for line in iterate_rows(listing):
        chunk.append([_as_text(value) for value in line])
        if len(chunk) == _CHUNK:
            yield _csv(chunk)
            chunk = []
    if chunk:
        yield _csv(chunk)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(lines)
    return written.getvalue()


def write_xlsx(listing: Exportable, path: Path | BytesIO) -> Iterator[int]:
    """Write the list as a workbook of one sheet; yields the number of rows written so far."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(listing.name)
    sheet.freeze_panes = "A2"
    zone = timezone.get_current_timezone_name()
    lines = iterate_rows(listing)
    first = list(islice(lines, _CHUNK))
    for number, width in enumerate(_widths(listing.columns, first), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_head(sheet, column, number, first, zone) for number, column in enumerate(listing.columns)])
    done = 0
    for line in chain(first, lines):
        sheet.append([_cell(sheet, value) for value in line])
        done += 1
        if done % _CHUNK == 0:
            yield done
    book.save(path)
    yield done


def _widths(columns: Sequence[Column], lines: Iterable[Sequence[Any]]) -> list[int]:
    """Column widths for the first rows; a Chinese character counts as two."""
    widest = [_width(str(column.title)) for column in columns]
    for line in lines:
        widest = [
            max(most, 17 if isinstance(value, datetime) else _width(_as_text(value)))
            for most, value in zip(widest, line, strict=True)
        ]
    return [min(most, _WIDEST) + 2 for most in widest]


def _width(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def _head(sheet: Any, column: Column, number: int, lines: list[list[Any]], zone: str) -> Any:
    moments = any(isinstance(line[number], datetime) for line in lines)
    cell = _text(sheet, f"{column.title} ({zone})" if moments else str(column.title))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, timezone.localtime(value).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    if isinstance(value, int | Decimal):
        return _number(sheet, value)
    return _text(sheet, str(value))


def _number(sheet: Any, value: int | Decimal) -> Any:
    if sum(char.isdigit() for char in f"{value:f}".lstrip("-0.")) > _DIGITS:
        return _text(sheet, f"{value:f}", typed=False)
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = "#,##0.00" if isinstance(value, Decimal) else "0"
    return cell


def _text(sheet: Any, text: str, *, typed: bool = True) -> Any:
    """A text cell, whatever the text looks like."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell = WriteOnlyCell(sheet, harmless(text) if typed else text)
    cell.data_type = "s"
    return cell
