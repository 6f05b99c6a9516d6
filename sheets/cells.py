"""From a text or a file to cells: what stands in a table, as far as the file itself tells it.

A workbook is read by a child process (`workbook.py`); a text is separated here. Characters that nobody
sees are taken out of every cell and lines are folded, and each cell keeps that this was done.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from regulation.text import without_invisible
from sheets import workbook

#: bytes of a file
MOST_BYTES: Final = 5_000_000
#: filled rows and columns that are read; of more only how many there are
MOST_LINES: Final = workbook.MOST_LINES
MOST_COLUMNS: Final = workbook.MOST_COLUMNS

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_OLD_HEADS: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = ("\t", ";", ",", "|")
#: a number of a workbook is what its 15 significant digits say
_DIGITS = Context(prec=15)
_MARKUP = re.compile(r"\s*(?:<!doctype html|<html|<table|<\?xml|<meta|<style|<head|<!--)", re.IGNORECASE)
_BREAK = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]+\s*")


class Unreadable(Exception):
    """A file that is no table, in words."""


@dataclass(frozen=True)
class Cell:
    """One filled cell: its text, and of a workbook's number the number with its format.

    Kinds: t text, n number, b truth, d date, e error, f formula without its result.
    """

    text: str
    kind: str = "t"
    number: Decimal | None = None
    form: str | int = 0
    formula: str = ""
    #: whether invisible characters were removed, and whether lines were joined
    cleaned: bool = False
    folded: bool = False


@dataclass(frozen=True)
class Line:
    """A row of the table: its number as the spreadsheet counts, and its filled cells by column from 1."""

    number: int
    cells: Mapping[int, Cell]
    hidden: bool = False

    def texts(self) -> list[str]:
        """What stands in its cells, from left to right."""
        return [cell.text for _column, cell in sorted(self.cells.items())]


@dataclass(frozen=True)
class Sheet:
    """A table with its filled lines; `count` and `columns` are those of the file, `lines` at most so many."""

    lines: Sequence[Line]
    name: str = ""
    hidden: bool = False
    count: int = 0
    columns: int = 0
    merged: Sequence[Sequence[int]] = ()
    hidden_columns: Sequence[Sequence[int]] = ()
    filtered: bool = False


@dataclass(frozen=True)
class Book:
    """What a file holds."""

    sheets: Sequence[Sheet] = field(default_factory=tuple)
    #: a workbook, whose cells say of what kind they are
    typed: bool = False
    epoch1904: bool = False


# -- Of a text --------------------------------------------------------------------------------------


def of_text(text: str) -> Book:
    """The table of a text, separated by tabs, semicolons, commas or bars, whichever parts its lines alike."""
    plain = text.lstrip("\ufeff")
    if _MARKUP.match(plain[:4000]):
        raise Unreadable(_markup(plain[:20_000]))
    return Book([_sheet(_separated(plain))])


def of_rows(rows: Sequence[Sequence[str]]) -> Book:
    """The table of rows of texts."""
    return Book([_sheet(enumerate(rows, 1))])


def _separated(lines: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        found = csv.reader(io.StringIO(lines, newline=None), delimiter=_delimiter(lines), strict=True)
        for number, row in enumerate(found, 1):
            yield number, row
    except csv.Error as error:
        if "field limit" in str(error):
            raise Unreadable(_("This is no table: %(why)s") % {"why": error}) from error
        text = _(
            "In or after row %(row)d a quotation mark stands alone, and what follows it would be one cell. "
            "Take it out, or write it twice."
        )
        raise Unreadable(text % {"row": number + 1}) from error


def _delimiter(lines: str) -> str:
    """Which sign parts most of the first lines into the same number of cells, and into the most."""
    head = "\n".join(lines.splitlines()[:40])
    best, delimiter = (0, 0), ","
    for each in _DELIMITERS:
        try:
            widths = Counter(
                len(row) for row in csv.reader(io.StringIO(head), delimiter=each) if len(row) > 1
            )
        except csv.Error:
            continue
        if widths:
            width, alike = max(widths.items(), key=lambda item: (item[1], item[0]))
            if (alike, width) > best:
                best, delimiter = (alike, width), each
    return delimiter


def _sheet(rows: Any) -> Sheet:
    lines, count, columns = [], 0, 0
    for number, row in rows:
        cells = {place: cell for place, text in enumerate(row, 1) if (cell := cleaned(text)) is not None}
        if cells:
            count += 1
            columns = max(columns, *cells)
            if count <= MOST_LINES:
                lines.append(Line(number, cells))
    return Sheet(lines, count=count, columns=columns)


def cleaned(text: str, **more: Any) -> Cell | None:
    """A cell with that text, without invisible characters and in one line; None when nothing is left."""
    seen = without_invisible(text)
    stripped = seen.strip()
    folded = _BREAK.sub(" ", stripped).replace("\t", " ")
    if not folded and more.get("kind") != "f":
        return None
    return Cell(folded, cleaned=seen != text, folded=folded != stripped, **more)


# -- Of a file --------------------------------------------------------------------------------------


def of_file(content: bytes) -> Book:
    """The tables of a workbook, or of a text in UTF-8, UTF-16 or GB18030; Unreadable with its remedy."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 5 MB."))
    if not content.strip():
        raise Unreadable(_("There is nothing in the file."))
    if content.startswith((_OLE, *_OLD_HEADS)):
        raise Unreadable(_ole(content))
    if content.startswith(_PDF):
        raise Unreadable(_("This is a PDF, not a table. Ask for the table as .xlsx and choose that."))
    if content.startswith(_ZIP):
        return _of_workbook(content)
    if b"MIME-Version:" in content[:500]:
        raise Unreadable(_markup("<html"))
    return of_text(_decoded(content))


