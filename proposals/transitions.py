"""Transitions of proposals, with the fields that belong to them: time, reason, and the contracts of a live
plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from audit import clock
from committee.messages import settle_moved
from proposals.models import LiveContract, PlanContract, Proposal
from regulation.refused import Refused


def transition(proposal: Proposal, move: Any, *args: Any, reason: str | None = None) -> None:
    """Make the transition and save the proposal with the time; a given `reason` replaces the former one.

    The caller holds the proposal's lock.
    """
    move(*args)
    proposal.state_since = clock.now()
    if reason is not None:
        proposal.state_reason = reason
    proposal.save(update_fields=Proposal.CHANGING)
    settle_moved([proposal.subject], proposal.state)


def transition_all(proposals: Sequence[Proposal], move: str, *fields: str) -> None:
    """Make the transition of this name for all proposals and save them, with these fields, in one statement.

    The caller holds the proposals' locks.
    """
    now = clock.now()
    for proposal in proposals:
        getattr(proposal, move)()
        proposal.state_since = now
    Proposal.objects.bulk_update(proposals, ["state", "state_since", *fields])
    if proposals:
        settle_moved([proposal.subject for proposal in proposals], proposals[0].state)


def claim_contracts(proposal: Proposal, numbers: Iterable[str]) -> None:
    """Assign the contracts to this live plan; `13/already-submitted` when another live plan has one of them.

    A unique constraint decides between two plans submitted at once; contracts added to a returned plan count
    as well.
    """
    wanted = set(numbers)
    bank = proposal.committee.bank_id
    standing = PlanContract.objects.filter(
        contract_no__in=wanted,
        version__in=Proposal.objects.filter(state__in=Proposal.LIVE, committee__branch__bank=bank)
        .exclude(pk=proposal.pk)
        .values("version"),
    ).order_by("contract_no")
    if standing:
        raise Refused("13/already-submitted", contract=standing[0].contract_no)
    release_contracts([proposal], but=wanted)
    LiveContract.objects.bulk_create(
        [LiveContract(bank_id=bank, contract_no=number, proposal=proposal) for number in sorted(wanted)],
        ignore_conflicts=True,
    )
    taken = (
        LiveContract.objects.filter(bank=bank, contract_no__in=wanted)
        .exclude(proposal=proposal)
        .order_by("contract_no")
        .values_list("contract_no", flat=True)
    )
    if taken:
        raise Refused("13/already-submitted", contract=taken[0])


def release_contracts(proposals: Iterable[Proposal], *, but: Iterable[str] = ()) -> None:
    """Release the proposals' contracts, except these, from their live plans."""
    LiveContract.objects.filter(proposal__in=list(proposals)).exclude(contract_no__in=list(but)).delete()
