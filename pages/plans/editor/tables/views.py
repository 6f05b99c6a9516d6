"""Loans and instalments from a spreadsheet, and instalments generated: read, shown, and only then taken."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pages.plans.editor import arithmetic, saving
from pages.plans.editor.forms import ScheduleForm
from pages.plans.editor.parts import Raw, Rows
from pages.plans.editor.session import StepSession, table_view
from pages.plans.editor.tables import columns, importing, templates
from pages.plans.editor.tables.context import Given, ImportPage, generate_page, given_in, import_page
from pages.plans.editor.tables.kept_text import read_text
from pages.plans.editor.tables.reading.sheets import SheetNeeded
from pages.plans.editor.tables.table import Table
from proposals.finance import Row
from regulation.refused import Refused
from sheets import cells
from web import idempotent_forms, limits, shell

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.IMPORT, "POST")
@table_view
def table(session: StepSession, part: Rows) -> HttpResponse:
    """Read a table; show its faults row by row, or its content, which is then taken over."""
    request = session.request
    if request.method != "POST":
        kept = idempotent_forms.saved_input(request)
        given = Given(kept.get("text", "") if kept else "")
        return _page(import_page(session, part, given, kept=kept is not None), session)
    given = given_in(request)
    try:
        found = _read(session, part, given)
    except SheetNeeded as error:
        page = import_page(session, part, given, table=Table(sheets=error.names), unreadable=str(error))
        return _page(page, session, status=422)
    except cells.Unreadable as error:
        return _page(import_page(session, part, given, unreadable=str(error)), session, status=422)
    page = import_page(session, part, given, table=found)
    if found.faults:
        return _page(page, session, status=422)
    verb = request.POST.get("do")
    if verb not in ("replace", "add"):
        return _page(page, session)
    take = partial(_take, session, part, found.rows, given.chosen, add=verb == "add")
    return HttpResponseRedirect(idempotent_forms.carry_out(request, take))


@require_safe
@table_view
def template(session: StepSession, part: Rows) -> HttpResponse:
    """A table to fill in, with the headings in the reader's language."""
    return table_file(session.request, part)


def table_file(request: HttpRequest, part: Rows) -> HttpResponse:
    """The table to fill in as a workbook, or as a text where the address asks for it."""
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    if kind == "xlsx":
        response = HttpResponse(templates.as_xlsx(part), content_type=_XLSX)
    else:
        response = HttpResponse(templates.as_csv(part), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{part.name}.{kind}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.IMPORT, "POST")
@table_view
def generate(session: StepSession, part: Rows) -> HttpResponse:
    """A schedule of level or fixed payments, shown before it is taken."""
    kept = idempotent_forms.saved_input(session.request)
    initial = kept.dict() if kept else _proposed(session)
    form = ScheduleForm(session.request.POST or None, initial=initial, label_suffix="")
    page = generate_page(session, part, form, _generated(session.request, form), kept=kept is not None)
    return shell.page(
        session.request,
        "plans/editor/generate.html",
        page,
        here="proposals",
        status=422 if form.errors else 200,
    )


def _page(page: ImportPage, session: StepSession, *, status: int = 200) -> HttpResponse:
    return shell.page(session.request, "plans/editor/import.html", page, here="proposals", status=status)


def _read(session: StepSession, part: Rows, given: Given) -> Table:
    """The rows of what was given; those that a page has shown already are not converted once more."""
    if session.request.POST.get("written"):
        again = read_text(part, given.text)
        if again is not None:
            return again
    book = cells.of_file(given.content) if given.content else cells.of_text(given.text)
    chosen = {**columns.chosen(session.proposal.unit, part.name), **given.chosen}
    return importing.read(part, book, sheet=given.sheet or None, chosen=chosen)


def _take(session: StepSession, part: Rows, rows: list[Raw], chosen: Mapping[str, str], *, add: bool) -> str:
    """The rows replace or follow those of the step and are saved, else kept there; returns the place.

    What was chosen for the columns is remembered for the institution.
    """
    columns.remember(session.proposal.unit, part, chosen, by=session.viewer.person)
    typed = session.typed()
    taken = part.write(part.read(rows))
    typed.raw[part.name] = part.tidy([*typed.raw[part.name], *taken] if add else taken)
    saved, text = False, _("The rows are in the step, but not saved in the plan yet.")
    try:
        saved = saving.save(session, typed, {}, leaving=True).possible
    except Refused as refused:
        text = refused.message(get_language() or "en")
    if saved:
        text = ngettext("%(n)d row is taken and saved.", "%(n)d rows are taken and saved.", len(rows))
        messages.success(session.request, text % {"n": len(rows)})
    else:
        session.keep(typed)
        messages.warning(session.request, text)
    return f"{session.address}#p-{part.name}"


def _generated(request: HttpRequest, form: ScheduleForm) -> tuple[Row, ...]:
    """The instalments generated from the form; empty where it has errors."""
    if request.method != "POST" or not form.is_valid():
        return ()
    try:
        return form.rows()
    except ValueError:
        form.add_error("payment", _("This payment does not repay the principal."))
        return ()


def _proposed(session: StepSession) -> dict[str, Any]:
    """What the plan states already."""
    document = session.version.document
    loans = document.get("loans") or [{}]
    rate = document.get("concessions", {}).get("new_rate") or loans[0].get("rate", "")
    plan = arithmetic.readable(document, session.step.stated(session.typed().raw))
    return {
        "principal": f"{arithmetic.sums(plan).to_repay:,.2f}",
        "rate": rate,
        "drawn_on": document.get("base_date", ""),
        "number": 12,
    }
