"""A table to fill in."""

from __future__ import annotations

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pages.plans.editor.parts import Rows
from pages.plans.editor.tables.headings import label
from proposals.labels import FIELDS
from proposals.plan.limits import MAX_ROWS
from web.forms import kinds

#: the form of a column's numbers, by the kind of its field
_FORMS = {id(kinds.MONEY): "#,##0.00", id(kinds.DAY): "yyyy-mm-dd", id(kinds.WHOLE): "0"}


def as_csv(part: Rows) -> bytes:
    """The headings in the reader's language, for any spreadsheet."""
    out = io.StringIO()
    csv.writer(out).writerow([str(label(leaf)) for leaf in part.parts])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(part: Rows) -> bytes:
    """The headings with the form of each column, and the words to choose from."""
    book = Workbook()
    sheet = book.active
    sheet.title = str(FIELDS.get(part.name, part.one))
    sheet.append([str(label(leaf)) for leaf in part.parts])
    sheet.freeze_panes = "A2"
    last = MAX_ROWS + 1
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
