"""A tape in a workbook, as the table of texts that the import reads.

Cells are written as they are shown: a day as a day, an amount with its digits. A number's cell where an
identifier should stand is marked, since a spreadsheet keeps fifteen digits and no leading zeros.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, TextIO

from portfolio.importing.files import named_columns
from portfolio.tape import BY_COLUMN, IDENTIFIERS, NUMBER_CELL
from regulation.refused import Refused
from sheets.cells import Cell, Unreadable, of_large_file
from sheets.formats import format_of

#: rows of a workbook, without headings and total line
MOST_ROWS: Final = 200_000
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"


def is_workbook(path: Path) -> bool:
    """Whether the file begins as a workbook does."""
    with path.open("rb") as file:
        return file.read(4) in (_ZIP, _OLE)


@contextmanager
def as_text(path: Path) -> Iterator[Path]:
    """The file itself if it is text; of a workbook a file with its table, until the block ends."""
    if not is_workbook(path):
        yield path
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".csv") as target:
        write_as_text(path, target)  # type: ignore[arg-type]  # a wrapper of such a file
        target.flush()
        yield Path(target.name)


def write_as_text(path: Path, target: TextIO) -> None:
    """Write the first visible sheet as CSV; `tape/columns`, `tape/unreadable`."""
    written = csv.writer(target, lineterminator="\n")
    rows = of_large_file(path)
    try:
        first = next(rows, None)
        if first is None or first[0] != 1:
            why = {"en": "the first row has no headings", "zh-hans": "首行不是表头"}
            raise Refused("tape/columns", why=why)
        columns = named_columns(_texts(first[1]))
        written.writerow(columns)
        for line in _lines(rows, columns):
            written.writerow(line)
    except Unreadable as error:
        raise Refused("tape/unreadable", why=str(error)) from error


def _texts(cells: Mapping[int, Cell]) -> list[str]:
    return [cells[place].text if place in cells else "" for place in range(1, max(cells) + 1)]


def _lines(
    rows: Iterator[tuple[int, dict[int, Cell], bool]], columns: Sequence[str]
) -> Iterator[Sequence[str]]:
    """The rows by the number that they have in the sheet: empty ones between them are rows too."""
    next_number = 2
    for number, cells, epoch1904 in rows:
        if number > MOST_ROWS + 2:
            why = {
                "en": f"it has more than {MOST_ROWS} rows; write a CSV file",
                "zh-hans": f"超过{MOST_ROWS}行，请改用CSV文件",
            }
            raise Refused("tape/unreadable", why=why)
        first = cells.get(1)
        if first is not None and first.text.startswith("#"):
            yield [first.text, cells[2].text] if 2 in cells else first.text.split(",", 1)
            return
        for _gap in range(next_number, number):
            yield [""] * len(columns)
        next_number = number + 1
        yield [_said(cells.get(place), name, epoch1904=epoch1904) for place, name in enumerate(columns, 1)]


def _said(cell: Cell | None, column: str, *, epoch1904: bool) -> str:
    if cell is None:
        return ""
    if cell.kind != "n" or cell.number is None:
        return cell.text
    if column in IDENTIFIERS:
        return f"{NUMBER_CELL}{cell.text}"
    form = format_of(cell.form, cell.number)
    if form.date and BY_COLUMN[column].type == "date":
        return _day(cell.number, epoch1904=epoch1904) or cell.text
    return cell.text


def _day(serial: Decimal, *, epoch1904: bool) -> str:
    """The day of a serial number; empty for what is none. Serial 60 is a day that never was."""
    whole = int(serial)
    if not 60 < whole < 2_958_466:
        return ""
    begun = date(1904, 1, 1) if epoch1904 else date(1899, 12, 30)
    return (begun + timedelta(days=whole)).isoformat()
