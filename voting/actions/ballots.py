"""Casting a ballot (Art. 10.5, 11, 20)."""

from __future__ import annotations

from django.db.models import F

from audit import clock
from audit.recording import action, record
from committee.models import AgendaItem, Meeting, Person, Proxy
from committee.permissions import Mandate, granted, mandate, roll_call
from committee.quorum import missing
from proposals.actions.deliberation import acting_in
from proposals.locks import lock_proposal
from proposals.models import Proposal
from proposals.permissions import require_visible
from regulation.refused import Refused
from regulation.text import says_something
from voting.actions.votes import open_vote_of, seal
from voting.models import AbstentionRequest, Ballot, Vote


@action
def cast(
    proposal: Proposal,
    *,
    by: Person,
    choice: str,
    reason: str = "",
    key: str = "",
    vote: Vote | None = None,
) -> Ballot:
    """The seat's ballot stands, sealed; its commitment is the voter's receipt.

    A ballot of `by` with the same `key` and the same content is returned as it stands, also after the
    closing; `vote` pins the vote that the voter saw. In this order: `20.1/no-seat`; `20/vote-not-open`;
    `11/out-of-scope`; `11/principal-present`; `20.1/not-all-present`; `10/not-present`; `20.1/already-voted`
    (also for a key used with another content); `10.5/unclear-choice`; `20.3/reason-required`,
    `20.3/conflict`, `20.3/consent-required`; `20.4/reason-required`.
    """
    proposal, meeting = lock_proposal(proposal.pk)
    if key:
        earlier = Ballot.objects.filter(person=by, key=key).select_related("vote").first()
        if earlier is not None:
            return _repeated(earlier, proposal, choice, reason)
    current = open_vote_of(proposal)
    voted = frozenset(current.ballots.values_list("seat", flat=True)) if current else frozenset()
    acting = _acting(proposal, meeting, by, voted, voting=current is not None)
    item = proposal.item
    if current is None or meeting is None or item is None or (vote is not None and vote.pk != current.pk):
        raise Refused("20/vote-not-open")
    _require_admitted(meeting, item, acting, by, voted)
    conflicted = item.conflicts.filter(seat=acting.seat).exists()
    _require_clear(item, acting, choice, reason, conflicted=conflicted)
    ballot = seal(
        Ballot(
            vote=current,
            seat=acting.seat,
            person=by,
            proxy=acting.proxy,
            choice=choice,
            reason=reason,
            conflicted=conflicted,
            key=key,
            cast_at=clock.now(),
        ),
        acting.seat.number,
    )
    ballot.save(force_insert=True)
    if acting.proxy is not None:
        Proxy.objects.filter(pk=acting.proxy.pk).update(standing_ballots=F("standing_ballots") + 1)
    record(
        meeting.stream,
        "cast",
        current.subject,
        by=by,
        payload={
            "seat": acting.seat.number,
            "proxy": acting.proxy is not None,
            "commitment": ballot.commitment,
        },
    )
    return ballot


def _acting(
    proposal: Proposal, meeting: Meeting | None, by: Person, voted: frozenset[int], *, voting: bool
) -> Mandate:
    """For which seat `by` votes. A mandate on an open vote sees the plan; else that is asked first."""
    if not voting:
        require_visible(proposal, by)
    try:
        return mandate(meeting, by, proposal.item, voted=voted) if meeting else acting_in(proposal, None, by)
    except Refused:
        require_visible(proposal, by)
        raise


def _require_admitted(
    meeting: Meeting, item: AgendaItem, acting: Mandate, by: Person, voted: frozenset[int]
) -> None:
    """The proxy gives the power, the principal stays away, all are there, and the seat has not voted (Art.
    11, 20.1).
    """
    acting.require_power(Proxy.Power.VOTE)
    acting.require_not_displaced()
    if not granted(item, by, "vote_agendaitem"):
        raise Refused("access/denied")
    absent = missing(roll_call(meeting, item), meeting.regulation.seat_count)
    if absent:
        raise Refused("20.1/not-all-present", seats=list(absent))
    acting.require_present()
    if acting.seat.pk in voted:
        raise Refused("20.1/already-voted", seat=acting.seat.number)


def _require_clear(item: AgendaItem, acting: Mandate, choice: str, reason: str, *, conflicted: bool) -> None:
    """The choice is one of three, with the reason and the consent that it needs (Art. 10.5, 20.3, 20.4)."""
    if choice not in Ballot.Choice.values:
        raise Refused("10.5/unclear-choice")
    if choice == Ballot.Choice.ABSTAIN:
        if not says_something(reason):
            raise Refused("20.3/reason-required")
        consents = AbstentionRequest.objects.filter(
            item=item, seat=acting.seat, state=AbstentionRequest.State.GRANTED
        )
        if not conflicted and not consents.exists():
            raise Refused("20.3/consent-required")
        return
    if conflicted:
        raise Refused("20.3/conflict")
    if choice == Ballot.Choice.AGAINST and not says_something(reason):
        raise Refused("20.4/reason-required")


def _repeated(earlier: Ballot, proposal: Proposal, choice: str, reason: str) -> Ballot:
    """The ballot that stands under the key; `20.1/already-voted` when this one says something else."""
    same = (earlier.vote.proposal_id, earlier.choice, earlier.reason) == (proposal.pk, choice, reason)
    if not same:
        raise Refused("20.1/already-voted")
    return earlier
