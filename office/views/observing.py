"""The item that somebody attends as observer, for as long as that lasts (Art. 19)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from committee.models import Meeting, Observer
from office import frame, offers
from proposals.models import Proposal


@never_cache
@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions and one's answers while one attends; from the withdrawal on nothing of the item."""
    who = frame.standing(request)
    observer = _observer(who, pk)
    row = observer.item
    context = {
        "observer": observer,
        "meeting": row.meeting,
        "attends": _attends(observer),
        "version": _version(observer),
        "follow_for": pk,
    }
    with timezone.override(row.meeting.committee.tz):
        if context["attends"]:
            plans = Proposal.objects.visible_to(who.person).select_related("committee__branch", "unit")
            proposal = get_object_or_404(plans, item=row)
            proposal.item = row
            context |= {
                "proposal": proposal,
                "questions": row.questions.select_related("seat", "person", "answer__person"),
                "offers": offers.of(proposal, who, only={"answer_question"}),
            }
        return frame.page(request, "office/observing.html", context, here="desk")


@never_cache
@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """How much has happened that the page shows: a page that shows less is out of date."""
    return JsonResponse({"version": _version(_observer(frame.standing(request), pk))})


def _observer(who: frame.Standing, pk: int) -> Observer:
    rows = Observer.objects.select_related("item__meeting__committee__branch", "person")
    return get_object_or_404(rows, item=pk, person=who.person)


def _attends(observer: Observer) -> bool:
    row = observer.item
    return (
        observer.withdrew_at is None and row.left_at is None and row.meeting.state == Meeting.State.IN_SESSION
    )


def _version(observer: Observer) -> int:
    """One more with each question, answer, and the end; of the item's other course nothing."""
    asked = observer.item.questions
    return asked.count() + asked.exclude(answer=None).count() + (not _attends(observer))
