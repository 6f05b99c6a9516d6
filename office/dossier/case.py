"""The records and the log of one decision, read at once in statements that do not grow in number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from audit.canonical import commitment
from audit.models import Entry
from committee.models import (
    AgendaItem,
    Attendance,
    Committee,
    Conflict,
    Delivery,
    LiaisonTerm,
    Meeting,
    Notice,
    NoticeItem,
    Observer,
    Opinion,
    Proxy,
    Reading,
    RegulationVersion,
    Resolution,
    Seat,
    SeatTerm,
)
from office.models import ArchiveFile, Copy, Minutes, Paper, Report
from proposals.models import (
    CreditDecision,
    DocketEntry,
    PlanVersion,
    Proposal,
    Receipt,
)
from voting.models import AbstentionRequest, Ballot, Vote, VoteSeat

#: acts in the committee's stream, or the bank's where both are founded at once, on seats, liaison, regulation
ROSTER = (
    "found_bank", "found_committee", "fill_seat", "vacate_seat", "replace_holder", "appoint_liaison",
    "appoint_stand_in", "end_stand_in", "amend_regulation",
)  # fmt: skip


#: acts in the bank's stream on the units and positions of people
PEOPLE = ("employ", "change_person", "give_position", "end_position")
#: acts after which the meeting has another acting chair, or none
ACTING = ("appoint_acting_chair", "vacate_seat", "replace_holder")


class Unreadable(LookupError):
    """Raised for a resolution on an item under which no plan stands."""


@dataclass(frozen=True)
class LogEntry:
    """An entry of the log with its payload; `payload` is None once it was erased by law."""

    row: Entry
    salt: bytes | None
    body: bytes | None
    #: its place in the sealed tree; None while it is in none
    leaf: int | None

    @property
    def key(self) -> tuple[str, int]:
        """Stream and number."""
        return self.row.stream, self.row.seq

    @property
    def action(self) -> str:
        """What was done."""
        return self.row.action

    @cached_property
    def payload(self) -> Mapping[str, Any] | None:
        """What the entry tells; None where it was erased, nothing where it cannot be read."""
        if self.body is None:
            return None
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def stored(self) -> Mapping[str, Any]:
        """The rows of which it has digests, by their keys."""
        found = (self.payload or {}).get("stored")
        return found if isinstance(found, dict) else {}

    @cached_property
    def sound(self) -> bool:
        """Whether its hash is made of its bytes, and its commitment of its payload."""
        if not self.row.is_sound:
            return False
        if self.salt is None or self.body is None:
            return True
        return commitment(self.salt, self.body) == bytes(self.row.commitment)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A decision with all that is judged of it."""

    resolution: Resolution
    proposal: Proposal
    votes: list[Vote]
    ballots: list[Ballot]
    vote_seats: list[VoteSeat]
    plan_votes: list[Vote]
    attendances: list[Attendance]
    proxies: list[Proxy]
    covered: set[int]
    notices: list[Notice]
    notice_items: list[NoticeItem]
    deliveries: list[Delivery]
    opinions: list[Opinion]
    conflicts: list[Conflict]
    requests: list[AbstentionRequest]
    readings: list[Reading]
    observers: list[Observer]
    regulations: list[RegulationVersion]
    terms: list[SeatTerm]
    liaison_terms: list[LiaisonTerm]
    versions: list[PlanVersion]
    filed: list[DocketEntry]
    rejected: list[PlanVersion]
    sharing: list[Proposal]
    shared_meetings: set[int]
    filed_beside: set[int]
    credit: list[CreditDecision]
    receipts: list[Receipt]
    minutes: list[Minutes]
    copies: list[Copy]
    reports: list[Report]
    archives: list[ArchiveFile]
    papers: list[Paper]
    log: list[LogEntry]
    roster_log: list[LogEntry]
    #: on the units and positions of those who held proxies or submitted the plan
    people_log: list[LogEntry]

    # -- what it is --

    @property
    def item(self) -> AgendaItem:
        """The item resolved on."""
        return self.resolution.item

    @property
    def meeting(self) -> Meeting:
        """The meeting."""
        return self.item.meeting

    @property
    def committee(self) -> Committee:
        """The committee."""
        return self.meeting.committee

    @property
    def on_plan(self) -> bool:
        """Whether the plan was voted on; else whether its special circumstances are recognised (Art. 7.6)."""
        return self.resolution.question == Resolution.Question.PLAN

    @cached_property
    def vote(self) -> Vote | None:
        """The vote that the resolution came from; None when there is none."""
        return next((each for each in self.votes if each.resolution_id == self.resolution.pk), None)

    @cached_property
    def version(self) -> PlanVersion | None:
        """The version voted on: the vote's, or without a vote the one of the resolution's digest."""
        if self.vote is not None:
            return next((each for each in self.versions if each.pk == self.vote.version_id), None)
        named = [each for each in self.versions if each.digest == self.resolution.digest]
        return named[-1] if named else None

    @property
    def document(self) -> Mapping[str, Any]:
        """The plan voted on as it is stored; empty without one."""
        found: Mapping[str, Any] = self.version.document if self.version is not None else {}
        return found

    # -- the log --

    def entries(self, *actions: str) -> list[LogEntry]:
        """The entries of these actions on this decision, in the order of their streams."""
        return [entry for entry in self.own_log if entry.action in actions]

    def entry(self, action: str) -> LogEntry | None:
        """The last entry of this action on this decision."""
        found = self.entries(action)
        return found[-1] if found else None

    @cached_property
    def own_log(self) -> list[LogEntry]:
        """The entries of the plan, of the meeting, and of this item and this vote; not of other items."""
        subjects = {self.meeting.subject, self.item.subject, self.proposal.subject}
        subjects |= {self.vote.subject} if self.vote is not None else set()
        subjects |= {each.subject for each in self.minutes}
        return [
            entry
            for entry in self.log
            if (entry.row.stream == self.proposal.stream or entry.row.subject in subjects)
            and self._is_of_the_vote(entry)
        ]

    def _is_of_the_vote(self, entry: LogEntry) -> bool:
        """Whether the entry is of no vote on the plan, or of the one that the resolution came from."""
        told = self.told(entry).get("vote") if entry.row.stream == self.proposal.stream else None
        return told is None or self.vote is None or told == self.vote.subject

    def told(self, entry: LogEntry | None) -> Mapping[str, Any]:
        """What the entry tells; nothing without one, and where it was erased."""
        return (entry.payload if entry is not None else None) or {}

    # -- who was there --

    def present(self, seat: int, at: datetime) -> bool:
        """Whether the seat, by its id, was represented on this item at that moment (Art. 11, 20.1)."""
        holder = self.holder_at(self.numbers.get(seat, 0), at)
        return any(
            self._counts(row, holder)
            for row in self.attendances
            if row.seat_id == seat and _during(row.signed_in_at, row.signed_out_at, at)
            if row.proxy_id is None or self._runs(row.proxy_id, at)
        )

    def was_there(self, person: int, seat: int, at: datetime) -> bool:
        """Whether the person was signed in for the seat at that moment."""
        return any(
            row.person_id == person
            and row.seat_id == seat
            and _during(row.signed_in_at, row.signed_out_at, at)
            for row in self.attendances
        )

    def _counts(self, row: Attendance, holder: int | None) -> bool:
        """Whether an attendance represents its seat: the holder's own, or one under a proxy."""
        return row.proxy_id is not None or row.person_id == holder

    def _runs(self, pk: int, at: datetime) -> bool:
        proxy = self.proxy(pk)
        return proxy is not None and proxy.pk in self.covered and self.stands(proxy, at)

    def stands(self, proxy: Proxy, at: datetime) -> bool:
        """Whether the proxy was neither revoked nor ended at that moment, and the principal had not come."""
        ends = (proxy.revoked_at, proxy.ended_at, proxy.principal_came_at)
        return all(end is None or end >= at for end in ends)

    def proxy(self, pk: int | None) -> Proxy | None:
        """The proxy with this id."""
        return next((each for each in self.proxies if each.pk == pk), None)

    @cached_property
    def numbers(self) -> Mapping[int, int]:
        """The number of each seat in the vote, by its id."""
        return {row.seat_id: row.number for row in self.vote_seats}

    def holder_at(self, number: int, at: datetime) -> int | None:
        """Who held the seat of this number at that moment, by the roster's terms."""
        held = [
            term.holder_id
            for term in self.terms
            if term.seat.number == number and _during(term.since, term.until, at)
        ]
        return held[-1] if held else None

    def sat(self, since: datetime, until: datetime) -> set[int]:
        """Who held a seat at any moment of that time, by the roster's terms."""
        return {
            term.holder_id
            for term in self.terms
            if term.since <= until and (term.until is None or term.until > since)
        }

    def liaison_at(self, at: datetime) -> set[int]:
        """Who may have acted as liaison at that moment, by the terms: a stand-in before the appointed one."""
        running = [term for term in self.liaison_terms if _during(term.since, term.until, at)]
        standing_in = {term.person_id for term in running if term.stand_in}
        return standing_in or {term.person_id for term in running}

    def presiding_at(self, at: datetime) -> set[int | None]:
        """Who could preside at that moment: the chair, and the acting chair where one was appointed."""
        acting = {number for number, since, until in self._acting if _during(since, until, at)}
        return {self.holder_at(number, at) for number in {Seat.CHAIR, *acting}} - {None}

    @cached_property
    def _acting(self) -> list[tuple[int, datetime, datetime | None]]:
        """The seats of the acting chairs with their time, by the log: each may be replaced, or vacated."""
        spans = _spans(
            [
                (entry.action == "appoint_acting_chair", self.told(entry).get("seat"), entry.row.at)
                for entry in self.log
                if entry.row.stream == self.meeting.stream and entry.action in ACTING
            ]
        )
        last = self.meeting.acting_seat
        if last is not None and last.number not in {number for number, _, _ in spans}:
            spans.append((last.number, self.meeting.convened_at, None))
        return spans

    # -- which of two votes on the item a deliberation was for --

    @cached_property
    def _went_on(self) -> datetime | None:
        """When this vote closed, if the item was deliberated again for a further one; else None."""
        vote = self.vote
        if vote is None or vote.closed_at is None:
            return None
        later = [each for each in self.votes if each.item_id == vote.item_id and each.pk != vote.pk]
        return vote.closed_at if any(each.opened_at >= vote.closed_at for each in later) else None

    def belongs(self, at: datetime) -> bool:
        """Whether what was done on the item at that moment was before this vote, not for the one after it."""
        return self._went_on is None or at < self._went_on

    @property
    def heard(self) -> list[Opinion]:
        """The opinions recorded before this vote, or wrongly during it."""
        return [each for each in self.opinions if self.belongs(each.at)]

    @property
    def attending(self) -> list[Observer]:
        """The head of the handling institution, who may be admitted only for the item's later vote."""
        return [each for each in self.observers if self.belongs(each.admitted_at)]

    @cached_property
    def notice(self) -> Notice | None:
        """The notice that was current when the meeting opened."""
        opened = self.meeting.opened_at
        current = [
            each
            for each in self.notices
            if each.superseded_at is None or (opened is not None and each.superseded_at > opened)
        ]
        return current[-1] if current else None

    @property
    def original(self) -> Minutes | None:
        """The minutes of the meeting, without those that supplement them."""
        return next((each for each in self.minutes if each.supplements_id is None), None)

    def vouched(self) -> Iterator[tuple[str, Any]]:
        """Each row that was read, by its key in the log's digests."""
        rows: list[Any] = [self.resolution, self.item, self.meeting, self.proposal]
        for each in (
            self.votes, self.ballots, self.vote_seats, self.attendances, self.proxies, self.notices,
            self.notice_items, self.deliveries, self.opinions, self.conflicts, self.requests, self.readings,
            self.observers, self.versions, self.filed, self.credit, self.receipts, self.minutes, self.copies,
            self.reports, self.archives, self.papers,
        ):  # fmt: skip
            rows += each
        yield from _keyed(rows)

    def relied_on(self) -> Iterator[tuple[str, Any, int]]:
        """Further rows that a judge relies on, which other streams tell of, each with the article."""
        for article, rows in (
            (24, self.regulations),
            (4, self.terms),
            (5, self.liaison_terms),
            (14, [each.docket for each in self.filed]),
            (23, self.rejected),
            (23, self.sharing),
            (7, self.plan_votes),
            (7, [each.resolution for each in self.plan_votes if each.resolution is not None]),
        ):
            yield from ((key, row, article) for key, row in _keyed(rows))

    @property
    def roster_streams(self) -> list[str]:
        """The streams in which the acts of ROSTER are."""
        return [self.committee.stream, f"office:{self.committee.bank_id}"]

    def streams(self) -> list[str]:
        """The streams that tell of the other rows."""
        proposals = {self.proposal.pk, *(each.pk for each in self.sharing), *self.filed_beside}
        meetings = {self.meeting.pk, *(each.meeting_id for each in self.plan_votes), *self.shared_meetings}
        return [*(f"meeting:{pk}" for pk in meetings), *(f"proposal:{pk}" for pk in proposals)]


def _spans(
    told: Sequence[tuple[bool, int | None, datetime]],
) -> list[tuple[int, datetime, datetime | None]]:
    """The seats appointed, each until the next is or until it is vacated."""
    return [
        (seat, at, next((end for new, other, end in told[place:] if new or other == seat), None))
        for place, (appointed, seat, at) in enumerate(told, 1)
        if appointed and seat is not None
    ]


def _keyed(rows: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{row._meta.db_table}:{row.pk}", row) for row in rows)


def _during(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    return since is not None and since <= at and (until is None or until >= at)
