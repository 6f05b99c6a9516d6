"""A meeting and an item in session for one person: presence, mandates, and what waits.

Read once for each request, and items only once they were taken up. Of ballots in an open vote only the seats
are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Self, cast

from audit import clock
from committee.agenda import present_observer
from committee.models import (
    AgendaItem,
    Attendance,
    Conflict,
    Meeting,
    Observer,
    OpinionDraft,
    Person,
    Proxy,
    Question,
    Seat,
    Speech,
)
from committee.offices import HEAD_OFFICE, LIAISON, PRESIDING
from committee.prepared import Prepared
from committee.presence import Floor, Mandate, floor
from committee.quorum import missing
from proposals.models import Proposal
from regulation.refused import Refused
from voting.models import AbstentionRequest, Ballot, Vote
from voting.permissions import decided_above
from web.viewer import Viewer

#: how long before the hour signing in is offered
BEFORE = timedelta(hours=2)


def begins(meeting: Meeting) -> bool:
    """Whether signing in is offered; the engine allows it from convening on, pages only shortly before the
    hour.
    """
    return meeting.emergency or clock.now() >= meeting.at - BEFORE


def expected(meeting: Meeting) -> list[tuple[Person, list[str]]]:
    """The people who are expected and not signed in, with the numbers of their seats: holders, and holders of
    proxies.
    """
    there = Attendance.objects.filter(meeting=meeting, signed_out_at=None)
    seats = (
        Seat.objects.filter(committee=meeting.committee_id, number__lte=meeting.regulation.seat_count)
        .exclude(pk__in=there.filter(proxy=None).values("seat"))
        .exclude(holder=None)
        .select_related("holder")
    )
    proxies = (
        Proxy.objects.running()
        .filter(meeting=meeting, principal_came_at=None)
        .exclude(seat__in=there.values("seat"))
        .select_related("holder", "seat")
    )
    found: dict[Person, list[str]] = {}
    for seat in seats.order_by("number"):
        found.setdefault(cast("Person", seat.holder), []).append(str(seat.number))
    for proxy in proxies.order_by("seat__number"):
        found.setdefault(proxy.holder, []).append(str(proxy.seat.number))
    return list(found.items())


_SPEECHES = Prepared(
    lambda item: (
        Speech.objects.filter(item=item).live().select_related("attendance__seat", "attendance__person")
    ),
    int,
)
_OPEN_VOTES = Prepared(lambda item: Vote.objects.filter(item=item, state=Vote.State.OPEN).order_by("pk"), int)
#: the seats that have voted in the open vote
_VOTED = Prepared(
    lambda item: Ballot.objects.filter(vote__item=item, vote__state=Vote.State.OPEN).values_list(
        "seat", flat=True
    ),
    int,
)
_PRINCIPALS = Prepared(lambda proxy: Proxy.objects.filter(pk=proxy).select_related("principal"), int)
_QUESTIONS = Prepared(
    lambda item: Question.objects.filter(item=item).select_related("seat", "person", "answer"), int
)
_REQUESTS = Prepared(
    lambda item: (
        AbstentionRequest.objects.filter(item=item, state__in=AbstentionRequest.LIVE)
        .select_related("seat", "person")
        .order_by("seat__number")
    ),
    int,
)
_CONFLICTS = Prepared(lambda item: Conflict.objects.filter(item=item).values_list("seat", flat=True), int)


class Speeches(list[Speech]):
    """The speech being held and the requests to speak, in order."""

    @classmethod
    def of(cls, item: AgendaItem) -> Speeches:
        """The speeches on the item, in one statement."""
        return cls(_SPEECHES(item.pk))

    @property
    def speaking(self) -> Speech | None:
        """The speech being held."""
        return next((row for row in self if row.began_at is not None), None)

    @property
    def waiting(self) -> list[Speech]:
        """The speaking list."""
        return [row for row in self if row.began_at is None]


class MeetingInSession:
    """The meeting for this person."""

    def __init__(self, meeting: Meeting, who: Viewer, *, voting: bool | None = None) -> None:
        self.meeting, self.who = meeting, who
        if voting is not None:
            self.voting = voting
        self._mandates: list[Mandate] | None = None

    @cached_property
    def floor(self) -> Floor:
        """The presence of the seats and the person's mandates."""
        return floor(self.meeting, self.who.person)

    def floor_on(self, item: AgendaItem) -> Floor:
        """The same for the item, from which the mandates of the meeting are known, too."""
        found = floor(self.meeting, self.who.person, item)
        self._mandates = found.mandates
        return found

    @property
    def mandates(self) -> list[Mandate]:
        """The mandates of the person in the meeting."""
        return self.floor.covering if self._mandates is None else self._mandates

    @property
    def absent(self) -> list[int]:
        """The numbers of the seats that are not represented."""
        return list(missing(self.floor.roll, self.meeting.regulation.seat_count))

    @cached_property
    def voting(self) -> bool:
        """Whether a vote is open."""
        return self.meeting.items.filter(voting=True).exists()


