"""Loans and instalments from a spreadsheet, and instalments generated: read, shown, and only then taken."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pages.plans.editor import arithmetic, parts, views
from pages.plans.editor.forms import ScheduleForm
from pages.plans.editor.parts import Raw, Rows
from pages.plans.editor.tables import columns, importing, templates
from pages.plans.editor.tables.again import read_again, written
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.reading.sheets import SheetNeeded
from pages.plans.editor.tables.table import Table, counted
from proposals.finance import Row
from regulation.refused import Refused
from sheets import cells
from web import idempotent_forms, limits, shell

#: rows that a preview shows
_SHOWN = 60
#: bytes of a file that a page keeps, so that it can be read again with other columns or another sheet
_MOST_KEPT = 2_000_000
#: fields of the form that say what a column holds, by the key of its heading
_AS = "as-"
_MOST_HEAD = 203
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _listed(request: HttpRequest, pk: int, slug: str) -> tuple[views.Desk, Rows]:
    """The desk and the rows that can be imported in that step."""
    desk = views.opened(request, pk, slug)
    part = desk.step.rows(desk.step.imports)
    if part is None:
        raise Http404
    return desk, part


@dataclass
class _Given:
    """What was given to be read: a text or a file, the sheet and the columns that were chosen for it."""

    text: str = ""
    content: bytes = b""
    sheet: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> str:
        """The file as the page keeps it for reading it once more; empty for one that is too large."""
        return base64.b64encode(self.content).decode() if len(self.content) <= _MOST_KEPT else ""


def _given(request: HttpRequest) -> _Given:
    posted, file = request.POST, request.FILES.get("file")
    content = file.read(cells.MOST_BYTES + 1) if file else _decoded(posted.get("content", ""))
    chosen = {
        name.removeprefix(_AS): value[:40]
        for name, value in parts.posted(posted).items()
        if name.startswith(_AS) and len(name) <= _MOST_HEAD
    }
    return _Given(posted.get("text", ""), content, "" if file else posted.get("sheet", ""), chosen)


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return b""


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.IMPORT, "POST")
def table(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A table is read; what is wrong with it is told row by row, or what it holds is shown and then taken."""
    desk, part = _listed(request, pk, slug)
    with timezone.override(desk.proposal.committee.tz):
        if request.method != "POST":
            kept = idempotent_forms.saved_input(request)
            text = kept.get("text", "") if kept else ""
            return _page(desk, part, _Given(text), kept=kept is not None)
        given = _given(request)
        try:
            found = _read(desk, part, given)
        except SheetNeeded as error:
            empty = Table(sheets=error.names)
            return _page(desk, part, given, table=empty, unreadable=str(error), status=422)
        except cells.Unreadable as error:
            return _page(desk, part, given, unreadable=str(error), status=422)
        if found.faults:
            return _page(desk, part, given, table=found, status=422)
        if request.POST.get("do") in ("replace", "add"):
            add = request.POST["do"] == "add"
            led_to = idempotent_forms.carry_out(
                request, lambda: _take(desk, part, found.rows, given.chosen, add=add)
            )
            return HttpResponseRedirect(led_to)
        return _page(desk, part, given, table=found)


def _read(desk: views.Desk, part: Rows, given: _Given) -> Table:
    """The rows of what was given; those that a page has shown already are not converted once more."""
    if desk.request.POST.get("written"):
        again = read_again(part, given.text)
        if again is not None:
            return again
    book = cells.of_file(given.content) if given.content else cells.of_text(given.text)
    chosen = {**columns.chosen(desk.proposal.unit, part.name), **given.chosen}
    return importing.read(part, book, sheet=given.sheet or None, chosen=chosen)


def _take(desk: views.Desk, part: Rows, rows: list[Raw], chosen: Mapping[str, str], *, add: bool) -> str:
    """The rows replace or follow those of the step and are saved, else kept there; returns the place.

    What was chosen for the columns is remembered for the institution.
    """
    columns.remember(desk.proposal.unit, part, chosen, by=desk.who.person)
    raw, version = desk.typed()
    taken = part.write(part.read(rows))
    raw[part.name] = part.tidy([*raw[part.name], *taken] if add else taken)
    place = f"{desk.address}#p-{part.name}"
    try:
        outcome = views.save(desk, raw, version, {}, leaving=True)
    except Refused as refused:
        desk.keep(raw, version)
        messages.warning(desk.request, refused.message(get_language() or "en"))
        return place
    if outcome.possible:
        text = ngettext("%(n)d row is taken and saved.", "%(n)d rows are taken and saved.", len(rows))
        messages.success(desk.request, text % {"n": len(rows)})
    else:
        desk.keep(raw, version)
        messages.warning(desk.request, _("The rows are in the step, but not saved in the plan yet."))
    return place


