"""The units that a sheet states: below the headings, around the table, in its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from pages.plans.editor.tables import headings, totals
from pages.plans.editor.tables.headings import Column
from pages.plans.editor.tables.reading.state import Reading
from sheets import units
from sheets.cells import Line
from sheets.units import Unclear
from web.forms import sheet_cells

#: a remark that speaks of units
_OF_UNITS = re.compile(r"单位|單位|金额|金額|(?<![a-z])(?:units?|amounts?|figures)(?![a-z])", re.IGNORECASE)


def below_headings(reading: Reading, below: list[Line]) -> list[Line]:
    """The lines below the headings; a first one of nothing but units gives them to its columns."""
    if not below or not reading.columns:
        return below
    first = below[0]
    stated = _with_units(reading, first)
    if stated is None:
        return below
    reading.columns |= stated
    reading.left_out[first.number] = _("Row %(row)d is left out: it states the units.") % {
        "row": first.number
    }
    return below


def _with_units(reading: Reading, line: Line) -> dict[int, Column] | None:
    """The columns with the units that the line states; None for a line with anything else in it."""
    unit_of = {number: f"({cell.text})" for number, cell in line.cells.items() if cell.kind == "t"}
    try:
        stated = {
            number: headings.column(reading.part, f"{reading.columns[number].head} {text}", reading.chosen)
            for number, text in unit_of.items()
            if number in reading.columns
        }
    except KeyError:
        return None
    units_alone = len(stated) == len(line.cells) and all(
        column.unit is not None or column.unclear is not None for column in stated.values()
    )
    return stated if units_alone else None


def around(reading: Reading, above: Sequence[Line], below: Sequence[Line], heads: Mapping[int, str]) -> None:
    """The units that the lines around the table, its name or a heading of its own state for all of it."""
    _take(reading, [*_of_lines(above, below), *_of_headings(reading, heads), *_of_the_name(reading)])


def _of_lines(above: Sequence[Line], below: Sequence[Line]) -> list[tuple[int, str]]:
    """What may state a unit in the lines around the table, with the number of its row."""
    texts = [(line.number, text) for line in above for text in line.texts()]
    return texts + [(line.number, text) for line in below for text in _of_line_below(line)]


def _of_line_below(line: Line) -> list[str]:
    """The texts of a line below the headings that speak of units, as far as it is no row of the table."""
    if totals.unit_line(line):
        return line.texts()
    if totals.foot_line(line):
        return [text for text in line.texts() if _OF_UNITS.search(text)]
    return [f"({aside})" for aside in units.ASIDE.findall(totals.total_word(line))]


def _of_headings(reading: Reading, heads: Mapping[int, str]) -> list[tuple[int, str]]:
    return [
        (reading.head_row, text)
        for number, text in heads.items()
        if reading.columns[number].leaf is None and units.alone(text)
    ]


def _of_the_name(reading: Reading) -> list[tuple[int, str]]:
    name = reading.sheet.name
    whole = units.alone(name) or units.loose(name)
    asides = [f"({aside})" for aside in units.ASIDE.findall(name)]
    return [(reading.head_row, text) for text in ([name] if whole and not asides else asides)]


def _take(reading: Reading, texts: Sequence[tuple[int, str]]) -> None:
    for row, text in texts:
        try:
            money, rate = units.above([text])
        except Unclear as error:
            reading.wrong(row, text, text, sheet_cells.unclear(error, text))
            continue
        for found, before in ((money, reading.reader.money), (rate, reading.reader.rate)):
            if found and before and (found.factor, found.period) != (before.factor, before.period):
                both = Unclear("several", f"{before.word} / {found.word}")
                reading.wrong(row, text, text, sheet_cells.unclear(both, text))
        reading.reader.money, reading.reader.rate = reading.reader.money or money, reading.reader.rate or rate
