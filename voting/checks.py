"""The checks of ballots and resolutions that `audit verify` adds to that of the hash chains (setting
AUDIT_CHECKS).

Until a vote closes the log has only the commitment of each ballot. `ballots` computes each commitment again
from the stored ballot and from what the closing revealed, and counts the votes again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from audit.checking.rows import Fault
from voting import sealing
from voting.models import Vote
from voting.tally import count

#: state of a vote → the act that ended it
_ENDS = {Vote.State.CLOSED: "close_vote", Vote.State.CANCELLED: "cancel_vote"}

# One statement, so that votes, ballots and entries are of one snapshot; the server sorts, and one vote at a
# time is in memory here. FULL JOIN, since a vote without entries and entries without a vote are both faults.
_VOTES = """
SELECT coalesce(logged.stream, 'meeting:' || vote.meeting_id), coalesce(logged.subject, 'vote:' || vote.id),
    vote.id, vote.meeting_id, vote.state, logged.seqs, logged.actions, logged.actors, logged.bodies,
    (
        SELECT jsonb_agg(jsonb_build_object(
            'seat', seat.number, 'person', ballot.person_id::text, 'choice', ballot.choice,
            'reason', ballot.reason, 'salt', encode(ballot.salt, 'hex'), 'commitment', ballot.commitment,
            'in_conflict', ballot.conflicted
        ) ORDER BY seat.number)
        FROM voting_ballot ballot JOIN committee_seat seat ON seat.id = ballot.seat_id
        WHERE ballot.vote_id = vote.id
    )::text,
    jsonb_build_array(vote.for_count, vote.against_count, vote.abstained_count, vote.carried)::text,
    jsonb_build_array(
        resolution.for_count, resolution.against_count, resolution.abstained_count,
        resolution.conflicted_count, resolution.carried, resolution.votes_to_pass
    )::text,
    resolution.ballots::text
FROM (
    SELECT entry.stream, entry.subject, array_agg(entry.seq ORDER BY entry.seq) AS seqs,
        array_agg(entry.action ORDER BY entry.seq) AS actions,
        array_agg(entry.actor ORDER BY entry.seq) AS actors,
        array_agg(payload.body ORDER BY entry.seq) AS bodies
    FROM audit_entry entry LEFT JOIN audit_payload payload ON payload.commitment = entry.commitment
    WHERE entry.stream LIKE 'meeting:%%' AND entry.subject LIKE 'vote:%%'
        AND entry.action IN ('open_vote', 'cast', 'close_vote', 'cancel_vote')
        AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
    GROUP BY entry.stream, entry.subject
) logged
    FULL JOIN voting_vote vote ON logged.subject = 'vote:' || vote.id
    LEFT JOIN committee_resolution resolution ON resolution.id = vote.resolution_id
WHERE %(streams)s::text[] IS NULL OR logged.stream = ANY(%(streams)s)
    OR 'meeting:' || vote.meeting_id = ANY(%(streams)s)
ORDER BY 1, logged.seqs[1]
"""

# The entry that vouches for such a resolution is looked for in all payloads, which happens for a fault alone.
_RESOLUTIONS = """
SELECT resolution.id, 'meeting:' || item.meeting_id, told.stream, told.seq
FROM committee_resolution AS resolution JOIN committee_agendaitem AS item ON item.id = resolution.item_id
    LEFT JOIN voting_vote AS vote ON vote.resolution_id = resolution.id AND vote.state = 'closed'
    LEFT JOIN LATERAL (
        SELECT entry.stream, entry.seq
        FROM audit_entry AS entry JOIN audit_payload AS payload USING (commitment)
        WHERE vote.id IS NULL AND position(
            convert_to('"committee_resolution:' || resolution.id || '":', 'UTF8') IN payload.body) > 0
        ORDER BY entry.recorded_at, entry.seq LIMIT 1
    ) AS told ON true
WHERE vote.id IS NULL
    AND (%(streams)s::text[] IS NULL OR 'meeting:' || item.meeting_id = ANY(%(streams)s))
ORDER BY resolution.id
"""


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """An audit entry of a vote; `payload` is None once erased by law."""

    seq: int
    action: str
    actor: str
    payload: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class StoredVote:
    """A vote as logged and as stored; ballots by the seat's number."""

    pk: int
    state: str
    entries: list[LoggedAct]
    ballots: Mapping[int, Mapping[str, Any]]
    #: for, against, abstained, carried
    tally: Sequence[Any]
    #: for, against, abstained, in conflict, carried, votes to pass; and its ballots by the seat's number
    resolved: Sequence[Any]
    resolved_ballots: Mapping[int, Mapping[str, Any]]

    def only(self, action: str) -> LoggedAct | None:
        """The only entry of the action; None without one."""
        found = [entry for entry in self.entries if entry.action == action]
        return found[0] if len(found) == 1 else None


