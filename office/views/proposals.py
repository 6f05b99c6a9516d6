"""The list of proposals and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from office import frame, lists, offers, proposal_page
from proposals import finance
from proposals.models import Docket, DocketEntry, Proposal


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The proposals that the person may see, the latest first."""
    who = frame.standing(request)
    rows = (
        Proposal.objects.visible_to(who.person)
        .select_related("committee", "unit", "version")
        .order_by("-state_since", "-pk")
    )
    state, text = request.GET.get("state", ""), request.GET.get("q", "").replace("\0", "").strip()[:80]
    if state in Proposal.State.values:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(lists.matches(text, "title", "borrower", "unit__name"))
    docket = _docket(who, request.GET.get("docket", ""))
    if docket is not None:
        rows = rows.filter(docket_entries__docket=docket)
    page = lists.page_of(request, rows)
    context = {
        "page": page,
        "rows": [(row, finance.exposure(row.version.plan) if row.version else None) for row in page],
        "states": Proposal.State.choices,
        "state": state,
        "q": text,
        "docket": docket,
        "begin": offers.begin(who),
        "filtered": bool(state or text or docket),
        "query": lists.query(request, "state", "q", "docket"),
    }
    return frame.page(request, "office/proposals.html", context, here="proposals")


def _docket(who: frame.Standing, number: str) -> Docket | None:
    """The docket asked for, where the person may see a plan of it."""
    if not number.isdecimal() or len(number) > lists.LONGEST:
        return None
    seen = DocketEntry.objects.filter(proposal__in=Proposal.objects.visible_to(who.person))
    return (
        Docket.objects.filter(pk=int(number), pk__in=seen.values("docket"))
        .select_related("committee")
        .first()
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal with all that this person may see of it."""
    who = frame.standing(request)
    proposal = get_object_or_404(
        Proposal.objects.visible_to(who.person).select_related(
            "committee__branch", "unit", "drafted_by", "item__meeting__committee"
        ),
        pk=pk,
    )
    with timezone.override(proposal.committee.tz):
        context = proposal_page.of(proposal, who)
        context["offers"] = offers.of(proposal, who)
        return frame.page(request, "office/proposal.html", context, here="proposals")
