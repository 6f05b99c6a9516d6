"""The page on which a handler records many repayments from one sheet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Unit
from committee.offices import HANDLER
from pages.plans.editor.tables import columns, importing
from pages.plans.editor.tables.context import Given, given_in
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.kept_text import as_text, read_text
from pages.plans.editor.tables.reading.sheets import SheetNeeded
from pages.plans.editor.tables.table import Table, counted
from pages.plans.editor.tables.views import table_file
from pages.plans.receipts.matching import PART, Judged, judge, record
from regulation.refused import Refused
from sheets import cells
from web import idempotent_forms, labels, limits, shell
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True, kw_only=True)
class RepaymentsPage:
    """A sheet of repayments that was given, and what would be recorded of it."""

    columns: list[str | Promise]
    #: what was pasted, and the file as the page keeps it
    source: str
    content: str
    table: Table | None
    counted: str
    #: whether another sheet or other columns can be chosen
    again: bool
    fields: list[tuple[str, str | Promise]]
    chosen: Collection[tuple[str, str]]
    judged: Judged | None
    #: the rows as a text that reads the same again
    text: str
    #: why there is no table
    unreadable: str
    refusal: labels.Refusal | None
    #: whether the remarks have still to be looked at
    unchecked: bool
    #: whether the page shows what was typed before the session ended
    kept: bool


def _handler(request: HttpRequest) -> Viewer:
    who = viewer_of(request)
    if not who.units(HANDLER):
        raise PermissionDenied
    return who


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.IMPORT, "POST")
def index(request: HttpRequest) -> HttpResponse:
    """Read a sheet, show each bad row, or what would be recorded; then record all of it."""
    who = _handler(request)
    if request.method != "POST":
        kept = idempotent_forms.saved_input(request)
        return _page(request, Given(kept.get("text", "") if kept else ""), kept=kept is not None)
    given = given_in(request)
    try:
        table = _read(request, who, given)
    except SheetNeeded as error:
        return _page(request, given, table=Table(sheets=error.names), unreadable=str(error), status=422)
    except cells.Unreadable as error:
        return _page(request, given, unreadable=str(error), status=422)
    judged = Judged(faults=table.faults) if table.faults else judge(table, who)
    if judged.faults:
        return _page(request, given, table=table, judged=judged, status=422)
    if request.POST.get("do") != "record":
        return _page(request, given, table=table, judged=judged)
    return _recorded(request, who, given, table, judged)


def _recorded(request: HttpRequest, who: Viewer, given: Given, table: Table, judged: Judged) -> HttpResponse:
    """The answer to recording all of them: not before what is odd was looked at."""
    if judged.odd and not request.POST.get("checked"):
        return _page(request, given, table=table, judged=judged, unchecked=True, status=422)
    try:
        led_to = idempotent_forms.carry_out(request, lambda: _record(request, who, given, judged))
    except Refused as refused:
        refusal = labels.refusal(refused)
        return _page(request, given, table=table, judged=judged, refusal=refusal, status=refused.status)
    return HttpResponseRedirect(led_to)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """A sheet to fill in, with the headings in the reader's language."""
    _handler(request)
    return table_file(request, PART)


def _unit(who: Viewer) -> Unit:
    """The institution whose names of columns are used: the person's first."""
    return Unit.objects.get(pk=min(who.units(HANDLER)))


def _read(request: HttpRequest, who: Viewer, given: Given) -> Table:
    """The rows of what was given; those that a page has shown already are not converted once more."""
    if request.POST.get("written"):
        again = read_text(PART, given.text)
        if again is not None:
            return again
    book = cells.of_file(given.content) if given.content else cells.of_text(given.text)
    chosen = {**columns.chosen(_unit(who), PART.name), **given.chosen}
    return importing.read(PART, book, sheet=given.sheet or None, chosen=chosen)


def _record(request: HttpRequest, who: Viewer, given: Given, judged: Judged) -> str:
    """Where recording them led: to the plans that are carried out."""
    columns.remember(_unit(who), PART, given.chosen, by=who.person)
    record(judged.entries, who)
    text = ngettext(
        "%(n)d repayment is recorded, %(total)s yuan.",
        "%(n)d repayments are recorded, %(total)s yuan.",
        len(judged.entries),
    )
    messages.success(request, text % {"n": len(judged.entries), "total": labels.money(judged.total)})
    return reverse("proposals") + "?state=executing"


def _page(
    request: HttpRequest,
    given: Given,
    *,
    table: Table | None = None,
    judged: Judged | None = None,
    unreadable: str = "",
    refusal: labels.Refusal | None = None,
    unchecked: bool = False,
    kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    good = table is not None and judged is not None and not judged.faults
    page = RepaymentsPage(
        columns=[label(leaf) for leaf in PART.parts],
        source=given.text,
        content=given.kept,
        table=table,
        counted=counted(table) if table and table.counts.rows else "",
        again=table is not None and table.can_be_read_otherwise,
        fields=[(leaf.name, label(leaf)) for leaf in PART.parts],
        chosen=given.chosen.items(),
        judged=judged,
        text=as_text(PART, table.rows) if good and table else given.text,
        unreadable=unreadable,
        refusal=refusal,
        unchecked=unchecked,
        kept=kept,
    )
    return shell.page(request, "plans/receipts/import.html", page, here="proposals", status=status)
