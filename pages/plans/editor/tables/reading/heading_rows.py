"""The headings of a sheet: in one row or two, or taken apart by a separator; without any, the template's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from pages.plans.editor.tables import headings
from pages.plans.editor.tables.headings import Column, label
from pages.plans.editor.tables.reading import columns_known, units_stated
from pages.plans.editor.tables.reading.sheets import heading_line, words_alone
from pages.plans.editor.tables.reading.state import Reading
from sheets import units
from sheets.cells import Line, Unreadable


def read_headings(reading: Reading, lines: list[Line]) -> list[Line]:
    """The lines below the headings, which say what the columns hold; those above may state a unit."""
    place = heading_line(reading.part, lines, reading.chosen)
    if place is None:
        place = words_alone(lines)
    if place is None:
        _as_the_template(reading, lines)
        return lines
    head, below = lines[place], lines[place + 1 :]
    heads = {number: cell.text for number, cell in head.cells.items()}
    heads, below = _second_row(reading, head, heads, below)
    heads = _joined(reading, heads, below)
    reading.head_row = head.number
    reading.width = max(heads)
    reading.columns = {
        number: headings.column(reading.part, text, reading.chosen) for number, text in heads.items()
    }
    below = units_stated.below_headings(reading, below)
    units_stated.around(reading, lines[:place], below, heads)
    columns_known.judge(reading)
    return below


def _as_the_template(reading: Reading, lines: Sequence[Line]) -> None:
    """The columns are those of the template, in its order."""
    if max((len(line.cells) for line in lines), default=0) == 1 < len(reading.leaves):
        raise Unreadable(
            _("This is no table with the columns of the plan: it has one column and no headings.")
        )
    reading.columns = {
        number: Column(str(label(leaf)), leaf) for number, leaf in enumerate(reading.leaves, 1)
    }
    reading.width = len(reading.leaves)
    reading.table.notes.append(
        _("No headings were found: the columns are read in the order of the template.")
    )


def _second_row(
    reading: Reading, head: Line, heads: dict[int, str], below: list[Line]
) -> tuple[dict[int, str], list[Line]]:
    """Headings in two rows, the upper of which is merged over columns or both rows."""
    areas = [area for area in reading.sheet.merged if area[0] == head.number]
    merged = bool(below) and any(area[2] == below[0].number for area in areas)
    if not below or not (merged or _names_columns(reading, heads, below[0])):
        return heads, below
    over = _over_areas(heads, areas) if areas else _until_the_next(heads, below[0])
    joined = dict(heads)
    for number, cell in below[0].cells.items():
        joined[number] = _of_two(reading, over.get(number, heads.get(number, "")), cell.text)
    return joined, below[1:]


def _over_areas(heads: Mapping[int, str], areas: Sequence[Sequence[int]]) -> dict[int, str]:
    """The heading over each column of the merged areas (top, left, bottom, right)."""
    return {
        column: heads[left]
        for _top, left, _bottom, right in areas
        if left in heads
        for column in range(left, right + 1)
    }


def _names_columns(reading: Reading, heads: Mapping[int, str], line: Line) -> bool:
    """Whether the line below the headings names columns that they leave open."""
    return (
        all(cell.kind == "t" for cell in line.cells.values())
        and not any(reading.leaf(heads.get(number, "")) for number in line.cells)
        and sum(reading.leaf(cell.text) is not None for cell in line.cells.values()) > 1
    )


def _until_the_next(heads: Mapping[int, str], line: Line) -> dict[int, str]:
    """The heading over each column of the line, for files that keep no merged cells."""
    found, last = {}, ""
    for number in range(1, max(*heads, *line.cells) + 1):
        last = heads.get(number, last)
        if number in line.cells:
            found[number] = last
    return found


def _of_two(reading: Reading, over: str, under: str) -> str:
    """One heading of two; the unit that the upper one states is kept."""
    for both in (f"{over}{under}", f"{under}{over}"):
        if reading.leaf(both) is not None:
            return both
    if reading.leaf(under) is None:
        return f"{over}{under}"
    open_ = units.ASIDE.sub(lambda aside: f" {aside[1]}", over)
    stated = [text for text in (open_, *units.ASIDE.findall(over)) if units.states(text)]
    return f"{under}（{stated[0].strip()}）" if stated else under


def _is_one(reading: Reading, both: str, second: str) -> bool:
    """Whether two cells are one heading: together they name a field, and the second alone names none."""
    return bool(second) and reading.leaf(second) is None and reading.leaf(both) is not None


def _joined(reading: Reading, heads: dict[int, str], below: Sequence[Line]) -> dict[int, str]:
    """The headings; one that the separator took apart, as in "Rate, % a year", is one again."""
    width = max((max(line.cells) for line in below), default=0)
    if reading.book.typed or max(heads) <= width or not width:
        return heads
    texts = _rejoined(reading, [heads.get(number, "") for number in range(1, max(heads) + 1)], width)
    return {number: text for number, text in enumerate(texts, 1) if text} if len(texts) == width else heads


def _rejoined(reading: Reading, texts: list[str], width: int) -> list[str]:
    """The cells of the headings, joined from the left while there are more than `width`; each is noted."""
    place = 0
    while place + 1 < len(texts) and len(texts) > width:
        both = f"{texts[place]}, {texts[place + 1]}"
        if _is_one(reading, both, texts[place + 1]):
            texts[place : place + 2] = [both]
            reading.table.notes.append(
                _("The heading “%(head)s” was in two cells and is read as one.") % {"head": both}
            )
        place += 1
    return texts
