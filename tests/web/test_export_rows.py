"""A file has every row of its list, at and about the size of a piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from web.exports import files
from web.lists.columns import Column


class Numbers:
    """A list of so many numbers."""

    name = "numbers"
    columns = (Column("n", "Number", lambda row: row),)

    def __init__(self, size: int) -> None:
        self.size, self.rows = size, self

    def iterator(self, chunk_size: int) -> Iterator[int]:
        """The rows."""
        assert chunk_size > 0
        yield from range(self.size)

    def lines(self, rows: Iterable[int]) -> Iterator[list[Any]]:
        """The rows as lines."""
        return ([row] for row in rows)


SIZES = [0, 1, *(pieces * files._CHUNK + more for pieces in (1, 2) for more in (-1, 0, 1))]


@pytest.mark.parametrize("size", SIZES)
def test_a_workbook_has_every_row_to_the_last(size: int) -> None:
    file = io.BytesIO()
    done = list(files.write_xlsx(Numbers(size), file))
    assert done[-1] == size
    rows = [row[0] for row in load_workbook(file).active.iter_rows(min_row=2, values_only=True)]
    assert rows == list(range(size))


@pytest.mark.parametrize("size", SIZES)
def test_a_file_of_values_has_every_row_to_the_last(size: int) -> None:
    written = "".join(files.csv_parts(Numbers(size)))
    (_head, *rows) = csv.reader(io.StringIO(written))
    assert [row[0] for row in rows] == [str(number) for number in range(size)]
