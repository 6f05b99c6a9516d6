"""The credit department's decision on what was resolved (Art. 22)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.messages import announce
from committee.models import Meeting, Person, Resolution
from proposals.beginning import begin_on_proposal
from proposals.models import CreditDecision, PlanVersion, Proposal
from proposals.permissions import ACTS
from proposals.plan.resolved import matches_terms
from proposals.transitions import release_contracts, transition
from regulation.refused import Refused
from regulation.text import has_content

_S = Proposal.State
_UNRESOLVED = (*Proposal.BEFORE_VOTING, _S.VOTING, _S.REJECTED)


@action
def approve_credit(
    proposal: Proposal, *, by: Person, terms: Mapping[str, Any] | None = None
) -> CreditDecision:
    """The credit department has approved exactly what was resolved.

    `22/only-credit-department`; `22/no-effective-resolution` unless carried with signed minutes;
    `state/not-allowed` for what is past; `22/terms-deviate` when a value stated is not the one resolved.
    """
    proposal, resolution, version = _resolved("approve_credit", proposal, by)
    stated = {} if terms is None else terms
    path = matches_terms(version.document, stated)
    if path is not None:
        raise Refused("22/terms-deviate", path=path)
    transition(proposal, proposal.approve, reason="")
    given = version.plan.terms.concessions
    waived = given.interest_waived + given.penalty_waived + given.principal_waived
    return _decide(proposal, resolution, by, waived, approved=True, terms=dict(stated), reason="")


@action
def decline_credit(proposal: Proposal, *, by: Person, reason: str) -> CreditDecision:
    """The credit department has declined what was resolved; its contracts are free for another plan.

    `22/only-credit-department`; `22/no-effective-resolution`; `state/not-allowed`; `22/reason-required`.
    """
    proposal, resolution, _ = _resolved("decline_credit", proposal, by)
    if not has_content(reason):
        raise Refused("22/reason-required")
    transition(proposal, proposal.decline, reason=reason)
    release_contracts([proposal])
    return _decide(proposal, resolution, by, Decimal(0), approved=False, terms={}, reason=reason)


def _resolved(verb: str, proposal: Proposal, by: Person) -> tuple[Proposal, Resolution, PlanVersion]:
    """The carried proposal, its resolution, and the version of the plan that was resolved."""
    proposal, _ = begin_on_proposal(ACTS[verb], proposal, by, first=_require_effective)
    if proposal.version is None or proposal.item is None:
        raise TypeError(f"proposal {proposal.pk} was carried without a plan or an item")
    resolution = proposal.item.resolutions.get(question=Resolution.Question.PLAN)
    return proposal, resolution, proposal.version


def _require_effective(proposal: Proposal, meeting: Meeting | None) -> None:
    """Raise `22/no-effective-resolution` unless the plan was resolved and the minutes are signed."""
    effective = meeting is not None and meeting.state in Meeting.EFFECTIVE
    if proposal.state in _UNRESOLVED or (proposal.state == _S.CARRIED and not effective):
        raise Refused("22/no-effective-resolution")


def _decide(
    proposal: Proposal,
    resolution: Resolution,
    by: Person,
    waived: Decimal,
    *,
    approved: bool,
    terms: dict[str, Any],
    reason: str,
) -> CreditDecision:
    decision = CreditDecision.objects.create(
        proposal=proposal,
        resolution=resolution,
        approved=approved,
        waived=waived,
        terms=terms,
        reason=reason,
        by=by,
        at=clock.now(),
    )
    verb = "approve_credit" if approved else "decline_credit"
    record(
        proposal.stream,
        verb,
        proposal.subject,
        by=by,
        payload={"resolution": str(resolution.pk), "digest": resolution.digest, "reason": reason},
    )
    concerned = [*messages.handlers(proposal.unit_id), proposal.committee.liaison_id]
    announce(verb, concerned, by=by, about=proposal.subject, reason=reason)
    return decision
