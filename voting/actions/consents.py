"""Requests of members to the chair, and conflicts of interest (Art. 20.3)."""

from __future__ import annotations

from collections.abc import Iterable

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.agenda import require_taken_up
from committee.messages import announce, settle
from committee.models import AgendaItem, Conflict, Meeting, Person, Proxy, Seat
from committee.presence import Mandate, require_signed_in
from proposals.beginning import begin_for_seat, begin_for_seat_in_session, begin_on_item
from proposals.models import Proposal
from regulation.refused import Refused
from regulation.text import has_content
from voting.actions.votes import open_vote_of
from voting.models import AbstentionRequest, Ballot, CancellationProposal, Vote
from voting.permissions import ACTS, decided_above, require_decider


@action
def declare_conflict(proposal: Proposal, *, by: Person, reason: str) -> Conflict:
    """The seat of `by` only abstains on this item, whoever holds it; a request to abstain is replaced.

    `20.1/no-seat`, also for a proxy; `16/no-notice` before the notice; `state/not-allowed` when all is past,
    and a second time; `20.1/already-voted` after the ballot; `20.3/reason-required`.
    """
    proposal, meeting, acting = begin_for_seat(ACTS["declare_conflict"], proposal, by, first=_require_notice)
    item = proposal.item
    if item is None or meeting is None:
        raise Refused("state/not-allowed", cause="conflict/off-agenda")
    _require_not_voted(acting, _voted(proposal))
    if item.conflicts.filter(seat=acting.seat).exists():
        raise Refused("state/not-allowed", cause="conflict/done")
    if not has_content(reason):
        raise Refused("20.3/reason-required")
    now = clock.now()
    conflict = Conflict.objects.create(
        item=item, seat=acting.seat, person=by, source=Conflict.Source.DECLARED, reason=reason, at=now
    )
    AbstentionRequest.objects.filter(item=item, seat=acting.seat, state__in=AbstentionRequest.LIVE).update(
        state=AbstentionRequest.State.REPLACED, decided_at=now
    )
    settle("request_abstention", about=proposal.subject, seat=acting.seat.number)
    record(
        meeting.stream,
        "declare_conflict",
        item.subject,
        by=by,
        payload={"seat": acting.seat.number, "reason": reason},
    )
    return conflict


@action
def request_abstention(proposal: Proposal, *, by: Person, reason: str) -> AbstentionRequest:
    """The seat's request to abstain waits for the chair; the chair's own, and an acting chair's, for head
    office.

    `20.1/no-seat`; `state/not-allowed` outside of a session, with a request pending or granted, or in
    conflict; `18/not-deliberated`; `20.1/already-voted`; `10/not-present`; `11/out-of-scope`;
    `11/principal-present`; `20.3/reason-required`.
    """
    proposal, item, meeting, acting = begin_for_seat_in_session(
        ACTS["request_abstention"], proposal, by, voted=_voted
    )
    require_taken_up(item)
    _require_not_voted(acting, _voted(proposal))
    _require_nothing_settled(item, acting.seat)
    acting.require_present()
    acting.require_power(Proxy.Power.VOTE)
    acting.require_not_displaced()
    if not has_content(reason):
        raise Refused("20.3/reason-required")
    request = AbstentionRequest.objects.create(
        item=item, seat=acting.seat, person=by, proxy=acting.proxy, reason=reason, requested_at=clock.now()
    )
    record(
        meeting.stream,
        "request_abstention",
        item.subject,
        by=by,
        payload={"seat": acting.seat.number, "reason": reason},
    )
    above = decided_above(meeting, acting.seat)
    deciding = messages.head_office(meeting.committee) if above else messages.presiding(meeting)
    _ask("request_abstention", deciding, proposal=proposal, meeting=meeting, seat=acting.seat, by=by)
    return request


def _require_nothing_settled(item: AgendaItem, seat: Seat) -> None:
    """Raise `state/not-allowed` for a seat in conflict, and while it has a request pending or granted."""
    if item.conflicts.filter(seat=seat).exists():
        raise Refused("state/not-allowed", cause="request/in-conflict")
    requests = AbstentionRequest.objects.filter(item=item, seat=seat, state__in=AbstentionRequest.LIVE)
    if requests.exists():
        raise Refused("state/not-allowed", cause="request/pending")


