"""Lists as files: sent at once if short, streamed, or built by the worker."""

from __future__ import annotations

from io import BytesIO

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Person
from web import idempotent_forms, limits, shell
from web.exports import files as exports
from web.exports import jobs, logs
from web.exports.responses import MadeParts, OpenedFile, named
from web.lists.listing import Listing, by_name
from web.models import Export
from web.viewer import viewer_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.EXPORT)
def export(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """The list with the filters and order of the address; a long workbook is built by the worker."""
    if name not in by_name() or kind not in ("csv", "xlsx"):
        raise Http404
    who = viewer_of(request)
    if not by_name()[name].open_to(who):
        raise Http404
    listing = by_name()[name](who, request.GET)
    if kind == "csv":
        _record(request, listing)
        parts = MadeParts(exports.csv_parts(listing), content_type="text/csv; charset=utf-8")
        return named(parts, f"{_stem(listing)}.csv")
    if not listing.count.more:
        _record(request, listing)
        return _at_once(listing)
    if request.method == "POST":
        _record(request, listing)
        return redirect(idempotent_forms.carry_out(request, lambda: _asked(listing, who.person)))
    return shell.page(request, "web/exports/export.html", {"list": listing}, here=name)


def _record(request: HttpRequest, listing: Listing) -> None:
    """The entry of an export whose rows ask for one; a HEAD gives nothing away."""
    if request.method != "HEAD":
        listing.record_export()


def _asked(listing: Listing, person: Person) -> str:
    """Request the workbook; return the address of its progress."""
    return reverse("export-progress", args=[jobs.request_export(listing, person).pk])


def _stem(listing: Listing) -> str:
    """The list and the moment: of two downloads of a day each keeps its name."""
    return f"{listing.name}-{timezone.localtime():%Y-%m-%d-%H%M%S}"


def _at_once(listing: Listing) -> HttpResponseBase:
    book = BytesIO()
    for _written in exports.write_xlsx(listing, book):
        pass
    return named(HttpResponse(book.getvalue(), content_type=_XLSX), f"{_stem(listing)}.xlsx")


def _own(request: HttpRequest, pk: int) -> Export:
    """The person's own export that is still kept and still open to the person; 404 for others."""
    who = viewer_of(request)
    export = get_object_or_404(Export.objects.filter(jobs.still_kept(), person=who.person), pk=pk)
    if not jobs.is_open(export, who):
        raise Http404
    return export


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.EXPORT, "POST")
def log(request: HttpRequest, kind: str, of: int) -> HttpResponseBase:
    """A part of the audit log, which the worker writes; to whom the log is not open there is none."""
    who, part = viewer_of(request), logs.Part(kind, of)
    if not part.is_open_to(who):
        raise Http404
    covered = part.is_covered()
    if request.method == "POST" and covered:

        def asked() -> str:
            export = jobs.request_file(Export.LOG, part.address, who.person)
            return reverse("export-progress", args=[export.pk])

        return redirect(idempotent_forms.carry_out(request, asked))
    context = {"part": part, "name": part.name, "covered": covered, "back": _page_of(part)}
    return shell.page(request, "web/exports/log.html", context, here="streams")


def _page_of(part: logs.Part) -> str:
    """The page from which the part of the log was asked for."""
    if part.stream:
        return reverse("stream", args=[part.stream])
    return reverse("streams" if part.kind == "all" else "checkpoints")


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of an export, with the link to its file."""
    export = _own(request, pk)
    context: dict[str, object] = {"export": export, "part": ""}
    if export.is_log:
        part = logs.Part.at(export.address)
        context |= {"part": part.name, "back": _page_of(part)}
    else:
        back = reverse(export.listing)
        context["back"] = f"{back}?{export.address}" if export.address else back
    here = "streams" if export.is_log else export.listing
    return shell.page(request, "web/exports/progress.html", context, here=here)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of an export, for the person who requested it."""
    export = _own(request, pk)
    if export.state != Export.State.DONE or not export.path.is_file():
        raise Http404
    kind = "application/zip" if export.is_log else _XLSX
    response = OpenedFile(export.path.open("rb"), content_type=kind)
    return named(response, f"{_named(export)}{export.suffix}")


def _named(export: Export) -> str:
    """What it is of, when it was asked for, and its number: no two have the same name."""
    of = logs.Part.at(export.address).file_name if export.is_log else export.listing
    return f"{of}-{timezone.localtime(export.asked_at):%Y-%m-%d}-{export.pk}"