def _decoded(content: bytes) -> str:
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            continue
        if encoding == "gb18030" and _rather_big5(content):
            raise Unreadable(
                _(
                    "It is not certain in which encoding this text is (it may be Big5). Save it as UTF-8 or "
                    "as .xlsx and choose it again."
                )
            )
        return text
    raise Unreadable(_("This is neither an Excel workbook (.xlsx) nor a text with a table (.csv, .txt)."))


def _encodings(content: bytes) -> tuple[str, ...]:
    """What the text may be in; UTF-16 without its mark shows in the zeros of its ASCII signs."""
    if content.startswith(_UTF16):
        return ("utf-16",)
    even, odd = content[:20_000:2].count(0), content[1:20_000:2].count(0)
    if even or odd:
        return ("utf-16-le" if odd > even else "utf-16-be",) if not (even and odd) else ()
    return ("utf-8-sig", "gb18030")


def _rather_big5(content: bytes) -> bool:
    """Whether the signs of the text are usual ones in Big5, and in GB18030 are not."""
    try:
        content.decode("big5hkscs")
    except UnicodeDecodeError:
        return False
    gb = re.findall(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]", content)
    usual = sum(pair[0] in range(0xB0, 0xD8) and pair[1] > 0xA0 for pair in gb)
    usual += sum(pair[0] in (0xA1, 0xA3) and pair[1] > 0xA0 for pair in gb)
    big5 = re.findall(rb"[\xa1-\xf9][\x40-\x7e\xa1-\xfe]", content)
    frequent = sum(pair[0] in range(0xA4, 0xC7) for pair in big5)
    return bool(frequent * len(gb) > usual * len(big5))


def _ole(content: bytes) -> str:
    if _ENCRYPTED in content:
        return _(
            "This workbook is protected by a password. Open it, take the password away (File, Info, Protect "
            "Workbook), save it as .xlsx and choose it again."
        )
    return _("This is an old Excel file (.xls). Save it as .xlsx or .csv and choose it again.")


