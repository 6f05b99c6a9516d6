"""Opening, closing and cancelling a vote (Art. 7.6, 16, 18 to 20)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import F

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.agenda import clear_floor, leave_agenda, present_observer, vote_open
from committee.grants import grant, ungrant
from committee.messages import announce
from committee.models import AgendaItem, Meeting, Person, Proxy, Resolution, Seat
from committee.presence import require_signed_in, roll_call
from committee.quorum import missing
from proposals.beginning import begin_on_item, begin_on_proposal
from proposals.models import PlanVersion, Proposal
from proposals.plan.stated import only_special_circumstances
from proposals.transitions import release_contracts, transition
from regulation.refused import Refused
from regulation.text import has_content
from voting import sealing
from voting.models import Ballot, Vote, VoteSeat
from voting.permissions import ACTS
from voting.tally import Outcome, count

PLAN, SPECIAL = Resolution.Question.PLAN, Resolution.Question.SPECIAL
_ENTERED = "代理人未获表决授权 / the proxy does not give the power to vote"


@action
def open_vote(proposal: Proposal, *, by: Person, question: str = PLAN) -> Vote:
    """A vote on the question is open, with the seats, the regulation and the plan of this moment.

    A seat whose proxy lacks `vote` is entered as abstaining. In this order: `9/only-chair`;
    `state/not-allowed` (outside of a session, beside another vote, special circumstances not in question);
    `18/not-deliberated`; `7.6/not-recognised`; `16/materials-changed`; `19/observer-present`;
    `20.1/not-all-present`; `9/chair-absent`.
    """
    proposal, item, meeting = begin_on_item(ACTS["open_vote"], proposal, by)
    version = proposal.present_version
    if meeting.items.filter(voting=True).exists():
        raise vote_open(meeting)
    if question == SPECIAL and not unrecognised(proposal):
        raise Refused("state/not-allowed", cause="special/not-in-question")
    _require_ready(item, meeting, version, recognised=question == SPECIAL or not unrecognised(proposal))
    require_signed_in(meeting, by)
    vote = _begin_voting(proposal, item, meeting, question, by)
    entered = _seat_the_vote(vote, meeting, item)
    record(
        meeting.stream,
        "open_vote",
        vote.subject,
        by=by,
        payload={
            "proposal": proposal.subject,
            "item": item.subject,
            "question": str(question),
            "round": vote.round,
            "digest": version.digest,
            "regulation": meeting.regulation.number,
            "votes_to_pass": meeting.regulation.votes_to_pass,
            "entered": {str(ballot.seat.number): ballot.commitment for ballot in entered},
        },
    )
    record(
        proposal.stream,
        "open_vote",
        proposal.subject,
        by=by,
        payload={"vote": vote.subject, "question": str(question), "round": vote.round},
    )
    return vote


def _begin_voting(proposal: Proposal, item: AgendaItem, meeting: Meeting, question: str, by: Person) -> Vote:
    """Open the vote, mark the item as voted on and clear its floor; needs the locks."""
    now = clock.now()
    vote = Vote.objects.create(
        proposal=proposal,
        meeting=meeting,
        item=item,
        question=question,
        round=proposal.votes.filter(question=question).count() + 1,
        version=proposal.present_version,
        regulation=meeting.regulation,
        opened_at=now,
        opened_by=by,
    )
    item.vote_opened_at = item.vote_opened_at or now
    item.voting = True
    item.save(update_fields=["vote_opened_at", "voting"])
    clear_floor([item])
    transition(proposal, proposal.vote)
    return vote


@action
def close_vote(proposal: Proposal, *, by: Person) -> Resolution:
    """The ballots are counted and opened, the resolution stands, and the proposal is where it leads.

    `12/only-liaison`; `20/vote-not-open`; `20.1/ballots-missing`; `state/not-allowed` when a stored ballot is
    not the one that was cast.
    """
    proposal, meeting = begin_on_proposal(ACTS["close_vote"], proposal, by, first=_require_voting)
    vote = open_vote_of(proposal)
    if vote is None or meeting is None or proposal.item is None:
        raise Refused("20/vote-not-open")
    ballots = list(vote.ballots.select_related("seat", "person").order_by("seat__number"))
    seats = {row.seat_id: row for row in vote.seats.select_related("holder")}
    waiting = sorted(
        row.number for pk, row in seats.items() if pk not in {ballot.seat_id for ballot in ballots}
    )
    if waiting:
        raise Refused("20.1/ballots-missing", seats=waiting)
    _require_as_cast(ballots, seats)
    outcome = count(
        ((ballot.choice, ballot.conflicted) for ballot in ballots),
        votes_to_pass=vote.regulation.votes_to_pass,
    )
    now = clock.now()
    resolution = _resolve(vote, outcome, ballots, seats, now)
    _close(vote, outcome, resolution, now, by)
    _conclude(proposal, proposal.item, vote, carried=outcome.carried, at=now)
    _record_closing(vote, outcome, ballots, by)
    announce(
        "close_vote",
        messages.handlers(proposal.unit_id),
        by=by,
        about=proposal.subject,
        question=vote.question,
        carried=outcome.carried,
        for_count=outcome.votes_for,
        against_count=outcome.against,
        abstained_count=outcome.abstained,
        votes_to_pass=outcome.votes_to_pass,
    )
    return resolution


def _require_voting(proposal: Proposal, _meeting: Meeting | None) -> None:
    """Raise `20/vote-not-open` unless the proposal is being voted on."""
    if proposal.state != Proposal.State.VOTING:
        raise Refused("20/vote-not-open")


def _require_as_cast(ballots: Iterable[Ballot], seats: Mapping[int, VoteSeat]) -> None:
    """Raise `state/not-allowed` for the first ballot whose content is not what it was committed to."""
    for ballot in ballots:
        number = seats[ballot.seat_id].number
        if commitment_of(ballot, number) != ballot.commitment:
            raise Refused("state/not-allowed", cause="vote/ballot-changed", seat=number)


def _close(vote: Vote, outcome: Outcome, resolution: Resolution, now: datetime, by: Person) -> None:
    """Store the vote as closed with this outcome."""
    vote.for_count, vote.against_count = outcome.votes_for, outcome.against
    vote.abstained_count, vote.carried = outcome.abstained, outcome.carried
    vote.resolution = resolution
    vote.close(now, by)
    vote.save(
        update_fields=[
            *("state", "closed_at", "closed_by", "resolution"),
            *("for_count", "against_count", "abstained_count", "carried"),
        ]
    )


def _record_closing(vote: Vote, outcome: Outcome, ballots: Iterable[Ballot], by: Person) -> None:
    """Record the counts and every ballot in the meeting's stream, and the counts in the proposal's."""
    counts: dict[str, object] = {
        "for": outcome.votes_for,
        "against": outcome.against,
        "abstained": outcome.abstained,
        "in_conflict": outcome.conflicted,
        "carried": outcome.carried,
    }
    record(
        vote.meeting.stream,
        "close_vote",
        vote.subject,
        by=by,
        payload={
            **counts,
            "resolution": str(vote.resolution_id),
            "ballots": [revealed(ballot) for ballot in ballots],
        },
    )
    record(
        vote.proposal.stream,
        "close_vote",
        vote.proposal.subject,
        by=by,
        payload={**counts, "vote": vote.subject, "question": vote.question, "round": vote.round},
    )


@action
def cancel_vote(proposal: Proposal, *, by: Person, reason: str) -> Vote:
    """The vote is cancelled; its ballots are void, kept and never opened, and the item is deferred (Art.
    20.3).

    `9/only-chair`; `state/not-allowed` when no vote is open; `20.3/reason-required`; `9/chair-absent`.
    """
    proposal, meeting = begin_on_proposal(ACTS["cancel_vote"], proposal, by)
    vote = open_vote_of(proposal)
    if vote is None or meeting is None or proposal.item is None:
        raise Refused("state/not-allowed", cause="vote/none-open")
    if not has_content(reason):
        raise Refused("20.3/reason-required")
    require_signed_in(meeting, by)
    _cancel(vote, reason, by)
    _end_voting(proposal.item, vote)
    leave_agenda([proposal.item], AgendaItem.Left.DEFERRED)
    transition(proposal, proposal.defer)
    record(
        meeting.stream,
        "cancel_vote",
        vote.subject,
        by=by,
        payload={"proposal": proposal.subject, "reason": reason, "ballots": vote.ballots.count()},
    )
    record(
        proposal.stream,
        "cancel_vote",
        proposal.subject,
        by=by,
        payload={"vote": vote.subject, "question": vote.question, "round": vote.round, "reason": reason},
    )
    announce(
        "cancel_vote", messages.members(proposal.committee), by=by, about=proposal.subject, reason=reason
    )
    return vote


def _cancel(vote: Vote, reason: str, by: Person) -> None:
    """Store the vote as cancelled, and release its ballots from their proxies."""
    vote.cancel(clock.now(), by, reason)
    vote.save(update_fields=["state", "cancelled_at", "cancelled_by", "cancel_reason"])
    under_proxy = vote.ballots.filter(proxy__isnull=False)
    Proxy.objects.filter(pk__in=under_proxy.values("proxy")).update(
        standing_ballots=F("standing_ballots") - 1
    )


def unrecognised(proposal: Proposal) -> bool:
    """Whether the plan rests only on special circumstances that are not recognised yet (Art. 7.6)."""
    version = proposal.version
    only_special = version is not None and only_special_circumstances(version.plan)
    return only_special and proposal.special_recognised_at is None


def open_vote_of(proposal: Proposal) -> Vote | None:
    """Lock and return the proposal's open vote; None without one."""
    return (
        Vote.objects.select_for_update(of=("self",))
        .select_related("regulation", "version")
        .filter(proposal=proposal, state=Vote.State.OPEN)
        .first()
    )


