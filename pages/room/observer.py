"""The item of an observer, while the attendance lasts (Art. 19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from committee.models import AgendaItem, Meeting, Observer, Question
from proposals.models import Proposal
from web import offers, shell
from web.offers import Offered
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True, kw_only=True)
class ObserverPage:
    """An item for its observer; after the withdrawal empty."""

    observer: Any
    meeting: Meeting
    attends: bool
    #: how much has happened that the page shows, and how it is followed
    version: int
    follow_for: int
    socket: str
    proposal: Proposal | None
    questions: Iterable[Question]
    offers: Sequence[Offered]


@never_cache
@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions and one's answers while one attends; from the withdrawal on nothing of the item."""
    who = viewer_of(request)
    observer = _observer(who, pk)
    row = observer.item
    with timezone.override(row.meeting.committee.tz):
        proposal = _attended(row, who) if observer.attends else None
        shown = ObserverPage(
            observer=observer,
            meeting=row.meeting,
            attends=observer.attends,
            version=observer.version,
            follow_for=pk,
            socket=f"/ws/observed/{pk}/",
            proposal=proposal,
            questions=[*row.questions.select_related("seat", "person", "answer__person")] if proposal else [],
            offers=offers.offered(proposal, who, only={"answer_question"}) if proposal else (),
        )
        return shell.page(request, "room/observer.html", shown, here="desk")


def _attended(row: AgendaItem, who: Viewer) -> Proposal:
    """The plan of the item, for its observer."""
    plans = Proposal.objects.visible_to(who.person).select_related("committee__branch", "unit")
    proposal: Proposal = get_object_or_404(plans, item=row)
    proposal.item = row
    return proposal


@never_cache
@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """How much has happened that the page shows: a page that shows less is out of date."""
    return JsonResponse({"version": _observer(viewer_of(request), pk).version})


def _observer(who: Viewer, pk: int) -> Any:
    rows = Observer.objects.followed().select_related("item__meeting__committee__branch", "person")
    return get_object_or_404(rows, item=pk, person=who.person)
