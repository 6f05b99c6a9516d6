"""The checks of states that `audit verify` adds to those of the hash chains (setting AUDIT_CHECKS).

The last entry that moved a meeting, a plan or minutes leads to the state in which its row is: an entry
without its change of state, a change without its entry, and an object that one side does not know are faults.
Votes are checked with their ballots (`voting.checks`). Minutes are signed after their meeting was closed
(Art. 21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from audit.checking.rows import Fault
from audit.verify import MOVES
from committee.models import Meeting, Resolution
from office.models import Minutes
from proposals.models import Proposal

_M, _P, _N = Meeting.State, Proposal.State, Minutes.State


class _Kind(NamedTuple):
    """A kind of object: its rows, and to which states each act leads that moves it."""

    name: str
    #: of the rows: id, state, and the stream that tells of them
    rows: str
    leads: Mapping[str, tuple[str, ...]]


def _moves(kind: str) -> dict[str, tuple[str, ...]]:
    """The states to which the acts lead that move such an object, as the verifier of exports has them."""
    return {act: new for act, (_old, new) in MOVES[kind].items() if new}


_KINDS = (
    _Kind(
        "meeting",
        "SELECT id, state, 'meeting:' || id AS stream FROM committee_meeting",
        _moves("meeting") | {"withdraw": (_M.CANCELLED,)},
    ),
    _Kind(
        "proposal",
        "SELECT id, state, 'proposal:' || id AS stream FROM proposals_proposal",
        _moves("proposal"),
    ),
    _Kind(
        "minutes",
        "SELECT id, state, 'meeting:' || meeting_id AS stream FROM office_minutes",
        {
            "draft_minutes": (_N.DRAFTED,),
            "draft_supplement": (_N.DRAFTED,),
            "sign_minutes": (_N.SIGNED,),
            "sign_supplement": (_N.SIGNED,),
        },
    ),
)

# What a vote came to, and whether a meeting lost its last item, stands in the entry, unless it was erased; a
# payload that cannot be read (`readable` is false) hides that of its object alone.
_LAST = """
SELECT coalesce(moved.stream, kept.stream), moved.seq, moved.action, moved.number, kept.id, kept.state,
    moved.readable, moved.said ->> 'question', moved.said ->> 'carried'
FROM (
    SELECT DISTINCT ON (number) * FROM (
        SELECT *, CASE WHEN body IS NOT NULL
            THEN coalesce(jsonb_typeof(said) = 'object', false) END AS readable
        FROM (
            SELECT entry.stream, entry.seq, entry.action, payload.body, split_part(
                    CASE WHEN %(by_subject)s THEN entry.subject ELSE entry.stream END, ':', 2
                )::bigint AS number,
                CASE WHEN entry.action IN ('close_vote', 'withdraw')
                    THEN public.audit_told(payload.body, NULL) ELSE '{{}}' END AS said
            FROM audit_entry AS entry
                LEFT JOIN audit_payload AS payload ON payload.commitment = entry.commitment
            WHERE entry.action = ANY(%(actions)s) AND entry.stream ~ %(pattern)s
                AND (NOT %(by_subject)s OR entry.subject ~ '^minutes:[0-9]{{1,18}}$')
                AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
        ) AS entry
    ) AS entry
    WHERE action <> 'withdraw' OR stream LIKE 'proposal:%%'
        OR coalesce(said ->> 'meeting_cancelled', 'true') = 'true'
    ORDER BY number, seq DESC
) AS moved FULL JOIN ({rows}) AS kept ON kept.id = moved.number
WHERE %(streams)s::text[] IS NULL OR coalesce(moved.stream, kept.stream) = ANY(%(streams)s)
ORDER BY 1, 2
"""


class _Row(NamedTuple):
    """An object as the log moved it last, and as it is stored; null columns stand for what is missing."""

    stream: str
    seq: int | None
    action: str
    number: int | None
    pk: int | None
    state: str
    #: whether what the entry tells can be read; None once it was erased
    readable: bool | None
    question: str | None
    carried: str | None


def states(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The meetings, plans and minutes whose state is not the one to which the log's last entry of them led.

    Of these streams, or of all for None.
    """
    for kind in _KINDS:
        given: dict[str, Any] = {
            "actions": list(kind.leads),
            "by_subject": kind.name == "minutes",
            "pattern": f"^{'proposal' if kind.name == 'proposal' else 'meeting'}:[0-9]{{1,18}}$",
            "streams": None if streams is None else list(streams),
        }
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(_LAST.format(rows=kind.rows), given)
            for row in cursor:
                fault = _fault(kind, _Row(*row))
                if fault is not None:
                    yield fault


def _fault(kind: _Kind, row: _Row) -> Fault | None:
    """The object's fault; None without one."""
    values: dict[str, Any] = {"kind": kind.name, "number": row.number if row.pk is None else row.pk}
    if row.seq is None:
        return Fault(row.stream, 1, _("does not tell how %(kind)s %(number)s came to be"), values)
    if row.pk is None:
        return Fault(row.stream, row.seq, _("tells of %(kind)s %(number)s, which is gone"), values)
    leads = _leads(kind, row)
    if not leads:
        what = _("led %(kind)s %(number)s to a state that cannot be read")
        return Fault(row.stream, row.seq, what, values)
    if row.state in leads:
        return None
    what = _("led %(kind)s %(number)s to %(states)s, and it is %(state)s")
    return Fault(row.stream, row.seq, what, values | {"states": list(map(str, leads)), "state": row.state})


def _leads(kind: _Kind, row: _Row) -> tuple[str, ...]:
    """The states to which the entry may have led; none where what it tells cannot be read."""
    if row.readable is False:
        return ()
    if row.action == "close_vote" and row.readable:
        return _CLOSED.get((row.question or "", row.carried or ""), ())
    if kind.name == "meeting" and row.action == "withdraw" and not row.readable:
        return tuple(_M)  # whether it was cancelled by that is erased
    return kind.leads[row.action]


#: (the question of the vote, whether it was carried) as the entry has them → the plan's state
_CLOSED: Mapping[tuple[str, str], tuple[str, ...]] = {
    (Resolution.Question.PLAN, "true"): (_P.CARRIED,),
    (Resolution.Question.PLAN, "false"): (_P.REJECTED,),
    (Resolution.Question.SPECIAL, "true"): (_P.TABLED,),
    (Resolution.Question.SPECIAL, "false"): (_P.SCREENED_OUT,),
}


_EARLY = """
SELECT entry.stream, entry.seq, entry.subject FROM audit_entry AS entry
WHERE entry.action IN ('sign_minutes', 'sign_supplement') AND entry.stream LIKE 'meeting:%%'
    AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
    AND NOT EXISTS (
        SELECT FROM audit_entry AS closing
        WHERE closing.stream = entry.stream AND closing.seq < entry.seq AND closing.action = 'close_meeting'
    )
ORDER BY entry.stream, entry.seq
"""


def signatures(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The signatures of minutes before their meeting was closed, in these streams, or in all for None."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_EARLY, {"streams": None if streams is None else list(streams)})
        for stream, seq, subject in cursor:
            what = _("tells that %(thing)s were signed before the meeting was closed")
            yield Fault(stream, seq, what, {"thing": subject})