def revealed(ballot: Ballot) -> dict[str, object]:
    """A ballot as the closing reveals it, with everything that its commitment covers."""
    return {
        "vote": str(ballot.vote_id),
        "seat": ballot.seat.number,
        "person": str(ballot.person_id),
        "choice": ballot.choice,
        "reason": ballot.reason,
        "salt": bytes(ballot.salt).hex(),
        "commitment": ballot.commitment,
    }


def seal(ballot: Ballot, seat: int) -> Ballot:
    """Give the ballot a new salt and the commitment to its content; `seat` is the seat's number."""
    ballot.salt = os.urandom(sealing.SALT_BYTES)
    ballot.commitment = commitment_of(ballot, seat)
    return ballot


def commitment_of(ballot: Ballot, seat: int) -> str:
    """The commitment to the ballot's content with its salt; `seat` is the seat's number."""
    return sealing.commitment(
        bytes(ballot.salt),
        vote=str(ballot.vote_id),
        seat=seat,
        person=str(ballot.person_id),
        choice=ballot.choice,
        reason=ballot.reason,
    )


def _require_ready(item: AgendaItem, meeting: Meeting, version: PlanVersion, *, recognised: bool) -> None:
    """Articles 18, 7.6, 16, 19 and 20.1, in the order in which rules.md checks them."""
    if item.taken_up_at is None:
        raise Refused("18/not-deliberated")
    if not recognised:
        raise Refused("7.6/not-recognised")
    if version.digest != item.digest:
        raise Refused("16/materials-changed")
    if present_observer(item) is not None:
        raise Refused("19/observer-present")
    absent = missing(roll_call(meeting, item), meeting.regulation.seat_count)
    if absent:
        raise Refused("20.1/not-all-present", seats=list(absent))


