"""Notes on a table that are no faults."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.utils import get_column_letter

from pages.plans.editor.tables.reading.sheets import named
from pages.plans.editor.tables.reading.state import Reading
from regulation.text import folded_identifier
from web.forms import sheet_cells


def add_notes(reading: Reading) -> None:
    """The notes of the table: other sheets, hidden rows and columns, what was converted and left out."""
    notes = reading.table.notes
    if len(reading.table.sheets) > 1:
        others = [name for name in reading.table.sheets if name != reading.table.sheet]
        text = _("The sheet “%(name)s” is read; not read: %(names)s.")
        notes.append(text % named(others, reading.table.sheet))
    hidden = [
        line.number for line in reading.sheet.lines if line.hidden and line.number in set(reading.numbers)
    ]
    if hidden:
        text = ngettext(
            "%(n)d hidden row is read like the others: %(rows)s.",
            "%(n)d hidden rows are read like the others: %(rows)s.",
            len(hidden),
        )
        notes.append(text % {"n": len(hidden), "rows": sheet_cells.rows_in_words(hidden)})
    if reading.sheet.filtered:
        notes.append(_("A filter is set in the sheet: its rows are read whether it shows them or not."))
    _hidden_columns(reading)
    _unheaded(reading)
    _alike(reading)
    notes += reading.reader.conversions.notes()
    notes += [text for _row, text in sorted(reading.left_out.items())]


def _hidden_columns(reading: Reading) -> None:
    hidden = [
        column.head
        for number, column in sorted(reading.columns.items())
        if column.leaf is not None
        and any(first <= number <= last for first, last in reading.sheet.hidden_columns)
    ]
    if hidden:
        text = _("Hidden columns are read like the others: %(names)s.")
        reading.table.notes.append(text % named(hidden))


def _alike(reading: Reading) -> None:
    """Report rows that are identical, and loans of one contract, with the numbers of both rows."""
    seen: dict[tuple[str, ...], int] = {}
    contracts: dict[str, int] = {}
    for number, row in zip(reading.numbers, reading.table.rows, strict=True):
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
        reading.table.notes.append(
            text % {"first": first, "row": number, "contract": row.get("contract_no", "")}
        )


def _unheaded(reading: Reading) -> None:
    rows: dict[int, list[int]] = {}
    for line in reading.sheet.lines:
        for number in line.cells:
            if line.number in reading.numbers and number not in reading.columns and number <= reading.width:
                rows.setdefault(number, []).append(line.number)
    for number, found in sorted(rows.items()):
        text = _("Column %(letter)s has no heading and is left out (row: %(rows)s).")
        reading.table.notes.append(
            text % {"letter": get_column_letter(number), "rows": sheet_cells.rows_in_words(found)}
        )
