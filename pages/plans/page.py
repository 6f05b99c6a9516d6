"""The page of a proposal: facts, amounts, versions, results and timeline, as far as a person may see them.

A plan belongs to its institution until it is submitted: others see the versions that were submitted, and the
timeline without the drafting. A comparison with a rejected plan that the person may not see is told in
number only. Nothing here reads a ballot: results are the resolutions' counts, with reasons but no names; the
names are on the page of the meeting, for those who may see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Meeting, Resolution, Series
from committee.offices import HANDLER, HEAD
from committee.prepared import Prepared
from committee.seen import PreparedFor
from office.models import Copy
from office.permissions import extracts_visible_to
from pages.plans.comments import reading as comments
from pages.plans.differences import ComparisonView, VersionView, comparisons, version_views
from pages.plans.editor.missing import Fault, address_of, find_faults
from pages.plans.follow_ups import reading as follow_ups
from pages.plans.ledger.beside import INSTITUTION, Beside, beside
from pages.plans.repayments import Repayments, repayments
from pages.plans.sections import PlanSections, plan_sections
from pages.plans.versions import DRAFTING, sees_drafting, submitted, visible_versions
from proposals.labels import NEXT, STATIONS
from proposals.ledger import ledger_of
from proposals.models import CreditDecision, DocketEntry, Proposal, Receipt, Tabling
from proposals.models.proposals import BY_BORROWER
from proposals.permissions import ACTS
from proposals.plan.drafts import Plan
from voting.models import Vote
from web import labels, offers
from web.log import timeline
from web.offers import Offered
from web.seen import seen_among
from web.viewer import Viewer

_S = Proposal.State


@dataclass(frozen=True)
class Station:
    """A station of the way: done, now, stopped or ahead."""

    name: str | Promise
    status: str


@dataclass(frozen=True)
class VoteResult:
    """A vote as a proposal's page shows it: the outcome in words, reasons without names."""

    vote: Vote
    words: str
    conflicts: str
    reasons: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class ProposalPage(PlanSections, Repayments):
    """All that the page of a proposal shows to one person."""

    proposal: Proposal
    offers: list[Offered]
    own: bool
    title: str
    number: str
    next: str | Promise
    stations: list[Station]
    docket: DocketEntry | None
    #: whether files may be attached and taken off now, by this person
    handles_files: bool
    #: where the person reads it among the papers of the meeting; empty where nothing is to be read
    paper: str
    #: whether the person may begin a new draft as this plan
    may_copy: bool
    #: other plans of the same borrower that the person sees, the last first
    others: list[Proposal]
    #: what is left to do before it can be submitted, each with the way to its field
    missing: list[tuple[Fault, str]]
    versions: list[VersionView]
    #: the plan that it revises, and those that revise it
    revises: Proposal | None
    revisions: list[Proposal]
    compared: list[ComparisonView]
    #: each time that it stood on an agenda, and whether the meeting is visible
    tablings: list[tuple[Tabling, bool]]
    results: list[VoteResult]
    credit: CreditDecision | None
    receipts: list[Receipt]
    copies: list[Copy]
    events: list[timeline.Event]
    #: the comments at its fields, for those who may read them
    threads: list[comments.Thread]
    may_comment: bool
    answering: bool
    #: its loans beside the ledger; None where its institution has none
    ledger: Beside | None
    #: what its resolution asks for, and the offer to assign more
    follow_ups: list[follow_ups.FollowUpView]
    assigning: list[Offered]


