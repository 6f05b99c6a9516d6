"""Loans and instalments from a spreadsheet, and instalments generated: read, shown, and only then taken."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from office import frame, submitting
from office.editor import arithmetic, importing
from office.editor.parts import Raw, Rows
from office.forms.schedule import ScheduleForm
from office.views import editor
from proposals.finance import Row
from regulation.refused import Refused

#: rows that a preview shows
_SHOWN = 60
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _listed(request: HttpRequest, pk: int, slug: str) -> tuple[editor.Desk, Rows]:
    """The desk and the rows that can be imported in that step."""
    desk = editor.opened(request, pk, slug)
    part = desk.step.rows(desk.step.imports)
    if part is None:
        raise Http404
    return desk, part


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A table is read; what is wrong with it is told row by row, or what it holds is shown and then taken."""
    desk, part = _listed(request, pk, slug)
    with timezone.override(desk.proposal.committee.tz):
        if request.method != "POST":
            kept = submitting.kept(request)
            return _page(desk, part, text=kept.get("text", "") if kept else "", kept=kept is not None)
        text, file = request.POST.get("text", ""), request.FILES.get("file")
        try:
            cells = (
                importing.cells_of_file(file.read(importing.MOST_BYTES + 1))
                if file
                else importing.cells_of_text(text)
            )
            found = importing.read(part, cells)
        except importing.Unreadable as error:
            return _page(desk, part, text=text, unreadable=str(error), status=422)
        if found.faults:
            return _page(desk, part, text=text, table=found, status=422)
        if request.POST.get("do") in ("replace", "add"):
            add = request.POST["do"] == "add"
            led_to = submitting.carry_out(request, lambda: _take(desk, part, found.rows, add=add))
            return HttpResponseRedirect(led_to)
        return _page(desk, part, text=importing.written(part, found.rows), table=found)


def _take(desk: editor.Desk, part: Rows, rows: list[Raw], *, add: bool) -> str:
    """The rows replace or follow those of the step and are saved, else kept there; returns the place."""
    raw, version = desk.typed()
    taken = part.write(part.read(rows))
    raw[part.name] = part.tidy([*raw[part.name], *taken] if add else taken)
    place = f"{desk.address}#p-{part.name}"
    try:
        outcome = editor.save(desk, raw, version, {}, leaving=True)
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
    desk: editor.Desk,
    part: Rows,
    *,
    text: str = "",
    table: importing.Table | None = None,
    unreadable: str = "",
    kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        **_around(desk, part),
        "text": text,
        "table": table,
        "unreadable": unreadable,
        "kept": kept,
        **_preview(part, table.rows if table and not table.faults else []),
    }
    return frame.page(desk.request, "office/editor/import.html", context, here="proposals", status=status)


def _around(desk: editor.Desk, part: Rows) -> dict[str, Any]:
    raw, _version = desk.typed()
    return {
        "proposal": desk.proposal,
        "step": desk.step,
        "part": part,
        "back": f"{desk.address}#p-{part.name}",
        "existing": len(part.read(raw[part.name])),
        "columns": [importing.label(leaf) for leaf in part.parts],
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
        response = HttpResponse(importing.template_xlsx(part), content_type=_XLSX)
    else:
        response = HttpResponse(importing.template_csv(part), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{desk.step.imports}.{kind}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def generate(request: HttpRequest, pk: int) -> HttpResponse:
    """A schedule of level or fixed payments, shown before it is taken."""
    desk, part = _listed(request, pk, "schedule")
    with timezone.override(desk.proposal.committee.tz):
        kept = submitting.kept(request)
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
            "text": importing.written(part, raw),
            "take": reverse("plan-import", args=[pk, "schedule"]),
            "totals": (sum(row.principal for row in rows), sum(row.interest for row in rows)),
            **_preview(part, raw),
        }
        status = 422 if form.errors else 200
        return frame.page(request, "office/editor/generate.html", context, here="proposals", status=status)


def _proposed(desk: editor.Desk) -> dict[str, Any]:
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
