"""The page of a meeting: notice, seats, items with votes, minutes, as far as a person may see them.

While a vote is open only the seats that have voted are read, and nothing else of a ballot. After the closing
the resolution's snapshot is shown. Ballots of a cancelled vote are never shown. Requests to abstain, which
hint at a choice, are shown to those who decide or made them, and to others after the session.

A person who sees a meeting only through a proxy or a former seat sees the items that this covers, and of the
rest of the meeting time, place and attendance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, cast

from django.db.models import Q
from django.utils.functional import Promise, SimpleLazyObject

from audit import clock
from committee.agenda import expected_end
from committee.models import (
    AgendaItem,
    AgendaItemUserPermission,
    Attendance,
    Conflict,
    Delivery,
    Meeting,
    Notice,
    Opinion,
    Proxy,
    Question,
    Resolution,
)
from committee.offices import AUDITOR, HEAD_OFFICE, PRESIDING, which
from committee.visibility import sees_whole
from office import overdue
from office.models import ArchiveFile, Copy, Minutes, Report
from pages.meetings import rows_of
from pages.meetings.item_in_session import ItemInSession
from pages.meetings.rows_of import MeetingRows, own
from pages.meetings.seating import SeatView, seats
from proposals.models import Proposal
from voting.models import AbstentionRequest, CancellationProposal, Vote
from voting.permissions import decided_above
from web import labels
from web.log import timeline
from web.offers import Offered
from web.seen import seen_among
from web.viewer import Viewer

_M = Meeting.State

#: acts that hint at a choice
_HINTS = frozenset({"request_abstention", "grant_abstention", "refuse_abstention"})


@dataclass
class Round:
    """A vote on an item: while open the seats that have voted, once closed the outcome and the ballots."""

    vote: Vote
    words: str = ""
    conflicts: str = ""
    ballots: list[Mapping[str, Any]] = field(default_factory=list)
    voted: list[tuple[int, bool]] = field(default_factory=list)
    proposed: list[CancellationProposal] = field(default_factory=list)
    #: the person's own ballots while the vote is open: seat and commitment, the voter's receipt
    receipts: list[tuple[int, str]] = field(default_factory=list)

    @property
    def cast(self) -> int:
        """How many seats have voted."""
        return sum(done for _number, done in self.voted)

    @property
    def left(self) -> list[int]:
        """The numbers of the seats that have still to vote."""
        return [number for number, done in self.voted if not done]

    @property
    def fingerprint(self) -> str:
        """What tells how it is shown, once it is over; empty for an open vote."""
        if not self.over_at:
            return ""
        proposed = [(row.pk, row.person_id) for row in self.proposed]
        outcome = self.words, self.conflicts, self.ballots
        return repr((self.vote.pk, self.vote.state, self.over_at, *outcome, proposed))

    @property
    def over_at(self) -> datetime | None:
        """When it was closed or cancelled."""
        return self.vote.closed_at or self.vote.cancelled_at


@dataclass
class Item:
    """An item with what was said and decided on it."""

    row: AgendaItem
    proposal: Proposal
    #: the plan's version (its id) that was put to the meeting
    version: int = 0
    linked: bool = False
    opinions: list[Opinion] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    requests: list[AbstentionRequest] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    #: requests that are pending or granted, not to be shown to everybody
    asked: list[AbstentionRequest] = field(default_factory=list)
    #: in session: what the person is offered on it, and how it stands
    offers: list[Offered] = field(default_factory=list)
    session: ItemInSession | None = None

    @property
    def fingerprint(self) -> str:
        """Which of what was said on it the person sees; empty where there are drafts of opinions."""
        if self.session is not None and self.session.drafts:
            return ""
        return f"{self.row.pk} {[(row.pk, row.state) for row in self.requests]}"

    @property
    def content(self) -> str:
        """What tells how it is shown once it is over, when nothing is offered on it; else empty."""
        if self.offers or not (self.row.left_at or self.row.resolved_at):
            return ""
        row, said = self.row, (self.opinions, self.conflicts, self.questions)
        answers = [hasattr(question, "answer") for question in self.questions]
        ended = row.number, row.title, row.digest, row.left_at, row.left_why, row.resolved_at
        rounds = [each.fingerprint for each in self.rounds]
        seen = self.linked, self.session is not None, self.fingerprint, hasattr(row, "observer")
        return repr((*ended, seen, [[each.pk for each in rows] for rows in said], answers, rounds))

    @property
    def opinion_seats(self) -> int:
        """How many seats have an opinion on record."""
        return len({opinion.seat_id for opinion in self.opinions})

    @property
    def suffix(self) -> str:
        """What makes its ids on the page its own."""
        return f"-{self.row.pk}"


@dataclass(frozen=True)
class Papers:
    """What was drawn up of a meeting that is over: minutes, copies, report, archive; nothing before it is."""

    minutes: Minutes | None = None
    #: the day by which the minutes are due, and whether that has passed
    due: date | None = None
    late: bool = False
    copies: list[Copy] = field(default_factory=list)
    report: Report | None = None
    archive: ArchiveFile | None = None

    @property
    def parts(self) -> list[tuple[str | Promise, str]]:
        """The parts of the archived file with their digests."""
        return labels.archived_parts(self.archive.contents if self.archive else [])


@dataclass(kw_only=True)
class MeetingPage:
    """All that the page of a meeting shows to one person."""

    #: read `with_heads`
    meeting: Any
    #: whether the person sees the whole meeting
    full: bool
    items: list[Item]
    seats: list[SeatView]
    represented: int
    open_vote: Vote | None
    #: the seats (ids) that have voted in it
    voted: frozenset[int]
    over: bool
    notices: Sequence[Notice]
    #: the one in force
    notice: Notice | None
    deliveries: Sequence[Delivery]
    #: whether it has still to reach a seat on paper
    on_its_way: bool
    proxies: list[tuple[Proxy, str]]
    attendances: Sequence[Attendance]
    #: None for people who do not see the whole meeting
    papers: Papers | None
    #: the entries in the streams of the meeting and of its committee's roster
    version: int
    roster: int
    #: the hour at the committee
    moment: datetime
    #: the history, put into words when it is shown
    events: list[timeline.Event]
    #: who acts next, in words
    next: str | Promise = ""
    #: what the person is offered on the meeting
    offers: list[Offered] = field(default_factory=list)
    #: number of members with unread papers, for people who follow that
    unread_seats: int = 0

    @property
    def fingerprint(self) -> str:
        """What the meeting is like for all who see the same of it."""
        return f"{self.meeting.pk} {[bytes(each).hex() for each in self.meeting.heads]} {self.full}"

    @property
    def names(self) -> str:
        """What names of people and units are like."""
        return bytes(self.meeting.names or b"").hex()

    @property
    def presence(self) -> str:
        """Who signed in and out, and the proxies that the person sees, with their states and items."""
        ended = ("revoked_at", "ended_why", "principal_came_at")
        proxies = [(row.pk, items, *(getattr(row, each) for each in ended)) for row, items in self.proxies]
        return repr(([(row.pk, row.signed_out_at) for row in self.attendances], proxies))

    @property
    def ends(self) -> datetime | None:
        """When the meeting ends by the minutes planned for its items, for whoever sees all of them."""
        left = [item.row.minutes for item in self.items if item.row.left_at is None]
        return expected_end(self.meeting.at, left) if self.full and not self.over else None

    @property
    def socket(self) -> str:
        """The address by which the meeting is followed."""
        return f"/ws/meetings/{self.meeting.pk}/"


def read_page(meeting: Any, who: Viewer | None) -> MeetingPage:
    """All that the page of the meeting, read `with_heads`, shows to this person.

    Without a person: what it shows alike to all who see the whole meeting.
    """
    rows = rows_of.read(meeting)
    full = who is None or sees_all(meeting, who)
    items = _items(meeting, rows, who, full=full)
    opened = _open_votes(items)
    notices = _notices(meeting, rows, full=full)
    current = next((notice for notice in notices if notice.superseded_at is None), None)
    voted = _mark_voted(opened, items, rows)
    if who is not None:
        _add_receipts(rows, meeting, items, who, voted)
    seat_views = seats(meeting, voted, rows)
    return MeetingPage(
        meeting=meeting,
        full=full,
        items=items,
        seats=seat_views,
        represented=sum(seat.there for seat in seat_views),
        open_vote=opened[0] if opened else None,
        voted=voted,
        over=_over(meeting),
        notices=notices,
        notice=current,
        deliveries=rows.deliveries if full else [],
        on_its_way=rows.on_its_way,
        proxies=_proxies(rows, who, items, full=full),
        attendances=rows.attendances,
        papers=papers(meeting) if full else None,
        version=meeting.version,
        roster=meeting.roster,
        moment=clock.now().astimezone(meeting.committee.tz),
        events=cast("Any", SimpleLazyObject(partial(_events, rows, meeting))) if full else [],
    )


def _open_votes(items: Iterable[Item]) -> list[Vote]:
    return [each.vote for item in items for each in item.rounds if each.vote.state == Vote.State.OPEN]


def _notices(meeting: Meeting, rows: MeetingRows, *, full: bool) -> Sequence[Notice]:
    """The notices; of a meeting that is over only those who see all of it have them."""
    return rows.notices if full or not _over(meeting) else []


def _events(rows: MeetingRows, meeting: Meeting) -> list[timeline.Event]:
    """The history; while the meeting runs without acts that hint at a choice."""
    return rows.story.events(without=() if _over(meeting) else _HINTS, names=rows.names)


def sees_all(meeting: Meeting, who: Viewer, *, of_effective_minutes: bool = True) -> bool:
    """Whether the person sees the whole meeting, and not only what a proxy or a former seat covers.

    The credit department does from the signing of the minutes on, unless that is left out of account.
    """
    offices = sees_whole(meeting)
    if not of_effective_minutes:
        offices = which(lambda office: office in offices.each() and office.sees_filed)
    return who.acts_as(offices, meeting)


def _over(meeting: Meeting) -> bool:
    return meeting.state not in Meeting.RUNNING


# -- Items ------------------------------------------------------------------------------------------


def _items(meeting: Meeting, rows: MeetingRows, who: Viewer | None, *, full: bool) -> list[Item]:
    tabled = rows.tabled
    if who is not None and not full:
        limited = AgendaItem.objects.filter(_limited(meeting, who), meeting=meeting)
        visible = set(limited.values_list("pk", flat=True))
        tabled = [row for row in tabled if row.item_id in visible]
    items = {row.item_id: Item(own(row.item), own(row.proposal), row.version_id) for row in tabled}
    _add_what_was_said(items, rows)
    _add_rounds(items, rows)
    if who is not None:
        _add_own(meeting, items, rows, who)
    return list(items.values())


def _add_own(meeting: Meeting, items: Mapping[int, Item], rows: MeetingRows, who: Viewer) -> None:
    """What not everybody reads: the plans, and requests to abstain."""
    seen = _linked(meeting, who, items.values())
    for item in items.values():
        item.linked = item.proposal.pk in seen
    for request in _of(items, rows.requests):
        item = items[request.item_id]
        if request.state in AbstentionRequest.LIVE:
            item.asked.append(request)
        if _reads(meeting, who, request):
            item.requests.append(request)


def _add_what_was_said(items: Mapping[int, Item], rows: MeetingRows) -> None:
    """The opinions, the questions to an observer and the conflicts stand at their items."""
    for opinion in _of(items, rows.opinions):
        items[opinion.item_id].opinions.append(opinion)
    if any(hasattr(item.row, "observer") for item in items.values()):
        for question in _of(items, rows.questions):
            items[question.item_id].questions.append(question)
    for conflict in _of(items, rows.conflicts):
        items[conflict.item_id].conflicts.append(conflict)


def _add_rounds(items: Mapping[int, Item], rows: MeetingRows) -> None:
    """The votes stand at their items, with what was proposed to cancel them."""
    rounds = {vote.pk: _round(vote) for vote in _of(items, rows.votes)}
    for row in rows.cancellations:
        if row.vote_id in rounds:
            rounds[row.vote_id].proposed.append(row)
    for each in rounds.values():
        items[each.vote.item_id].rounds.append(each)


def _of(items: Mapping[int, Item], rows: Iterable[Any]) -> Iterator[Any]:
    """Those of the meeting's rows that belong to one of these items."""
    return (row for row in rows if row.item_id in items)


