"""Rankings, supervision on site, admonishment talks and targets: an overview, and a page of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.offices import HEAD_OFFICE
from pages.portfolio import reach
from portfolio.models import (
    Admonishment,
    Finding,
    Institution,
    LeaderVerdict,
    Ranking,
    Supervision,
    SupervisionMember,
    Target,
    TargetSet,
)
from portfolio.money import yuan
from portfolio.permissions import seen_by
from web import offers, shell
from web.viewer import Viewer

#: so many of each kind are on the overview
_SHOWN = 20
_ON_INSTITUTION = frozenset({"freeze_ranking", "plan_supervision", "draft_targets"})


def _of_institutions(who: Viewer) -> dict[str, object]:
    return {"institution__in": reach.institutions(who.person).order_by()}


def supervisions(who: Viewer) -> QuerySet[Supervision]:
    """The supervisions of institutions that the person sees."""
    return Supervision.objects.filter(**_of_institutions(who)).select_related(
        "institution__unit", "ranked__ranking"
    )


def admonishments(who: Viewer) -> QuerySet[Admonishment]:
    """The talks with heads of institutions that the person sees."""
    return Admonishment.objects.filter(**_of_institutions(who)).select_related(
        "institution__unit", "with_person"
    )


def rankings(who: Viewer) -> QuerySet[Ranking]:
    """The rankings, for whoever sees the whole bank."""
    return Ranking.objects.filter(bank__in=seen_by(who.person).banks)


def target_sets(who: Viewer) -> QuerySet[TargetSet]:
    """The targets of the person's bank; of each institution the page has what the person sees."""
    seen = seen_by(who.person)
    return TargetSet.objects.filter(bank=who.person.bank_id) if seen.whole else TargetSet.objects.none()


@dataclass(frozen=True, kw_only=True)
class SupervisionPage:
    """What is supervised: rankings, visits, talks, targets."""

    rankings: Sequence[Ranking]
    supervisions: Sequence[Supervision]
    admonishments: Sequence[Admonishment]
    target_sets: Sequence[TargetSet]
    offers: list[offers.Offered]
    sees_bank: bool
    today: object


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The latest rankings, supervisions, talks and targets that the person sees."""
    who, seen = reach.reader(request)
    if not who.sees_institutions:
        raise Http404
    top = reach.institutions(who.person).filter(level=Institution.Level.UNION).first()
    page = SupervisionPage(
        rankings=list(rankings(who)[:_SHOWN]),
        supervisions=list(supervisions(who)[:_SHOWN]),
        admonishments=list(admonishments(who)[:_SHOWN]),
        target_sets=list(target_sets(who)[:_SHOWN]),
        offers=offers.offered(top, who, only=_ON_INSTITUTION - {"plan_supervision"}) if top else [],
        sees_bank=bool(seen.banks),
        today=timezone.localdate(),
    )
    return shell.page(request, "portfolio/supervision_list.html", page, here="ledger")


@dataclass(frozen=True)
class Placed:
    """A place in a ranking; yuan."""

    place: int
    institution: Institution
    npl: Decimal
    planned: Decimal
    shortfall: Decimal
    plan: str


@dataclass(frozen=True, kw_only=True)
class RankingPage:
    """A ranking as it was frozen."""

    ranking: Ranking
    rows: list[Placed]
    supervised: bool


@require_safe
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """A frozen ranking with figure, plan and gap of each place."""
    who, _seen = reach.reader(request)
    row = reach.one(rankings(who).select_related("made_by"), pk)
    plans = HEAD_OFFICE in who.offices
    places = [
        Placed(
            each.place,
            each.institution,
            yuan(each.npl),
            yuan(each.planned),
            yuan(each.shortfall),
            _plan_address(each.institution, plans=plans),
        )
        for each in row.rows.select_related("institution__unit").order_by("place")
    ]
    return shell.page(
        request,
        "portfolio/ranking.html",
        RankingPage(ranking=row, rows=places, supervised=plans),
        here="ledger",
    )


def _plan_address(institution: Institution, *, plans: bool) -> str:
    offer = offers.offer_for(Institution, "plan_supervision")
    return offer.address(institution) if plans and offer is not None else ""


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """A supervision with its team, findings, verdicts and acts."""

    supervision: Supervision
    team: Sequence[SupervisionMember]
    findings: Sequence[Finding]
    verdicts: Sequence[LeaderVerdict]
    offers: list[offers.Offered]


@require_safe
def supervision(request: HttpRequest, pk: int) -> HttpResponse:
    """A supervision from its plan to its closing."""
    who, _seen = reach.reader(request)
    row = reach.one(supervisions(who).select_related("planned_by"), pk)
    page = VisitPage(
        supervision=row,
        team=list(row.team.select_related("person")),
        findings=list(row.findings.select_related("settled_by").order_by("number")),
        verdicts=list(row.verdicts.select_related("leader").order_by("pk")),
        offers=offers.offered(row, who),
    )
    return shell.page(request, "portfolio/supervision.html", page, here="ledger")


@dataclass(frozen=True, kw_only=True)
class TalkPage:
    """An admonishment talk with its acts."""

    admonishment: Admonishment
    amount: Decimal
    late: bool
    offers: list[offers.Offered]


@require_safe
def admonishment(request: HttpRequest, pk: int) -> HttpResponse:
    """An admonishment talk: why it is due, its record, what came of it."""
    who, _seen = reach.reader(request)
    row = reach.one(admonishments(who).select_related("held_by", "followed_up_by"), pk)
    page = TalkPage(
        admonishment=row,
        amount=yuan(row.amount),
        late=row.state == Admonishment.State.DUE and row.due_on < timezone.localdate(),
        offers=offers.offered(row, who),
    )
    return shell.page(request, "portfolio/admonishment.html", page, here="ledger")


@dataclass(frozen=True, kw_only=True)
class TargetsPage:
    """The targets of a year in a version, as far as the person sees the institutions."""

    target_set: TargetSet
    rows: list[tuple[Target, Decimal, Decimal | None]]
    versions: Sequence[TargetSet]
    offers: list[offers.Offered]


@require_safe
def targets(request: HttpRequest, pk: int) -> HttpResponse:
    """The targets of a year by institution and metric, beside those of the version before."""
    who, _seen = reach.reader(request)
    row = reach.one(target_sets(who).select_related("made_by", "locked_by"), pk)
    versions = list(target_sets(who).filter(year=row.year).order_by("-version"))
    before = next((each for each in versions if each.version < row.version), None)
    known = {
        (each.institution_id, each.metric): each.amount for each in Target.objects.filter(target_set=before)
    } if before else {}  # fmt: skip
    found = row.targets.filter(**_of_institutions(who)).select_related("institution__unit")
    rows = [
        (
            each,
            yuan(each.amount),
            yuan(known[each.institution_id, each.metric])
            if (each.institution_id, each.metric) in known
            else None,
        )
        for each in found.order_by("institution__lft", "metric")
    ]
    page = TargetsPage(
        target_set=row, rows=rows, versions=versions,
        offers=offers.offered(row, who) if HEAD_OFFICE in who.offices else [],
    )  # fmt: skip
    return shell.page(request, "portfolio/targets.html", page, here="ledger")
