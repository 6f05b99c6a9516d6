"""The liaison's queue of submitted plans."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from office import frame, queues
from office.viewer import viewer_of
from proposals.models import Proposal

_S = Proposal.State


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The plans to screen, the oldest first; the liaison's alone (Art. 12, 14)."""
    who = viewer_of(request)
    if not who.liaison_of:
        raise Http404
    mine = Proposal.objects.visible_to(who.person).filter(committee__in=who.liaison_of)
    rows = queues.with_returns(mine.filter(state=_S.SUBMITTED))
    context = queues.of(request, rows, "shortlist", queues.marks_at_screening)
    context["shortlisted"] = mine.filter(state=_S.SHORTLISTED).count()
    return frame.page(request, "office/screening.html", context, here="screening")
