"""Loans and instalments pasted from a spreadsheet or read from a workbook or a text.

Everything that a table holds comes in, or is told: what was converted, merged and left out is a note, and
every cell that cannot be read is a fault by row and column. Nothing is taken from a table that has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from pages.plans.editor.parts import Rows
from pages.plans.editor.steps import STEPS
from pages.plans.editor.tables.reading import heading_rows, left_out, merged, notes, rows, sheets
from pages.plans.editor.tables.reading.state import Reading
from pages.plans.editor.tables.table import Counts, Table
from proposals.plan.limits import MAX_ROWS
from sheets import cells
from sheets.cells import Book, Line, Unreadable
from web.forms import sheet_cells

#: the tables that can be imported: their names, as their keys in a plan
KINDS: Final[Mapping[str, Rows]] = {
    step.imports: part for step in STEPS if (part := step.rows(step.imports)) is not None
}


def read(
    part: Rows,
    source: Book | Sequence[Sequence[str]],
    *,
    sheet: str | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Table:
    """The rows of a table for this part of a plan; `chosen` are the fields of headings chosen by hand.

    Without headings its columns are those of the template. SheetNeeded when it is not certain which sheet is
    meant; Unreadable when there is no table or it has too many rows or columns.
    """
    book = source if isinstance(source, Book) else cells.of_rows(source)
    reading = _opened(part, book, sheet, chosen or {})
    sheets.require_readable(reading.sheet)
    below = heading_rows.read_headings(reading, list(reading.sheet.lines))
    rows.read(reading, _entries(reading, below))
    table = reading.table
    table.faults.sort(key=lambda fault: fault.row)
    table.numbers = reading.numbers
    table.counts = Counts(len(below), len(table.rows), len(below) - len(table.rows))
    notes.add_notes(reading)
    return table


def _opened(part: Rows, book: Book, name: str | None, chosen: Mapping[str, str]) -> Reading:
    sheet = sheets.choose(part, book, name, chosen)
    table = Table(sheet=sheet.name, sheets=[each.name for each in book.sheets if each.count])
    return Reading(part, book, sheet, chosen, table, sheet_cells.Reader(book.epoch1904))


def _entries(reading: Reading, below: list[Line]) -> list[Line]:
    """The lines that are rows of a plan; Unreadable where there are none, or too many."""
    lines = left_out.without_headings_and_remarks(reading, below)
    if len(lines) > MAX_ROWS:
        raise Unreadable(sheets.too_many(len(lines)))
    if not lines:
        raise Unreadable(_no_rows())
    merged.spread_values(reading, lines)
    lines = left_out.without_totals(reading, lines)
    lines = left_out.without_empty(reading, lines)
    if not lines and not reading.table.faults:
        raise Unreadable(_no_rows())
    left_out.judge_remarks(reading, lines)
    return lines


def _no_rows() -> str:
    return _("There are headings in the table, but no rows.")
