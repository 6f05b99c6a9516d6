"""The list of proposals and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from committee.models import Committee
from pages.plans.listing import Proposals
from pages.plans.page import proposal_page
from proposals.models import Proposal
from web import offers, shell
from web.seen import SeenRow
from web.viewer import viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "drafted_by", "item__meeting__committee")


@dataclass(frozen=True)
class ListPage:
    """The list of proposals, and what the person may begin."""

    list: Proposals
    begin: Sequence[tuple[Committee, str, str | Promise]]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The proposals that the person may see, filtered and sorted as the address says."""
    who = viewer_of(request)
    page = ListPage(Proposals(who, request.GET).read(), offers.plans_to_begin(who))
    return shell.page(request, "plans/list.html", page, here="proposals")


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal with all that this person may see of it."""
    who = viewer_of(request)
    proposal = _PROPOSAL.get_or_404(who.person, pk)
    with timezone.override(proposal.committee.tz):
        page = proposal_page(proposal, who)
        return shell.page(request, "plans/proposal.html", page, here="proposals")
