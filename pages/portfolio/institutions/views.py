"""The tree of institutions with its figures, and one institution's movement by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from committee.offices import HEAD, RISK
from pages.portfolio import reach
from pages.portfolio.institutions import reading
from pages.portfolio.institutions.reading import Days, Line
from portfolio import totals
from portfolio.figures.stocks import policy_on
from portfolio.labels import CLASSES
from portfolio.models import Borrower, Institution, Tape, WatchDay, WatchSeen
from portfolio.money import yuan
from portfolio.totals import Totals
from web import charts, offers, shell
from web.viewer import Viewer

#: so many days of movement are drawn
_DAYS = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class LedgerPage:
    """The institutions that the person sees with their figures."""

    lines: list[Line]
    days: Days
    #: whether single loans alone are seen, by a duty
    duties_only: bool
    hands_in: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The tree of the institutions with non-performing principal, its ratio, and its rise since two days."""
    who, seen = reach.reader(request)
    found = list(reach.institutions(who.person)) if seen.whole else []
    days = reading.days_of(found, _base_date(found))
    page = LedgerPage(
        lines=reading.lines(found, days),
        days=days,
        duties_only=not seen.whole,
        hands_in=RISK in who.offices,
    )
    return shell.page(request, "portfolio/institutions.html", page, here="ledger")


def _base_date(found: list[Institution]) -> date | None:
    """The base date of the policy in force; of the first bank, where there are several."""
    return policy_on(found[0].bank_id, timezone.localdate()).base_date if found else None


@dataclass(frozen=True)
class Day:
    """A day of the movement: the figures, and what changed from the day before; yuan."""

    on: date
    totals: Totals
    change: Decimal | None

    @property
    def npl(self) -> Decimal:
        """Non-performing principal."""
        return yuan(self.totals.npl)

    @property
    def principal(self) -> Decimal:
        """Principal of all open loans."""
        return yuan(self.totals.principal)

    @property
    def old(self) -> Decimal:
        """Non-performing since 1 January or before."""
        return yuan(self.totals.old)

    @property
    def new(self) -> Decimal:
        """Non-performing since later."""
        return yuan(self.totals.new)

    @property
    def ratio(self) -> Decimal | None:
        """Non-performing principal by all principal."""
        return reading.ratio(self.totals)


@dataclass(frozen=True)
class Part:
    """A part of the non-performing loans: its name, loans, principal in yuan, share."""

    name: str | Promise
    loans: int
    principal: Decimal
    share: Decimal


@dataclass(frozen=True, kw_only=True)
class InstitutionPage:
    """An institution with its movement, the structure of what is non-performing, and its tapes."""

    institution: Institution
    above: list[Institution]
    below: list[Line]
    line: Line | None
    latest: date | None
    days: list[Day]
    drawing: charts.Columns | None
    bases: Days
    by_class: list[Part]
    by_kind: list[Part]
    tape: Tape | None
    hands_in: bool
    hands_over: bool
    offers: list[offers.Offered]
    watch: WatchDay | None
    #: days watched in the last month that the head has not seen
    unseen: int


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An institution: its movement by day as a picture and a table, and those below it."""
    who, _seen = reach.reader(request)
    visible = reach.institutions(who.person)
    institution = reach.one(visible, pk)
    below = list(Institution.objects.under(institution).select_related("unit").order_by("lft"))
    return shell.page(
        request, "portfolio/institution.html", _page(who, visible, institution, below), here="ledger"
    )


def _page(who: Viewer, visible: Any, institution: Institution, below: list[Institution]) -> InstitutionPage:
    days = reading.days_of(below, policy_on(institution.bank_id, timezone.localdate()).base_date)
    lines = reading.lines(below, days)
    pks = [each.pk for each in below]
    moved = _movement(pks, days.now) if days.now else []
    return InstitutionPage(
        institution=institution,
        above=[each for each in visible if _is_above(each, institution)],
        below=lines[1:],
        line=lines[0] if lines else None,
        latest=days.now,
        days=moved[::-1],
        drawing=_drawing(moved) if moved else None,
        bases=days,
        by_class=parts(pks, days.now, "loan_class", dict(CLASSES)),
        by_kind=parts(pks, days.now, "kind", dict(Borrower.Kind.choices)),
        tape=Tape.objects.latest_of(institution),
        hands_in=reach.acts_for(who, institution, RISK),
        hands_over=reach.acts_for(who, institution, HEAD),
        offers=_offers(institution, who),
        watch=WatchDay.objects.filter(institution=institution).order_by("-as_of").first(),
        unseen=_unseen(institution, days.now) if days.now else 0,
    )


def _offers(institution: Institution, who: Viewer) -> list[offers.Offered]:
    """What may be done about an institution that is ranked: the day seen, a supervision planned."""
    verbs = {"see_watch", "plan_supervision"} if institution.ranked else set()
    return offers.offered(institution, who, only=verbs)


def _unseen(institution: Institution, last: date) -> int:
    """On how many days of the last month that are watched daily nobody has looked."""
    watched = WatchDay.objects.filter(institution=institution, watched=True, as_of__gt=last - _DAYS)
    seen = WatchSeen.objects.filter(institution=institution).order_by()
    return watched.exclude(as_of__in=seen.values("as_of")).count()


def _is_above(above: Institution, institution: Institution) -> bool:
    same = above.bank_id == institution.bank_id
    return same and above.lft < institution.lft and institution.rgt < above.rgt


def _movement(pks: list[int], last: date) -> list[Day]:
    """The days of the last month with figures, the first first."""
    found: list[Day] = []
    before: Totals | None = None
    for day, each in totals.by_day(pks, last - _DAYS, last):
        found.append(Day(day, each, yuan(each.npl - before.npl) if before else None))
        before = each
    return found


def _drawing(days: list[Day]) -> charts.Columns:
    """Non-performing principal by day in 10,000 yuan, which stands above each column."""
    most = max((day.npl for day in days), default=Decimal(0))
    return charts.columns(((f"{day.on.day}", day.npl) for day in days), most)


def parts(pks: list[int], day: date | None, by: str, names: dict[Any, str | Promise]) -> list[Part]:
    """The parts of what is non-performing on the day, by a column of the figures; the largest first."""
    found = totals.structure(pks, day, by) if day else []
    whole = sum(principal for _value, _loans, principal in found)
    return [
        Part(names.get(value, str(value)), loans, yuan(principal), Decimal(principal) / Decimal(whole))
        for value, loans, principal in found
        if whole
    ]
