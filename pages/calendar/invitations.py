"""Meetings as iCalendar (RFC 5545, 5546), for calendar programs, which are outside of the bank.

An event names the meeting by its number, with time, place and the numbers of the items, and never a borrower.
Its UID is stable; its SEQUENCE increases with every change of the meeting; a cancelled meeting is marked as
such.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from uuid import NAMESPACE_OID, uuid5

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress

from audit import clock
from audit.models import Entry
from committee.agenda import expected_end
from committee.models import AgendaItem, Meeting, Person, Proxy, Seat
from pages.models import CalendarFeed
from proposals.models import Proposal, Tabling

#: the length of a meeting for which no minutes are planned; a calendar needs one to show
LASTS = timedelta(hours=2)
#: how far back a feed reaches
REACHES = timedelta(days=180)
#: acts that make an invitation sent before out of date
_CHANGES = (
    "change_meeting",
    "cancel_meeting",
    "withdraw",
    "authorise_proxy",
    "revoke_proxy",
    "vacate_seat",
    "fill_seat",
    "replace_holder",
)


def invitation(meeting: Meeting, *, reader: Person, address: str) -> bytes:
    """The meeting alone, as an invitation, or as its cancellation; its page is at the address.

    It names the items, by number, that the reader may see.
    """
    seen = Tabling.objects.filter(
        item__meeting=meeting, item__left_at=None, proposal__in=Proposal.objects.visible_to(reader)
    )
    numbers = seen.order_by("item__number").values_list("item__number", flat=True)
    items = ", ".join(str(number) for number in numbers)
    description = _("Items: %(numbers)s") % {"numbers": items} if items else ""
    method = "CANCEL" if meeting.state == Meeting.State.CANCELLED else "PUBLISH"
    return _alone(meeting, method, address=address, description=description)


def cancellation(meeting: Meeting, *, at: datetime, place: str) -> bytes:
    """The cancellation of the meeting by the time and place that the reader knows, without anything else."""
    meeting.at, meeting.place, meeting.closed_at = at, place, None
    return _alone(meeting, "CANCEL")


def method_of(written: bytes) -> str:
    """The METHOD that the calendar object states."""
    return str(Calendar.from_ical(written)["METHOD"])


def invited(meeting: Meeting, person: Person) -> bool:
    """Whether the person is to come: as the holder of a seat, or by a running proxy that covers something."""
    if meeting.state == Meeting.State.CANCELLED:
        return False
    seats = Seat.objects.filter(
        committee=meeting.committee_id, number__lte=meeting.regulation.seat_count, holder=person
    )
    proxies = Proxy.objects.running().filter(
        meeting=meeting, holder=person, principal_came_at=None, items__left_at=None
    )
    return seats.exists() or proxies.exists()


def _alone(meeting: Meeting, method: str, *, address: str = "", description: str = "") -> bytes:
    calendar = _calendar()
    calendar.add("method", method)
    cancelled = method == "CANCEL"
    changes, ends = _changes([meeting]), {} if cancelled else _ends([meeting])
    calendar.add_component(
        _event(meeting, changes, ends, address=address, description=description, cancelled=cancelled)
    )
    return _written(calendar)


def feed(meetings: Iterable[Meeting], *, addresses: Mapping[int, str]) -> bytes:
    """The meetings, each with the address of its page, for a calendar program that asks again and again."""
    calendar = _calendar()
    calendar.add("x-wr-calname", _("Joint committee meetings"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    meetings = list(meetings)
    changes, ends = _changes(meetings), _ends(meetings)
    for meeting in meetings:
        calendar.add_component(_event(meeting, changes, ends, address=addresses[meeting.pk]))
    return _written(calendar)


def _written(calendar: Calendar) -> bytes:
    """The calendar as it is sent, with the time zones that it names."""
    for name in calendar.get_missing_tzids():
        calendar.subcomponents.insert(0, _timezone(name))
    return bytes(calendar.to_ical())


@cache
def _timezone(name: str) -> Timezone:
    """The changes of this time zone; to search for them takes a tenth of a second."""
    return Timezone.from_tzid(name)


def meetings_of(person: Person) -> QuerySet[Meeting]:
    """The meetings that the person attends: as a member, as the liaison, or by a running proxy."""
    holding = Proxy.objects.running().filter(meeting=OuterRef("pk"), holder=person)
    return (
        Meeting.objects.visible_to(person)
        .filter(
            Q(committee__in=Seat.objects.filter(holder=person).values("committee"))
            | Q(committee__liaison=person)
            | Q(Exists(holding)),
            at__gte=clock.now() - REACHES,
        )
        .select_related("committee")
        .order_by("at", "pk")
    )


def subscribe(person: Person) -> CalendarFeed:
    """The person has a new address for the feed; the former one leads nowhere."""
    nonce = secrets.token_urlsafe(32)
    row, _made = CalendarFeed.objects.update_or_create(
        person=person, defaults={"nonce": nonce, "digest": digest(_token(nonce)), "made_at": clock.now()}
    )
    return row


def digest(token: str) -> str:
    """What is stored of a token, in hexadecimal; it opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(feed: CalendarFeed) -> str:
    """The token of the feed's address; empty where it was made under another secret key."""
    token = _token(feed.nonce)
    return token if constant_time_compare(digest(token), feed.digest) else ""


