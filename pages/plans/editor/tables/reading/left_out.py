"""Rows that are no entries and are left out: repeated headings, units, remarks, totals, empty ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.translation import gettext as _

from pages.plans.editor.tables import headings, totals
from pages.plans.editor.tables.headings import Column
from pages.plans.editor.tables.reading.state import Reading
from sheets.cells import Cell, Line
from web.forms import sheet_cells

#: a row of so many cells is an entry
_SEVERAL: Final = 4


def without_headings_and_remarks(reading: Reading, lines: list[Line]) -> list[Line]:
    """The lines that neither repeat the headings, nor state units, nor are remarks below the table."""
    heads = {number: headings.key(column.head) for number, column in reading.columns.items()}
    for line in lines:
        if line.number in reading.left_out:
            continue
        if reading.head_row and _repeats(heads, line):
            text = _("Row %(row)d is left out: it repeats the headings.")
        elif totals.unit_line(line):
            text = _("Row %(row)d is left out: it states the units.")
        elif len(reading.columns) > 2 and totals.foot_line(line):
            text = _("Row %(row)d is left out: it is a remark (%(text)s).")
        else:
            continue
        reading.left_out[line.number] = text % {"row": line.number, "text": line.texts()[0][:60]}
    return reading.without_left_out(lines)


def _repeats(heads: Mapping[int, str], line: Line) -> bool:
    """Whether the line repeats the headings."""
    texts = {number: headings.key(cell.text) for number, cell in line.cells.items()}
    return len(texts) > 1 and all(heads.get(number) == text for number, text in texts.items())


def without_empty(reading: Reading, lines: list[Line]) -> list[Line]:
    """The lines that have something in a column that is read."""
    for line in lines:
        if not reading.read_cells(line) and not reading.surplus(line):
            text = _("Row %(row)d is left out: it has nothing in the columns that are read.")
            reading.left_out[line.number] = text % {"row": line.number}
    return reading.without_left_out(lines)


def judge_remarks(reading: Reading, lines: Sequence[Line]) -> None:
    """Report a lone text in a row, which may be a remark."""
    filled = {line.number: reading.read_cells(line) for line in lines}
    if max(map(len, filled.values()), default=0) < _SEVERAL:
        return
    for number, found in filled.items():
        if len(found) == 1 and found[0].kind == "t":
            text = _(
                "Only this stands in the row. If it is a remark, take it out; if it is an entry, complete it."
            )
            reading.wrong(number, "", found[0].text, text)


def without_totals(reading: Reading, lines: list[Line]) -> list[Line]:
    """The lines that are no totals; one that may be a total and may be none is a fault."""
    found = totals.find(lines, reading.columns, partial(_amount, reading), surplus=reading.surplus)
    for total in found:
        if total.fault:
            reading.wrong(total.line.number, "", ", ".join(total.line.texts()), total.text)
        else:
            reading.left_out[total.line.number] = total.text
    gone = {total.line.number for total in found}
    return [line for line in lines if line.number not in gone]


def _amount(reading: Reading, column: Column, cell: Cell, row: int) -> Decimal | None:
    """The amount of a cell in yuan, None if it cannot be read; nothing is reported."""
    quiet = sheet_cells.Reader(reading.reader.epoch1904, reading.reader.money, reading.reader.rate)
    try:
        return Decimal(quiet.value(column, cell, row))
    except (sheet_cells.Wrong, ArithmeticError):
        return None
