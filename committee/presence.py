"""Presence in a meeting: the roll of the seats, and the mandates under which a person acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from committee.models import AgendaItem, Attendance, Meeting, Person, Proxy, Seat
from committee.quorum import SeatPresence
from regulation.refused import Refused


def require_signed_in(meeting: Meeting, by: Person) -> None:
    """Raise `9/chair-absent` unless the presiding person is signed in under the seat (Art. 9). Called as the
    last check.
    """
    there = Attendance.objects.filter(
        meeting=meeting, person=by, seat__holder=by, proxy=None, signed_out_at=None
    )
    if not there.exists():
        raise Refused("9/chair-absent")


@dataclass(frozen=True, slots=True)
class Mandate:
    """The seat for which a person acts, by which proxy if any, and whether they are signed in."""

    seat: Seat
    proxy: Proxy | None
    present: bool
    #: whether the principal is present or has come, so that the holder cannot act (Art. 11)
    displaced: bool = False

    def require_power(self, power: str) -> None:
        """Raise `11/out-of-scope` for a proxy without the power."""
        if self.proxy is not None and power not in self.proxy.powers:
            raise Refused("11/out-of-scope", seat=self.seat.number)

    def require_not_displaced(self) -> None:
        """Raise `11/principal-present` if the principal has come."""
        if self.displaced:
            raise Refused("11/principal-present", seat=self.seat.number)

    def require_present(self) -> None:
        """Raise `10/not-present` unless the person is signed in, or displaced, which is refused later."""
        if not self.present and not self.displaced:
            raise Refused("10/not-present", seat=self.seat.number)


@dataclass(frozen=True, slots=True)
class Floor:
    """The presence of each filled seat of a meeting, and the mandates of one person, at this moment."""

    roll: list[SeatPresence]
    #: in the order in which they are used: the own seat, or proxies by seat number, displaced ones last
    mandates: list[Mandate]
    #: the mandates that cover the item
    covering: list[Mandate]

    def mandate(self, *, voted: Iterable[int] = ()) -> Mandate:
        """The mandate that the person uses: of several proxies the lowest seat not in `voted` (seat ids).

        `20.1/no-seat` for a person without seat or proxy, `11/out-of-scope` for proxies that do not cover the
        item.
        """
        if not self.covering:
            raise Refused("11/out-of-scope" if self.mandates else "20.1/no-seat")
        done = frozenset(voted)
        return min(self.covering, key=lambda mandate: (mandate.displaced, mandate.seat.pk in done))


# One statement in SQL, because a ballot should cost little more than its insert (`benchmarks/cast.py`): the
# ORM needed three, and combining them took a third of the time of casting. Its cost is mostly planning, so it
# only fetches rows, which are interpreted below: one for each person signed in for a seat, times each proxy
# of the seat that was neither revoked nor ended by vacating the seat.
_FLOOR = """
SELECT seat.id, seat.committee_id, seat.number, seat.holder_id, here.person_id, here.proxy_id,
    proxy.id, proxy.holder_id, proxy.powers, proxy.principal_came_at, proxy.ended_at,
    EXISTS (
        SELECT FROM committee_proxy_items covers
        WHERE covers.proxy_id = proxy.id AND covers.agendaitem_id {items}
    )
FROM committee_seat seat
    LEFT JOIN committee_attendance here
        ON here.meeting_id = %(meeting)s AND here.seat_id = seat.id AND here.signed_out_at IS NULL
    LEFT JOIN committee_proxy proxy
        ON proxy.meeting_id = %(meeting)s AND proxy.seat_id = seat.id
            AND proxy.revoked_at IS NULL AND proxy.ended_why <> 'vacated'
WHERE seat.committee_id = %(committee)s AND seat.number <= %(seats)s AND seat.holder_id IS NOT NULL
ORDER BY seat.number, proxy.id DESC
"""


_FLOOR_OF_ITEM = _FLOOR.format(items="= %(item)s")


_FLOOR_OF_AGENDA = _FLOOR.format(
    items="IN (SELECT id FROM committee_agendaitem WHERE meeting_id = %(meeting)s AND left_at IS NULL)"
)


_SEAT = ("id", "committee_id", "number", "holder_id")


_PROXY = ("id", "meeting_id", "seat_id", "holder_id", "powers", "principal_came_at")


@dataclass(slots=True)
class _Place:
    """A filled seat: who is signed in for it, under which proxy, and its proxies, the last first."""

    seat: tuple[int, int, int, int]
    present: set[tuple[int, int | None]] = field(default_factory=set)
    #: id → holder, powers, when the principal came, when it ended, whether it covers the item
    proxies: dict[int, tuple[int, list[str], datetime | None, datetime | None, bool]] = field(
        default_factory=dict
    )

    @property
    def holder_in(self) -> bool:
        """Whether the holder is present in person."""
        return (self.seat[3], None) in self.present

    @property
    def presence(self) -> SeatPresence:
        """The seat's presence; a proxy counts if it runs and covers the item (Art. 11)."""
        proxy_in = any(
            covers and ended_at is None and came_at is None and (holder, pk) in self.present
            for pk, (holder, _, came_at, ended_at, covers) in self.proxies.items()
        )
        return SeatPresence(self.seat[2], self.holder_in, proxy_in)


