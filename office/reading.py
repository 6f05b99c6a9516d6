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

from committee.models import AgendaItem, Meeting, Person, Position, Proxy, Reading, Seat
from committee.permissions import mandates
from office.frame import Standing
from proposals.models import Proposal, Tabling

#: items that left the agenda before anybody could vote on them
_STRUCK = (AgendaItem.Left.DROPPED, AgendaItem.Left.WITHDRAWN)


@dataclass(frozen=True)
class Paper:
    """An item's papers, and since when the person has read them as they are."""

    row: Tabling
    read_at: datetime | None

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
        """The first that is not."""
        return next((paper for paper in self.rows if paper.read_at is None), None)

    def around(self, item: int) -> tuple[Paper | None, Paper | None, Paper | None]:
        """The papers of the item, with those before and after; none where the person does not see them."""
        place = next((number for number, paper in enumerate(self.rows) if paper.item.pk == item), None)
        if place is None:
            return None, None, None
        before = self.rows[place - 1] if place else None
        return self.rows[place], before, next(iter(self.rows[place + 1 :]), None)


@dataclass(frozen=True)
class Reader:
    """Somebody who is to read: for which seat, how much is read, the numbers of the items that are not."""

    seat: Seat
    person: Person
    proxy: bool
    read: int
    of: int
    unread: str


def papers(meeting: Meeting, who: Standing) -> Papers:
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
    found = [Paper(row, read.get((row.item_id, row.item.digest))) for row in rows]
    return Papers(meeting, found, reads)


def _tablings(meeting: Meeting) -> Any:
    return (
        Tabling.objects.filter(item__meeting=meeting)
        .exclude(item__left_why__in=_STRUCK)
        .order_by("item__number", "item__pk")
    )


def watches(meeting: Meeting, who: Standing) -> bool:
    """Whether the person is told who has read."""
    bank = meeting.committee.branch.bank_id
    return (
        who.acts_as("liaison", meeting)
        or who.acts_as("presiding", meeting)
        or bank in who.units(Position.Role.AUDITOR)
    )


def unread_seats(meeting: Meeting) -> int:
    """How many seats' holders have not read all that is on the agenda."""
    read = Reading.objects.filter(
        item=OuterRef("item"), digest=OuterRef("item__digest"), person=OuterRef(OuterRef("holder"))
    )
    left = Tabling.objects.filter(~Exists(read), item__meeting=meeting, item__left_at=None)
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
    found = [_reader(seat, seat.holder, items.values(), read, proxy=False) for seat in seats if seat.holder]
    found += [
        _reader(
            row.seat, row.holder, [items[i.pk] for i in row.items.all() if i.pk in items], read, proxy=True
        )
        for row in held
    ]
    return sorted(found, key=lambda reader: (reader.seat.number, reader.proxy))


def _reader(
    seat: Seat, person: Person, items: Iterable[AgendaItem], read: Mapping[int, set[int]], *, proxy: bool
) -> Reader:
    given = sorted(items, key=lambda item: item.number or 0)
    left = [str(item.number) for item in given if item.pk not in read[person.pk]]
    return Reader(seat, person, proxy, len(given) - len(left), len(given), ", ".join(left))


def progress(meetings: Iterable[Meeting], who: Standing) -> dict[int, tuple[int, int]]:
    """Of each meeting how many of the papers that the person sees are read, and of how many."""
    rows = (
        Tabling.objects.filter(item__meeting__in=[meeting.pk for meeting in meetings])
        .exclude(item__left_why__in=_STRUCK)
        .filter(proposal__in=Proposal.objects.visible_to(who.person))
        .values_list("item__meeting", "item", "item__digest")
    )
    read = set(
        Reading.objects.filter(
            Q(person=who.person), item__meeting__in=[meeting.pk for meeting in meetings]
        ).values_list("item", "digest")
    )
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for meeting, item, digest in rows:
        done, of = found[meeting]
        found[meeting] = (done + ((item, digest) in read), of + 1)
    return found
