"""What the headings leave open: columns that are unknown, there twice or lacking, and unclear units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from pages.plans.editor.tables import headings
from pages.plans.editor.tables.headings import Column, label
from pages.plans.editor.tables.reading.state import Reading
from pages.plans.editor.tables.table import ColumnView
from web.forms import sheet_cells


def judge(reading: Reading) -> None:
    """Report headings that are unknown, repeated, missing or unclear."""
    by_field: dict[str, list[int]] = {}
    for number, column in sorted(reading.columns.items()):
        known = column.leaf is not None
        key = headings.key(column.head)
        reading.table.columns.append(
            ColumnView(
                column.head,
                column.leaf.name if column.leaf else "",
                known and key not in reading.chosen,
                key,
            )
        )
        if column.leaf is None:
            reading.table.notes.append(
                _("The column “%(head)s” is not known and left out.") % {"head": column.head}
            )
            continue
        by_field.setdefault(column.leaf.name, []).append(number)
        _judge_unit(reading, column)
    _twice(reading, by_field)
    _lacking(reading, by_field)


def _judge_unit(reading: Reading, column: Column) -> None:
    if column.unclear is not None:
        text = sheet_cells.unclear(column.unclear, column.head)
        reading.wrong(reading.head_row, column.head, column.head, text)
    if column.beside:
        text = _("“%(head)s”: “%(beside)s” is taken for no unit; the numbers are read as they stand.")
        reading.table.notes.append(text % {"head": column.head, "beside": _(", ").join(column.beside)})


def _twice(reading: Reading, by_field: Mapping[str, Sequence[int]]) -> None:
    for numbers in by_field.values():
        heads = [reading.columns[number].head for number in numbers]
        if len(set(map(headings.key, heads))) < len(heads):
            reading.wrong(reading.head_row, heads[-1], "", _("This heading stands there twice."))
        elif len(heads) > 1:
            text = _(
                "“%(one)s” and “%(other)s” are both read as “%(field)s”. Leave one out, or choose "
                "what it holds."
            )
            leaf = reading.columns[numbers[0]].leaf
            assert leaf is not None
            text_of_both = text % {"one": heads[0], "other": heads[1], "field": label(leaf)}
            reading.wrong(reading.head_row, heads[1], heads[1], text_of_both)
            for seen in [seen for seen in reading.table.columns if seen.head in heads]:
                place = reading.table.columns.index(seen)
                reading.table.columns[place] = ColumnView(seen.head, seen.field, known=False, key=seen.key)


def _lacking(reading: Reading, by_field: Mapping[str, object]) -> None:
    if not by_field:
        text = _("None of the headings is known. Choose what each column holds.")
        reading.wrong(reading.head_row, "", "", text)
    lacking = [str(label(leaf)) for leaf in reading.leaves if leaf.name not in by_field]
    if lacking:
        reading.table.notes.append(
            _("Not in the table, and left blank: %(names)s.") % {"names": _(", ").join(lacking)}
        )
