"""Merged cells: the rows for which their value holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from pages.plans.editor.tables import totals
from pages.plans.editor.tables.reading.state import Reading
from sheets.cells import Cell, Line
from web.forms import kinds


@dataclass(frozen=True)
class _Merged:
    """A merged area of the table: its corners, its cell, the rows in it and the columns that are read."""

    top: int
    left: int
    bottom: int
    right: int
    cell: Cell
    rows: Sequence[int]
    columns: Sequence[int]

    @property
    def where(self) -> str:
        """The area as a spreadsheet names it."""
        return f"{get_column_letter(self.left)}{self.top}:{get_column_letter(self.right)}{self.bottom}"


def spread_values(reading: Reading, lines: list[Line]) -> None:
    """A merged value holds for all its rows; an amount that is merged over several is a fault."""
    places = {line.number: place for place, line in enumerate(lines)}
    for area in _areas(reading, list(places)):
        fault = _fault(reading, area)
        if fault:
            head = reading.columns[area.columns[0]].head
            reading.wrong(area.rows[0], head, area.cell.text, fault % {"where": area.where})
        elif len(area.rows) > 1 or area.columns[0] != area.left:
            _spread(reading, area, lines, places)


def _areas(reading: Reading, numbers: Sequence[int]) -> Iterator[_Merged]:
    """The merged areas over these rows and columns that are read; one within a total is left out."""
    by_row = {line.number: line for line in reading.sheet.lines}
    for top, left, bottom, right in reading.sheet.merged:
        line = by_row.get(top)
        if line is None or left not in line.cells or _is_left_out(reading, line, bottom):
            continue
        within = [number for number in numbers if top <= number <= bottom]
        mapped = _read_columns(reading, range(left, right + 1))
        if within and mapped:
            yield _Merged(top, left, bottom, right, line.cells[left], within, mapped)


def _is_left_out(reading: Reading, line: Line, bottom: int) -> bool:
    """Whether the area lies within the headings or within a total."""
    return bottom <= reading.head_row or (line.number == bottom and bool(totals.total_word(line)))


def _read_columns(reading: Reading, numbers: Iterable[int]) -> list[int]:
    """Those of the columns that hold a field."""
    columns = reading.columns
    return [number for number in numbers if number in columns and columns[number].leaf is not None]


def _fault(reading: Reading, area: _Merged) -> str:
    """Why it is not certain what the merged value is; empty where it is."""
    leaf = reading.columns[area.columns[0]].leaf
    assert leaf is not None
    if area.top <= reading.head_row:
        return _("The cells %(where)s are merged across the headings and the rows. Take the merging apart.")
    if len(area.columns) > 1:
        return _("The cells %(where)s are merged over several columns: it is not certain which one is meant.")
    if len(area.rows) > 1 and leaf.kind is kinds.MONEY:
        return _(
            "The cells %(where)s are merged: it is not certain whose amount this is. Take the "
            "merging apart and "
            "write the amount of each row."
        )
    return ""


def _spread(reading: Reading, area: _Merged, lines: list[Line], places: Mapping[int, int]) -> None:
    (column,) = area.columns
    for number in area.rows:
        line = lines[places[number]]
        lines[places[number]] = Line(number, {**line.cells, column: area.cell}, line.hidden)
    text = _("“%(head)s”: the merged value “%(value)s” holds for all its rows (%(where)s).")
    head = reading.columns[column].head
    reading.table.notes.append(text % {"head": head, "value": area.cell.text[:60], "where": area.where})