def _page(
    desk: views.Desk,
    part: Rows,
    given: _Given,
    *,
    table: Table | None = None,
    unreadable: str = "",
    kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    read = table is not None and bool(table.rows) and not table.faults
    context = {
        **_around(desk, part),
        "text": written(part, table.rows) if table is not None and read else given.text,
        "source": given.text,
        "content": given.kept,
        "table": table,
        "counted": counted(table) if table is not None and table.counts.rows else "",
        "again": table is not None
        and (len(table.sheets) > 1 or not all(seen.known for seen in table.columns)),
        "fields": [(leaf.name, label(leaf)) for leaf in part.parts],
        "chosen": given.chosen.items(),
        "unreadable": unreadable,
        "kept": kept,
        **_preview(part, table.rows if table and not table.faults else []),
    }
    return shell.page(desk.request, "plans/editor/import.html", context, here="proposals", status=status)


def _around(desk: views.Desk, part: Rows) -> dict[str, Any]:
    raw, _version = desk.typed()
    return {
        "proposal": desk.proposal,
        "step": desk.step,
        "part": part,
        "back": f"{desk.address}#p-{part.name}",
        "existing": len(part.read(raw[part.name])),
        "columns": [label(leaf) for leaf in part.parts],
    }


def _preview(part: Rows, rows: list[Raw]) -> dict[str, Any]:
    shown = [
        [leaf.show(leaf.name, leaf.write(leaf.read(row[leaf.name])), {}) for leaf in part.parts]
        for row in rows[:_SHOWN]
    ]
    return {"rows": shown, "count": len(rows), "more": max(len(rows) - _SHOWN, 0)}


@require_safe
def template(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A table to fill in, with the headings in the reader's language."""
    desk, part = _listed(request, pk, slug)
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    if kind == "xlsx":
        response = HttpResponse(templates.as_xlsx(part), content_type=_XLSX)
    else:
        response = HttpResponse(templates.as_csv(part), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{desk.step.imports}.{kind}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.IMPORT, "POST")
def generate(request: HttpRequest, pk: int) -> HttpResponse:
    """A schedule of level or fixed payments, shown before it is taken."""
    desk, part = _listed(request, pk, "schedule")
    with timezone.override(desk.proposal.committee.tz):
        kept = idempotent_forms.saved_input(request)
        form = ScheduleForm(
            request.POST or None, initial=kept.dict() if kept else _proposed(desk), label_suffix=""
        )
        rows: tuple[Row, ...] = ()
        if request.method == "POST" and form.is_valid():
            try:
                rows = form.rows()
            except ValueError:
                form.add_error("payment", _("This payment does not repay the principal."))
        raw = [
            {"due_on": f"{row.due_on}", "principal": f"{row.principal}", "interest": f"{row.interest}"}
            for row in rows
        ]
        context = {
            **_around(desk, part),
            "form": form,
            "kept": kept is not None,
            "text": written(part, raw),
            "take": reverse("plan-import", args=[pk, "schedule"]),
            "totals": (sum(row.principal for row in rows), sum(row.interest for row in rows)),
            **_preview(part, raw),
        }
        status = 422 if form.errors else 200
        return shell.page(request, "plans/editor/generate.html", context, here="proposals", status=status)


def _proposed(desk: views.Desk) -> dict[str, Any]:
    """What the plan states already."""
    document = desk.version.document
    loans = document.get("loans") or [{}]
    rate = document.get("concessions", {}).get("new_rate") or loans[0].get("rate", "")
    raw, _version = desk.typed()
    plan = arithmetic.readable(document, desk.step.stated(raw))
    return {
        "principal": f"{arithmetic.sums(plan).to_repay:,.2f}",
        "rate": rate,
        "drawn_on": document.get("base_date", ""),
        "number": 12,
    }