_RELATIVES = PreparedFor(
    lambda person, revised, pk: (
        Proposal.objects.visible_to(person)
        .filter(Q(pk=revised) | Q(revises=pk))
        .select_related("committee")
        .order_by("pk")
    ),
    int,
    int,
)
#: so many other plans of a borrower are shown
_OTHERS = 5
#: other plans of the borrower, by name, as far as the person sees them
_OF_BORROWER = PreparedFor(
    lambda person, borrower, pk: (
        Proposal.objects.visible_to(person)
        .alias(beginning=BY_BORROWER)
        .filter(beginning=Left(Value(borrower), 40), borrower=borrower)
        .exclude(Q(pk=pk) | Q(borrower=""))
        .select_related("committee")
        .order_by("-state_since", "-pk")[:_OTHERS]
    ),
    str,
    int,
)
_TABLINGS = Prepared(
    lambda pk: (
        Tabling.objects.filter(proposal=pk)
        .select_related("item__meeting__committee", "version")
        .order_by("pk")
    ),
    int,
)
_RECEIPTS = Prepared(
    lambda pk: Receipt.objects.filter(proposal=pk).select_related("recorded_by", "reversal"), int
)
_DOCKETS = Prepared(
    lambda pk: DocketEntry.objects.filter(proposal=pk).select_related("docket__committee").order_by("pk"), int
)
_CREDIT = Prepared(lambda pk: CreditDecision.objects.filter(proposal=pk).select_related("by"), int)
_VOTES = Prepared(
    lambda pk: (
        Vote.objects.filter(proposal=pk)
        .select_related("resolution", "meeting__committee")
        .order_by("opened_at", "pk")
    ),
    int,
)


def proposal_page(proposal: Proposal, who: Viewer) -> ProposalPage:
    """What the page of the proposal shows to this person."""
    drafting = sees_drafting(proposal, who)
    commented = comments.to_read(proposal, who)
    of_plan: list[Prepared[Any]] = [
        _TABLINGS, _RECEIPTS, _DOCKETS, _CREDIT, _VOTES, follow_ups.OF_PLAN,
        follow_ups.STEPS_OF_PLAN, *commented,
    ]  # fmt: skip
    amends = who.acts_as(HANDLER, proposal) and proposal.state in ACTS["amend"].states
    others, entries, institutions, tablings, receipts, dockets, credit, votes, followed, steps, *said = (
        _OF_BORROWER.beside(
            who.person,
            proposal.borrower,
            proposal.pk,
            others=[
                (timeline.ENTRIES, [proposal.stream]),
                (INSTITUTION, [proposal.unit_id]),
                *((rows, [proposal.pk]) for rows in of_plan),
            ],
        )
    )
    story = timeline.with_payloads(entries)
    versions = visible_versions(proposal, who, story)
    shown = versions[-1]
    today = clock.now().astimezone(proposal.committee.tz).date()
    revises, revisions = _relatives(proposal, who)
    return ProposalPage(
        **vars(plan_sections(shown)),
        **vars(repayments(shown.plan, receipts, proposal)),
        proposal=proposal,
        offers=offers.offered(proposal, who),
        own=who.acts_as(HANDLER | HEAD, proposal),
        title=shown.document.get("title") or "",
        number=Series.written(proposal.committee, Series.Kind.PROPOSAL, proposal.year, proposal.number),
        next=_next(proposal),
        stations=stations(proposal),
        docket=next(iter(dockets), None),
        paper=_paper(proposal, who),
        may_copy=who.acts_as(HANDLER, proposal),
        others=others,
        handles_files=amends,
        missing=_missing(proposal, shown.plan, who) if drafting else [],
        versions=version_views(versions, submitted(story), shown),
        revises=revises,
        revisions=revisions,
        compared=comparisons(versions, who),
        tablings=_with_visibility(tablings, who),
        results=[_result(vote, vote.resolution) for vote in votes],
        credit=next(iter(credit), None),
        receipts=receipts,
        copies=_copies(tablings, proposal, who),
        events=story.events(without=_untold(drafting=drafting, commented=bool(commented))),
        threads=comments.threads(chain(*said), shown.document),
        may_comment=comments.may_comment(proposal, who),
        answering=amends,
        ledger=beside(shown, proposal, institutions, who, today),
        follow_ups=follow_ups.views(followed, steps, who),
        assigning=offers.offered(proposal, who, only={"assign_follow_up"}),
    )


def _untold(*, drafting: bool, commented: bool) -> frozenset[str]:
    """What the timeline leaves out for who sees neither the drafting nor the comments."""
    return (frozenset() if drafting else DRAFTING) | (frozenset() if commented else comments.COMMENTED)


def stations(proposal: Proposal) -> list[Station]:
    """The stations of the proposal, passed, present and ahead."""
    reached, ended = _reached(proposal)
    return [
        Station(name, "done" if n < reached else "ahead" if n > reached else ended)
        for n, (_state, name) in enumerate(STATIONS)
    ]


