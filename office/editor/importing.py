"""Loans and instalments pasted from a spreadsheet or read from an XLSX or CSV file.

Every cell that cannot be read is told by row and column; nothing is taken from a table that has one. Numbers
of a workbook are read by their 15 significant digits, as the spreadsheet shows them, never as floats.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from office import words
from office.editor import kinds
from office.editor.parts import ABSENT, Leaf, Raw, Rows
from office.editor.steps import location
from proposals import plan as schema

#: bytes of a file, and of what it unpacks to
MOST_BYTES: Final = 5_000_000
MOST_UNPACKED: Final = 60_000_000
_MOST_COLUMNS: Final = 60
#: among so many first lines the headings are looked for
_TITLES: Final = 6
_SERIAL = re.compile(r"[2-7][0-9]{4}")
_DAY_ZERO = date(1899, 12, 30)  # the day 0 of a spreadsheet's calendar, its leap day of 1900 reckoned in
_ASIDE = re.compile(r"[(（\[].*?[)）\]]|[\s,，%_:：·/-]+|元|yuan", re.IGNORECASE)
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Cells = list[list[str]]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a table: the row and column as the spreadsheet counts them, and what is expected."""

    row: int
    column: str | Promise
    found: str
    text: str


@dataclass
class Table:
    """What was read: rows as they are typed, or what is wrong with them."""

    rows: list[Raw] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: what is worth knowing and no fault
    notes: list[str] = field(default_factory=list)


class Unreadable(Exception):
    """A file that is no table, in words."""


# -- From a text or a file to cells -----------------------------------------------------------------


def cells_of_text(text: str) -> Cells:
    """The cells of a text, separated by tabs where it has any, else by commas."""
    lines = text.lstrip("\ufeff").strip("\r\n")
    first = lines.partition("\n")[0]
    delimiter = "\t" if "\t" in lines else ";" if ";" in first and "," not in first else ","
    try:
        return [row[:_MOST_COLUMNS] for row in csv.reader(io.StringIO(lines), delimiter=delimiter)]
    except csv.Error as error:
        raise Unreadable(_("This is no table: %(why)s") % {"why": error}) from error


def cells_of_file(content: bytes) -> Cells:
    """The cells of a workbook's first sheet, or of a CSV file in UTF-8 or GB18030."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 5 MB."))
    if content.startswith(_OLD_EXCEL):
        raise Unreadable(_("This is an old Excel file (.xls). Save it as .xlsx or .csv and choose it again."))
    if content.startswith(_ZIP):
        return _cells_of_workbook(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return cells_of_text(text)
    raise Unreadable(_("This is neither an Excel workbook (.xlsx) nor a CSV file."))


def _cells_of_workbook(content: bytes) -> Cells:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("The workbook unpacks to more than can be read here."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=schema.MAX_ROWS + 20, max_col=_MOST_COLUMNS)
        return [[_text(cell.value, cell.number_format) for cell in row] for row in rows]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise Unreadable(
            _("This workbook cannot be read. Save it anew as .xlsx and choose it again.")
        ) from error


def _text(value: Any, form: str) -> str:
    """The cell as the spreadsheet shows it: 8.4 for what it holds as 0.084 and shows as 8.4 %."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(f"{value:.15g}") * (100 if "%" in form else 1)
        return f"{number.normalize():f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


# -- From cells to rows -----------------------------------------------------------------------------


def read(part: Rows, cells: Cells) -> Table:
    """The rows of a table for this part of a plan; without headings its columns are those of the template."""
    table = Table()
    leaves = [leaf for leaf in part.parts if isinstance(leaf, Leaf)]
    lines = [(number, row) for number, row in enumerate(cells, 1) if any(cell.strip() for cell in row)]
    if not lines:
        raise Unreadable(_("There is nothing in the table."))
    heading = _heading(leaves, lines)
    columns: list[Leaf | None] = [*leaves]
    if heading is not None:
        columns = _columns(table, leaves, *lines[heading])
        lines = lines[heading + 1 :]
    else:
        table.notes.append(_("No headings were found: the columns are read in the order of the template."))
    if len(lines) > schema.MAX_ROWS:
        raise Unreadable(_("The table has more than %(most)d rows.") % {"most": schema.MAX_ROWS})
    for number, row in lines:
        table.faults += _surplus(number, row, len(columns))
        table.rows.append(_row(leaves, columns, row))
    table.faults += _faults(part, table.rows, [number for number, _row in lines])
    table.faults.sort(key=lambda fault: fault.row)
    if not lines:
        raise Unreadable(_("There are headings in the table, but no rows."))
    return table