def _linked(meeting: Meeting, who: Viewer, items: Iterable[Item]) -> set[int]:
    """The ids of the items' proposals that the person may see.

    To its committee's people and its supervisors every plan on an agenda is visible, since it was filed; to
    the others, the credit department among them, not every one.
    """
    proposals = {item.proposal.pk for item in items}
    if sees_all(meeting, who, of_effective_minutes=False):
        return proposals
    return seen_among(Proposal, proposals, who.person)


def _limited(meeting: Meeting, who: Viewer) -> Q:
    """The items that a proxy covers while the meeting runs, and for a former holder those voted on."""
    granted = AgendaItemUserPermission.objects.filter(
        user=who.person, permission__codename="view_agendaitem", content_object__meeting=meeting
    )
    attended = Attendance.objects.filter(meeting=meeting, person=who.person, proxy=None)
    limited = Q(pk__in=granted.values("content_object")) if meeting.state in Meeting.RUNNING else Q(pk=None)
    return limited | Q(vote_opened_at__isnull=False, meeting__in=attended.values("meeting"))


def _reads(meeting: Meeting, who: Viewer, request: AbstentionRequest) -> bool:
    """Whether the person may read the request: after the session everybody, before it those who decide or
    made it.
    """
    if _over(meeting) or who.acts_as(AUDITOR, meeting):
        return True
    if request.person_id == who.person.pk:
        return True
    if decided_above(meeting, request.seat):
        return who.acts_as(HEAD_OFFICE, meeting)
    return who.acts_as(PRESIDING, meeting)


