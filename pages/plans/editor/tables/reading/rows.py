"""From the lines of a sheet to the rows of a plan, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _

from pages.plans.editor.parts import ABSENT, Raw, Rows
from pages.plans.editor.tables import headings
from pages.plans.editor.tables.headings import Column
from pages.plans.editor.tables.reading.state import Reading
from pages.plans.editor.tables.table import Fault
from proposals.labels import FIELDS
from proposals.plan import drafts
from proposals.plan.places import location
from sheets import units
from sheets.cells import Cell, Line
from sheets.units import Unclear
from web.forms import kinds, sheet_cells

#: keys of headings whose cells state a unit or a currency for each row
_COLUMNS_OF_UNITS: Final = frozenset(
    {"单位", "金额单位", "计量单位", "货币单位", "货币", "币种", "币别", "unit", "units", "currency", "ccy"}
)


def read(reading: Reading, lines: Sequence[Line]) -> None:
    """The lines become rows of the table; what is wrong with one is a fault."""
    entries = _Entries(reading)
    for line in lines:
        entries.add(line)
    _lost_digits(reading)
    reading.table.faults += entries.unfit()


class _Entries:
    """The rows of a table, one after the other."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        #: of each row the cells as they stand, by field
        self._texts: list[dict[str, str]] = []
        #: heading and text of faults that are reported once for a column
        self._once: set[tuple[str, str]] = set()

    def add(self, line: Line) -> None:
        """The next row."""
        reading = self._reading
        raw = {leaf.name: "" for leaf in reading.leaves}
        found = {}
        extra = reading.surplus(line)
        if extra:
            text = _(
                "There are more cells than headings. An amount with commas needs quotation marks or tabs."
            )
            reading.wrong(line.number, _("after the last column"), ", ".join(extra), text)
        for number, cell in line.cells.items():
            column = reading.columns.get(number)
            if column is not None and column.leaf is None:
                _judge_unit_of_row(reading, column, cell, line.number)
            if column is None or column.leaf is None or column.unclear is not None:
                continue
            found[column.leaf.name] = cell.text
            try:
                raw[column.leaf.name] = reading.reader.value(column, cell, line.number)
            except sheet_cells.Wrong as wrong:
                self._cell_wrong(line.number, column, cell, wrong)
        reading.table.rows.append(raw)
        reading.numbers.append(line.number)
        self._texts.append(found)

    def _cell_wrong(self, row: int, column: Column, cell: Cell, wrong: sheet_cells.Wrong) -> None:
        reading = self._reading
        if not wrong.once:
            reading.wrong(row, column.head, cell.text or f"={cell.formula.lstrip('=')}", wrong.text)
        elif (column.head, wrong.text) not in self._once:
            self._once.add((column.head, wrong.text))
            reading.wrong(reading.head_row or row, column.head, column.head, wrong.text)

    def unfit(self) -> Iterator[Fault]:
        """What no plan may state."""
        reading = self._reading
        by_name = {leaf.name: leaf for leaf in reading.leaves}
        for index, name, text in problems(reading.part, reading.table.rows):
            leaf = by_name.get(name)
            head = reading.head_of(leaf) if leaf is not None else ""
            found = self._texts[index].get(name, "")
            yield Fault(reading.numbers[index], head, found, text)


def _judge_unit_of_row(reading: Reading, column: Column, cell: Cell, row: int) -> None:
    """A column that states the unit of each row is no column to be left out."""
    if headings.key(column.head) not in _COLUMNS_OF_UNITS:
        return
    try:
        unit = units.money(cell.text)
        unclear = Unclear("several", cell.text) if unit is not None and unit.factor != 1 else None
    except Unclear as error:
        unclear = error
    if unclear is not None:
        reading.wrong(row, column.head, cell.text, sheet_cells.unclear(unclear, column.head))


def _lost_digits(reading: Reading) -> None:
    """Numbers of a text whose last digits a spreadsheet has rounded away."""
    if reading.book.typed:
        return
    for leaf in reading.leaves:
        if leaf.kind is kinds.LINE and sheet_cells.lost_in_columns(
            [row[leaf.name] for row in reading.table.rows]
        ):
            for number, row in zip(reading.numbers, reading.table.rows, strict=True):
                if len(row[leaf.name]) > 15 and row[leaf.name].isdigit():
                    reading.wrong(number, reading.head_of(leaf), row[leaf.name], sheet_cells.digits_lost())


def problems(part: Rows, rows: Sequence[Raw]) -> Iterator[tuple[int, str, str]]:
    """What no draft may state in these rows: index, field and sentence; no field for a row as a whole.

    Nothing for rows that are no part of a plan, which are judged by whoever takes them.
    """
    if part.name not in FIELDS:
        return
    stated = [value if (value := part.row.read(row)) is not ABSENT else {} for row in rows]
    for problem in drafts.problems({part.name: stated}):
        place = location(problem.path)
        if len(place) > 1:
            yield int(place[1]), str(place[2]) if len(place) > 2 else "", kinds.sentence(problem)