class _Row(NamedTuple):
    """A row of the statement above; null columns stand for missing rows."""

    stream: str
    subject: str
    pk: int | None
    meeting: int | None
    state: str
    seqs: list[int] | None
    actions: list[str]
    actors: list[str]
    bodies: list[bytes | None]
    ballots: str | None
    tally: str
    resolved: str
    resolved_ballots: str | None


class _Wrong(Exception):
    """Raised with the fault at an entry; never leaves this module."""

    def __init__(self, seq: int, code: str, **values: int | str) -> None:
        self.seq = seq
        self.code = code
        self.values = values


def ballots(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The votes whose ballots, tally or resolution differ from the log, each with its first fault.

    Of these streams, or of all for None; in constant memory.
    """
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_VOTES, {"streams": None if streams is None else list(streams)})
        for row in cursor:
            fault = _fault(_Row(*row))
            if fault is not None:
                yield fault


def resolutions(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The resolutions of these streams' meetings, of all for None, that no closed vote has."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_RESOLUTIONS, {"streams": None if streams is None else list(streams)})
        for pk, meeting, stream, seq in cursor:
            if stream is None:
                what = _("does not tell of the vote on %(thing)s, which exists")
                yield Fault(meeting, 1, what, {"thing": f"resolution:{pk}"})
            else:
                what = _("tells of %(thing)s of %(meeting)s, which no closed vote has")
                yield Fault(stream, seq, what, {"thing": f"resolution:{pk}", "meeting": meeting})


def _fault(row: _Row) -> Fault | None:
    """The vote's fault; None without one."""
    values = {"vote": row.subject}
    if row.seqs is None:
        return Fault(row.stream, 1, _("does not tell of %(vote)s, which exists"), values)
    first = row.seqs[0]
    if row.pk is None:
        return Fault(row.stream, first, _("tells of %(vote)s, which is gone"), values)
    if row.stream != f"meeting:{row.meeting}":
        what = _("tells of %(vote)s, a vote of %(meeting)s")
        return Fault(row.stream, first, what, values | {"meeting": f"meeting:{row.meeting}"})
    try:
        _check(_stored_vote(row, row.pk, row.seqs))
    except _Wrong as wrong:
        return Fault(row.stream, wrong.seq, wrong.code, values | wrong.values)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return Fault(row.stream, first, _("tells of %(vote)s in a way that cannot be read"), values)
    return None


def _stored_vote(row: _Row, pk: int, seqs: Iterable[int]) -> StoredVote:
    entries = zip(seqs, row.actions, row.actors, map(_payload, row.bodies), strict=True)
    return StoredVote(
        pk,
        row.state,
        [LoggedAct(*entry) for entry in entries],
        _by_seat(json.loads(row.ballots or "[]")),
        json.loads(row.tally),
        json.loads(row.resolved),
        _by_seat(json.loads(row.resolved_ballots or "[]")),
    )


def _payload(body: bytes | None) -> Mapping[str, Any] | None:
    return None if body is None else json.loads(bytes(body))


def _by_seat(rows: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {row["seat"]: row for row in rows}


def _check(vote: StoredVote) -> None:
    """Raise the vote's first fault."""
    opening = vote.only("open_vote")
    if opening is None or opening is not vote.entries[0]:
        raise _Wrong(vote.entries[0].seq, _("the vote does not begin with one opening (%(vote)s)"))
    _check_casting(vote, opening)
    end = _end(vote)
    if end is None:
        return
    if end.action == "close_vote":
        _check_closing(vote, end, opening)
    elif end.payload is not None and end.payload["ballots"] != len(vote.ballots):
        raise _Wrong(end.seq, _("the vote was cancelled with another number of ballots (%(vote)s)"))


def _end(vote: StoredVote) -> LoggedAct | None:
    """The closing or cancellation that the vote's state requires, which must be its last entry; None for an
    open vote.
    """
    ended = [entry for entry in vote.entries if entry.action in _ENDS.values()]
    demanded = _ENDS.get(Vote.State(vote.state))
    if [entry.action for entry in ended] != ([] if demanded is None else [demanded]):
        raise _Wrong(
            vote.entries[-1].seq,
            _("the vote is %(state)s, and the log says otherwise (%(vote)s)"),
            state=vote.state,
        )
    end = ended[0] if ended else None
    if end is not None and end is not vote.entries[-1]:
        raise _Wrong(vote.entries[-1].seq, _("a ballot was cast after the vote had ended (%(vote)s)"))
    return end


def _check_casting(vote: StoredVote, opening: LoggedAct) -> None:
    """Check that exactly the ballots cast, or entered at the opening, are stored, unchanged."""
    cast: set[int] = set()
    if opening.payload is not None:
        for number, commitment in opening.payload["entered"].items():
            cast.add(int(number))
            _check_ballot(vote, int(number), opening, commitment)
    for entry in vote.entries:
        if entry.action == "cast" and entry.payload is not None:
            number = entry.payload["seat"]
            if number in cast:
                raise _Wrong(entry.seq, _("seat %(seat)s voted twice (%(vote)s)"), seat=number)
            cast.add(number)
            _check_cast(vote, number, entry, entry.payload["commitment"])
    strangers = sorted(set(vote.ballots) - cast)
    if strangers and all(entry.payload is not None for entry in vote.entries):
        raise _Wrong(
            opening.seq, _("the ballot of seat %(seat)s was never cast (%(vote)s)"), seat=strangers[0]
        )


def _check_cast(vote: StoredVote, number: int, entry: LoggedAct, commitment: str) -> None:
    """Check that the ballot is the one that was cast, and of the person who cast it."""
    _check_ballot(vote, number, entry, commitment)
    if entry.actor != vote.ballots[number]["person"]:
        raise _Wrong(
            entry.seq, _("the ballot of seat %(seat)s is stored under another voter (%(vote)s)"), seat=number
        )


def _check_ballot(vote: StoredVote, number: int, entry: LoggedAct, commitment: str) -> None:
    stored = vote.ballots.get(number)
    if stored is None:
        raise _Wrong(entry.seq, _("the ballot of seat %(seat)s is gone (%(vote)s)"), seat=number)
    if not stored["commitment"] == commitment == _recomputed(vote, stored):
        raise _Wrong(
            entry.seq, _("the ballot of seat %(seat)s is not the one that was cast (%(vote)s)"), seat=number
        )


def _recomputed(vote: StoredVote, ballot: Mapping[str, Any]) -> str:
    return sealing.commitment(
        bytes.fromhex(ballot["salt"]),
        vote=str(vote.pk),
        seat=ballot["seat"],
        person=ballot["person"],
        choice=ballot["choice"],
        reason=ballot["reason"],
    )


def _check_closing(vote: StoredVote, closing: LoggedAct, opening: LoggedAct) -> None:
    """Check that the closing's payload, the resolution and the tally agree with the ballots."""
    _check_resolved_ballots(vote, closing)
    required = vote.resolved[5]
    if opening.payload is not None and opening.payload["votes_to_pass"] != required:
        raise _Wrong(
            closing.seq, _("the resolution asks for other votes to pass than the opening (%(vote)s)")
        )
    outcome = count(
        ((ballot["choice"], ballot["in_conflict"]) for ballot in vote.ballots.values()),
        votes_to_pass=required,
    )
    counts = [outcome.votes_for, outcome.against, outcome.abstained]
    if vote.tally != [*counts, outcome.carried]:
        raise _Wrong(closing.seq, _("the tally is not that of the ballots (%(vote)s)"))
    if vote.resolved != [*counts, outcome.conflicted, outcome.carried, required]:
        raise _Wrong(closing.seq, _("the resolution's tally is not that of the ballots (%(vote)s)"))
    if closing.payload is not None:
        _check_revealed(vote, closing, closing.payload, [*counts, outcome.conflicted, outcome.carried])


def _check_resolved_ballots(vote: StoredVote, closing: LoggedAct) -> None:
    for number, stored in vote.ballots.items():
        resolved = vote.resolved_ballots.get(number, {})
        if any(resolved.get(key) != stored[key] for key in ("choice", "reason", "commitment", "in_conflict")):
            raise _Wrong(
                closing.seq,
                _("the resolution has another ballot of seat %(seat)s than was cast (%(vote)s)"),
                seat=number,
            )
    if set(vote.resolved_ballots) != set(vote.ballots):
        raise _Wrong(closing.seq, _("the resolution has ballots that were not cast (%(vote)s)"))


def _check_revealed(
    vote: StoredVote, closing: LoggedAct, payload: Mapping[str, Any], recount: list[Any]
) -> None:
    revealed = _by_seat(payload["ballots"])
    if len(payload["ballots"]) != len(revealed) or set(revealed) != set(vote.ballots):
        raise _Wrong(closing.seq, _("the closing reveals other seats than those that voted (%(vote)s)"))
    for number, ballot in revealed.items():
        if ballot["vote"] != str(vote.pk) or ballot["person"] != vote.ballots[number]["person"]:
            raise _Wrong(
                closing.seq, _("the closing reveals another voter for seat %(seat)s (%(vote)s)"), seat=number
            )
        if not ballot["commitment"] == vote.ballots[number]["commitment"] == _recomputed(vote, ballot):
            raise _Wrong(
                closing.seq,
                _("the closing reveals another ballot of seat %(seat)s than was cast (%(vote)s)"),
                seat=number,
            )
    if [payload[key] for key in ("for", "against", "abstained", "in_conflict", "carried")] != recount:
        raise _Wrong(closing.seq, _("the tally of the closing is not that of the ballots (%(vote)s)"))