def floor(meeting: Meeting, by: Person | None, item: AgendaItem | None = None) -> Floor:
    """Return the presence of all seats and the mandates of `by`, in one statement.

    Without an `item`, a proxy counts as presence if it covers any item still on the agenda; with one, only if
    it covers that item (Art. 11). Seats above the meeting's number of seats are left out.
    """
    places = _places(meeting, item)
    roll = [place.presence for place in places]
    if by is None:
        return Floor(roll, [], [])
    for place in places:
        if place.seat[3] == by.pk:
            own = [Mandate(Seat.from_db(connection.alias, _SEAT, place.seat), None, place.holder_in)]
            return Floor(roll, own, own)
    held = _by_proxy(meeting, places, by, item)
    return Floor(roll, [each for each, _ in held], [each for each, covers in held if covers])


def _by_proxy(
    meeting: Meeting, places: Iterable[_Place], by: Person, item: AgendaItem | None
) -> list[tuple[Mandate, bool]]:
    """The person's mandates by proxy, displaced ones last, with whether each covers the item."""
    held = [
        (_held(meeting, place, pk, by), item is None or covers)
        for place in places
        for pk, (holder, _, _, _, covers) in place.proxies.items()
        if holder == by.pk
    ]
    return sorted(held, key=lambda each: each[0].displaced)


def _places(meeting: Meeting, item: AgendaItem | None) -> list[_Place]:
    """The meeting's seats with attendances and proxies, in one statement."""
    given = {
        "meeting": meeting.pk,
        "committee": meeting.committee_id,
        "seats": meeting.regulation.seat_count,
        "item": item.pk if item is not None else None,
    }
    places: dict[int, _Place] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR_OF_AGENDA if item is None else _FLOOR_OF_ITEM, given)
        for *seat, person, present_by, proxy, holder, powers, came_at, ended_at, covers in cursor.fetchall():
            place = places.setdefault(seat[0], _Place(tuple(seat)))
            if person is not None:
                place.present.add((person, present_by))
            if proxy is not None:
                place.proxies[proxy] = (holder, powers, came_at, ended_at, covers)
    return list(places.values())


def _held(meeting: Meeting, place: _Place, pk: int, by: Person) -> Mandate:
    """The mandate of a proxy's holder; displaced if the principal has come or is present (Art. 11)."""
    using, (_, powers, came_at, _, _) = connection.alias, place.proxies[pk]
    return Mandate(
        Seat.from_db(using, _SEAT, place.seat),
        Proxy.from_db(using, _PROXY, (pk, meeting.pk, place.seat[0], by.pk, powers, came_at)),
        any(person == by.pk for person, _ in place.present),
        came_at is not None or place.holder_in,
    )


def mandates(meeting: Meeting, by: Person, item: AgendaItem | None = None) -> list[Mandate]:
    """All mandates of the person in the order of use; with an item, those that cover it."""
    return floor(meeting, by, item).covering


def mandate(
    meeting: Meeting, by: Person, item: AgendaItem | None = None, *, voted: Iterable[int] = ()
) -> Mandate:
    """The mandate that the person uses, as `Floor.mandate` finds it; `20.1/no-seat`, `11/out-of-scope`."""
    return floor(meeting, by, item).mandate(voted=voted)


def own_seat(meeting: Meeting, by: Person) -> Seat:
    """The seat that `by` holds in this meeting; `20.1/no-seat`, also for holders of proxies."""
    found = mandate(meeting, by)
    if found.proxy is not None:
        raise Refused("20.1/no-seat")
    return found.seat


def roll_call(meeting: Meeting, item: AgendaItem | None = None) -> list[SeatPresence]:
    """The presence of each filled seat of the meeting."""
    return floor(meeting, None, item).roll
