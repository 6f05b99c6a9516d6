"""The list of tapes, one of them with its faults, and workbooks of the faults and of the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from committee.offices import RISK
from pages.portfolio import reach
from pages.portfolio.tapes import acts, arrivals, faults, workbooks
from pages.portfolio.tapes.forms import HandInForm
from pages.portfolio.tapes.listing import Tapes, visible
from portfolio.labels import CLASSES
from portfolio.models import Arrival, ClassChange, Tape
from portfolio.money import yuan
from regulation.refused import Refused
from web import labels, offers, shell
from web.exports.responses import named
from web.forms.page import Input, Shown, form_page
from web.lists.paging import page_of
from web.viewer import Viewer

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAMES = dict(CLASSES)
#: of a file, bytes read at once and characters of its name
_CHUNK, _NAME = 1 << 20, 200
#: files on their way that are shown above the list
_ARRIVALS = 5


@dataclass(frozen=True)
class TapesPage:
    """The tapes, and the person's files that are on their way."""

    list: Tapes
    arrivals: Sequence[Arrival]
    hands_in: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The tapes of the institutions that the person sees."""
    who, _seen = reach.reader(request)
    if not Tapes.open_to(who):
        raise Http404
    running = Arrival.objects.filter(by=who.person).exclude(stage__in=arrivals.ENDED)
    page = TapesPage(
        Tapes(who, request.GET).read(),
        list(running.select_related("scope__unit")[:_ARRIVALS]),
        RISK in who.offices,
    )
    return shell.page(request, "portfolio/tapes.html", page, here="ledger")


@dataclass(frozen=True)
class ClassSum:
    """The loans and the principal of a class on a tape, in yuan, and how it changed from the tape before."""

    name: str | Promise
    loans: int
    principal: Decimal
    change: Decimal | None


@dataclass(frozen=True, kw_only=True)
class TapePage:
    """A tape with what it made, and the faults of its rows."""

    tape: Tape
    principal: Decimal
    reasons: Sequence[str]
    offers: list[offers.Offered]
    classes: list[ClassSum]
    compared: Tape | None
    changes: list[tuple[str | Promise, str | Promise, int]]
    replaced_by: Tape | None
    page: Page[Any]
    faults: list[faults.FaultView]


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A tape: what was handed in, its sums, what it changed, and the faults of its rows."""
    who, tape = tape_of(request, pk)
    before = (
        Tape.objects.loaded().filter(scope=tape.scope_id, as_of__lt=tape.as_of).order_by("-as_of").first()
    )
    page = page_of(request, tape.faults.order_by("only_warns", "line", "pk"))
    shown = TapePage(
        tape=tape,
        principal=yuan(tape.principal),
        reasons=acts.reasons(tape),
        offers=offers.offered(tape, who),
        classes=_classes(tape, before),
        compared=before,
        changes=_changes(tape),
        replaced_by=Tape.objects.filter(supersedes=tape).first(),
        page=page,
        faults=list(faults.worded(page.object_list, identities=_opens(who, tape))),
    )
    return shell.page(request, "portfolio/tape.html", shown, here="ledger")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A file is handed in: kept at once, and taken in by the worker."""
    who, seen = reach.reader(request)
    if RISK not in who.offices:
        raise Http404

    def form(given: Input) -> HandInForm:
        return HandInForm(given.data, given.files, subject=seen, who=who, request=request)

    def act(form: HandInForm) -> str:
        given = form.cleaned_data
        arrival = arrivals.begin(
            given["scope"],
            by=who.person,
            as_of=given["as_of"],
            name=given["file"].name[:_NAME],
            chunks=given["file"].chunks(_CHUNK),
            check_only=given["check_only"],
        )
        return reverse("tape-arrival", args=[arrival.pk])

    def page(shown: Shown[HandInForm]) -> HttpResponse:
        context = {"form": shown.form, "kept": shown.kept}
        return shell.page(request, "portfolio/tape_new.html", context, here="ledger", status=shown.status)

    return form_page(request, form=form, act=act, page=page)


@dataclass(frozen=True, kw_only=True)
class ArrivalPage:
    """A file on its way: its stages, and in the end its tape or the refusal."""

    arrival: Arrival
    #: each stage with whether it is past, and whether it is at it
    stages: list[tuple[str | Promise, bool, bool]]
    number: int
    state: str
    refusal: labels.Refusal | None


@require_safe
def arrival(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the person's file is; the page looks again by itself."""
    who, _seen = reach.reader(request)
    row = reach.one(Arrival.objects.filter(by=who.person).select_related("scope__unit", "tape"), pk)
    at = arrivals.STAGES.index(row.stage) if row.stage in arrivals.STAGES else len(arrivals.STAGES)
    refused = (
        Refused(row.outcome["code"], **row.outcome["context"]) if row.stage == Arrival.Stage.REFUSED else None
    )
    page = ArrivalPage(
        arrival=row,
        stages=[(each.label, number < at, number == at) for number, each in enumerate(arrivals.STAGES)],
        number=at,
        state="" if row.stage in arrivals.ENDED else "waiting",
        refusal=labels.refusal(refused) if refused else None,
    )
    return shell.page(request, "portfolio/tape_arrival.html", page, here="ledger")


def tape_of(request: HttpRequest, pk: int) -> tuple[Viewer, Tape]:
    """The viewer and the tape; Http404 for one that the person does not see."""
    who, _seen = reach.reader(request)
    rows = visible(who).select_related("scope__unit", "handed_in_by", "released_by", "supersedes")
    return who, reach.one(rows, pk)


def _opens(who: Viewer, tape: Tape) -> bool:
    """Whether identity numbers of the tape's rows are open: to the risk department of its scope."""
    return reach.acts_for(who, tape, RISK)


def _sums(tape: Tape) -> dict[int, tuple[int, int]]:
    """Loans and principal in fen by class, as the log has them."""
    classes = tape.figures.get("classes") or {}
    return {int(key): (int(each["loans"]), int(each["principal"])) for key, each in classes.items()}


def _classes(tape: Tape, before: Tape | None) -> list[ClassSum]:
    now, then = _sums(tape), _sums(before) if before else {}
    return [
        ClassSum(
            _NAMES[number],
            now.get(number, (0, 0))[0],
            yuan(now.get(number, (0, 0))[1]),
            yuan(now.get(number, (0, 0))[1] - then.get(number, (0, 0))[1]) if before else None,
        )
        for number in _NAMES
        if number in now or number in then
    ]


def _changes(tape: Tape) -> list[tuple[str | Promise, str | Promise, int]]:
    """How many loans changed from which class to which with this tape; first classes are none."""
    rows = ClassChange.objects.filter(on=tape.as_of, tape=tape, from_class__isnull=False)
    found = (
        rows.order_by("from_class", "to_class")
        .values_list("from_class", "to_class")
        .annotate(n=Count("loan"))
    )
    return [(_NAMES[before], _NAMES[after], count) for before, after, count in found if before != after]


@require_safe
def faults_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The faults of the tape as a workbook, to be mended line by line."""
    who, tape = tape_of(request, pk)
    found = faults.worded(tape.faults.order_by("line", "pk").iterator(), identities=_opens(who, tape))
    return _workbook(workbooks.faulty(found), f"{_('faults')}-{tape.scope.code}-{tape.as_of}.xlsx")


@require_safe
def template(request: HttpRequest) -> HttpResponseBase:
    """The template of a tape, with an example and its codes."""
    reach.reader(request)
    return _workbook(workbooks.template(), f"{_('tape-template')}.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponseBase:
    return named(HttpResponse(content, content_type=_XLSX), name)
