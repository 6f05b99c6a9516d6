"""Casting a ballot (Art. 10.5, 11, 20)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F

from audit import clock, metrics
from audit.recording import action, record
from committee.messages import settle
from committee.models import Meeting, Person, Proxy
from committee.presence import Floor, Mandate, floor
from committee.quorum import missing
from proposals.locks import lock_proposal, lock_tabled
from proposals.models import Proposal
from proposals.permissions import acting_in, require_visible
from regulation.refused import Refused
from regulation.text import has_content
from voting.actions.votes import seal
from voting.models import Ballot, Vote


@dataclass(frozen=True, slots=True)
class Poll:
    """An open vote, locked, with what one person has in it; seats by id."""

    vote: int
    voted: frozenset[int]
    conflicted: frozenset[int]
    consented: frozenset[int]
    #: whether a request to abstain is pending, which the ballot withdraws
    asking: frozenset[int]
    #: whether the person may vote on the item
    granted: bool
    #: the person's ballot under the same key, in any vote
    earlier: int | None


@action
def cast(
    proposal: Proposal,
    *,
    by: Person,
    choice: str,
    reason: str = "",
    key: str = "",
    vote: Vote | None = None,
    seat: int | None = None,
) -> Ballot:
    """The seat's ballot stands, sealed; its commitment is the voter's receipt.

    A ballot of `by` with the same `key` and the same content is returned as it stands, also after the
    closing; `vote` pins the vote that the voter saw, `seat` the number of the seat, which a holder of several
    proxies may have voted for meanwhile (`20.1/already-voted`). In this order: `20.1/no-seat`;
    `20/vote-not-open`; `11/out-of-scope`; `11/principal-present`; `access/denied` to whoever was not granted
    the vote; `20.1/not-all-present`; `10/not-present`; `20.1/already-voted` (also for a key used with another
    content); `10.5/unclear-choice`;
    `20.3/reason-required`, `20.3/conflict`, `20.3/consent-required`; `20.4/reason-required`.

    It does not begin as `proposals/beginning.py` has it: a key is looked up before anything is refused,
    whoever has a mandate on an open vote sees the plan, and few statements read what a ballot needs.
    """
    proposal, meeting = lock_tabled(proposal.pk) or lock_proposal(proposal.pk)
    poll = _open_poll(proposal, by, key)
    earlier = _earlier(by, key) if poll is None else poll.earlier
    if earlier is not None:
        return _repeated(earlier, proposal, choice, reason)
    if poll is None or meeting is None:
        _require_seat(proposal, meeting, by)
        raise Refused("20/vote-not-open")
    there = floor(meeting, by, proposal.item)
    acting = _acting(there, poll, proposal, by)
    _require_seen(poll, acting, vote, seat)
    _require_admitted(there, acting, poll, meeting.regulation.seat_count)
    ballot = Ballot(
        vote_id=poll.vote,
        seat=acting.seat,
        person=by,
        proxy=acting.proxy,
        choice=choice,
        reason=reason,
        conflicted=acting.seat.pk in poll.conflicted,
        key=key,
        cast_at=clock.now(),
    )
    _require_clear(ballot, consented=acting.seat.pk in poll.consented)
    seal(ballot, acting.seat.number).save(force_insert=True)
    if acting.proxy is not None:
        Proxy.objects.filter(pk=acting.proxy.pk).update(standing_ballots=F("standing_ballots") + 1)
    if acting.seat.pk in poll.asking:
        settle("request_abstention", about=proposal.subject, seat=acting.seat.number)
    payload = {
        "seat": acting.seat.number,
        "proxy": acting.proxy is not None,
        "commitment": ballot.commitment,
    }
    record(meeting.stream, "cast", f"vote:{poll.vote}", by=by, payload=payload)
    transaction.on_commit(metrics.BALLOTS.inc, robust=True)
    return ballot


# In SQL, and all in one statement, because a ballot should cost little more than its insert: see
# `benchmarks/cast.py`. It runs after the meeting's lock was had, and sees all that went before.
_OPEN_POLL = """
SELECT vote.id,
    ARRAY(SELECT ballot.seat_id FROM voting_ballot ballot WHERE ballot.vote_id = vote.id),
    ARRAY(SELECT conflict.seat_id FROM committee_conflict conflict WHERE conflict.item_id = vote.item_id),
    ARRAY(
        SELECT request.seat_id FROM voting_abstentionrequest request
        WHERE request.item_id = vote.item_id AND request.state = 'granted'
    ),
    ARRAY(
        SELECT request.seat_id FROM voting_abstentionrequest request
        WHERE request.item_id = vote.item_id AND request.state = 'pending'
    ),
    EXISTS (
        SELECT FROM committee_agendaitemuserpermission held
            JOIN auth_permission permission ON permission.id = held.permission_id
        WHERE held.content_object_id = vote.item_id AND held.user_id = %(person)s
            AND permission.codename = 'vote_agendaitem'
    ),
    (
        SELECT ballot.id FROM voting_ballot ballot
        WHERE %(key)s <> '' AND ballot.person_id = %(person)s AND ballot.key = %(key)s
    )
