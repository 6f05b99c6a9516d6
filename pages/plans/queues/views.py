"""The queues of the liaison and of the credit officer, and the board of all proposals by stage."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from committee.models import Meeting, Position
from committee.offices import read_offices
from pages.plans.credit import effective
from pages.plans.queues import board as stages
from pages.plans.queues import queue
from proposals.models import CreditDecision, Proposal
from web import shell
from web.viewer import viewer_of

#: so many decisions are shown below the queue
LATELY = 10


@require_safe
def screening(request: HttpRequest) -> HttpResponse:
    """The plans to screen, the oldest first; the liaison's alone (Art. 12, 14)."""
    who = viewer_of(request)
    if not who.liaison_of:
        raise Http404
    mine = Proposal.objects.visible_to(who.person).filter(committee__in=who.liaison_of)
    rows = queue.with_returns(mine.filter(state=Proposal.State.SUBMITTED))
    context = queue.queue_page(request, rows, "shortlist", queue.marks_at_screening)
    context["shortlisted"] = mine.filter(state=Proposal.State.SHORTLISTED).count()
    return shell.page(request, "plans/queues/screening.html", context, here="screening")


@require_safe
def credit(request: HttpRequest) -> HttpResponse:
    """The plans to decide on, those with signed minutes first; what was decided lately (Art. 22)."""
    who = viewer_of(request)
    branches = who.units(Position.Role.CREDIT)
    if not branches:
        raise Http404
    read_offices(who.person)
    mine = Proposal.objects.visible_to(who.person).filter(committee__branch__in=branches)
    signed = When(item__meeting__state__in=Meeting.EFFECTIVE, then=Value(False))  # noqa: FBT003 - a value in SQL
    rows = (
        mine.filter(state=Proposal.State.CARRIED)
        .annotate(unsigned=Case(signed, default=True, output_field=BooleanField()))
        .select_related("item__meeting__committee")
    )
    context = queue.queue_page(
        request, rows, "approve_credit", _marks, since="resolved_at", first=("unsigned",)
    )
    context["decided"] = (
        CreditDecision.objects.filter(proposal__in=mine)
        .select_related("proposal__committee", "by")
        .order_by("-at", "-pk")[:LATELY]
    )
    return shell.page(request, "plans/queues/credit.html", context, here="credit")


def _marks(proposal: Proposal) -> list[tuple[str, str | Promise, str | Promise]]:
    if effective(proposal):
        return [("good", _("The minutes are signed"), "")]
    return [("waiting", _("The minutes are not signed"), _("Decided on once they are (Art. 22)"))]


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The proposals by stage, as far as the person sees them; of the offices that follow all of them."""
    who = viewer_of(request)
    if not who.follows_all:
        raise Http404
    read_offices(who.person)
    units = list(stages.units(who.person))
    chosen = next((unit for unit in units if str(unit.pk) == request.GET.get("unit", "")), None)
    running, ended = stages.read_stages(who.person, chosen)
    context = {
        "stages": running,
        "ended": [stage for stage in ended if stage.count],
        "bars": stages.bars(running),
        "alternative": stages.alternative(running),
        "ages": stages.AGES,
        "units": units,
        "chosen": chosen,
    }
    return shell.page(request, "plans/queues/board.html", context, here="board")
