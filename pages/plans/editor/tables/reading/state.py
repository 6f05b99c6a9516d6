"""A sheet that is being read: what is known of its columns, and what has been read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

from pages.plans.editor.parts import Leaf, Rows
from pages.plans.editor.tables import headings
from pages.plans.editor.tables.headings import Column, label
from pages.plans.editor.tables.table import Fault, Table
from sheets.cells import Book, Cell, Line, Sheet
from web.forms import sheet_cells


@dataclass
class Reading:
    """A sheet of a book, read for one part of a plan; `chosen` are the fields of headings chosen by hand."""

    part: Rows
    book: Book
    sheet: Sheet
    chosen: Mapping[str, str]
    table: Table
    #: it converts the cells, and knows the units that are stated for all of them
    reader: sheet_cells.Reader
    columns: dict[int, Column] = field(default_factory=dict)
    #: the number of the row with the headings, 0 without one, and of the last column that has one
    head_row: int = 0
    width: int = 0
    #: the number of the row in the file, for each row that was read
    numbers: list[int] = field(default_factory=list)
    #: number of a row left out → the note on it
    left_out: dict[int, str] = field(default_factory=dict)

    @property
    def leaves(self) -> list[Leaf]:
        """The fields of a row."""
        return [leaf for leaf in self.part.parts if isinstance(leaf, Leaf)]

    def leaf(self, head: str) -> Leaf | None:
        """The field that a column with this heading holds; None for a heading that is not known."""
        return headings.column(self.part, head, self.chosen).leaf

    def head_of(self, leaf: Leaf) -> str:
        """The heading of the field's column, or the field's name where no column holds it."""
        return next(
            (column.head for column in self.columns.values() if column.leaf is leaf), str(label(leaf))
        )

    def wrong(self, row: int, column: str | Promise, found: str, text: str) -> None:
        """A fault is noted."""
        self.table.faults.append(Fault(row, column, found, text))

    def surplus(self, line: Line) -> list[str]:
        """The cells of a line to the right of the last heading."""
        return [cell.text for number, cell in sorted(line.cells.items()) if number > self.width]

    def read_cells(self, line: Line) -> list[Cell]:
        """The cells of a line below known headings."""
        return [
            cell
            for number, cell in line.cells.items()
            if (column := self.columns.get(number)) is not None and column.leaf is not None
        ]

    def without_left_out(self, lines: list[Line]) -> list[Line]:
        """The lines that are not left out."""
        return [line for line in lines if line.number not in self.left_out]
