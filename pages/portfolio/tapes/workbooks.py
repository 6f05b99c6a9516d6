"""Workbooks of tapes: the template with headings, examples and codes, and the faulty rows of one to be
mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pages.portfolio.tapes.faults import FaultView
from portfolio.classes import Class
from portfolio.labels import CLASSES
from portfolio.models import Borrower, Loan
from portfolio.tape import COLUMNS
from web.exports.files import harmless

_WIDEST = 40
#: an example of each column; the loan of the seed documents that was paid twelve days late
_EXAMPLE = {
    "as_of": "2008-08-30", "institution": "15101", "contract_no": "15101S000001", "borrower": "王某",
    "id_no": "990000198001010010", "kind": "public_employee", "employer": "示范住建局", "origin": "new",
    "guarantee": "credit", "issued_on": "2008-02-18", "due_on": "2008-08-18", "amount": "290000.00",
    "rate": "8.40", "period_months": "0", "principal": "290000.00", "interest_on": "812.00",
    "interest_off": "0.00", "penalty": "0.00", "principal_unpaid_since": "2008-08-18",
    "interest_unpaid_since": "2008-08-18", "dpd": "12", "class": "special_mention", "sub_grade": "1",
    "state": "open", "lending_staff_no": "80100010", "collection_staff_no": "80100011", "registered": "1",
}  # fmt: skip


def _text(sheet: object, value: str, *, bold: bool = False) -> WriteOnlyCell:
    """A text cell, whatever it looks like: identifiers never become numbers."""
    cell = WriteOnlyCell(sheet, harmless(ILLEGAL_CHARACTERS_RE.sub("", value)))
    cell.data_type, cell.number_format = "s", "@"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _sheet(book: Workbook, name: str, head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    lines = list(lines)
    for number, title in enumerate(head, 1):
        widest = max([len(title) * 2, *(len(line[number - 1]) for line in lines)])
        sheet.column_dimensions[get_column_letter(number)].width = min(widest, _WIDEST) + 2
    sheet.append([_text(sheet, title, bold=True) for title in head])
    for line in lines:
        sheet.append([_text(sheet, value) for value in line])


def template() -> bytes:
    """The template of a tape: its headings with an example, and sheets that explain columns and codes."""
    book = Workbook(write_only=True)
    names = [each.name for each in COLUMNS]
    _sheet(book, _("Tape"), names, [[_EXAMPLE.get(name, "") for name in names]])
    _sheet(
        book,
        _("Columns"),
        [_("Column"), _("Chinese heading"), _("Type"), _("Required")],
        [[each.name, each.chinese, each.type, _("yes") if each.required else ""] for each in COLUMNS],
    )
    _sheet(book, _("Codes"), [_("Column"), _("Code"), _("Meaning")], _codes())
    return _bytes(book)


def _codes() -> list[list[str]]:
    choices: tuple[tuple[str, Iterable[tuple[object, object]]], ...] = (
        ("kind", Borrower.Kind.choices),
        ("insider", Borrower.Insider.choices),
        ("origin", Loan.Origin.choices),
        ("guarantee", Loan.Guarantee.choices),
        ("state", Loan.State.choices),
    )
    found = [[column, str(value), str(name)] for column, each in choices for value, name in each]
    return found + [
        ["class", f"{Class(value).word} / {Class(value).chinese}", str(name)] for value, name in CLASSES
    ]


def faulty(faults: Iterable[FaultView]) -> bytes:
    """The faults of a tape as a workbook: line, column, value, what is wrong, and what to do."""
    book = Workbook(write_only=True)
    _sheet(
        book,
        _("Faults"),
        [
            _("Line"),
            _("Column"),
            pgettext("cell", "Value"),
            _("What is wrong"),
            _("What to do"),
            _("Row rejected"),
        ],
        [
            [
                str(each.line),
                each.column,
                each.value,
                each.message,
                each.remedy,
                _("no") if each.only_warns else _("yes"),
            ]
            for each in faults
        ],
    )
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    written = BytesIO()
    book.save(written)
    return written.getvalue()
