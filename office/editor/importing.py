"""Loans and instalments pasted from a spreadsheet or read from a workbook or a text.

Everything that a table holds comes in, or is told: what was converted, merged and left out is a note, and
every cell that cannot be read is a fault by row and column. Nothing is taken from a table that has one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from office import words
from office.editor import cells, headings, kinds, totals, units, values
from office.editor.cells import Book, Cell, Line, Sheet, Unreadable
from office.editor.headings import Column, label
from office.editor.parts import ABSENT, Leaf, Raw, Rows
from office.editor.steps import STEPS, location
from office.editor.units import Unclear
from proposals import plan as schema
from regulation.text import folded_identifier

MOST_BYTES: Final = cells.MOST_BYTES
#: among so many first lines the headings are looked for
_TITLES: Final = 12

#: a row of so many cells is an entry
_SEVERAL: Final = 4
#: a remark that speaks of units
_OF_UNITS = re.compile(r"单位|單位|金额|金額|(?<![a-z])(?:units?|amounts?|figures)(?![a-z])", re.IGNORECASE)

#: keys of headings under which a unit or a currency stands for each row
_COLUMNS_OF_UNITS: Final = frozenset(
    {"单位", "金额单位", "计量单位", "货币单位", "货币", "币种", "币别", "unit", "units", "currency", "ccy"}
)

__all__ = ["MOST_BYTES", "Fault", "SheetNeeded", "Table", "Unreadable", "label", "read"]

#: the tables that can be imported: their names, as their keys in a plan
KINDS: Final[Mapping[str, Rows]] = {
    step.imports: part for step in STEPS if (part := step.rows(step.imports)) is not None
}


@dataclass(frozen=True)
class Fault:
    """What is wrong in a table: the row and column as the spreadsheet counts them, and what is expected."""

    row: int
    column: str | Promise
    found: str
    text: str


@dataclass(frozen=True)
class Counts:
    """The filled rows below the headings, and how many of them were read and left out."""

    rows: int = 0
    read: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class Seen:
    """A column of the file as the page shows it: its heading, what it is read as, whether it is known."""

    head: str
    field: str
    known: bool
    key: str


@dataclass
class Table:
    """What was read: rows as they are typed, or what is wrong with them."""

    rows: list[Raw] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: what is worth knowing and no fault
    notes: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    columns: list[Seen] = field(default_factory=list)
    sheet: str = ""
    #: the names of the sheets that can be chosen
    sheets: list[str] = field(default_factory=list)


class SheetNeeded(Unreadable):
    """Several sheets of a workbook may be meant: one of `names` is to be chosen."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        super().__init__(text)
        self.names = list(names)


def cells_of_text(text: str) -> Book:
    """The table of a pasted text."""
    return cells.of_text(text)


def cells_of_file(content: bytes) -> Book:
    """The tables of a file."""
    return cells.of_file(content)


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
    return _Reading(part, book, chosen or {}).read(sheet)


# -- Which sheet ------------------------------------------------------------------------------------


def _sheet(part: Rows, book: Book, name: str | None, chosen: Mapping[str, str]) -> Sheet:
    filled = [sheet for sheet in book.sheets if sheet.count]
    if not filled:
        raise Unreadable(_("There is nothing in the table."))
    if not book.typed:
        return filled[0]
    names = [sheet.name for sheet in filled]
    if name:
        found = next((sheet for sheet in filled if sheet.name == name), None)
        if found is None:
            raise SheetNeeded(
                _("There is no sheet “%(name)s”. Choose one: %(names)s.") % _named(names, name), names
            )
        return found
    headed = [sheet for sheet in filled if _heading(part, sheet.lines, chosen) is not None]
    visible = [sheet for sheet in filled if not sheet.hidden]
    meant = [sheet for sheet in headed if not sheet.hidden]
    if meant:
        return meant[0]
    if len(visible) == 1 and not headed:
        return visible[0]
    text = _(
        "No sheet that is shown has the headings of this table. Choose the one that is meant: %(names)s."
    )
    raise SheetNeeded(text % _named(names), names)


