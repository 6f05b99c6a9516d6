"""The list of exceptions, for auditors: a period, a kind, a sample that can be drawn again, a file."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from committee.offices import AUDITOR
from office.actions.exceptions import note_exceptions, sign_off_exceptions
from office.models import ExceptionNote
from pages.oversight.irregularities import listing, matters
from web import shell
from web.exports import files
from web.forms import ActForm, fields
from web.forms.page import Shown, form_page
from web.lists.paging import page_of
from web.viewer import viewer_of

#: sizes of a sample that are offered
SIZES = (10, 25, 50, 100)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Selection:
    """What the address asks for; what makes no sense is left out."""

    period: listing.DateRange
    kind: str
    size: int
    seed: str
    #: whether the cases are shown one by one, and not by matter; of the matters, which
    view: str = ""
    state: str = ""

    @property
    def query(self) -> str:
        """The address again, without the page."""
        given = {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "kind": self.kind,
            "view": self.view,
            "state": self.state,
            "sample": self.size or "",
            "seed": self.seed if self.size else "",
        }
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True, kw_only=True)
class Irregularities:
    """The irregularities selected, a page of them."""

    selection: Selection
    #: each kind with its name and how many there are
    counts: list[tuple[str, str | Promise, int]]
    total: int
    #: how many there are of the kind, of which a sample may show fewer
    population: int
    page: Page[Any]
    #: the cases of the page, or the matters
    cases: list[listing.Case]
    matters: list[matters.Told]
    #: the address again, to which a page is added
    query: str
    sizes: tuple[int, ...] = SIZES


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The exceptions of the auditor's banks in a period by matter; one by one, or a sample of them."""
    banks, selection = _banks(request), _selection(request)
    if selection.size and not selection.seed:
        seeded = replace(selection, seed=str(secrets.randbelow(900_000) + 100_000))
        return HttpResponseRedirect(f"{request.path}?{seeded.query}")
    population = listing.Cases(banks, selection.period, selection.kind)
    one_by_one = bool(selection.view or selection.size)
    found = (
        _shown(population, selection)
        if one_by_one
        else matters.signed(banks, population.matters(), selection.state)
    )
    page: Page[Any] = page_of(request, found)
    shown = Irregularities(
        selection=selection,
        counts=listing.counts(population),
        total=sum(population.counts.values()),
        population=len(population),
        page=page,
        cases=listing.cases(page.object_list) if one_by_one else [],
        matters=[] if one_by_one else matters.told(list(page.object_list)),
        query=f"{selection.query}&",
    )
    return shell.page(request, "oversight/irregularities/list.html", shown, here="exceptions")


class NoteForm(ActForm):
    """A note on the exceptions, or the conclusion with which they are signed off."""

    beside = {"text/required": "text"}
    text = fields.Prose(
        label=_("Note or conclusion"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


@dataclass(frozen=True, kw_only=True)
class MatterPage:
    """The exceptions of a kind in one matter, with what auditors have noted."""

    told: matters.Told
    cases: list[listing.Case]
    notes: list[ExceptionNote]
    form: NoteForm
    kept: bool
    #: the list from which it was opened
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
def matter(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """The exceptions of a kind in one matter, whenever they were; a note on them, or their sign-off."""
    banks, who = _banks(request), viewer_of(request)
    keys = listing.Cases(banks, listing.EVER, kind).of_matter(name) if kind in listing.KINDS else []
    if not keys:
        raise Http404
    found = matters.signed(banks, [listing.Matter(keys[0].at, kind, name, len(keys))], "")

    def act(form: NoteForm) -> str:
        if request.POST.get("cases") != str(len(keys)):
            raise ValidationError(
                _("The cases are others than when you opened the page. Look at them, then write.")
            )
        written = sign_off_exceptions if request.POST.get("act") == "sign_off" else note_exceptions
        bank = listing.bank_of(name)
        written(bank, by=who.person, of_kind=kind, matter=name, cases=len(keys), **form.arguments())
        return request.path

    def page(shown: Shown[NoteForm]) -> HttpResponse:
        rows = ExceptionNote.objects.filter(bank__in=banks, of_kind=kind, matter=name)
        matter_page = MatterPage(
            told=matters.told(found)[0],
            cases=listing.cases(keys),
            notes=list(rows.select_related("by").order_by("-pk")),
            form=shown.form,
            kept=shown.kept,
            back=reverse("exceptions"),
        )
        template = "oversight/irregularities/matter.html"
        return shell.page(request, template, matter_page, here="exceptions", status=shown.status)

    return form_page(
        request, form=lambda given: NoteForm(given.data, subject=None, who=who), act=act, page=page
    )


@require_safe
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """The selection as CSV or XLSX."""
    banks, selection = _banks(request), _selection(request)
    if kind not in ("csv", "xlsx"):
        raise Http404
    population = listing.Cases(banks, selection.period, selection.kind)
    sheet = listing.Sheet(_shown(population, selection)[:])
    name = f"lianxi-exceptions-{selection.period.first}-{selection.period.last}.{kind}"
    if kind == "csv":
        response = HttpResponse("".join(files.csv_parts(sheet)), content_type="text/csv; charset=utf-8")
    else:
        book = BytesIO()
        for _written in files.write_xlsx(sheet, book):
            pass
        response = HttpResponse(book.getvalue(), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _banks(request: HttpRequest) -> frozenset[int]:
    """The banks that the person audits; for others there is no list of exceptions."""
    banks = viewer_of(request).units(AUDITOR)
    if not banks:
        raise Http404
    return banks


def _shown(population: listing.Cases, selection: Selection) -> Sequence[listing.Key]:
    """The cases of the population that are shown: all, or a sample."""
    return listing.sample(population[:], selection.size, selection.seed) if selection.size else population


def _selection(request: HttpRequest) -> Selection:
    given, year = request.GET, listing.this_year()
    first, last = _day(given.get("from", ""), year.first), _day(given.get("to", ""), year.last)
    kind, size = given.get("kind", ""), given.get("sample", "")
    return Selection(
        listing.DateRange(min(first, last), max(first, last)),
        kind if kind in listing.KINDS else "",
        int(size) if size.isdecimal() and len(size) <= 4 else 0,
        given.get("seed", "").replace("\0", "")[:40],
        "cases" if given.get("view") == "cases" else "",
        state if (state := given.get("state", "")) in matters.STATES else "",
    )


def _day(text: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 1990 <= day.year <= 2200 else otherwise
