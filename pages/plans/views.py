"""The list of proposals and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from committee.models import Committee
from committee.offices import HANDLER
from pages.plans.listing import Proposals
from pages.plans.page import proposal_page
from proposals.actions import plans
from proposals.models import Proposal
from web import idempotent_forms, offers, shell
from web.seen import SeenRow
from web.viewer import viewer_of

#: so much of a title is copied that the mark of a copy still fits
LONGEST_TITLE = 480

_COPIED = SeenRow(Proposal, "committee__branch", "unit", "version")
_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "drafted_by", "item__meeting__committee")


@dataclass(frozen=True)
class ListPage:
    """The list of proposals, and what the person may begin."""

    list: Proposals
    begin: Sequence[tuple[Committee, str, str | Promise]]
    #: whether the person records repayments
    handles: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The proposals that the person may see, filtered and sorted as the address says."""
    who = viewer_of(request)
    page = ListPage(Proposals(who, request.GET).read(), offers.plans_to_begin(who), bool(who.units(HANDLER)))
    return shell.page(request, "plans/list.html", page, here="proposals")


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft that begins as the plan, for the handlers of its institution (Art. 13)."""
    who = viewer_of(request)
    proposal = _COPIED.get_or_404(who.person, pk)
    if not who.acts_as(HANDLER, proposal):
        raise PermissionDenied

    def act() -> str:
        document = dict(proposal.present_version.document)
        if document.get("title"):
            document["title"] = _("%(title)s (copy)") % {"title": document["title"][:LONGEST_TITLE]}
        made = plans.draft(proposal.committee, by=who.person, plan=document)
        messages.success(request, _("The copy is a new draft. Change in it what is different."))
        return reverse("plan", args=[made.pk])

    return idempotent_forms.redirect_to(request, idempotent_forms.carry_out(request, act))


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal with all that this person may see of it."""
    who = viewer_of(request)
    proposal = _PROPOSAL.get_or_404(who.person, pk)
    with timezone.override(proposal.committee.tz):
        page = proposal_page(proposal, who)
        return shell.page(request, "plans/proposal.html", page, here="proposals")