def _ask(
    kind: str, people: Iterable[int | None], *, proposal: Proposal, meeting: Meeting, seat: Seat, by: Person
) -> None:
    """Ask these people to decide the seat's request."""
    announce(
        kind,
        people,
        by=by,
        about=proposal.subject,
        seat=seat.number,
        committee=proposal.committee_id,
        meeting=meeting.pk,
    )


@action
def grant_abstention(proposal: Proposal, *, by: Person, seat: int) -> AbstentionRequest:
    """The seat may abstain on the item in this meeting; it need not.

    `9/only-chair`, `20.3/own-request`; `state/not-allowed` outside of a session; `20.3/no-request`;
    `9/chair-absent`.
    """
    return _decide("grant_abstention", proposal, by, seat, AbstentionRequest.State.GRANTED)


@action
def refuse_abstention(proposal: Proposal, *, by: Person, seat: int) -> AbstentionRequest:
    """The seat's request is refused; it may be repeated.

    `9/only-chair`, `20.3/own-request`; `state/not-allowed` outside of a session; `20.3/no-request`;
    `9/chair-absent`.
    """
    return _decide("refuse_abstention", proposal, by, seat, AbstentionRequest.State.REFUSED)


@action
def propose_cancellation(proposal: Proposal, *, by: Person, reason: str) -> CancellationProposal:
    """The chair is asked to cancel the open vote.

    `20.1/no-seat`; `state/not-allowed` when no vote is open; `10/not-present`; `11/out-of-scope` (without
    `speak`); `11/principal-present`; `20.3/reason-required`.
    """
    proposal, item, meeting, acting = begin_for_seat_in_session(
        ACTS["propose_cancellation"], proposal, by, voted=_voted
    )
    vote = open_vote_of(proposal)
    if vote is None:
        raise Refused("state/not-allowed", cause="vote/none-open")
    acting.require_present()
    acting.require_power(Proxy.Power.SPEAK)
    acting.require_not_displaced()
    if not has_content(reason):
        raise Refused("20.3/reason-required")
    row = CancellationProposal.objects.create(
        vote=vote, seat=acting.seat, person=by, proxy=acting.proxy, reason=reason, at=clock.now()
    )
    record(
        meeting.stream,
        "propose_cancellation",
        item.subject,
        by=by,
        payload={"vote": vote.subject, "seat": acting.seat.number, "reason": reason},
    )
    deciding = messages.presiding(meeting)
    _ask("propose_cancellation", deciding, proposal=proposal, meeting=meeting, seat=acting.seat, by=by)
    return row


def _decide(
    verb: str, proposal: Proposal, by: Person, seat: int, decision: AbstentionRequest.State
) -> AbstentionRequest:
    proposal, item, meeting = begin_on_item(
        ACTS[verb],
        proposal,
        by,
        permit=lambda proposal, meeting: require_decider(proposal, meeting, by, seat),
    )
    request = (
        AbstentionRequest.objects.filter(item=item, seat__number=seat, state=AbstentionRequest.State.PENDING)
        .select_related("seat")
        .first()
    )
    if request is None:
        raise Refused("20.3/no-request", seat=seat)
    if not decided_above(meeting, request.seat):
        require_signed_in(meeting, by)
    request.state, request.decided_at, request.decided_by = decision, clock.now(), by
    request.save(update_fields=["state", "decided_at", "decided_by"])
    settle("request_abstention", about=proposal.subject, seat=seat)
    record(meeting.stream, verb, item.subject, by=by, payload={"seat": seat})
    announce(verb, [request.person_id], by=by, about=proposal.subject)
    return request


def _require_notice(proposal: Proposal, meeting: Meeting | None) -> None:
    """Raise `16/no-notice` before a notice of a meeting with the plan was sent."""
    if proposal.state not in Proposal.BEFORE_VOTING:
        return
    tabled = proposal.state == Proposal.State.TABLED
    if not tabled or meeting is None or not meeting.notices.exists():
        raise Refused("16/no-notice")


def _voted(proposal: Proposal) -> frozenset[int]:
    """The ids of the seats with a ballot in the open vote on the proposal."""
    cast = Ballot.objects.filter(vote__proposal=proposal, vote__state=Vote.State.OPEN)
    return frozenset(cast.values_list("seat", flat=True))


def _require_not_voted(acting: Mandate, voted: frozenset[int]) -> None:
    if acting.seat.pk in voted:
        raise Refused("20.1/already-voted", seat=acting.seat.number)
