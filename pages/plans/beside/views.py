"""The page of two plans side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pages.plans.beside.rows import Part, Side, parts, side_of
from pages.plans.differences import Difference, in_words
from pages.plans.versions import visible_versions
from proposals import substance
from proposals.actions.execution import received
from proposals.models import Proposal
from voting.models import Vote
from web import shell
from web.lists.filters import LONGEST
from web.log import timeline
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "item")
_NUMBER = re.compile(r"(?P<year>[0-9]{4})\D+(?P<number>[0-9]{1,9})\D*")
#: so many plans of the borrower, and of the agenda, are offered
_MOST = 12


@dataclass(frozen=True, kw_only=True)
class BesidePage:
    """Two plans, or one and the choice of another."""

    proposal: Proposal
    title: str
    #: plans to choose from: those of the borrower, and those of the same agenda
    of_borrower: list[Proposal]
    of_agenda: list[Proposal]
    other: Proposal | None
    left: Side | None
    right: Side | None
    parts: list[Part]
    #: field by field, of two plans of one borrower
    differences: list[Difference]
    #: what was asked for and is not there
    missed: str


@require_safe
def beside(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan beside the one that the address names, else beside the borrower's last one."""
    who = viewer_of(request)
    proposal = _PROPOSAL.get_or_404(who.person, pk)
    borrowers = list(_rows(who, proposal).filter(borrower=proposal.borrower).exclude(borrower="")[:_MOST])
    asked = request.GET.get("with", "").strip()
    other = _asked(asked, who, proposal) if asked else next(iter(borrowers), None)
    missed = _("There is no other plan with this number that you may see.") if asked and not other else ""
    with timezone.override(proposal.committee.tz):
        left = _side(proposal, who)
        right = _side(other, who) if other is not None else None
        page = BesidePage(
            proposal=proposal,
            title=left.plan.document.get("title") or "",
            of_borrower=borrowers,
            of_agenda=[row for row in _of_agenda(who, proposal) if row not in borrowers],
            other=other,
            left=left,
            right=right,
            parts=parts(left, right) if right else [],
            differences=_differences(left, right) if right else [],
            missed=missed,
        )
        return shell.page(request, "plans/beside/beside.html", page, here="proposals")


def _of_agenda(who: Viewer, proposal: Proposal) -> list[Proposal]:
    """The plans that stand on the agenda on which the plan stands, or stood last."""
    if proposal.item is None:
        return []
    rows = _rows(who, proposal).filter(item__meeting=proposal.item.meeting_id, item__left_at=None)
    return list(rows[:_MOST])


def _rows(who: Viewer, proposal: Proposal) -> QuerySet[Proposal]:
    """The other plans that the person sees, the last first."""
    rows = Proposal.objects.visible_to(who.person).exclude(pk=proposal.pk)
    return rows.select_related("committee__branch", "unit", "item").order_by("-state_since", "-pk")


def _asked(asked: str, who: Viewer, proposal: Proposal) -> Proposal | None:
    """The plan of this key, or with this number as it is written."""
    if asked.isascii() and asked.isdigit() and len(asked) <= LONGEST:
        return _rows(who, proposal).filter(pk=int(asked)).first()
    found = _NUMBER.search(asked[:100])
    if found is None:
        return None
    named = Q(year=int(found["year"]), number=int(found["number"]))
    rows = _rows(who, proposal).filter(named, committee__branch__bank=proposal.committee.bank_id)
    return rows.filter(committee=proposal.committee_id).first() or rows.first()


def _side(proposal: Proposal, who: Viewer) -> Side:
    story = timeline.read_story(proposal.stream, payloads=False)
    votes = Vote.objects.filter(proposal=proposal, resolution__isnull=False).select_related("resolution")
    return side_of(
        proposal,
        visible_versions(proposal, who, story)[-1],
        received(proposal),
        votes.order_by("-opened_at", "-pk").first(),
    )


def _differences(left: Side, right: Side) -> list[Difference]:
    """What differs field by field, the other plan first; nothing of plans of two borrowers."""
    if not left.proposal.borrower or left.proposal.borrower != right.proposal.borrower:
        return []
    found = substance.compare(right.plan, left.plan, material_change_pct=Decimal(0))
    return [in_words(row.field, row.path, row.old, row.new) for row in found if not row.summary]
