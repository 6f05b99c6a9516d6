"""A member's meetings: those to come with what is left to do for each, and those past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet

from committee.models import Attendance, Delivery, Meeting, Proxy, Seat
from committee.offices import FORMER, Scope, held_in
from pages.meetings.papers import reading
from web.viewer import Viewer

#: how many meetings to come are shown; a member has a handful
SHOWN = 20


@dataclass
class Mine:
    """A meeting to come, and what the person has to do for it."""

    meeting: Meeting
    #: the person's own seat; None for a person who only holds a proxy
    seat: Seat | None
    read: int = 0
    of: int = 0
    #: the delivery of the current notice to the person's own seat
    delivery: Delivery | None = None
    #: the running proxy of the person's own seat
    proxy: Proxy | None = None
    #: running proxies held for others
    held: list[Proxy] = field(default_factory=list)

    @property
    def to_acknowledge(self) -> bool:
        """An electronic notice waits for the receipt; the opening is one."""
        if self.delivery is None or self.meeting.state != Meeting.State.CONVENED:
            return False
        return not self.delivery.paper and not self.delivery.acknowledged_by_id


def to_come(who: Viewer) -> list[Mine]:
    """The running meetings of the person's committees, and those attended by proxy, the next first."""
    rows = list(_mine(who).filter(state__in=Meeting.RUNNING).order_by("at", "pk")[:SHOWN])
    seats = {seat.committee_id: seat for seat in who.seats}
    found = {row.pk: Mine(row, seats.get(row.committee_id)) for row in rows}
    for pk, (read, of) in reading.progress(rows, who).items():
        found[pk].read, found[pk].of = read, of
    for delivery in (
        Delivery.objects.standing()
        .filter(notice__meeting__in=found, notice__superseded_at=None, seat__holder=who.person)
        .select_related("notice")
    ):
        found[delivery.notice.meeting_id].delivery = delivery
    running = Proxy.objects.running().filter(meeting__in=found)
    for proxy in running.filter(Q(seat__holder=who.person) | Q(holder=who.person)).select_related(
        "seat", "holder", "principal"
    ):
        if proxy.holder_id == who.person.pk:
            found[proxy.meeting_id].held.append(proxy)
        else:
            found[proxy.meeting_id].proxy = proxy
    return list(found.values())


def past(who: Viewer) -> QuerySet[Meeting]:
    """The person's meetings that are over, the latest first."""
    return _mine(who).exclude(state__in=Meeting.RUNNING).order_by("-at", "-pk")


def presence(meetings: Iterable[Meeting], who: Viewer) -> dict[int, list[Attendance]]:
    """Who was there for the person's seat at each meeting, or for whom the person was."""
    found: dict[int, list[Attendance]] = defaultdict(list)
    rows = Attendance.objects.filter(meeting__in=[meeting.pk for meeting in meetings])
    for row in rows.filter(Q(seat__holder=who.person) | Q(person=who.person)).select_related(
        "person", "seat", "proxy__principal"
    ):
        if not any(
            (known.person_id, known.seat_id) == (row.person_id, row.seat_id)
            for known in found[row.meeting_id]
        ):
            found[row.meeting_id].append(row)
    return found


def by_proxy(who: Viewer) -> list[tuple[Proxy, list[Attendance]]]:
    """The proxies that the person held at meetings that are over, the latest first, and when they attended.

    The meeting itself they see no more: of it there is what they knew and did.
    """
    held = (
        Proxy.objects.filter(holder=who.person, revoked_at=None, ended_at=None)
        .exclude(meeting__state__in=Meeting.RUNNING)
        .select_related("meeting__committee", "seat", "principal")
        .order_by("-meeting__at", "-pk")[:SHOWN]
    )
    found: dict[int, list[Attendance]] = {proxy.pk: [] for proxy in held}
    for row in Attendance.objects.filter(proxy__in=found).order_by("signed_in_at"):
        found[cast("int", row.proxy_id)].append(row)
    return [(proxy, found[proxy.pk]) for proxy in held]


def had_proxy_at(who: Viewer, meeting: int) -> bool:
    """Whether the person held a proxy at the meeting (its id), which is over."""
    held = Proxy.objects.filter(holder=who.person, meeting=meeting, revoked_at=None, ended_at=None)
    return held.exclude(meeting__state__in=Meeting.RUNNING).exists()


def _mine(who: Viewer) -> QuerySet[Meeting]:
    """The visible meetings that concern the person as a member or by proxy.

    Selected by committee and by id, so that the server does not read all meetings.
    """
    holding: Any = Proxy.objects.running().filter(meeting=OuterRef("pk"), holder=who.person)
    return (
        Meeting.objects.visible_to(who.person)
        .filter(
            Q(committee__in=[seat.committee_id for seat in who.seats])
            | held_in([FORMER], who.person, {Scope.MEETING: "pk"})
            | Q(Exists(holding), pk__in=who.held_at)
        )
        .select_related("committee")
    )