def _markup(text: str) -> str:
    if "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return _(
            "This is an XML spreadsheet of 2003. Open it in Excel or WPS, save it as .xlsx and choose it "
            "again."
        )
    if text.lstrip().casefold().startswith("<?xml") and "<html" not in text.casefold():
        return _("This is an XML file, not a table. Save the table as .xlsx or .csv and choose that.")
    return _(
        "This is a web page (HTML) that is only called a workbook. Open it in Excel or WPS, save it as .xlsx "
        "and choose it again."
    )


def of_large_file(path: Path) -> Iterator[tuple[int, dict[int, Cell], bool]]:
    """The filled rows of a workbook's first visible sheet, of whatever length, one at a time.

    Each with its number and its cells by column, and whether the days of the workbook begin in 1904.
    """
    with path.open("rb") as file:
        begun = file.read(8)
    if begun.startswith((_OLE, *_OLD_HEADS)):
        raise Unreadable(_ole(path.read_bytes()[:MOST_BYTES]))
    try:
        found = workbook.rows(path)
        epoch1904 = bool(next(found)["epoch1904"])
        for number, cells in found:
            yield number, _cells(cells, {"uncalculated": False}), epoch1904
    except workbook.Unopened as error:
        raise Unreadable(_unopened(error.key)) from error


def _unopened(key: str) -> str:
    return {
        "size": _(
            "The workbook unpacks to more than can be read here. Delete what is not part of the table."
        ),
        "time": _(
            "Reading this workbook takes too long. Copy the table into a new workbook, save that as .xlsx "
            "and choose it."
        ),
        "xlsb": _("This is a binary workbook (.xlsb). Save it as .xlsx and choose it again."),
        "ods": _("This is an OpenDocument spreadsheet (.ods). Save it as .xlsx and choose it again."),
        "other": _("This is no workbook. Save the table as .xlsx or .csv and choose that."),
    }.get(key, _("This workbook cannot be read. Save it anew as .xlsx and choose it again."))


def _of_workbook(content: bytes) -> Book:
    try:
        found = workbook.read(content)
    except workbook.Unopened as error:
        raise Unreadable(_unopened(error.key)) from error
    sheets = [
        Sheet(
            [Line(number, _cells(cells, found), hidden) for number, hidden, cells in each["lines"]],
            each["name"], each["hidden"], each["count"], each["columns"], each["merged"],
            each["hidden_columns"], each["filtered"],
        )
        for each in found["sheets"]
    ]  # fmt: skip
    if not sheets:
        raise Unreadable(_("There is no table in the workbook."))
    return Book(sheets, typed=True, epoch1904=found["epoch1904"])


def _cells(stored: Sequence[Any], book: Mapping[str, Any]) -> dict[int, Cell]:
    return {
        column: cell
        for column, kind, text, form, formula in stored
        if (cell := _cell(kind, text, form, formula, uncalculated=book["uncalculated"])) is not None
    }


def _cell(kind: str, text: str, form: str | int, formula: str, *, uncalculated: bool) -> Cell | None:
    """A stored cell; None for an empty one."""
    if kind == "n":
        return _number_cell(text, form, formula, uncalculated=uncalculated)
    if kind == "b":
        return Cell("TRUE" if text.strip() == "1" else "FALSE", "b", formula=formula)
    if kind == "d":
        return cleaned(
            text.partition("T")[0] if text.endswith("T00:00:00") else text, kind="d", formula=formula
        )
    return cleaned(text, kind=kind, formula=formula, form=form)


def _number_cell(text: str, form: str | int, formula: str, *, uncalculated: bool) -> Cell:
    """A number. A formula's 0 in a workbook that was never calculated is what its writer put there."""
    try:
        number = _DIGITS.plus(Decimal(text))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        return Cell(text, "e", formula=formula)
    if formula and uncalculated and not number:
        return Cell("", "f", formula=formula)
    return Cell(f"{number.normalize():f}", "n", number, form, formula)