def outcome(vote: Vote) -> Resolution | None:
    """What a closed vote resolved; nothing of any other."""
    return vote.resolution if vote.state == Vote.State.CLOSED else None


def _round(vote: Vote) -> Round:
    """A closed vote's ballots are those of its resolution; no other ballot is ever shown."""
    resolution = outcome(vote)
    if resolution is None:
        return Round(vote)
    return Round(
        vote,
        words=labels.resolved(resolution),
        conflicts=labels.in_conflict(resolution),
        ballots=sorted(resolution.ballots, key=lambda ballot: ballot["seat"]),
    )


def _mark_voted(opened: Iterable[Vote], items: Iterable[Item], rows: MeetingRows) -> frozenset[int]:
    """The seats (ids) that have voted in the open vote; of ballots only the seat is read."""
    ids = {vote.pk for vote in opened}
    if not ids:
        return frozenset()
    seats = defaultdict(list)
    for vote, seat, number in rows.vote_seats:
        seats[vote].append((number, (vote, seat) in rows.cast))
    for item in items:
        for each in item.rounds:
            each.voted = sorted(seats.get(each.vote.pk, []))
    return frozenset(seat for vote, seat in rows.cast if vote in ids)


def _add_receipts(
    rows: MeetingRows, meeting: Meeting, items: Iterable[Item], who: Viewer, voted: frozenset[int]
) -> None:
    """The person's own ballots stand at the open vote: the numbers of their seats, and the commitments."""
    attended = {row.seat_id for row in rows.attendances if row.person_id == who.person.pk}
    if not attended & voted:
        return
    mine = defaultdict(list)
    for vote, number, commitment in rows_of.RECEIPTS(meeting.pk, who.person.pk):
        mine[vote].append((number, commitment))
    for item in items:
        for each in item.rounds:
            each.receipts = sorted(mine.get(each.vote.pk, []))