def _seat_the_vote(vote: Vote, meeting: Meeting, item: AgendaItem) -> list[Ballot]:
    """Store the seats of the vote, grant the ballot to their holders, and enter those whose proxy lacks
    `vote` as abstaining.
    """
    seats = list(
        Seat.objects.filter(
            committee=meeting.committee_id, number__lte=meeting.regulation.seat_count, holder__isnull=False
        ).order_by("number")
    )
    without = _without_vote(seats, meeting, item)
    VoteSeat.objects.bulk_create(
        [
            VoteSeat(
                vote=vote,
                seat=seat,
                number=seat.number,
                post=seat.post,
                holder_id=seat.holder_id,
                without_vote=seat.pk in without,
            )
            for seat in seats
            if seat.holder_id is not None
        ]
    )
    grant([item], [seat.holder_id for seat in seats if seat.holder_id is not None], ["vote_agendaitem"])
    return _enter(vote, [(seat, without[seat.pk]) for seat in seats if seat.pk in without])


def _without_vote(seats: Iterable[Seat], meeting: Meeting, item: AgendaItem) -> dict[int, Proxy]:
    """The proxies without the power to vote that represent these seats on the item, by the seat's id."""
    in_person = {row.number for row in roll_call(meeting, item) if row.holder_in}
    running = Proxy.objects.running().filter(meeting=meeting, items=item, principal_came_at=None)
    proxies = {proxy.seat_id: proxy for proxy in running}
    return {
        seat.pk: proxies[seat.pk]
        for seat in seats
        if seat.number not in in_person and Proxy.Power.VOTE not in proxies[seat.pk].powers
    }


