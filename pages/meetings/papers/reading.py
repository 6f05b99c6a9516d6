"""The papers of a meeting in the order of its agenda, and who has read them (Art. 10).

A reading is of the materials as they are, by their digest: other materials are unread again. Unread papers
warn and block nothing. Whose readings there are is for the liaison, whoever presides, and the audit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from committee.agenda import expected_end
from committee.models import AgendaItem, Meeting, Person, Proxy, Reading, Seat
from committee.offices import AUDITOR, LIAISON, PRESIDING
from committee.presence import mandates
from proposals.models import Proposal, Tabling
from web.viewer import Viewer

#: items that left the agenda before anybody could vote on them
_STRUCK = (AgendaItem.Left.DROPPED, AgendaItem.Left.WITHDRAWN)


#: items whose papers can still be marked as read: on the agenda of a running meeting, not voted on
TO_READ = Q(item__left_at=None, item__resolved_at=None, item__meeting__state__in=Meeting.RUNNING)


@dataclass(frozen=True)
class Paper:
    """An item's papers, and since when the person has read them as they are."""

    row: Tabling
    read_at: datetime | None
    #: it can still be marked as read
    to_read: bool

    @property
    def item(self) -> AgendaItem:
        """The item of the agenda."""
        return self.row.item

    @property
    def url(self) -> str:
        """The page of these papers."""
        return reverse("paper", args=[self.item.meeting_id, self.item.pk])


@dataclass(frozen=True)
class Papers:
    """The papers that the person sees of a meeting, in order."""

    meeting: Meeting
    rows: list[Paper]
    #: the person has a seat, or a proxy, and the meeting is still running
    reads: bool

    @property
    def read(self) -> int:
        """How many are read."""
        return sum(paper.read_at is not None for paper in self.rows)

    @property
    def unread(self) -> Paper | None:
        """The first that is still to be read."""
        return next((paper for paper in self.rows if paper.to_read), None)

    @property
    def ends(self) -> datetime | None:
        """When the meeting ends by the minutes planned for these items."""
        left = [paper.item.minutes for paper in self.rows if paper.item.left_at is None]
        return expected_end(self.meeting.at, left)

    @property
    def of(self) -> int:
        """How many are read, or are to be read still."""
        return sum(paper.read_at is not None or paper.to_read for paper in self.rows)

    def around(self, item: int) -> tuple[Paper | None, Paper | None, Paper | None]:
        """The papers of the item, with those before and after; none where the person does not see them."""
        place = next((number for number, paper in enumerate(self.rows) if paper.item.pk == item), None)
        if place is None:
            return None, None, None
        before = self.rows[place - 1] if place else None
        return self.rows[place], before, next(iter(self.rows[place + 1 :]), None)


@dataclass(frozen=True)
class Reader:
    """A reader: the seat, how much is read, and the numbers of the unread items."""

    seat: Seat
    person: Person
    proxy: bool
    read: int
    of: int
    unread: str


def papers(meeting: Meeting, who: Viewer) -> Papers:
    """The papers of the meeting that the person may see."""
    rows = list(
        _tablings(meeting)
        .filter(proposal__in=Proposal.objects.visible_to(who.person))
        .select_related("item__unit", "proposal__committee", "proposal__unit", "version")
    )
    read = {
        (reading.item_id, reading.digest): reading.at
        for reading in Reading.objects.filter(item__meeting=meeting, person=who.person)
    }
    reads = meeting.state in Meeting.RUNNING and bool(mandates(meeting, who.person))
    found = [_paper(row, read.get((row.item_id, row.item.digest)), meeting) for row in rows]
    return Papers(meeting, found, reads)


def _paper(row: Tabling, read_at: datetime | None, meeting: Meeting) -> Paper:
    return Paper(row, read_at, read_at is None and _readable(row.item, meeting))


def _readable(item: AgendaItem, meeting: Meeting) -> bool:
    """Whether the papers of the item can still be marked as read: `TO_READ`, of what was fetched."""
    return item.left_at is None and item.resolved_at is None and meeting.state in Meeting.RUNNING


def _tablings(meeting: Meeting) -> Any:
    return (
        Tabling.objects.filter(item__meeting=meeting)
        .exclude(item__left_why__in=_STRUCK)
        .order_by("item__number", "item__pk")
    )


def watches(meeting: Meeting, who: Viewer) -> bool:
    """Whether the person may see who has read."""
    return who.acts_as(LIAISON | PRESIDING | AUDITOR, meeting)


def unread_seats(meeting: Meeting) -> int:
    """How many seats' holders have not read all that is on the agenda."""
    read = Reading.objects.filter(
        item=OuterRef("item"), digest=OuterRef("item__digest"), person=OuterRef(OuterRef("holder"))
    )
    left = Tabling.objects.filter(TO_READ, ~Exists(read), item__meeting=meeting)
    seats = Seat.objects.filter(
        Exists(left),
        committee=meeting.committee_id,
        number__lte=meeting.regulation.seat_count,
        holder__isnull=False,
    )
    return seats.count()


def readers(meeting: Meeting) -> list[Reader]:
    """Those who hold a seat or a running proxy, with what they have read."""
    items = {row.item_id: row.item for row in _tablings(meeting).select_related("item")}
    read: Mapping[int, set[int]] = defaultdict(set)
    for reading in Reading.objects.filter(item__in=items):
        if reading.digest == items[reading.item_id].digest:
            read[reading.person_id].add(reading.item_id)
    seats = Seat.objects.filter(
        committee=meeting.committee_id, number__lte=meeting.regulation.seat_count, holder__isnull=False
    ).select_related("holder")
    held = (
        Proxy.objects.running()
        .filter(meeting=meeting, principal_came_at=None)
        .select_related("seat", "holder")
        .prefetch_related("items")
    )

    def reader(seat: Seat, person: Person, covered: Iterable[AgendaItem], *, proxy: bool) -> Reader:
        given = sorted(covered, key=lambda item: item.number or 0)
        done = [item for item in given if item.pk in read[person.pk]]
        left = [item for item in given if item not in done and _readable(item, meeting)]
        numbers = ", ".join(str(item.number) for item in left)
        return Reader(seat, person, proxy, len(done), len(done) + len(left), numbers)

    found = [reader(seat, seat.holder, items.values(), proxy=False) for seat in seats if seat.holder]
    found += [
        reader(row.seat, row.holder, [items[i.pk] for i in row.items.all() if i.pk in items], proxy=True)
        for row in held
    ]
    return sorted(found, key=lambda reader: (reader.seat.number, reader.proxy))


def progress(meetings: Iterable[Meeting], who: Viewer) -> dict[int, tuple[int, int]]:
    """Of each meeting how many of the papers that the person sees are read, and of how many: those that are
    read or still to be read.
    """
    rows = (
        Tabling.objects.filter(item__meeting__in=[meeting.pk for meeting in meetings])
        .exclude(item__left_why__in=_STRUCK)
        .filter(proposal__in=Proposal.objects.visible_to(who.person))
        .annotate(to_read=Q(TO_READ))
        .values_list("item__meeting", "item", "item__digest", "to_read")
    )
    read = set(
        Reading.objects.filter(
            Q(person=who.person), item__meeting__in=[meeting.pk for meeting in meetings]
        ).values_list("item", "digest")
    )
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for meeting, item, digest, to_read in rows:
        done, of = found[meeting]
        is_read = (item, digest) in read
        found[meeting] = (done + is_read, of + (is_read or to_read))
    return found
