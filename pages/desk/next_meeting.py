"""The next meeting as a band above the desk: when it is, what it needs, and the one act that comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from committee.models import Delivery, Meeting, Notice, Proxy, Reading, Seat
from committee.prepared import Prepared, read_together
from office import overdue
from pages.desk.ordering import Entry
from pages.desk.rows import Row, day_of
from pages.desk.sections import Section
from pages.meetings.item_in_session import begins
from pages.meetings.papers import reading
from proposals.models import Tabling
from web.viewer import Viewer


def _meetings(meeting: int) -> QuerySet[Any]:
    rows = Meeting.objects.filter(pk=meeting).annotate(
        noticed=Exists(Notice.objects.filter(meeting=OuterRef("pk"), superseded_at=None))
    )
    return rows.select_related("committee__branch", "committee__liaison", "regulation", "acting_seat")


def _seats(meeting: int) -> QuerySet[Any]:
    """The seats of the meeting with what each has: the notice, its receipt, a proxy, papers left to read."""
    of = Meeting.objects.filter(pk=meeting)
    notice = Delivery.objects.delivered().filter(
        notice__meeting=meeting, notice__superseded_at=None, seat=OuterRef("pk")
    )
    read = Reading.objects.filter(
        item=OuterRef("item"), digest=OuterRef("item__digest"), person=OuterRef(OuterRef("holder"))
    )
    return Seat.objects.filter(
        committee=Subquery(of.values("committee")), number__lte=Subquery(of.values("regulation__seat_count"))
    ).annotate(
        delivered=Exists(notice),
        receipted=Exists(notice.filter(receipt_at__isnull=False)),
        proxied=Exists(Proxy.objects.running().filter(meeting=meeting, seat=OuterRef("pk"))),
        unread=Exists(Tabling.objects.filter(reading.TO_READ, ~Exists(read), item__meeting=meeting)),
    )


def _items(meeting: int, person: int) -> QuerySet[Any]:
    """The items on the agenda, with what the person has read, and whether a proxy of theirs covers each."""
    read = Reading.objects.filter(item=OuterRef("item"), digest=OuterRef("item__digest"), person=person)
    covered = Proxy.items.through.objects.filter(
        agendaitem=OuterRef("item"), proxy__in=Proxy.objects.running().filter(holder=person)
    )
    rows = Tabling.objects.filter(item__meeting=meeting, item__left_at=None)
    return (
        rows.annotate(read=Exists(read), covered=Exists(covered))
        .select_related("item")
        .order_by("item__number")
    )


_MEETINGS = Prepared(_meetings, int)
_SEATS = Prepared(_seats, int)
_ITEMS = Prepared(_items, int, int)


@dataclass(frozen=True)
class NextMeeting:
    """The next meeting: its facts, what is left to do for it, and what keeps it from opening."""

    meeting: Meeting
    countdown: str
    #: the titles of its items, as far as the person sees them
    items: Sequence[str]
    #: label → its number of how many, for receipts and readings
    counts: list[tuple[str, str]]
    missing: list[str]
    #: what the desk would list of it, and of that what the person still has to do beside the act
    left: list[Entry]
    beside: list[Row]
    #: the words and the address of what comes first
    act: tuple[str, str]

    @property
    def rows(self) -> list[Row]:
        """The rows that stand in the band and in no list."""
        return [row for _section, row in self.left]


def next_meeting(who: Viewer, found: Iterable[Section]) -> NextMeeting | None:
    """The band of the meeting that comes next among those that the sections prepare; None without one."""
    entries = [(section, row) for section in found for row in section.rows if row.at is not None]
    if not entries:
        return None
    soonest = min(entries, key=lambda entry: (entry[1].at, entry[1].ahead))[1].ahead
    left = [entry for entry in entries if entry[1].ahead == soonest]
    return _read(who, soonest, sorted(left, key=lambda entry: (not entry[1].now, not entry[1].waits)))


def _read(who: Viewer, pk: int, left: list[Entry]) -> NextMeeting:
    """The meeting with what the person may know of it; of a proxy's the covered items alone."""
    (meeting, *_more), seats, items = read_together(
        (_MEETINGS, [pk]), (_SEATS, [pk]), (_ITEMS, [pk, who.person.pk])
    )
    belongs = who.in_seat(meeting.committee_id) or who.is_liaison(meeting.committee)
    return NextMeeting(
        meeting=meeting,
        countdown=countdown(meeting),
        items=[row.item.title for row in items if belongs or row.covered],
        counts=_counts(meeting, who, seats, items) if belongs else [],
        missing=_missing(meeting, seats) if belongs else [],
        left=left,
        beside=_to_do(left)[1:],
        act=_act(meeting, left),
    )


def _to_do(left: Iterable[Entry]) -> list[Row]:
    """What the person has to do for the meeting, what comes first foremost."""
    return [row for _section, row in left if row.waits and row.act]


def countdown(meeting: Meeting) -> str:
    """How long it is until the meeting, in days of its committee's zone."""
    if meeting.state == Meeting.State.IN_SESSION:
        return gettext("in session")
    days = (day_of(meeting) - overdue.today(meeting.committee)).days
    if days < 0:
        return gettext("its day has passed")
    if days == 0:
        return gettext("today")
    return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}


def _counts(
    meeting: Meeting, who: Viewer, seats: Sequence[Any], items: Sequence[Any]
) -> list[tuple[str, str]]:
    of = meeting.regulation.seat_count
    found = [(gettext("Receipts"), f"{sum(seat.receipted for seat in seats)}/{of}")]
    if reading.watches(meeting, who):
        read = sum(seat.holder_id is not None and not seat.unread for seat in seats)
        found.append((gettext("Papers read"), f"{read}/{of}"))
    else:
        found.append((gettext("Papers that you read"), f"{sum(row.read for row in items)}/{len(items)}"))
    found.append((gettext("Proxies"), str(sum(seat.proxied for seat in seats))))
    return found


def _missing(meeting: Any, seats: Sequence[Any]) -> list[str]:
    """What keeps a convened meeting from opening, before its hour."""
    if meeting.state != Meeting.State.CONVENED:
        return []
    found = []
    vacant = meeting.regulation.seat_count - sum(seat.holder_id is not None for seat in seats)
    if vacant:
        text = ngettext("%(count)d seat is vacant (Art. 20)", "%(count)d seats are vacant (Art. 20)", vacant)
        found.append(text % {"count": vacant})
    without = sum(seat.holder_id is not None and not seat.delivered for seat in seats)
    if not meeting.noticed:
        found.append(gettext("No current notice yet (Art. 16)"))
    elif without:
        text = ngettext(
            "The notice has not reached %(count)d seat (Art. 16)",
            "The notice has not reached %(count)d seats (Art. 16)",
            without,
        )
        found.append(text % {"count": without})
    return found


def _act(meeting: Meeting, left: Sequence[Entry]) -> tuple[str, str]:
    for row in _to_do(left)[:1]:
        return row.act, row.url
    place = reverse("meeting", args=[meeting.pk])
    if meeting.state == Meeting.State.IN_SESSION or begins(meeting):
        return gettext("Enter the meeting"), place
    return gettext("Look at the meeting"), place