FROM voting_vote vote WHERE vote.proposal_id = %(proposal)s AND vote.state = 'open'
FOR UPDATE OF vote
"""


def _open_poll(proposal: Proposal, by: Person, key: str) -> Poll | None:
    """Lock and return the open vote on the proposal, None without one; needs the meeting's lock."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_POLL, {"proposal": proposal.pk, "person": by.pk, "key": key})
        row = cursor.fetchone()
    if row is None:
        return None
    vote, voted, conflicted, consented, asking, granted, earlier = row
    seats = frozenset(voted), frozenset(conflicted), frozenset(consented), frozenset(asking)
    return Poll(vote, *seats, granted, earlier)


def _earlier(by: Person, key: str) -> int | None:
    """The id of the person's ballot under this key; None without one."""
    return Ballot.objects.filter(person=by, key=key).values_list("pk", flat=True).first() if key else None


def _require_seat(proposal: Proposal, meeting: Meeting | None, by: Person) -> None:
    """Raise `access/not-found` unless the plan is visible, `20.1/no-seat`, `11/out-of-scope` without a
    mandate.
    """
    require_visible(proposal, by)
    acting_in(proposal, meeting, by)


def _acting(there: Floor, poll: Poll, proposal: Proposal, by: Person) -> Mandate:
    """The mandate under which `by` votes. A mandate on an open vote gives sight of the plan; without one that
    is checked first.
    """
    try:
        return there.mandate(voted=poll.voted)
    except Refused:
        require_visible(proposal, by)
        raise


def _require_seen(poll: Poll, acting: Mandate, vote: Vote | None, seat: int | None) -> None:
    """Raise unless vote and seat are those that the voter saw, where these are given."""
    if vote is not None and vote.pk != poll.vote:
        raise Refused("20/vote-not-open")
    if seat is not None and acting.seat.number != seat:
        raise Refused("20.1/already-voted", seat=seat)


def _require_admitted(there: Floor, acting: Mandate, poll: Poll, seats: int) -> None:
    """Raise unless the proxy has the power, the principal is away, all are present and the seat has not voted
    (Art. 11, 20.1).
    """
    acting.require_power(Proxy.Power.VOTE)
    acting.require_not_displaced()
    if not poll.granted:
        raise Refused("access/denied")
    absent = missing(there.roll, seats)
    if absent:
        raise Refused("20.1/not-all-present", seats=list(absent))
    acting.require_present()
    if acting.seat.pk in poll.voted:
        raise Refused("20.1/already-voted", seat=acting.seat.number)


def _require_clear(ballot: Ballot, *, consented: bool) -> None:
    """Raise unless the choice is one of three, with the reason and the consent that it requires (Art. 10.5,
    20.3, 20.4).
    """
    if ballot.choice not in Ballot.Choice.values:
        raise Refused("10.5/unclear-choice")
    if ballot.choice == Ballot.Choice.ABSTAIN:
        if not has_content(ballot.reason):
            raise Refused("20.3/reason-required")
        if not ballot.conflicted and not consented:
            raise Refused("20.3/consent-required")
        return
    if ballot.conflicted:
        raise Refused("20.3/conflict")
    if ballot.choice == Ballot.Choice.AGAINST and not has_content(ballot.reason):
        raise Refused("20.4/reason-required")


def _repeated(pk: int, proposal: Proposal, choice: str, reason: str) -> Ballot:
    """The ballot cast under the key; `20.1/already-voted` when its content differs from this one."""
    earlier = Ballot.objects.select_related("vote").get(pk=pk)
    same = (earlier.vote.proposal_id, earlier.choice, earlier.reason) == (proposal.pk, choice, reason)
    if not same:
        raise Refused("20.1/already-voted")
    return earlier
