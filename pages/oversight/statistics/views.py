"""Figures by branch and period, and the cases behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import clock
from office import statistics
from pages.oversight.statistics.cases import FigureCases
from web import shell
from web.lists.filters import LONGEST
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of a period by branch."""

    over: statistics.Period
    years: list[int]
    lines: list[statistics.Line]
    #: those of all branches together
    everything: statistics.Line
    #: the year of the period, its quarters and its months
    parts: list[statistics.Period]
    charts: list[statistics.Chart]
    measures: Mapping[str, statistics.Measure]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The figures of the period chosen."""
    who, over = _asked(request)
    today = _today()
    found, everything = statistics.statistics_lines(who, over)
    shown = Figures(
        over=over,
        years=statistics.years(who, today),
        lines=found,
        everything=everything,
        parts=statistics.parts(over.first.year),
        charts=statistics.charts(found),
        measures=statistics.MEASURES,
    )
    return shell.page(request, "oversight/statistics/figures.html", shown, here="figures")


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that a figure counts, and no others."""
    who, over = _asked(request)
    measure, branch = request.GET.get("of", ""), request.GET.get("branch", "")
    if measure not in statistics.MEASURES or not (branch == "" or _is_number(branch)):
        raise Http404
    listing = FigureCases(who, request.GET, measure, over, int(branch) if branch else None)
    context = {
        "over": over,
        "measure": statistics.MEASURES[measure],
        "list": listing.read(),
        "rows": [
            (row, getattr(row, statistics.MEASURES[measure].amount or "pk")) for row in listing.page.rows
        ],
    }
    return shell.page(request, "oversight/statistics/cases.html", context, here="figures")


def _asked(request: HttpRequest) -> tuple[Viewer, statistics.Period]:
    """Who asks, and for which period."""
    who = viewer_of(request)
    if not who.sees_figures:
        raise PermissionDenied
    return who, statistics.period(request.GET.get("period", ""), _today())


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST


def _today() -> date:
    return timezone.localtime(clock.now()).date()
