"""Which sheet of a workbook is meant, and which of its lines has the headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from pages.plans.editor.parts import Rows
from pages.plans.editor.tables import headings
from proposals.plan.limits import MAX_ROWS
from sheets import cells
from sheets.cells import Book, Line, Sheet, Unreadable

#: among so many first lines the headings are looked for
_TITLES: Final = 12


class SheetNeeded(Unreadable):
    """Several sheets of a workbook may be meant: one of `names` is to be chosen."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        super().__init__(text)
        self.names = list(names)


def choose(part: Rows, book: Book, name: str | None, chosen: Mapping[str, str]) -> Sheet:
    """The sheet of that name, or the first shown that has the headings; SheetNeeded where none is certain."""
    filled = [sheet for sheet in book.sheets if sheet.count]
    if not filled:
        raise Unreadable(_("There is nothing in the table."))
    if not book.typed:
        return filled[0]
    return _of_name(filled, name) if name else _with_headings(part, filled, chosen)


def _of_name(filled: Sequence[Sheet], name: str) -> Sheet:
    for sheet in filled:
        if sheet.name == name:
            return sheet
    names = [sheet.name for sheet in filled]
    raise SheetNeeded(_("There is no sheet “%(name)s”. Choose one: %(names)s.") % named(names, name), names)


def _with_headings(part: Rows, filled: Sequence[Sheet], chosen: Mapping[str, str]) -> Sheet:
    """The first shown that has the headings, or the only one shown where no sheet has them."""
    headed = [sheet for sheet in filled if heading_line(part, sheet.lines, chosen) is not None]
    visible = [sheet for sheet in filled if not sheet.hidden]
    for sheet in headed:
        if not sheet.hidden:
            return sheet
    if len(visible) == 1 and not headed:
        return visible[0]
    names = [sheet.name for sheet in filled]
    text = _(
        "No sheet that is shown has the headings of this table. Choose the one that is meant: %(names)s."
    )
    raise SheetNeeded(text % named(names), names)


def named(names: Sequence[str], name: str = "") -> dict[str, str]:
    """Names as a sentence lists them, with one of them apart."""
    return {"names": _(", ").join(f"“{each}”" for each in names), "name": name}


def _known(part: Rows, line: Line, chosen: Mapping[str, str]) -> int:
    return len(
        {
            leaf.name
            for cell in line.cells.values()
            if cell.kind == "t" and (leaf := headings.column(part, cell.text, chosen).leaf) is not None
        }
    )


def heading_line(part: Rows, lines: Sequence[Line], chosen: Mapping[str, str]) -> int | None:
    """The line among the first ones with the most headings, at least two; titles may precede it."""
    found = [(_known(part, line, chosen), -place) for place, line in enumerate(lines[:_TITLES])]
    most, place = max(found, default=(0, 0))
    return -place if most >= min(2, len(part.parts)) else None


def words_alone(lines: Sequence[Line]) -> int | None:
    """The first of the lines with two cells or more, when no cell of it has a digit: headings not known."""
    place = next((place for place, line in enumerate(lines[:_TITLES]) if len(line.cells) > 1), None)
    if place is None or place + 1 == len(lines):
        return None
    alone = all(
        cell.kind == "t" and not any(map(str.isdigit, cell.text)) for cell in lines[place].cells.values()
    )
    return place if alone else None


def require_readable(sheet: Sheet) -> None:
    """Raise Unreadable when the sheet has more columns or rows than are read."""
    if sheet.columns > cells.MOST_COLUMNS:
        text = _(
            "The table has %(n)d columns, and %(most)d can be read at once. Delete those that are not needed."
        )
        raise Unreadable(text % {"n": sheet.columns, "most": cells.MOST_COLUMNS})
    if sheet.count > len(sheet.lines):
        raise Unreadable(too_many(sheet.count))


def too_many(count: int) -> str:
    """Why a table with so many rows is not read."""
    return _("The table has %(n)d rows, and at most %(most)d can be read. Divide it into several.") % {
        "n": count, "most": MAX_ROWS,
    }  # fmt: skip