def _heading(leaves: Sequence[Leaf], lines: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """Which of the first lines is the headings; a title may stand above them."""
    known = {name for leaf in leaves for name in _names(leaf)}
    for place, (_number, row) in enumerate(lines[:_TITLES]):
        if sum(_plain(cell) in known for cell in row if cell.strip()) >= min(2, len(leaves)):
            return place
    return None


def _columns(table: Table, leaves: Sequence[Leaf], number: int, heads: Sequence[str]) -> list[Leaf | None]:
    """The field of each column by its heading."""
    names = {name: leaf for leaf in leaves for name in _names(leaf)}
    found = [names.get(_plain(head)) for head in heads]
    seen: set[str] = set()
    for head, leaf in zip(heads, found, strict=True):
        if leaf is None and head.strip():
            table.notes.append(_("The column “%(head)s” is not known and left out.") % {"head": head.strip()})
        elif leaf is not None and leaf.name in seen:
            table.faults.append(Fault(number, head.strip(), "", _("This heading stands there twice.")))
        elif leaf is not None:
            seen.add(leaf.name)
    lacking = [str(label(leaf)) for leaf in leaves if leaf.name not in seen]
    if lacking:
        table.notes.append(
            _("Not in the table, and left blank: %(names)s.") % {"names": _(", ").join(lacking)}
        )
    return found


def label(leaf: Leaf) -> str | Promise:
    """The heading of a column."""
    return leaf.label or words.FIELDS[leaf.name]


def _names(leaf: Leaf) -> Iterator[str]:
    yield _plain(leaf.name)
    for language in ("en", "zh-hans"):
        with override(language):
            yield _plain(str(words.FIELDS[leaf.name]))
            yield _plain(str(label(leaf)))


def _plain(head: str) -> str:
    return _ASIDE.sub("", kinds.half_width(head)).casefold()


def _surplus(number: int, row: Sequence[str], width: int) -> Iterator[Fault]:
    extra = [cell.strip() for cell in row[width:] if cell.strip()]
    if extra:
        text = _("There are more cells than headings. An amount with commas needs quotation marks or tabs.")
        yield Fault(number, _("after the last column"), ", ".join(extra), text)


def _row(leaves: Sequence[Leaf], columns: Sequence[Leaf | None], row: Sequence[str]) -> Raw:
    raw = {leaf.name: "" for leaf in leaves}
    for leaf, cell in zip(columns, row, strict=False):
        if leaf is not None:
            raw[leaf.name] = _typed(leaf, cell.strip())
    return raw


def _typed(leaf: Leaf, cell: str) -> str:
    if leaf.kind is kinds.DAY and _SERIAL.fullmatch(cell):
        return (_DAY_ZERO + timedelta(days=int(cell))).isoformat()
    return str(leaf.kind.read(cell)) if cell else ""


def _faults(part: Rows, rows: Sequence[Raw], numbers: Sequence[int]) -> Iterator[Fault]:
    by_name = {leaf.name: leaf for leaf in part.parts}
    stated = [value if (value := part.row.read(row)) is not ABSENT else {} for row in rows]
    for problem in schema.problems({part.name: stated}):
        place = location(problem.path)
        if len(place) < 3:
            continue
        index, name = int(place[1]), str(place[2])
        yield Fault(numbers[index], label(by_name[name]), rows[index][name], kinds.sentence(problem))


def written(part: Rows, rows: Iterable[Raw]) -> str:
    """The rows as a text that reads the same again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t")
    names = [leaf.name for leaf in part.parts]
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return out.getvalue()


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
