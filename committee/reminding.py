"""What members have still to do before a meeting: acknowledge its notice, read its papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from audit import clock
from committee.messages import settle
from committee.models import Meeting, Message, Notice, Person, Reading, Reminder, Seat


@dataclass(frozen=True, slots=True)
class Lack:
    """What a member has still to do before the meeting."""

    seat: Seat
    person: Person
    #: whether the notice is not acknowledged
    receipt: bool
    #: how many items of the agenda the person has not read as they are
    unread: int


def lacking(meeting: Meeting, notice: Notice) -> list[Lack]:
    """The members to whom the notice went electronically and who have not acknowledged it, or not read all
    that is on the agenda; by seat.
    """
    deliveries = (
        notice.deliveries.standing()
        .filter(paper=False, seat__holder=F("recipient"))
        .select_related("seat", "recipient")
        .order_by("seat__number")
    )
    items = dict(meeting.items.filter(left_at=None).values_list("pk", "digest"))
    read = _read(items)
    rows = [
        Lack(
            row.seat,
            row.recipient,
            receipt=row.receipt_at is None,
            unread=len(items) - read[row.recipient_id],
        )
        for row in deliveries
    ]
    return [row for row in rows if row.receipt or row.unread]


def _read(items: Mapping[int, str]) -> Counter[int]:
    """How many of the items each person has read as they are."""
    rows = Reading.objects.filter(item__in=items).values_list("person", "item", "digest").distinct()
    return Counter(person for person, item, digest in rows if items[item] == digest)


def reminded_on(meeting: Meeting, day: date) -> set[int]:
    """The ids of those who were reminded of the meeting on the day."""
    return set(Reminder.objects.filter(meeting=meeting, day=day).values_list("person", flat=True))


def today(meeting: Meeting) -> date:
    """The day at the committee."""
    return clock.now().astimezone(meeting.committee.tz).date()


def settle_reminder(meeting: Meeting, person: Person) -> None:
    """A reminder is done once the person lacks nothing more."""
    asked = Message.objects.filter(kind="remind_members", about=meeting.subject, person=person, done_at=None)
    if not asked.exists():
        return
    notice = meeting.notices.filter(superseded_at=None).first()
    if notice is None or all(each.person.pk != person.pk for each in lacking(meeting, notice)):
        settle("remind_members", about=meeting.subject, people=[person])
