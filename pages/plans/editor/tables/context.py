"""What the pages of tables show: a table that was read, and a schedule that was generated."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from pages.plans.editor.forms import ScheduleForm
from pages.plans.editor.parts import PartView, Raw, Rows
from pages.plans.editor.parts import posted as posted_fields
from pages.plans.editor.session import StepSession
from pages.plans.editor.steps import Step
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.kept_text import as_text
from pages.plans.editor.tables.table import Table, counted
from proposals.finance import Row
from proposals.models import Proposal
from sheets import cells

#: fields of the form that say what a column holds, by the key of its heading
_AS = "as-"
_MOST_HEAD = 203
#: rows that a preview shows
_SHOWN = 60
#: bytes of a file that a page keeps, so that it can be read again with other columns or another sheet
_MOST_KEPT = 2_000_000


@dataclass
class Given:
    """What was given to be read: a text or a file, the sheet and the columns that were chosen for it."""

    text: str = ""
    content: bytes = b""
    sheet: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> str:
        """The file as the page keeps it for reading it once more; empty for one that is too large."""
        return base64.b64encode(self.content).decode() if len(self.content) <= _MOST_KEPT else ""


def given_in(request: HttpRequest) -> Given:
    """What the form sent to be read."""
    posted, file = request.POST, request.FILES.get("file")
    content = file.read(cells.MOST_BYTES + 1) if file else _decoded(posted.get("content", ""))
    chosen = {
        name.removeprefix(_AS): value[:40]
        for name, value in posted_fields(posted).items()
        if name.startswith(_AS) and len(name) <= _MOST_HEAD
    }
    return Given(posted.get("text", ""), content, "" if file else posted.get("sheet", ""), chosen)


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return b""


@dataclass(frozen=True, kw_only=True)
class TablePage:
    """Rows of a step before they are taken, the first of them to look at."""

    proposal: Proposal
    step: Step
    part: Rows
    #: the address of the rows in the step
    back: str
    #: how many rows the step has already
    existing: int
    columns: list[str | Promise]
    rows: list[list[PartView]]
    count: int
    #: how many of the rows are not shown
    more: int
    #: the rows as a text that reads the same again
    text: str
    #: whether the page shows what was typed before the session ended
    kept: bool


@dataclass(frozen=True, kw_only=True)
class ImportPage(TablePage):
    """A table that was given, and what was read in it."""

    #: what was pasted, and the file as the page keeps it
    source: str
    content: str
    table: Table | None
    counted: str
    #: whether another sheet or other columns can be chosen
    again: bool
    fields: list[tuple[str, str | Promise]]
    #: the field of each heading that was chosen, by its key
    chosen: Collection[tuple[str, str]]
    #: why there is no table
    unreadable: str


@dataclass(frozen=True, kw_only=True)
class GeneratePage(TablePage):
    """A schedule that was generated, and the form from which."""

    form: ScheduleForm
    #: the address at which the rows are taken
    take: str
    #: principal and interest in all, in yuan
    totals: tuple[Decimal | int, Decimal | int]


def import_page(
    session: StepSession,
    part: Rows,
    given: Given,
    *,
    table: Table | None = None,
    unreadable: str = "",
    kept: bool = False,
) -> ImportPage:
    """The page of a table that was given; its rows only where all of them could be read."""
    rows = table.rows if table and not table.faults else []
    return ImportPage(
        **vars(_table_page(session, part, rows, text=as_text(part, rows) if rows else given.text, kept=kept)),
        source=given.text,
        content=given.kept,
        table=table,
        counted=counted(table) if table and table.counts.rows else "",
        again=table is not None and table.can_be_read_otherwise,
        fields=[(leaf.name, label(leaf)) for leaf in part.parts],
        chosen=given.chosen.items(),
        unreadable=unreadable,
    )


def generate_page(
    session: StepSession, part: Rows, form: ScheduleForm, rows: Sequence[Row], *, kept: bool
) -> GeneratePage:
    """The page of a generated schedule."""
    raw = [
        {"due_on": f"{row.due_on}", "principal": f"{row.principal}", "interest": f"{row.interest}"}
        for row in rows
    ]
    return GeneratePage(
        **vars(_table_page(session, part, raw, text=as_text(part, raw), kept=kept)),
        form=form,
        take=reverse("plan-import", args=[session.proposal.pk, session.step.slug]),
        totals=(sum(row.principal for row in rows), sum(row.interest for row in rows)),
    )


def _table_page(session: StepSession, part: Rows, rows: Sequence[Raw], *, text: str, kept: bool) -> TablePage:
    return TablePage(
        proposal=session.proposal,
        step=session.step,
        part=part,
        back=f"{session.address}#p-{part.name}",
        existing=len(part.read(session.typed().raw[part.name])),
        columns=[label(leaf) for leaf in part.parts],
        rows=[_cells(part, row) for row in rows[:_SHOWN]],
        count=len(rows),
        more=max(len(rows) - _SHOWN, 0),
        text=text,
        kept=kept,
    )


def _cells(part: Rows, row: Raw) -> list[PartView]:
    """A row as it will be in the plan."""
    return [leaf.show(leaf.name, leaf.write(leaf.read(row[leaf.name])), {}) for leaf in part.parts]
