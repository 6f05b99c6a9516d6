"""Screening by the liaison, and the docket filed with head office (Art. 12.1, 14, 23)."""

from __future__ import annotations

from collections.abc import Sequence

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.messages import announce
from committee.models import Committee, Person, Series
from committee.permissions import require_state
from proposals.beginning import begin_on_plans, begin_on_proposal
from proposals.models import Docket, DocketEntry, Proposal
from proposals.permissions import ACTS
from proposals.transitions import release_contracts, transition, transition_all
from regulation.refused import Refused
from regulation.text import has_content

_S = Proposal.State


@action
def return_for_completion(proposal: Proposal, *, by: Person, reason: str) -> Proposal:
    """The handler may complete the plan and submit it again.

    `12/only-liaison`; `state/not-allowed` unless submitted; `14/reason-required`.
    """
    proposal, _ = begin_on_proposal(ACTS["return"], proposal, by)
    _require_reason(reason)
    transition(proposal, proposal.send_back, reason=reason)
    record(proposal.stream, "return", proposal.subject, by=by, payload={"reason": reason})
    _notify_handlers("return", proposal, by, reason=reason)
    return proposal


@action
def screen_out(proposal: Proposal, *, by: Person, reason: str) -> Proposal:
    """The plan does not come before the committee; its contracts are free for another.

    `12/only-liaison`; `state/not-allowed` unless submitted; `14/reason-required`.
    """
    proposal, _ = begin_on_proposal(ACTS["screen_out"], proposal, by)
    _require_reason(reason)
    transition(proposal, proposal.screen_out, reason=reason)
    release_contracts([proposal])
    record(proposal.stream, "screen_out", proposal.subject, by=by, payload={"reason": reason})
    _notify_handlers("screen_out", proposal, by, reason=reason)
    return proposal


@action
def shortlist(proposal: Proposal, *, by: Person, ruling: str = "") -> Proposal:
    """The plan stands for the docket; on a resubmission the ruling on its substantive change is kept.

    `12/only-liaison`; `state/not-allowed` unless submitted; `23/ruling-required`.
    """
    proposal, _ = begin_on_proposal(ACTS["shortlist"], proposal, by)
    if proposal.resubmission and not has_content(ruling):
        raise Refused("23/ruling-required")
    proposal.ruling = ruling
    transition(proposal, proposal.shortlist, reason="")
    record(proposal.stream, "shortlist", proposal.subject, by=by, payload={"ruling": ruling})
    _notify_handlers("shortlist", proposal, by)
    return proposal


@action
def file_docket(committee: Committee, *, by: Person, proposals: Sequence[Proposal]) -> Docket:
    """The docket with these plans is put to the chair and filed with head office, numbered.

    `12/only-liaison`; `14/not-shortlisted` for an empty docket and a plan not yet shortlisted;
    `state/not-allowed` for one that is past it.
    """
    named = begin_on_plans(ACTS["file_docket"], committee, proposals, by)
    _require_shortlisted(committee, named)
    docket = _file(committee, named, by)
    for proposal in named:
        record(proposal.stream, "file", proposal.subject, by=by, payload={"docket": str(docket)})
    record(
        committee.stream,
        "file_docket",
        f"docket:{docket.pk}",
        by=by,
        payload={
            "docket": str(docket),
            "proposals": {p.subject: p.version.digest for p in named if p.version is not None},
        },
    )
    announce(
        "file_docket",
        [*messages.chair(committee), *messages.head_office(committee)],
        by=by,
        about=f"docket:{docket.pk}",
        count=len(named),
    )
    return docket


def _require_shortlisted(committee: Committee, named: Sequence[Proposal]) -> None:
    """Raise `14/not-shortlisted` or `state/not-allowed` unless there are some, each shortlisted."""
    if not named:
        raise Refused("14/not-shortlisted")
    for proposal in named:
        if proposal.committee_id != committee.pk:
            raise Refused("access/not-found")
        if proposal.state in (_S.SUBMITTED, _S.RETURNED):
            raise Refused("14/not-shortlisted", proposal=str(proposal))
        require_state(ACTS["file_docket"], proposal.state)


def _file(committee: Committee, named: Sequence[Proposal], by: Person) -> Docket:
    """Create the numbered docket and file its plans. Needs the locks."""
    now = clock.now()
    year, number = Series.objects.take(committee, Series.Kind.FILING, now)
    docket = Docket.objects.create(committee=committee, year=year, number=number, filed_at=now, filed_by=by)
    DocketEntry.objects.bulk_create(
        [DocketEntry(docket=docket, proposal=proposal, version=proposal.version) for proposal in named]
    )
    for proposal in named:
        proposal.filed_at = now
    transition_all(named, "file", "filed_at")
    return docket


def _notify_handlers(kind: str, proposal: Proposal, by: Person, **facts: str) -> None:
    announce(kind, messages.handlers(proposal.unit_id), by=by, about=proposal.subject, **facts)


def _require_reason(reason: str) -> None:
    if not has_content(reason):
        raise Refused("14/reason-required")