# -- Proxies ----------------------------------------------------------------------------------------


def _proxies(
    rows: MeetingRows, who: Viewer | None, items: Iterable[Item], *, full: bool
) -> list[tuple[Proxy, str]]:
    """The authorisations with the numbers of the items that they cover; to others only their own."""
    proxies = rows.proxies
    if who is not None and not full:
        proxies = [row for row in proxies if who.person.pk in (row.holder_id, row.principal_id)]
    numbers = {item.row.pk: item.row.number for item in items}
    return [
        (row, ", ".join(str(numbers[pk]) for pk in sorted(row.covered, key=str) if numbers.get(pk)))
        for row in proxies
    ]


# -- Papers -----------------------------------------------------------------------------------------


def papers(meeting: Meeting) -> Papers:
    """What was drawn up of the meeting."""
    if meeting.closed_at is None:
        return Papers()
    minutes = (
        Minutes.objects.originals().filter(meeting=meeting).select_related("drafted_by", "signed_by").first()
    )
    copies = Copy.objects.filter(minutes=minutes).select_related("unit").order_by("-full", "unit__name")
    archived = ArchiveFile.objects.select_related("archived_by")
    report = Report.objects.filter(meeting=meeting).select_related("sent_by", "received_by").first()
    for paper in (minutes, report):
        if paper is not None:
            paper.meeting = meeting  # its number is written with the committee, which is read already
    return Papers(
        minutes=minutes,
        due=overdue.minutes_due(meeting),
        late=overdue.minutes_overdue(meeting),
        copies=list(copies) if minutes else [],
        report=report,
        archive=archived.get(meeting=meeting) if meeting.state == _M.ARCHIVED else None,
    )
