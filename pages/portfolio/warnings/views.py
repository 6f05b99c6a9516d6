"""The list of warnings, one with its replies, and the report of a month made from these rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pages.portfolio import reach
from pages.portfolio.institutions.views import Part, parts
from pages.portfolio.warnings.listing import Warnings, visible
from portfolio.labels import CLASSES
from portfolio.models import Borrower, DayFigure, Institution, Reply, TenDays
from portfolio.models import Warning as LedgerWarning
from portfolio.money import yuan
from portfolio.rules.watch import period_of
from web import offers, shell

_S = LedgerWarning.State


@dataclass(frozen=True)
class WarningsPage:
    """The warnings that the person may see."""

    list: Warnings
    month: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The warnings that the person may see, filtered and sorted as the address says."""
    who, _seen = reach.reader(request)
    if not Warnings.open_to(who):
        raise Http404
    page = WarningsPage(Warnings(who, request.GET).read(), _month(timezone.localdate())[1])
    return shell.page(request, "portfolio/warnings.html", page, here="ledger")


@dataclass(frozen=True)
class ReplyView:
    """A reply with its causes in yuan."""

    reply: Reply
    causes: list[tuple[str, Decimal, str]]


@dataclass(frozen=True, kw_only=True)
class WarningPage:
    """A warning with what it rests on, how it was made known, and its replies."""

    warning: LedgerWarning
    amount: Decimal
    rejudged: Decimal | None
    first_day: date
    replies: list[ReplyView]
    offers: list[offers.Offered]
    by_class: list[Part]
    by_kind: list[Part]
    by_cohort: list[Part]
    late: bool


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A warning: its figures, its channel, its replies, and the structure of what is non-performing."""
    who, _seen = reach.reader(request)
    related = ("institution__unit", "tape", "ruled_by", "seen_by", "closed_by")
    warning = reach.one(visible(who).select_related(*related), pk)
    below = list(Institution.objects.under(warning.institution).values_list("pk", flat=True))
    today = timezone.localdate()
    page = WarningPage(
        warning=warning,
        amount=yuan(warning.amount),
        rejudged=None if warning.rejudged is None else yuan(warning.rejudged),
        first_day=period_of(warning.last_on).first,
        replies=_replies(warning),
        offers=offers.offered(warning, who),
        by_class=parts(below, warning.as_of, "loan_class", dict(CLASSES)),
        by_kind=parts(below, warning.as_of, "kind", dict(Borrower.Kind.choices)),
        by_cohort=parts(below, warning.as_of, "cohort", dict(DayFigure.Cohort.choices)),
        late=warning.state in LedgerWarning.UNANSWERED
        and warning.reply_due_on is not None
        and warning.reply_due_on < today,
    )
    return shell.page(request, "portfolio/warning.html", page, here="ledger")


def _replies(warning: LedgerWarning) -> list[ReplyView]:
    rows = warning.replies.select_related("by", "ruled_by").prefetch_related("causes").order_by("-number")
    return [
        ReplyView(
            reply,
            [(each.get_kind_display(), yuan(each.amount), each.text) for each in reply.causes.all()],
        )
        for reply in rows
    ]


@dataclass(frozen=True)
class MonthLine:
    """An institution's ten days in a month: for each the rise on the year's start and on the base date,
    yuan.
    """

    institution: Institution
    cells: list[tuple[date, Decimal | None, Decimal | None, list[LedgerWarning]]]


@dataclass(frozen=True, kw_only=True)
class MonthPage:
    """The report of a month: ten days by institution, and what became of the warnings."""

    first: date
    #: the month before and after, with their addresses
    before: tuple[date, str]
    after: tuple[date, str]
    ends: list[date]
    lines: list[MonthLine]
    #: label and number
    counts: Sequence[tuple[str | Promise, int]]


def _month(day: date) -> tuple[date, str]:
    """The first of the day's month, and the address of its report."""
    return day.replace(day=1), reverse("ledger-month", args=[day.year, day.month])


@require_safe
def month(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """The report of the month, made from ten days as they were judged and from the warnings."""
    who, _seen = reach.reader(request)
    if not who.sees_institutions or not (1 <= number <= 12 and 1949 <= year <= 2199):
        raise Http404
    first = date(year, number, 1)
    after = (first + timedelta(days=32)).replace(day=1)
    ends = [first.replace(day=10), first.replace(day=20), after - timedelta(days=1)]
    institutions = [each for each in reach.institutions(who.person) if each.ranked]
    judged = {
        (row.institution_id, row.last_on): row
        for row in TenDays.objects.filter(institution__in=institutions, last_on__in=ends)
    }
    warnings = list(visible(who).filter(last_on__in=ends).select_related("institution__unit"))
    page = MonthPage(
        first=first,
        before=_month(first - timedelta(days=1)),
        after=_month(after),
        ends=ends,
        lines=[
            MonthLine(each, [_cell(each, end, judged.get((each.pk, end)), warnings) for end in ends])
            for each in institutions
        ],
        counts=_counts(warnings),
    )
    return shell.page(request, "portfolio/month.html", page, here="ledger")


def _cell(
    institution: Institution, end: date, row: TenDays | None, warnings: list[LedgerWarning]
) -> tuple[date, Decimal | None, Decimal | None, list[LedgerWarning]]:
    stock = row.stock if row else None
    rise = stock.rise if stock else None
    since = stock.since if stock else None
    found = [each for each in warnings if each.institution_id == institution.pk and each.last_on == end]
    return end, None if rise is None else yuan(rise), None if since is None else yuan(since), found


def _counts(warnings: list[LedgerWarning]) -> list[tuple[str | Promise, int]]:
    replied = Reply.objects.filter(warning__in=warnings, number=1)
    issued = [each for each in warnings if each.channel]
    return [
        (_("Raised"), len(warnings)),
        (_("Issued by telephone"), sum(each.channel == LedgerWarning.Channel.PHONE for each in issued)),
        (_("Issued by document"), sum(each.channel == LedgerWarning.Channel.DOCUMENT for each in issued)),
        (_("Dismissed"), sum(each.state == _S.DISMISSED for each in warnings)),
        (_("Replied in time"), replied.filter(in_time=True).count()),
        (_("Replied late"), replied.filter(in_time=False).count()),
        (_("Sent back"), Reply.objects.filter(warning__in=warnings, accepted=False).count()),
        (_("Closed"), sum(each.state == _S.CLOSED for each in warnings)),
    ]
