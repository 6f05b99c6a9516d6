"""Figures by branch and period, and the cases behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import clock
from committee.models import Committee
from office import statistics
from office.conduct import Conduct, by_committee, by_month, conduct
from pages.oversight.statistics.cases import FigureCases
from web import charts, shell
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


@dataclass(frozen=True, kw_only=True)
class Trends:
    """A measure by month of a year, the branches beside each other on one scale."""

    over: statistics.Period
    years: list[int]
    measure: statistics.Measure
    #: its name in the address
    of: str
    #: count, days or money
    kind: str
    measures: Mapping[str, statistics.Measure]
    #: each branch, and last all together where there are several: the figures of the year's months, and their
    #: drawing
    branches: list[tuple[statistics.Line, charts.Columns]]
    #: each month with the value of each of these
    rows: list[tuple[statistics.Period, list[tuple[statistics.Line, Decimal | None]]]]


@require_safe
def trends(request: HttpRequest) -> HttpResponse:
    """A measure by month, the branches beside each other."""
    who, over = _asked(request)
    of = request.GET.get("of", "") or "submitted"
    if of not in statistics.MEASURES:
        raise Http404
    year = statistics.period(str(over.first.year), over.first)
    months = statistics.parts(over.first.year)[5:]
    found = statistics.trends(who, over.first.year)
    # of one branch, all together are the same
    lines = found if len(found) > 2 else found[:-1]
    values = [[_value(line, of) for line in each] for each in lines]
    scales = _scales(values)
    shown = Trends(
        over=year,
        years=statistics.years(who, _today()),
        measure=statistics.MEASURES[of],
        of=of,
        kind={"": "count", "days": "days"}.get(statistics.MEASURES[of].amount, "money"),
        measures=statistics.MEASURES,
        branches=[
            (each[0], _drawing(row, scale)) for each, row, scale in zip(lines, values, scales, strict=True)
        ],
        rows=[
            (month, [(each[0], row[number]) for each, row in zip(lines, values, strict=True)])
            for number, month in enumerate(months)
        ],
    )
    return shell.page(request, "oversight/statistics/trends.html", shown, here="figures")


def _drawing(row: list[Decimal | None], scale: Decimal) -> charts.Columns:
    return charts.columns(((str(number), value) for number, value in enumerate(row, 1)), scale)


def _scales(values: list[list[Decimal | None]]) -> list[Decimal]:
    """The largest value of each drawing: one for all branches, and one of its own for all together, beside
    which the branches could not be told apart.
    """
    most = [max((each or Decimal(0) for each in row), default=Decimal(0)) for row in values]
    return [*([max(most[:-1])] * (len(most) - 1) if most[:-1] else []), *most[-1:]]


def _value(line: statistics.Line, of: str) -> Decimal | None:
    found = line.median_days if of == "resolved" else getattr(line, of)
    return None if found is None else Decimal(found)


#: what is drawn by month, in per cent
_SHARES = (
    ("in_person_pct", _("Meetings attended in person")),
    ("against_pct", _("Ballots against")),
    ("abstained_pct", _("Abstentions")),
)


@dataclass(frozen=True, kw_only=True)
class ConductPage:
    """How the seats of a committee attended and voted in a period."""

    over: statistics.Period
    years: list[int]
    parts: list[statistics.Period]
    committees: list[Committee]
    committee: Committee
    seats: list[Conduct]
    everybody: Conduct
    #: the year of the period by month: each measure with its drawing in per cent, and the months
    drawings: list[tuple[str | Promise, charts.Columns]]
    months: list[Conduct]
    #: the committees in the person's reach beside each other
    beside: list[Conduct]


@require_safe
def seats(request: HttpRequest) -> HttpResponse:
    """Presence, dissent and abstention by seat of one of the committees in the person's reach."""
    who, over = _asked(request)
    rows = list(statistics.committees(who))
    committee = next((row for row in rows if str(row.pk) == request.GET.get("committee")), None)
    if committee is None:
        if request.GET.get("committee") or not rows:
            raise Http404
        committee = rows[0]
    found, everybody = conduct(committee, over)
    months = by_month(committee, over.first.year)
    shown = ConductPage(
        over=over,
        years=statistics.years(who, _today()),
        parts=statistics.parts(over.first.year),
        committees=rows,
        committee=committee,
        seats=found,
        everybody=everybody,
        drawings=[(name, _shares(months, of)) for of, name in _SHARES],
        months=months,
        beside=by_committee(rows, over) if len(rows) > 1 else [],
    )
    return shell.page(request, "oversight/statistics/seats.html", shown, here="figures")


def _shares(months: list[Conduct], of: str) -> charts.Columns:
    """The share (in per cent) by month; none in a month in which there was nothing to have a share of."""
    wholes = [each.meetings if of == "in_person_pct" else each.ballots for each in months]
    values = [
        Decimal(getattr(each, of)) if whole else None for each, whole in zip(months, wholes, strict=True)
    ]
    return charts.columns(((str(number), value) for number, value in enumerate(values, 1)), Decimal(100))


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