def _named(names: Sequence[str], name: str = "") -> dict[str, str]:
    return {"names": _(", ").join(f"“{each}”" for each in names), "name": name}


# -- Where the headings are -------------------------------------------------------------------------


def _known(part: Rows, line: Line, chosen: Mapping[str, str]) -> int:
    return len(
        {
            leaf.name
            for cell in line.cells.values()
            if cell.kind == "t" and (leaf := headings.column(part, cell.text, chosen).leaf) is not None
        }
    )


def _heading(part: Rows, lines: Sequence[Line], chosen: Mapping[str, str]) -> int | None:
    """Which of the first lines has most of the headings, at least two of them; titles may stand above."""
    found = [(_known(part, line, chosen), -place) for place, line in enumerate(lines[:_TITLES])]
    most, place = max(found, default=(0, 0))
    return -place if most >= min(2, len(part.parts)) else None


def _words_alone(lines: Sequence[Line]) -> int | None:
    """The first of the lines with two cells or more, when no cell of it has a digit: headings not known."""
    place = next((place for place, line in enumerate(lines[:_TITLES]) if len(line.cells) > 1), None)
    if place is None or place + 1 == len(lines):
        return None
    alone = all(
        cell.kind == "t" and not any(map(str.isdigit, cell.text)) for cell in lines[place].cells.values()
    )
    return place if alone else None


# -- Reading a sheet --------------------------------------------------------------------------------


@dataclass
class _Merged:
    """A merged area of the table: its corners and its value."""

    area: tuple[int, int, int, int]
    cell: Cell


