"""A table that was read before, as a text that a page keeps and that reads the same again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pages.plans.editor.parts import Raw, Rows
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.reading.rows import problems
from pages.plans.editor.tables.table import Counts, Fault, Table
from proposals.plan.limits import MAX_ROWS


def as_text(part: Rows, rows: Iterable[Raw]) -> str:
    """The rows as a text that reads the same again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t")
    names = [leaf.name for leaf in part.parts]
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return out.getvalue()


def read_text(part: Rows, text: str) -> Table | None:
    """The rows of a text that `as_text` made; None for another. Nothing in it is converted once more."""
    names = [leaf.name for leaf in part.parts]
    if not text.strip():
        return None
    first, *rest = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter="\t")
    rows = [row for row in rest if row]
    if first != names or any(len(row) != len(names) for row in rows) or not 0 < len(rows) <= MAX_ROWS:
        return None
    found = [dict(zip(names, row, strict=True)) for row in rows]
    numbers = list(range(2, len(found) + 2))
    return Table(found, numbers, _faults(part, found), counts=Counts(len(found), len(found)))


def _faults(part: Rows, found: list[dict[str, str]]) -> list[Fault]:
    by_name = {leaf.name: leaf for leaf in part.parts}
    return [
        Fault(index + 2, label(by_name[name]) if name else "", found[index].get(name, ""), sentence)
        for index, name, sentence in problems(part, found)
    ]
