"""The list of exceptions, for auditors: a period, a kind, a sample that can be drawn again, a file."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from urllib.parse import urlencode

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from committee.offices import AUDITOR
from pages.oversight.irregularities import listing
from web import shell
from web.exports import files
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

    @property
    def query(self) -> str:
        """The address again, without the page."""
        given = {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "kind": self.kind,
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
    page: Page[listing.Key]
    cases: list[listing.Case]
    #: the address again, to which a page is added
    query: str
    sizes: tuple[int, ...] = SIZES


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The exceptions of the auditor's banks in a period, all of them or a sample."""
    banks, selection = _banks(request), _selection(request)
    if selection.size and not selection.seed:
        seeded = Selection(
            selection.period, selection.kind, selection.size, str(secrets.randbelow(900_000) + 100_000)
        )
        return HttpResponseRedirect(f"{request.path}?{seeded.query}")
    population = listing.Cases(banks, selection.period, selection.kind)
    page = page_of(request, _shown(population, selection))
    shown = Irregularities(
        selection=selection,
        counts=listing.counts(population),
        total=sum(population.counts.values()),
        population=len(population),
        page=page,
        cases=listing.cases(page.object_list),
        query=f"{selection.query}&",
    )
    return shell.page(request, "oversight/irregularities/list.html", shown, here="exceptions")


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
    )


def _day(text: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 1990 <= day.year <= 2200 else otherwise