_REACHED: Mapping[str, tuple[int, str]] = {
    _S.DRAFT: (0, "now"),
    _S.SUBMITTED: (1, "now"),
    _S.RETURNED: (1, "stopped"),
    _S.SHORTLISTED: (2, "now"),
    _S.FILED: (3, "now"),
    _S.TABLED: (4, "now"),
    _S.VOTING: (5, "now"),
    _S.CARRIED: (6, "now"),
    _S.REJECTED: (5, "stopped"),
    _S.CREDIT_APPROVED: (7, "now"),
    _S.CREDIT_DECLINED: (6, "stopped"),
    _S.EXECUTING: (7, "now"),
    _S.COMPLETED: (8, "done"),
    _S.TERMINATED: (7, "stopped"),
}


def _reached(proposal: Proposal) -> tuple[int, str]:
    if proposal.state == _S.SCREENED_OUT:
        return (5 if proposal.filed_at else 2), "stopped"
    if proposal.state == _S.WITHDRAWN:
        return (3 if proposal.filed_at else 1 if proposal.submitted_at else 0), "stopped"
    return _REACHED[proposal.state]


def _next(proposal: Proposal) -> str | Promise:
    """Who acts next; the credit department as soon as the minutes are signed."""
    meeting = proposal.item.meeting if proposal.item else None
    if proposal.state == _S.CARRIED and meeting is not None and meeting.state in Meeting.EFFECTIVE:
        return _("The credit department decides (Art. 22)")
    return NEXT.get(proposal.state, "")


def _missing(proposal: Proposal, plan: Plan, who: Viewer) -> list[tuple[Fault, str]]:
    """What is left to do before it can be submitted; its handlers are led to the field."""
    if proposal.state not in (_S.DRAFT, _S.RETURNED):
        return []
    handles = who.acts_as(HANDLER, proposal)
    today = clock.now().astimezone(proposal.committee.tz).date()
    found = find_faults(plan, today, ledger_of(proposal, plan, today))
    return [(fault, address_of(proposal.pk, fault) if handles else "") for fault in found]


def _paper(proposal: Proposal, who: Viewer) -> str:
    """The address of the papers of its item, for whoever has still to read them (Art. 10)."""
    item = proposal.item
    if item is None or not offers.offered(proposal, who, only={"read_materials"}):
        return ""
    return reverse("paper", args=[item.meeting_id, item.pk])


def _relatives(proposal: Proposal, who: Viewer) -> tuple[Proposal | None, list[Proposal]]:
    """The plan that it revises and those that revise it, as far as the reader may see them."""
    rows = _RELATIVES(who.person, proposal.revises_id or 0, proposal.pk)
    revises = next((row for row in rows if row.pk == proposal.revises_id), None)
    return revises, [row for row in rows if row.pk != proposal.revises_id]


# -- Meetings and votes -----------------------------------------------------------------------------


def _with_visibility(tablings: Iterable[Tabling], who: Viewer) -> list[tuple[Tabling, bool]]:
    visible = seen_among(Meeting, (row.item.meeting_id for row in tablings), who.person)
    return [(row, row.item.meeting_id in visible) for row in tablings]


def _copies(tablings: Iterable[Tabling], proposal: Proposal, who: Viewer) -> list[Copy]:
    """The extracts of minutes that the handling institution was sent, for those who may read them."""
    effective = [row.item.meeting_id for row in tablings if row.item.meeting.state in Meeting.EFFECTIVE]
    if not effective:
        return []
    extracts = Copy.objects.filter(
        extracts_visible_to(who.person), unit=proposal.unit_id, minutes__meeting__in=effective
    )
    return list(extracts.select_related("minutes__meeting__committee"))


def _result(vote: Vote, resolution: Resolution | None) -> VoteResult:
    """Only a closed vote has a resolution; an open or a cancelled one shows no choice and no count."""
    if resolution is None:
        return VoteResult(vote, "", "", [])
    reasons = sorted((row["choice"], row["reason"]) for row in resolution.ballots if row["reason"])
    return VoteResult(vote, labels.resolved(resolution), labels.in_conflict(resolution), reasons)
