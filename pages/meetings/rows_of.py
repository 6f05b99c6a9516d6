"""What the pages of a meeting read of it: all its rows in one statement, kept for as long as it stands so.

The rows are the same whoever asks. What a meeting is like is named by the hashes of the audit streams of the
meeting, of its committee's roster, of its bank's people and units, and of the plans on its agenda: every act
that changes one of these rows adds an entry to one of these streams.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from cachetools import TTLCache
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from audit import clock
from audit.models import Entry, Head
from committee.models import (
    AgendaItem,
    Attendance,
    Conflict,
    Delivery,
    Meeting,
    Notice,
    Opinion,
    Proxy,
    Question,
    Seat,
    SeatTerm,
)
from committee.prepared import Prepared, read_together
from proposals.models import Tabling
from voting.models import AbstentionRequest, Ballot, CancellationProposal, Vote, VoteSeat
from web.log import streams
from web.log.timeline import ENTRIES, Story


def tabled(meeting: Meeting | int) -> QuerySet[Tabling]:
    """What was put to the meeting (a row or an id) and not dropped from it, in the order of the agenda."""
    rows = Tabling.objects.filter(item__meeting=meeting).exclude(item__left_why=AgendaItem.Left.DROPPED)
    return rows.select_related("item", "proposal").order_by("item__number", "item__pk")


def _seats(committee: int, at: datetime) -> QuerySet[Any]:
    held = SeatTerm.objects.filter(Q(until=None) | Q(until__gt=at), seat=OuterRef("pk"), since__lte=at)
    holder = Subquery(held.order_by("-since").values("holder__display_name")[:1])
    return Seat.objects.filter(committee=committee).annotate(held_by=holder).order_by("number")


def _proxies_of(meeting: int) -> QuerySet[Any]:
    covers = Proxy.items.through.objects.filter(proxy=OuterRef("pk")).values("agendaitem")
    rows = Proxy.objects.filter(meeting=meeting).select_related("seat", "principal", "holder")
    return rows.annotate(covered=ArraySubquery(covers)).order_by("seat__number", "authorised_at")


_NOTICES = Prepared(lambda meeting: Notice.objects.filter(meeting=meeting).order_by("number"), int)
_ATTENDANCES = Prepared(
    lambda meeting: (
        Attendance.objects.filter(meeting=meeting)
        .select_related("seat", "person")
        .order_by("seat__number", "signed_in_at", "pk")
    ),
    int,
)
_TABLED = Prepared(
    lambda meeting: tabled(meeting).select_related(
        "item__unit", "item__observer__person", "proposal__committee"
    ),
    int,
)
_OPINIONS = Prepared(
    lambda meeting: Opinion.objects.filter(item__meeting=meeting).select_related(
        "seat", "person", "proxy__principal"
    ),
    int,
)
_QUESTIONS = Prepared(
    lambda meeting: Question.objects.filter(item__meeting=meeting).select_related(
        "seat", "person", "answer__person"
    ),
    int,
)
_CONFLICTS = Prepared(
    lambda meeting: Conflict.objects.filter(item__meeting=meeting).select_related("seat", "person"), int
)
_REQUESTS = Prepared(
    lambda meeting: (
        AbstentionRequest.objects.filter(item__meeting=meeting)
        .select_related("seat", "person", "decided_by")
        .order_by("requested_at", "pk")
    ),
    int,
)
_VOTES = Prepared(
    lambda meeting: (
        Vote.objects.filter(item__meeting=meeting)
        .select_related("resolution", "version", "regulation", "cancelled_by")
        .order_by("opened_at", "pk")
    ),
    int,
)
_CANCELLATIONS = Prepared(
    lambda meeting: CancellationProposal.objects.filter(vote__item__meeting=meeting).select_related(
        "seat", "person"
    ),
    int,
)
#: vote and seat of each ballot in an open vote, and nothing else of it
_BALLOTS = Prepared(
    lambda meeting: Ballot.objects.filter(
        vote__item__meeting=meeting, vote__state=Vote.State.OPEN
    ).values_list("vote", "seat"),
    int,
)
_VOTE_SEATS = Prepared(
    lambda meeting: VoteSeat.objects.filter(
        vote__item__meeting=meeting, vote__state=Vote.State.OPEN
    ).values_list("vote", "seat", "number"),
    int,
)
#: vote, number of the seat and commitment of the person's own ballots in open votes
RECEIPTS = Prepared(
    lambda meeting, person: Ballot.objects.filter(
        vote__item__meeting=meeting, vote__state=Vote.State.OPEN, person=person, entered=False
    ).values_list("vote", "seat__number", "commitment"),
    int,
    int,
)
_SEATS = Prepared(_seats, int, datetime)
_DELIVERIES = Prepared(
    lambda meeting: (
        Delivery.objects.filter(notice__meeting=meeting, notice__superseded_at=None)
        .standing()
        .select_related("seat", "recipient", "acknowledged_by")
        .order_by("seat__number")
    ),
    int,
)
_PROXIES = Prepared(_proxies_of, int)
_ENTRIES_SINCE = Prepared(
    lambda stream, seq: Entry.objects.filter(stream=stream, seq__gt=seq).order_by("seq"), str, int
)


@dataclass(frozen=True)
class MeetingRows:
    """The rows of a meeting; `own` gives a copy of one that is to be written on."""

    story: Story
    #: the names of those who acted, by the ids in the log
    names: Mapping[str, str]
    tabled: Sequence[Tabling]
    opinions: Sequence[Opinion]
    questions: Sequence[Question]
    conflicts: Sequence[Conflict]
    requests: Sequence[AbstentionRequest]
    votes: Sequence[Vote]
    cancellations: Sequence[CancellationProposal]
    #: vote and seat (ids) of each ballot in an open vote
    cast: frozenset[tuple[int, int]]
    #: vote, seat (ids) and number of each seat that has a ballot in an open vote
    vote_seats: Sequence[tuple[int, int, int]]
    notices: Sequence[Notice]
    #: of the notice in force
    deliveries: Sequence[Delivery]
    attendances: Sequence[Attendance]
    proxies: Sequence[Any]
    #: with `held_by`, the name of the holder then
    seats: Sequence[Any]

    @property
    def on_its_way(self) -> bool:
        """Whether the notice in force has still to reach a seat on paper."""
        return any(row.delivered_at is None for row in self.deliveries)


#: seconds for which rows are kept, and of how many meetings: those at which nobody looks leave the memory
_KEPT_FOR, _MOST_KEPT = 30, 256
_lock = Lock()


@dataclass(frozen=True)
class _Known:
    """The rows of a meeting as it stands, by its heads; `since` is when the whole of them was read."""

    heads: tuple[bytes, ...]
    rows: MeetingRows
    since: float


#: by database and meeting: as it stands, not as it stood before
_kept: TTLCache[Any, _Known] = TTLCache(_MOST_KEPT, _KEPT_FOR)


#: what the page of a meeting needs of other tables, beside its rows
LOADED = ("committee__branch", "regulation", "acting_seat__holder", "convened_by")


def with_heads(meetings: QuerySet[Any]) -> QuerySet[Any]:
    """The meetings with `heads`, which name their rows, of these `names`, and `version` and `roster`.

    `names` is the head of the people and units alone. The last two are the numbers of entries in the streams
    of the meeting and of its committee's roster.
    """
    own, roster = _stream("meeting:", OuterRef("pk")), _stream("committee:", OuterRef("committee"))
    office = _stream("office:", OuterRef("committee__branch__bank"))
    tabled = Tabling.objects.filter(item__meeting=OuterRef(OuterRef("pk"))).order_by()
    plans = tabled.values_list(_stream("proposal:", F("proposal")))
    # one array of names: "in this list or in that query" would use no index
    three = Func(own, roster, office, template="ARRAY[%(expressions)s]")
    all_of_them = Func(three, ArraySubquery(plans), template="ANY(%(expressions)s)", arg_joiner=" || ")
    among = Func(
        F("stream"), all_of_them, template="(%(expressions)s)", arg_joiner=" = ", output_field=BooleanField()
    )
    heads = Head.objects.filter(among).order_by("stream")
    found: QuerySet[Any] = meetings.annotate(
        version=Coalesce(Subquery(Head.objects.filter(stream=own).values("seq")), 0),
        roster=Coalesce(Subquery(Head.objects.filter(stream=roster).values("seq")), 0),
        heads=ArraySubquery(heads.values("hash")),
        names=Subquery(Head.objects.filter(stream=office).values("hash")),
    )
    return found


def _stream(kind: str, pk: Any) -> Concat:
    """The name of the audit stream of the object with this id."""
    return Concat(Value(kind), Cast(pk, TextField()), output_field=TextField())


_HEADS = Prepared(
    lambda pk: with_heads(Meeting.objects.filter(pk=pk)).values_list("version", "roster", "heads", "names"),
    int,
)


def read_heads(meeting: Any) -> None:
    """What `with_heads` tells becomes known of a meeting that was read without it."""
    ((meeting.version, meeting.roster, meeting.heads, meeting.names),) = _HEADS(meeting.pk)


def forget() -> None:
    """Forget the rows that were kept."""
    with _lock:
        _kept.clear()


def read(meeting: Any) -> MeetingRows:
    """The rows of a meeting that was read `with_heads`; none of them is older than its version."""
    of, heads = (connection.settings_dict["NAME"], meeting.pk), tuple(map(bytes, meeting.heads))
    with _lock:
        before, now = _kept.get(of), _kept.timer()
    if before is not None and before.heads == heads:
        return before.rows
    known = None
    if before is not None and now - before.since < _KEPT_FOR:
        known = _with_ballots(before, meeting, heads)
    since = now if known is None or before is None else before.since
    known = known or _read(meeting)
    with _lock:
        _kept[of] = _Known(heads, known, since)
    return known


def _changed(before: tuple[bytes, ...], heads: tuple[bytes, ...]) -> list[bytes]:
    """The heads that are others than before, of the same streams; all of them where streams came or went."""
    if len(before) != len(heads):
        return list(heads)
    return [now for was, now in zip(before, heads, strict=True) if was != now]


def _with_ballots(before: _Known, meeting: Meeting, heads: tuple[bytes, ...]) -> MeetingRows | None:
    """The rows known before with the ballots since then; None unless nothing else has happened.

    A ballot changes the log, the ballots, and how many of them stand by a proxy.
    """
    entries, changed = before.rows.story.entries, _changed(before.heads, heads)
    if len(changed) != 1 or not entries:
        return None
    later, cast, proxies = read_together(
        (_ENTRIES_SINCE, [meeting.stream, entries[-1].seq]),
        (_BALLOTS, [meeting.pk]),
        (_PROXIES, [meeting.pk]),
    )
    if any(row.action != "cast" or row.actor not in before.rows.names for row in later):
        return None
    # the change is in this stream, and what was known of it was not rolled back
    if changed[0] not in {bytes(row.hash) for row in later} or later[0].prev != entries[-1].hash:
        return None
    return replace(before.rows, story=Story([*entries, *later], {}), cast=frozenset(cast), proxies=proxies)


def _read(meeting: Meeting) -> MeetingRows:
    at = meeting.closed_at or meeting.cancelled_at or clock.now()
    by_meeting = (
        _TABLED, _OPINIONS, _QUESTIONS, _CONFLICTS, _REQUESTS, _VOTES, _CANCELLATIONS, _BALLOTS, _VOTE_SEATS,
        _NOTICES, _DELIVERIES, _ATTENDANCES, _PROXIES,
    )  # fmt: skip
    (
        entries,
        tabled,
        opinions,
        questions,
        conflicts,
        requests,
        votes,
        cancellations,
        cast,
        vote_seats,
        *others,
    ) = read_together(
        (ENTRIES, [meeting.stream]),
        *((rows, [meeting.pk]) for rows in by_meeting),
        (_SEATS, [meeting.committee_id, at]),
    )
    notices, deliveries, attendances, proxies, seats = others
    return MeetingRows(
        story=Story(entries, {}),
        names=streams.names_of_people(entry.actor for entry in entries),
        tabled=tabled,
        opinions=opinions,
        questions=questions,
        conflicts=conflicts,
        requests=requests,
        votes=votes,
        cancellations=cancellations,
        cast=frozenset(cast),
        vote_seats=vote_seats,
        notices=notices,
        deliveries=deliveries,
        attendances=attendances,
        proxies=proxies,
        seats=seats,
    )


Kept = TypeVar("Kept", bound=Model)


def own(row: Kept) -> Kept:
    """A copy of the row, to be linked with rows that were read for one person."""
    made = row.__class__.__new__(row.__class__)
    made.__dict__.update(row.__dict__)
    made._state = copy.copy(row._state)
    made._state.fields_cache = {**row._state.fields_cache}
    return made
