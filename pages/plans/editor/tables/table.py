"""What was read of a table: its rows, or what is wrong with them, and what is worth knowing."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from pages.plans.editor.parts import Raw


@dataclass(frozen=True)
class Fault:
    """What is wrong in a table: the row and column as the spreadsheet counts them, and what is expected."""

    row: int
    column: str | Promise
    found: str
    text: str


@dataclass(frozen=True)
class Counts:
    """The filled rows below the headings, and how many of them were read and left out."""

    rows: int = 0
    read: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class ColumnView:
    """A column of the file as the page shows it: its heading, what it is read as, whether it is known."""

    head: str
    field: str
    known: bool
    key: str


@dataclass
class Table:
    """What was read: rows as they are typed, or what is wrong with them."""

    rows: list[Raw] = field(default_factory=list)
    #: the number of each row in the file
    numbers: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: what is worth knowing and no fault
    notes: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    columns: list[ColumnView] = field(default_factory=list)
    sheet: str = ""
    #: the names of the sheets that can be chosen
    sheets: list[str] = field(default_factory=list)

    @property
    def can_be_read_otherwise(self) -> bool:
        """Whether it has another sheet, or columns that are not known by their headings."""
        return len(self.sheets) > 1 or not all(seen.known for seen in self.columns)


def counted(table: Table) -> str:
    """How many rows the file has, how many were read and how many left out."""
    values_ = {"rows": table.counts.rows, "read": table.counts.read, "out": table.counts.left_out}
    return _("Rows in the file: %(rows)d. Read: %(read)d. Left out: %(out)d.") % values_
