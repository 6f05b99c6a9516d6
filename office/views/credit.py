"""The credit officer's queue of carried plans."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from committee.models import Meeting, Position
from committee.permissions import read_offices
from office import frame, queues
from office.offers.credit import effective
from office.viewer import viewer_of
from proposals.models import CreditDecision, Proposal

LATELY = 10


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
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
    context = queues.of(request, rows, "approve_credit", _marks, since="resolved_at", first=("unsigned",))
    context["decided"] = (
        CreditDecision.objects.filter(proposal__in=mine)
        .select_related("proposal__committee", "by")
        .order_by("-at", "-pk")[:LATELY]
    )
    return frame.page(request, "office/credit.html", context, here="credit")


def _marks(proposal: Proposal) -> list[tuple[str, str | Promise, str | Promise]]:
    if effective(proposal):
        return [("good", _("The minutes are signed"), "")]
    return [("waiting", _("The minutes are not signed"), _("Decided on once they are (Art. 22)"))]