@dataclass(frozen=True)
class Known:
    """What a page has already read of an item in session."""

    observer: Observer | None
    #: ids of seats with a conflict of interest
    conflicts: frozenset[int]
    #: pending and granted requests to abstain
    requests: list[AbstentionRequest]
    questions: list[Question]
    #: numbers of seats without a ballot
    unvoted: list[int]
    #: ids of seats that have voted
    voted: frozenset[int]
    vote: Vote | None


class ItemInSession:
    """An item in session for this person; what is not given is read when it is needed."""

    def __init__(self, proposal: Proposal, who: Viewer, known: Known | None = None) -> None:
        self.proposal, self.who = proposal, who
        if known is not None:
            self.observer, self.conflicts = known.observer, known.conflicts
            self.requests, self.questions = known.requests, known.questions
            self.unvoted, self.voted, self.vote = known.unvoted, known.voted, known.vote

    @property
    def item(self) -> AgendaItem | None:
        """The item, from being taken up in a meeting in session until it is resolved or has left."""
        item = self.proposal.item
        if item is None or item.taken_up_at is None or item.left_at is not None:
            return None
        in_session = item.meeting.state == Meeting.State.IN_SESSION
        return item if in_session and item.resolved_at is None else None

    @property
    def voting(self) -> bool:
        """Whether a vote on the item is open."""
        return self.item is not None and self.item.voting

    @cached_property
    def floor(self) -> Floor:
        """The presence of the seats and the person's mandates on the item."""
        assert self.item is not None
        return read_meeting(self.item.meeting, self.who).floor_on(self.item)

    @cached_property
    def vote(self) -> Vote | None:
        """The open vote; None without one."""
        return next(iter(_OPEN_VOTES(self.item.pk)), None) if self.item else None

    @cached_property
    def voted(self) -> frozenset[int]:
        """The ids of the seats that have voted in the open vote."""
        return frozenset(_VOTED(self.item.pk)) if self.item else frozenset()

    @cached_property
    def acting(self) -> Mandate | None:
        """The mandate that the person uses on the item; of several the first whose seat has not voted."""
        if self.item is None or not self.floor.covering:
            return None
        return self.floor.mandate(voted=self.voted if self.item.voting else ())

    def acts(self, power: str = "") -> bool:
        """Whether the person is present for a seat, and a proxy has the power."""
        acting = self.acting
        if acting is None or not acting.present or acting.displaced:
            return False
        return acting.proxy is None or not power or power in acting.proxy.powers

    @property
    def may_vote(self) -> bool:
        """Whether the person has a ballot to cast."""
        acting = self.acting
        return acting is not None and self.acts(Proxy.Power.VOTE) and acting.seat.pk not in self.voted

    @cached_property
    def observer(self) -> Observer | None:
        """The observer who attends now; None without one."""
        return None if self.item is None else present_observer(self.item)

    @cached_property
    def speeches(self) -> Speeches:
        """The speeches on the item; none while a vote is open."""
        return Speeches() if self.item is None or self.item.voting else Speeches.of(self.item)

    @property
    def speech(self) -> Speech | None:
        """The person's own request or speech."""
        mine = (row for row in self.speeches if row.attendance.person_id == self.who.person.pk)
        return next(mine, None)

    @cached_property
    def questions(self) -> list[Question]:
        """The questions to the observer, with answers."""
        return _QUESTIONS(self.item.pk) if self.item else []

    @property
    def unanswered(self) -> list[Question]:
        """The questions without an answer."""
        return [row for row in self.questions if not hasattr(row, "answer")]

    @property
    def observes(self) -> bool:
        """Whether the person is the observer who attends now."""
        return self.observer is not None and self.observer.person_id == self.who.person.pk

    @cached_property
    def drafts(self) -> list[OpinionDraft]:
        """The opinions taken down that wait for confirmation, visible to their speakers and the liaison."""
        if self.item is None or self.item.voting:
            return []
        rows = self.item.opinion_drafts.select_related("seat", "person")
        if not self.who.acts_as(LIAISON, self.proposal):
            rows = rows.filter(person=self.who.person)
        return list(rows)

    def read(self) -> Self:
        """Read speeches, drafts and for whom a proxy acts, for a template, which asks for nothing itself."""
        _ = self.speeches, self.drafts
        proxy = self.acting.proxy if self.acting else None
        if proxy is not None:
            (row,) = _PRINCIPALS(proxy.pk)
            proxy.principal = row.principal
        return self

    @property
    def draft(self) -> OpinionDraft | None:
        """The opinion that waits for the person's confirmation."""
        return next((row for row in self.drafts if row.person_id == self.who.person.pk), None)

    @cached_property
    def requests(self) -> list[AbstentionRequest]:
        """The pending and granted requests to abstain, by seat."""
        return _REQUESTS(self.item.pk) if self.item else []

    @property
    def to_decide(self) -> list[AbstentionRequest]:
        """The pending requests that the person decides (Art. 20.3)."""
        if self.item is None:
            return []
        above = self.who.acts_as(HEAD_OFFICE, self.proposal)
        presides = self.who.acts_as(PRESIDING, self.proposal)
        pending = (row for row in self.requests if row.state == AbstentionRequest.State.PENDING)
        meeting = self.item.meeting
        return [row for row in pending if (above if decided_above(meeting, row.seat) else presides)]

    @cached_property
    def conflicts(self) -> frozenset[int]:
        """The ids of the seats with a conflict of interest on the item."""
        return frozenset(_CONFLICTS(self.proposal.item_id)) if self.proposal.item_id else frozenset()

    @property
    def conflicted(self) -> bool:
        """Whether the person's seat has a conflict of interest on the item."""
        return self.acting is not None and self.acting.seat.pk in self.conflicts

    @property
    def asked(self) -> AbstentionRequest | None:
        """The request of the person's seat."""
        seat = self.acting.seat.pk if self.acting else None
        return next((row for row in self.requests if row.seat_id == seat), None)

    def stops_the_vote(self) -> Refused | None:
        """The refusals of opening the vote that the room can remedy (Art. 19, 20.1)."""
        assert self.item is not None
        if self.observer is not None:
            return Refused("19/observer-present")
        absent = missing(self.floor.roll, self.item.meeting.regulation.seat_count)
        return Refused("20.1/not-all-present", seats=list(absent)) if absent else None

    @cached_property
    def unvoted(self) -> list[int]:
        """The numbers of the seats without a ballot in the open vote."""
        assert self.item is not None
        count = self.item.meeting.regulation.seat_count
        seats = Seat.objects.filter(committee=self.proposal.committee_id, number__lte=count)
        left = seats.exclude(pk__in=self.voted).order_by("number")
        return list(left.values_list("number", flat=True))

    def stops_the_closing(self) -> Refused | None:
        """The refusal of closing the vote while ballots are missing (Art. 20.1)."""
        return Refused("20.1/ballots-missing", seats=self.unvoted) if self.unvoted else None


def read_meeting(meeting: Meeting, who: Viewer, *, voting: bool | None = None) -> MeetingInSession:
    """The meeting for the person, read once; `voting` is whether a vote is open, if known."""
    found: MeetingInSession = who.cache.setdefault(
        ("sitting", meeting.pk), MeetingInSession(meeting, who, voting=voting)
    )
    return found


def read_item(proposal: Proposal, who: Viewer, known: Known | None = None) -> ItemInSession:
    """The plan's item in session for the person, read once, except for what is `known`."""
    found: ItemInSession = who.cache.setdefault(("session", proposal.pk), ItemInSession(proposal, who, known))
    return found