def _enter(vote: Vote, without: Sequence[tuple[Seat, Proxy]]) -> list[Ballot]:
    """Enter abstentions for the seats (Art. 20.3), each under its proxy."""
    conflicted = set(vote.item.conflicts.values_list("seat", flat=True))
    entered = [
        seal(
            Ballot(
                vote=vote,
                seat=seat,
                person_id=proxy.holder_id,
                proxy=proxy,
                choice=Ballot.Choice.ABSTAIN,
                reason=_ENTERED,
                conflicted=seat.pk in conflicted,
                entered=True,
                cast_at=vote.opened_at,
            ),
            seat.number,
        )
        for seat, proxy in without
    ]
    Ballot.objects.bulk_create(entered)
    Proxy.objects.filter(pk__in=[proxy.pk for _, proxy in without]).update(
        standing_ballots=F("standing_ballots") + 1
    )
    return entered


def _resolve(
    vote: Vote, outcome: Outcome, ballots: Iterable[Ballot], seats: dict[int, VoteSeat], at: datetime
) -> Resolution:
    return Resolution.objects.create(
        item_id=vote.item_id,
        question=vote.question,
        round=vote.round,
        digest=vote.version.digest,
        carried=outcome.carried,
        for_count=outcome.votes_for,
        against_count=outcome.against,
        abstained_count=outcome.abstained,
        conflicted_count=outcome.conflicted,
        votes_to_pass=outcome.votes_to_pass,
        ballots=[_snapshot(ballot, seats[ballot.seat_id]) for ballot in ballots],
        closed_at=at,
    )


def _snapshot(ballot: Ballot, seat: VoteSeat) -> dict[str, object]:
    """A ballot as stored in the resolution, with the names at the time."""
    return {
        "seat": ballot.seat.number,
        "post": seat.post,
        "holder": seat.holder.display_name,
        "voter": ballot.person.display_name,
        "proxy": ballot.proxy_id is not None,
        "entered": ballot.entered,
        "choice": ballot.choice,
        "reason": ballot.reason,
        "in_conflict": ballot.conflicted,
        "commitment": ballot.commitment,
    }


def _conclude(proposal: Proposal, item: AgendaItem, vote: Vote, *, carried: bool, at: datetime) -> None:
    """Move the proposal and its item to where the outcome leads (Art. 7.6, 20.2, 23); needs the locks."""
    _end_voting(item, vote)
    if vote.question == SPECIAL:
        if carried:
            transition(proposal, proposal.recognise, at)
        else:
            leave_agenda([item], AgendaItem.Left.NOT_RECOGNISED)
            transition(proposal, proposal.not_recognised)
            release_contracts([proposal])
        return
    item.resolved_at = at
    item.save(update_fields=["resolved_at"])
    if carried:
        transition(proposal, proposal.carry, at)
    else:
        transition(proposal, proposal.reject, at)
        release_contracts([proposal])


def _end_voting(item: AgendaItem, vote: Vote) -> None:
    item.voting = False
    item.save(update_fields=["voting"])
    holders = Seat.objects.filter(pk__in=vote.seats.values("seat"), holder__isnull=False)
    ungrant([item], people=holders.values_list("holder", flat=True), codenames=["vote_agendaitem"])