class _Reading:
    """One table, being read."""

    def __init__(self, part: Rows, book: Book, chosen: Mapping[str, str]) -> None:
        self.part, self.book, self.chosen = part, book, chosen
        self.table = Table()
        self.leaves = [leaf for leaf in part.parts if isinstance(leaf, Leaf)]
        self.reader = values.Reader(book.epoch1904)
        self.columns: dict[int, Column] = {}
        self.head_row = 0
        self.width = 0
        self.numbers: list[int] = []
        self.found: list[dict[str, str]] = []
        self.left_out: dict[int, str] = {}
        self.once: set[tuple[str, str]] = set()

    def read(self, name: str | None) -> Table:
        sheet = _sheet(self.part, self.book, name, self.chosen)
        self.sheet, table = sheet, self.table
        table.sheet, table.sheets = sheet.name, [each.name for each in self.book.sheets if each.count]
        self._limits(sheet)
        lines = self._headed(list(sheet.lines))
        rows = len(lines)
        lines = self._without_what_is_no_row(lines)
        if len(lines) > schema.MAX_ROWS:
            raise Unreadable(_too_many(len(lines)))
        if not lines:
            raise Unreadable(_("There are headings in the table, but no rows."))
        self._merge(lines)
        lines = self._without_totals(lines)
        lines = self._without_what_is_read_of_none(lines)
        if not lines and not table.faults:
            raise Unreadable(_("There are headings in the table, but no rows."))
        self._single(lines)
        for line in lines:
            self._row(line)
        self._lost_digits()
        table.faults += self._faults()
        table.faults.sort(key=lambda fault: fault.row)
        table.counts = Counts(rows, len(table.rows), rows - len(table.rows))
        self._notes()
        return table

    # limits

    def _limits(self, sheet: Sheet) -> None:
        if sheet.columns > cells.MOST_COLUMNS:
            text = _(
                "The table has %(n)d columns, and %(most)d can be read at once. Delete those that are "
                "not needed."
            )
            raise Unreadable(text % {"n": sheet.columns, "most": cells.MOST_COLUMNS})
        if sheet.count > len(sheet.lines):
            raise Unreadable(_too_many(sheet.count))

    # headings

    def _headed(self, lines: list[Line]) -> list[Line]:
        """The lines below the headings; what stands above them may state a unit."""
        place = _heading(self.part, lines, self.chosen)
        if place is None:
            place = _words_alone(lines)
        if place is None:
            if max((len(line.cells) for line in lines), default=0) == 1 < len(self.leaves):
                raise Unreadable(
                    _("This is no table with the columns of the plan: it has one column and no headings.")
                )
            self.columns = {
                number: Column(str(label(leaf)), leaf) for number, leaf in enumerate(self.leaves, 1)
            }
            self.width = len(self.leaves)
            self.table.notes.append(
                _("No headings were found: the columns are read in the order of the template.")
            )
            return lines
        head, below = lines[place], lines[place + 1 :]
        heads = {number: cell.text for number, cell in head.cells.items()}
        heads, below = self._second_row(head, heads, below)
        heads = self._joined(heads, below)
        self.head_row = head.number
        self.width = max(heads)
        self.columns = {
            number: headings.column(self.part, text, self.chosen) for number, text in heads.items()
        }
        below = self._units_below(below)
        self._units_around(lines[:place], below, heads)
        self._judge_columns()
        return below

    def _second_row(
        self, head: Line, heads: dict[int, str], below: list[Line]
    ) -> tuple[dict[int, str], list[Line]]:
        """Headings in two rows, the upper of which is merged over columns or both rows."""
        areas = [area for area in self.sheet.merged if area[0] == head.number]
        merged = bool(below) and any(area[2] == below[0].number for area in areas)
        if not below or not (merged or self._names_columns(heads, below[0])):
            return heads, below
        over = {
            column: heads[area[1]]
            for area in areas
            if area[1] in heads
            for column in range(area[1], area[3] + 1)
        }
        if not areas:
            over = self._until_the_next(heads, below[0])
        joined = dict(heads)
        for number, cell in below[0].cells.items():
            joined[number] = self._of_two(over.get(number, heads.get(number, "")), cell.text)
        return joined, below[1:]

    def _names_columns(self, heads: Mapping[int, str], line: Line) -> bool:
        """Whether the line below the headings names columns that they leave open."""
        return (
            all(cell.kind == "t" for cell in line.cells.values())
            and not any(self._leaf(heads.get(number, "")) for number in line.cells)
            and sum(self._leaf(cell.text) is not None for cell in line.cells.values()) > 1
        )

    def _until_the_next(self, heads: Mapping[int, str], line: Line) -> dict[int, str]:
        """Which heading stands over the columns of the line, when a file keeps no merged cells."""
        found, last = {}, ""
        for number in range(1, max(*heads, *line.cells) + 1):
            last = heads.get(number, last)
            if number in line.cells:
                found[number] = last
        return found

    def _of_two(self, over: str, under: str) -> str:
        """One heading of two; the unit that the upper one states is kept."""
        for both in (f"{over}{under}", f"{under}{over}"):
            if self._leaf(both) is not None:
                return both
        if self._leaf(under) is None:
            return f"{over}{under}"
        open_ = units.ASIDE.sub(lambda aside: f" {aside[1]}", over)
        stated = [text for text in (open_, *units.ASIDE.findall(over)) if units.states(text)]
        return f"{under}（{stated[0].strip()}）" if stated else under

    def _joined(self, heads: dict[int, str], below: Sequence[Line]) -> dict[int, str]:
        """The headings; one that the separator took apart, as in "Rate, % a year", is one again."""
        width = max((max(line.cells) for line in below), default=0)
        if self.book.typed or max(heads) <= width or not width:
            return heads
        texts = [heads.get(number, "") for number in range(1, max(heads) + 1)]
        place = 0
        while place + 1 < len(texts) and len(texts) > width:
            both = f"{texts[place]}, {texts[place + 1]}"
            if texts[place + 1] and self._leaf(texts[place + 1]) is None and self._leaf(both) is not None:
                texts[place : place + 2] = [both]
                self.table.notes.append(
                    _("The heading “%(head)s” was in two cells and is read as one.") % {"head": both}
                )
            place += 1
        return (
            {number: text for number, text in enumerate(texts, 1) if text} if len(texts) == width else heads
        )

    def _leaf(self, head: str) -> Leaf | None:
        return headings.column(self.part, head, self.chosen).leaf

    def _units_below(self, below: list[Line]) -> list[Line]:
        """The lines below the headings; a first one of nothing but units gives them to its columns."""
        if not below or not self.columns:
            return below
        first = below[0]
        unit_of = {number: f"({cell.text})" for number, cell in first.cells.items() if cell.kind == "t"}
        try:
            stated = {
                number: headings.column(self.part, f"{self.columns[number].head} {text}", self.chosen)
                for number, text in unit_of.items()
                if number in self.columns
            }
        except KeyError:
            return below
        units_alone = len(stated) == len(first.cells) and all(
            column.unit is not None or column.unclear is not None for column in stated.values()
        )
        if not units_alone:
            return below
        self.columns |= stated
        self.left_out[first.number] = _("Row %(row)d is left out: it states the units.") % {
            "row": first.number
        }
        return below

    def _units_around(self, above: Sequence[Line], below: Sequence[Line], heads: Mapping[int, str]) -> None:
        """The units that the lines around the table, its name or a heading of its own state for all of it."""
        texts = [(line.number, text) for line in above for text in line.texts()]
        for line in below:
            if totals.unit_line(line):
                texts += [(line.number, text) for text in line.texts()]
            elif totals.foot_line(line):
                texts += [(line.number, text) for text in line.texts() if _OF_UNITS.search(text)]
            elif word := totals.said(line):
                texts += [(line.number, f"({aside})") for aside in units.ASIDE.findall(word)]
        texts += [
            (self.head_row, text)
            for number, text in heads.items()
            if self.columns[number].leaf is None and units.alone(text)
        ]
        name = self.sheet.name
        whole = units.alone(name) or units.loose(name)
        asides = [f"({aside})" for aside in units.ASIDE.findall(name)]
        texts += [(self.head_row, text) for text in ([name] if whole and not asides else asides)]
        self._take_units(texts)

    def _take_units(self, texts: Sequence[tuple[int, str]]) -> None:
        for row, text in texts:
            try:
                money, rate = units.above([text])
            except Unclear as error:
                self.table.faults.append(Fault(row, text, text, values.unclear(error, text)))
                continue
            for found, before in ((money, self.reader.money), (rate, self.reader.rate)):
                if found and before and (found.factor, found.period) != (before.factor, before.period):
                    both = Unclear("several", f"{before.word} / {found.word}")
                    self.table.faults.append(Fault(row, text, text, values.unclear(both, text)))
            self.reader.money, self.reader.rate = self.reader.money or money, self.reader.rate or rate

    def _judge_columns(self) -> None:
        """What the headings leave open is told: unknown, twice, lacking, unclear."""
        by_field: dict[str, list[int]] = {}
        for number, column in sorted(self.columns.items()):
            known = column.leaf is not None
            key = headings.key(column.head)
            self.table.columns.append(
                Seen(
                    column.head,
                    column.leaf.name if column.leaf else "",
                    known and key not in self.chosen,
                    key,
                )
            )
            if column.leaf is None:
                self.table.notes.append(
                    _("The column “%(head)s” is not known and left out.") % {"head": column.head}
                )
                continue
            by_field.setdefault(column.leaf.name, []).append(number)
            self._judge_unit(column)
        self._twice(by_field)
        self._lacking(by_field)

    def _judge_unit(self, column: Column) -> None:
        if column.unclear is not None:
            text = values.unclear(column.unclear, column.head)
            self.table.faults.append(Fault(self.head_row, column.head, column.head, text))
        if column.beside:
            text = _("“%(head)s”: “%(beside)s” is taken for no unit; the numbers are read as they stand.")
            self.table.notes.append(text % {"head": column.head, "beside": _(", ").join(column.beside)})

    def _twice(self, by_field: Mapping[str, Sequence[int]]) -> None:
        for numbers in by_field.values():
            heads = [self.columns[number].head for number in numbers]
            if len(set(map(headings.key, heads))) < len(heads):
                self.table.faults.append(
                    Fault(self.head_row, heads[-1], "", _("This heading stands there twice."))
                )
            elif len(heads) > 1:
                text = _(
                    "“%(one)s” and “%(other)s” are both read as “%(field)s”. Leave one out, or choose "
                    "what it holds."
                )
                leaf = self.columns[numbers[0]].leaf
                assert leaf is not None
                said = text % {"one": heads[0], "other": heads[1], "field": label(leaf)}
                self.table.faults.append(Fault(self.head_row, heads[1], heads[1], said))
                for seen in [seen for seen in self.table.columns if seen.head in heads]:
                    place = self.table.columns.index(seen)
                    self.table.columns[place] = Seen(seen.head, seen.field, known=False, key=seen.key)

    def _lacking(self, by_field: Mapping[str, object]) -> None:
        if not by_field:
            text = _("None of the headings is known. Choose what each column holds.")
            self.table.faults.append(Fault(self.head_row, "", "", text))
        lacking = [str(label(leaf)) for leaf in self.leaves if leaf.name not in by_field]
        if lacking:
            self.table.notes.append(
                _("Not in the table, and left blank: %(names)s.") % {"names": _(", ").join(lacking)}
            )

    # rows that are none

    def _without_what_is_no_row(self, lines: list[Line]) -> list[Line]:
        heads = {number: headings.key(column.head) for number, column in self.columns.items()}
        for line in lines:
            if line.number in self.left_out:
                continue
            texts = {number: headings.key(cell.text) for number, cell in line.cells.items()}
            if (
                self.head_row
                and len(texts) > 1
                and all(heads.get(number) == text for number, text in texts.items())
            ):
                text = _("Row %(row)d is left out: it repeats the headings.")
            elif totals.unit_line(line):
                text = _("Row %(row)d is left out: it states the units.")
            elif len(self.columns) > 2 and totals.foot_line(line):
                text = _("Row %(row)d is left out: it is a remark (%(text)s).")
            else:
                continue
            self.left_out[line.number] = text % {"row": line.number, "text": line.texts()[0][:60]}
        return [line for line in lines if line.number not in self.left_out]

    def _without_what_is_read_of_none(self, lines: list[Line]) -> list[Line]:
        """The lines that have something in a column that is read."""
        for line in lines:
            if not self._read_cells(line) and not self._surplus(line):
                text = _("Row %(row)d is left out: it has nothing in the columns that are read.")
                self.left_out[line.number] = text % {"row": line.number}
        return [line for line in lines if line.number not in self.left_out]

    def _read_cells(self, line: Line) -> list[Cell]:
        return [
            cell
            for number, cell in line.cells.items()
            if (column := self.columns.get(number)) is not None and column.leaf is not None
        ]

    def _single(self, lines: Sequence[Line]) -> None:
        """A text that stands alone in its row, among rows of several cells, may be a remark."""
        filled = {line.number: self._read_cells(line) for line in lines}
        if max(map(len, filled.values()), default=0) < _SEVERAL:
            return
        for number, found in filled.items():
            if len(found) == 1 and found[0].kind == "t":
                text = _(
                    "Only this stands in the row. If it is a remark, take it out; if it is an entry, "
                    "complete it."
                )
                self._wrong(number, "", found[0].text, text)

    def _without_totals(self, lines: list[Line]) -> list[Line]:
        found = totals.find(lines, self.columns, self._amount, surplus=self._surplus)
        for total in found:
            if total.fault:
                self._wrong(total.line.number, "", ", ".join(total.line.texts()), total.text)
            else:
                self.left_out[total.line.number] = total.text
        gone = {total.line.number for total in found}
        return [line for line in lines if line.number not in gone]

    def _amount(self, column: Column, cell: Cell, row: int) -> Decimal | None:
        """The amount of a cell in yuan, as far as it can be read; nothing is told of it."""
        quiet = values.Reader(self.reader.epoch1904, self.reader.money, self.reader.rate)
        try:
            return Decimal(quiet.value(column, cell, row))
        except (values.Wrong, ArithmeticError):
            return None

    # merged cells

    def _merge(self, lines: list[Line]) -> None:
        """A merged value holds for all its rows; an amount that is merged over several is a fault."""
        places = {line.number: place for place, line in enumerate(lines)}
        by_row = {line.number: line for line in self.sheet.lines}
        for top, left, bottom, right in self.sheet.merged:
            if bottom <= self.head_row or (top not in by_row or left not in by_row[top].cells):
                continue
            within = [number for number in places if top <= number <= bottom]
            mapped = [
                n
                for n in range(left, right + 1)
                if (c := self.columns.get(n)) is not None and c.leaf is not None
            ]
            if within and mapped and not (totals.said(by_row[top]) and top == bottom):
                area = _Merged((top, left, bottom, right), by_row[top].cells[left])
                self._spread(area, within, mapped, lines, places)

    def _spread(
        self,
        merged: _Merged,
        within: Sequence[int],
        mapped: Sequence[int],
        lines: list[Line],
        places: Mapping[int, int],
    ) -> None:
        top, left, bottom, right = merged.area
        column = self.columns[mapped[0]]
        where = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        assert column.leaf is not None
        if top <= self.head_row:
            text = _(
                "The cells %(where)s are merged across the headings and the rows. Take the merging apart."
            )
            self._wrong(within[0], column.head, merged.cell.text, text % {"where": where})
        elif len(mapped) > 1:
            text = _(
                "The cells %(where)s are merged over several columns: it is not certain which one is meant."
            )
            self._wrong(within[0], column.head, merged.cell.text, text % {"where": where})
        elif len(within) > 1 and column.leaf.kind is kinds.MONEY:
            text = _(
                "The cells %(where)s are merged: it is not certain whose amount this is. Take the "
                "merging apart and "
                "write the amount of each row."
            )
            self._wrong(within[0], column.head, merged.cell.text, text % {"where": where})
        elif len(within) > 1 or mapped[0] != left:
            for number in within:
                line = lines[places[number]]
                lines[places[number]] = Line(number, {**line.cells, mapped[0]: merged.cell}, line.hidden)
            text = _("“%(head)s”: the merged value “%(value)s” holds for all its rows (%(where)s).")
            self.table.notes.append(
                text % {"head": column.head, "value": merged.cell.text[:60], "where": where}
            )

    # rows

    def _wrong(self, row: int, column: str | Promise, found: str, text: str) -> None:
        self.table.faults.append(Fault(row, column, found, text))

    def _surplus(self, line: Line) -> list[str]:
        return [cell.text for number, cell in sorted(line.cells.items()) if number > self.width]

    def _row(self, line: Line) -> None:
        raw = {leaf.name: "" for leaf in self.leaves}
        found = {}
        extra = self._surplus(line)
        if extra:
            text = _(
                "There are more cells than headings. An amount with commas needs quotation marks or tabs."
            )
            self._wrong(line.number, _("after the last column"), ", ".join(extra), text)
        for number, cell in line.cells.items():
            column = self.columns.get(number)
            if column is not None and column.leaf is None:
                self._of_units(column, cell, line.number)
            if column is None or column.leaf is None or column.unclear is not None:
                continue
            found[column.leaf.name] = cell.text
            try:
                raw[column.leaf.name] = self.reader.value(column, cell, line.number)
            except values.Wrong as wrong:
                self._cell_wrong(line.number, column, cell, wrong)
        self.table.rows.append(raw)
        self.numbers.append(line.number)
        self.found.append(found)

    def _of_units(self, column: Column, cell: Cell, row: int) -> None:
        """A column that states the unit of each row is no column to be left out."""
        if headings.key(column.head) not in _COLUMNS_OF_UNITS:
            return
        try:
            unit = units.money(cell.text)
            unclear = Unclear("several", cell.text) if unit is not None and unit.factor != 1 else None
        except Unclear as error:
            unclear = error
        if unclear is not None:
            self._wrong(row, column.head, cell.text, values.unclear(unclear, column.head))

    def _cell_wrong(self, row: int, column: Column, cell: Cell, wrong: values.Wrong) -> None:
        if not wrong.once:
            self._wrong(row, column.head, cell.text or f"={cell.formula.lstrip('=')}", wrong.text)
        elif (column.head, wrong.text) not in self.once:
            self.once.add((column.head, wrong.text))
            self._wrong(self.head_row or row, column.head, column.head, wrong.text)

    def _lost_digits(self) -> None:
        """Numbers of a text whose last digits a spreadsheet has rounded away."""
        if self.book.typed:
            return
        for leaf in self.leaves:
            if leaf.kind is kinds.LINE and values.lost_in_columns(
                [row[leaf.name] for row in self.table.rows]
            ):
                for number, row in zip(self.numbers, self.table.rows, strict=True):
                    if len(row[leaf.name]) > 15 and row[leaf.name].isdigit():
                        self._wrong(number, self._head(leaf), row[leaf.name], values.digits_lost())

    def _head(self, leaf: Leaf) -> str:
        return next(
            (column.head for column in self.columns.values() if column.leaf is leaf), str(label(leaf))
        )

    def _faults(self) -> Iterator[Fault]:
        """What no plan may state."""
        by_name = {leaf.name: leaf for leaf in self.leaves}
        for index, name, text in problems(self.part, self.table.rows):
            leaf = by_name.get(name)
            head = self._head(leaf) if leaf is not None else ""
            found = self.found[index].get(name, "")
            yield Fault(self.numbers[index], head, found, text)

    # what is told

    def _notes(self) -> None:
        notes = self.table.notes
        if len(self.table.sheets) > 1:
            others = [name for name in self.table.sheets if name != self.table.sheet]
            text = _("The sheet “%(name)s” is read; not read: %(names)s.")
            notes.append(text % _named(others, self.table.sheet))
        hidden = [
            line.number for line in self.sheet.lines if line.hidden and line.number in set(self.numbers)
        ]
        if hidden:
            text = ngettext(
                "%(n)d hidden row is read like the others: %(rows)s.",
                "%(n)d hidden rows are read like the others: %(rows)s.",
                len(hidden),
            )
            notes.append(text % {"n": len(hidden), "rows": values.rows_said(hidden)})
        if self.sheet.filtered:
            notes.append(_("A filter is set in the sheet: its rows are read whether it shows them or not."))
        self._hidden_columns()
        self._unheaded()
        self._alike()
        notes += self.reader.told.notes()
        notes += [text for _row, text in sorted(self.left_out.items())]

    def _hidden_columns(self) -> None:
        hidden = [
            column.head
            for number, column in sorted(self.columns.items())
            if column.leaf is not None
            and any(first <= number <= last for first, last in self.sheet.hidden_columns)
        ]
        if hidden:
            text = _("Hidden columns are read like the others: %(names)s.")
            self.table.notes.append(text % _named(hidden))

    def _alike(self) -> None:
        """Rows that are alike in every cell, and loans of one contract, are told with both rows."""
        seen: dict[tuple[str, ...], int] = {}
        contracts: dict[str, int] = {}
        for number, row in zip(self.numbers, self.table.rows, strict=True):
            first = seen.setdefault(tuple(row.values()), number)
            contract = folded_identifier(row.get("contract_no", ""))
            former = contracts.setdefault(contract, number) if contract else number
            if first != number:
                text = _("Rows %(first)d and %(row)d are alike in everything. Is one of them there twice?")
            elif former != number:
                first = former
                text = _(
                    "Rows %(first)d and %(row)d are of one contract (%(contract)s). Are these two drawdowns?"
                )
            else:
                continue
            self.table.notes.append(
                text % {"first": first, "row": number, "contract": row.get("contract_no", "")}
            )

    def _unheaded(self) -> None:
        rows: dict[int, list[int]] = {}
        for line in self.sheet.lines:
            for number in line.cells:
                if line.number in self.numbers and number not in self.columns and number <= self.width:
                    rows.setdefault(number, []).append(line.number)
        for number, found in sorted(rows.items()):
            text = _("Column %(letter)s has no heading and is left out (row: %(rows)s).")
            self.table.notes.append(
                text % {"letter": get_column_letter(number), "rows": values.rows_said(found)}
            )


