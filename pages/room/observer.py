"""The item that somebody attends as observer, for as long as that lasts (Art. 19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from committee.models import Meeting, Observer, Question
from proposals.models import Proposal
from web import offers, shell
from web.offers import Offered
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True)
class ObserverPage:
    """An item for whoever attends it as observer; after the withdrawal nothing of it."""

    observer: Any
    proposal: Proposal | None = None
    questions: Iterable[Question] = ()
    offers: Sequence[Offered] = ()

    @property
    def meeting(self) -> Meeting:
        """The meeting of the item."""
        found: Meeting = self.observer.item.meeting
        return found

    @property
    def attends(self) -> bool:
        """Whether the person attends."""
        return bool(self.observer.attends)

    @property
    def version(self) -> int:
        """How much has happened that the page shows."""
        return int(self.observer.version)

    @property
    def follow_for(self) -> int:
        """The item by which the page is followed."""
        return int(self.observer.item_id)

    @property
    def socket(self) -> str:
        """The address by which it is followed."""
        return f"/ws/observed/{self.follow_for}/"


@never_cache
@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions and one's answers while one attends; from the withdrawal on nothing of the item."""
    who = viewer_of(request)
    observer = _observer(who, pk)
    with timezone.override(observer.item.meeting.committee.tz):
        page = _attending(observer, who) if observer.attends else ObserverPage(observer)
        return shell.page(request, "room/observer.html", page, here="desk")


def _attending(observer: Any, who: Viewer) -> ObserverPage:
    """What the observer sees of the item while attending it."""
    row = observer.item
    plans = Proposal.objects.visible_to(who.person).select_related("committee__branch", "unit")
    proposal = get_object_or_404(plans, item=row)
    proposal.item = row
    return ObserverPage(
        observer,
        proposal,
        questions=row.questions.select_related("seat", "person", "answer__person"),
        offers=offers.offered(proposal, who, only={"answer_question"}),
    )


@never_cache
@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """How much has happened that the page shows: a page that shows less is out of date."""
    return JsonResponse({"version": _observer(viewer_of(request), pk).version})


def _observer(who: Viewer, pk: int) -> Any:
    rows = Observer.objects.followed().select_related("item__meeting__committee__branch", "person")
    return get_object_or_404(rows, item=pk, person=who.person)
