"""The queues of the liaison and of the credit officer, and the board of all proposals by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import BooleanField, Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Meeting, Unit
from committee.offices import CREDIT
from pages.plans.credit import effective
from pages.plans.queues import queue
from pages.plans.queues.board import AGES, Stage, StageBar, bars, read_stages, units_of
from pages.plans.queues.several import ShortlistSeveralForm
from proposals.models import CreditDecision, Proposal
from web import shell
from web.forms.page import Shown, form_page
from web.viewer import viewer_of

#: so many decisions are shown below the queue
LATELY = 10


@dataclass(frozen=True, kw_only=True)
class ScreeningQueue(queue.QueuePage):
    """The plans to screen, those marked among them, and how many are shortlisted already."""

    shortlisted: int
    #: what was marked, and what stopped it
    form: ShortlistSeveralForm
    #: whether the marks are those from before the session ended
    kept: bool


@dataclass(frozen=True, kw_only=True)
class CreditQueue(queue.QueuePage):
    """The plans to decide on, and what was decided last."""

    decided: list[CreditDecision]


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """The plans by stage, of one institution or of all."""

    #: the stages without anything ahead, as far as there are plans in them
    ended: list[Stage]
    bars: list[StageBar]
    ages: Sequence[tuple[str, str | Promise, int | None]]
    units: list[Unit]
    chosen: Unit | None


@require_http_methods(["GET", "HEAD", "POST"])
def screening(request: HttpRequest) -> HttpResponse:
    """The plans to screen, the oldest first; several can be shortlisted at once; the liaison's (Art. 14)."""
    who = viewer_of(request)
    if not who.liaison_of:
        raise Http404
    mine = Proposal.objects.visible_to(who.person).filter(committee__in=who.liaison_of)

    def act(form: ShortlistSeveralForm) -> str:
        number = form.shortlist()
        told = ngettext("%(number)s plan is shortlisted.", "%(number)s plans are shortlisted.", number)
        messages.success(request, told % {"number": number})
        return reverse("screening")

    def page(shown: Shown[ShortlistSeveralForm]) -> HttpResponse:
        waiting = queue.with_returns(mine.filter(state=Proposal.State.SUBMITTED)).select_related("version")
        context = ScreeningQueue(
            **vars(queue.queue_page(request, waiting, "shortlist", queue.marks_at_screening)),
            shortlisted=mine.filter(state=Proposal.State.SHORTLISTED).count(),
            form=shown.form,
            kept=shown.kept,
        )
        return shell.page(
            request, "plans/queues/screening.html", context, here="screening", status=shown.status
        )

    return form_page(
        request,
        form=lambda given: ShortlistSeveralForm(given.data, subject=mine, who=who, request=request),
        act=act,
        page=page,
    )


@require_safe
def credit(request: HttpRequest) -> HttpResponse:
    """The plans to decide on, those with signed minutes first; what was decided lately (Art. 22)."""
    who = viewer_of(request)
    branches = who.units(CREDIT)
    if not branches:
        raise Http404
    mine = Proposal.objects.visible_to(who.person).filter(committee__branch__in=branches)
    signed = When(item__meeting__state__in=Meeting.EFFECTIVE, then=Value(False))  # noqa: FBT003 - a value in SQL
    rows = (
        mine.filter(state=Proposal.State.CARRIED)
        .annotate(unsigned=Case(signed, default=True, output_field=BooleanField()))
        .select_related("item__meeting__committee")
    )
    waiting = queue.queue_page(
        request, rows, "approve_credit", _marks, since="resolved_at", first=("unsigned",)
    )
    decided = CreditDecision.objects.filter(proposal__in=mine).select_related("proposal__committee", "by")
    page = CreditQueue(**vars(waiting), decided=list(decided.order_by("-at", "-pk")[:LATELY]))
    return shell.page(request, "plans/queues/credit.html", page, here="credit")


def _marks(proposal: Proposal) -> list[queue.Mark]:
    if effective(proposal):
        return [("good", _("The minutes are signed"), "")]
    return [("waiting", _("The minutes are not signed"), _("Decided on once they are (Art. 22)"))]


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The proposals by stage, as far as the person sees them; of the offices that follow all of them."""
    who = viewer_of(request)
    if not who.follows_all:
        raise Http404
    units = list(units_of(who.person))
    chosen = next((unit for unit in units if str(unit.pk) == request.GET.get("unit", "")), None)
    running, ended = read_stages(who.person, chosen)
    page = BoardPage(
        ended=[stage for stage in ended if stage.count],
        bars=bars(running),
        ages=AGES,
        units=units,
        chosen=chosen,
    )
    return shell.page(request, "plans/queues/board.html", page, here="board")