def _token(nonce: str) -> str:
    made = salted_hmac("pages.CalendarFeed", nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def unsubscribe(person: Person) -> None:
    """The person's feed has no address any more."""
    CalendarFeed.objects.filter(person=person).delete()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Lianxi//Lianxi//ZH")
    calendar.add("version", "2.0")
    return calendar


def _changes(meetings: Iterable[Meeting]) -> dict[str, tuple[int, datetime]]:
    """By stream: how often the meeting, or who is invited to it, was changed, and when last."""
    streams = {meeting.pk: meeting.stream for meeting in meetings}
    rows = (
        Entry.objects.filter(stream__in=streams.values(), action__in=_CHANGES)
        .order_by()
        .values_list("stream")
        .annotate(Count("pk"), Max("at"))
    )
    found = {stream: (count, at) for stream, count, at in rows}
    came = Proxy.objects.filter(meeting__in=streams, principal_came_at__isnull=False).order_by()
    for pk, times, last in came.values_list("meeting").annotate(Count("pk"), Max("principal_came_at")):
        count, at = found.get(streams[pk], (0, last))
        found[streams[pk]] = (count + times, max(at, last))
    return found


def _ends(meetings: Iterable[Meeting]) -> dict[int, datetime]:
    """When each meeting ends by the minutes planned for its items, where every item has some."""
    begins = {meeting.pk: meeting.at for meeting in meetings}
    planned: defaultdict[int, list[int | None]] = defaultdict(list)
    for pk, minutes in AgendaItem.objects.filter(meeting__in=begins, left_at=None).values_list(
        "meeting", "minutes"
    ):
        planned[pk].append(minutes)
    ends = {pk: expected_end(begins[pk], minutes) for pk, minutes in planned.items()}
    return {pk: end for pk, end in ends.items() if end is not None}


def _event(
    meeting: Meeting,
    changes: Mapping[str, tuple[int, datetime]],
    ends: Mapping[int, datetime],
    *,
    address: str,
    description: str = "",
    cancelled: bool | None = None,
) -> Event:
    sequence, changed_at = changes.get(meeting.stream, (0, meeting.convened_at))
    if cancelled is None:
        cancelled = meeting.state == Meeting.State.CANCELLED
    zone = meeting.committee.tz
    event = Event()
    event.add("uid", f"{uuid5(NAMESPACE_OID, f'{meeting.stream}:{meeting.convened_at.isoformat()}')}@lianxi")
    event.add("sequence", sequence)
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("dtstart", meeting.at.astimezone(zone))
    event.add("dtend", _end(meeting, ends.get(meeting.pk)).astimezone(zone))
    event.add("summary", f"{meeting.committee} {meeting.written_number}")
    event.add("location", meeting.place)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("class", "CONFIDENTIAL")
    if address:
        event.add("url", address)
    organiser = vCalAddress(f"mailto:{settings.DEFAULT_FROM_EMAIL}")
    organiser.params["cn"] = str(meeting.committee)
    event.add("organizer", organiser)
    if description:
        event.add("description", description)
    return event


def _end(meeting: Meeting, planned: datetime | None) -> datetime:
    closed = meeting.closed_at
    return closed if closed is not None and closed > meeting.at else planned or meeting.at + LASTS
