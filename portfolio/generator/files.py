"""A day's rows as the file of a tape."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from io import StringIO

from portfolio.generator.lives import Life, money, rows_of


def tape_csv(lives: Sequence[Life], day: date, *, mistakes: bool = False, encoding: str = "utf-8") -> bytes:
    """The tape of the day as CSV with its heading and its last line, the number of rows and their
    principal.

    With `mistakes`, a few rows as core systems send them: a contract in the notation of a spreadsheet, a
    date as a serial number, a loan twice, days past due that are not those since the unpaid day.
    """
    rows = [(row.cells, row.principal) for row in rows_of(lives, day)]
    if mistakes:
        rows += _mistaken([cells for cells, _principal in rows])
    written = StringIO()
    writer = csv.DictWriter(written, fieldnames=list(rows[0][0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(cells for cells, _principal in rows)
    total = sum(principal for _cells, principal in rows)
    written.write(f"#{len(rows)},{money(total)}\r\n")
    return written.getvalue().encode(encoding)


def _mistaken(rows: Sequence[dict[str, str]]) -> list[tuple[dict[str, str], int]]:
    """Rows beside those of the day, each with a mistake of its own; they stand for loans that the tape
    lacks.
    """
    sound = [row for row in rows if row["class"] == "normal"]
    first, second, third = sound[0], sound[1], sound[2]
    changes = (
        first | {"contract_no": "1.50101E+15"},
        second | {"contract_no": f"{second['contract_no']}-2", "issued_on": "45231"},
        third,
    )
    return [(row, int(row["principal"].replace(".", ""))) for row in changes]