def counted(table: Table) -> str:
    """How many rows the file has, how many were read and how many left out."""
    values_ = {"rows": table.counts.rows, "read": table.counts.read, "out": table.counts.left_out}
    return _("Rows in the file: %(rows)d. Read: %(read)d. Left out: %(out)d.") % values_


def _too_many(count: int) -> str:
    return _("The table has %(n)d rows, and at most %(most)d can be read. Divide it into several.") % {
        "n": count, "most": schema.MAX_ROWS,
    }  # fmt: skip


def problems(part: Rows, rows: Sequence[Raw]) -> Iterator[tuple[int, str, str]]:
    """What no draft may state in these rows: index, field and sentence; no field for a row as a whole."""
    stated = [value if (value := part.row.read(row)) is not ABSENT else {} for row in rows]
    for problem in schema.problems({part.name: stated}):
        place = location(problem.path)
        if len(place) > 1:
            yield int(place[1]), str(place[2]) if len(place) > 2 else "", kinds.sentence(problem)


# -- A table that was read before -------------------------------------------------------------------


def written(part: Rows, rows: Iterable[Raw]) -> str:
    """The rows as a text that reads the same again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t")
    names = [leaf.name for leaf in part.parts]
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return out.getvalue()


def read_again(part: Rows, text: str) -> Table | None:
    """The rows of a text that `written` made; None for another. Nothing in it is converted once more."""
    names = [leaf.name for leaf in part.parts]
    first, *rest = (
        csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter="\t") if text.strip() else [[]]
    )
    rows = [row for row in rest if row]
    if first != names or any(len(row) != len(names) for row in rows) or not 0 < len(rows) <= schema.MAX_ROWS:
        return None
    found = [dict(zip(names, row, strict=True)) for row in rows]
    by_name = {leaf.name: leaf for leaf in part.parts}
    faults = [
        Fault(index + 2, label(by_name[name]) if name else "", found[index].get(name, ""), sentence)
        for index, name, sentence in problems(part, found)
    ]
    return Table(found, faults, counts=Counts(len(found), len(found)))


# -- A table to fill in -----------------------------------------------------------------------------


def template_csv(part: Rows) -> bytes:
    """The headings in the reader's language, for any spreadsheet."""
    out = io.StringIO()
    csv.writer(out).writerow([str(label(leaf)) for leaf in part.parts])
    return out.getvalue().encode("utf-8-sig")


def template_xlsx(part: Rows) -> bytes:
    """The headings with the form of each column, and the words to choose from."""
    book = Workbook()
    sheet = book.active
    sheet.title = str(words.FIELDS[part.name])
    sheet.append([str(label(leaf)) for leaf in part.parts])
    sheet.freeze_panes = "A2"
    last = schema.MAX_ROWS + 1
    for number, leaf in enumerate(part.parts, 1):
        letter = get_column_letter(number)
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet.column_dimensions[letter].width = 18
        sheet.column_dimensions[letter].number_format = _FORMS.get(id(leaf.kind), "@")
        options = leaf.kind.options()
        if options:
            listed = '"' + ",".join(word for _code, word in options) + '"'
            choice = DataValidation(type="list", formula1=listed, allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{last}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_FORMS = {id(kinds.MONEY): "#,##0.00", id(kinds.DAY): "yyyy-mm-dd", id(kinds.WHOLE): "0"}
