"""Who is there in a meeting, and for which seat a person acts: the roll of the seats and the mandates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from committee.models import AgendaItem, Attendance, Meeting, Person, Proxy, Seat
from committee.quorum import SeatPresence
from regulation.refused import Refused


def require_signed_in(meeting: Meeting, by: Person) -> None:
    """Raise `9/chair-absent` unless whoever presides is signed in under the seat (Art. 9); the last check."""
    there = Attendance.objects.filter(
        meeting=meeting, person=by, seat__holder=by, proxy=None, signed_out_at=None
    )
    if not there.exists():
        raise Refused("9/chair-absent")


@dataclass(frozen=True, slots=True)
class Mandate:
    """For which seat a person acts in a meeting, and by which proxy; `present` is the person's own signing
    in.
    """

    seat: Seat
    proxy: Proxy | None
    present: bool
    #: the principal is there or has come: the holder does not act any more (Art. 11)
    displaced: bool = False

    def require_power(self, power: str) -> None:
        """Raise `11/out-of-scope` when it rests on a proxy without the power."""
        if self.proxy is not None and power not in self.proxy.powers:
            raise Refused("11/out-of-scope", seat=self.seat.number)

    def require_not_displaced(self) -> None:
        """Raise `11/principal-present` when the principal has come."""
        if self.displaced:
            raise Refused("11/principal-present", seat=self.seat.number)

    def require_present(self) -> None:
        """Raise `10/not-present` unless the person is signed in; one displaced is told so later."""
        if not self.present and not self.displaced:
            raise Refused("10/not-present", seat=self.seat.number)


@dataclass(frozen=True, slots=True)
class Floor:
    """The presence of each filled seat of a meeting, and what one person may act under, at this moment."""

    roll: list[SeatPresence]
    #: the first to act under first: their own seat, or proxies by seat number, those displaced last
    mandates: list[Mandate]
    #: those of the mandates that cover the item
    covering: list[Mandate]

    def mandate(self, *, voted: Iterable[int] = ()) -> Mandate:
        """For which seat the person acts: of several proxies the lowest that is not among `voted` (seat ids).

        `20.1/no-seat` for whoever has neither seat nor proxy, `11/out-of-scope` for a proxy that leaves the
        item out.
        """
        if not self.covering:
            raise Refused("11/out-of-scope" if self.mandates else "20.1/no-seat")
        done = frozenset(voted)
        return min(self.covering, key=lambda mandate: (mandate.displaced, mandate.seat.pk in done))


# One statement in SQL, because a ballot should cost little more than its insert (`benchmarks/cast.py`): made
# by the ORM it was three, and to put those together took a third of the time of casting. What it costs now is
# to plan it, so it only fetches; what the rows mean is said below. A seat has a row for each person who is
# there for it, times each proxy on it that is neither revoked nor ended by vacating the seat.
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
    """A filled seat on the floor: who is in for it, by which proxy, and the proxies on it, the last first."""

    seat: tuple[int, int, int, int]
    present: set[tuple[int, int | None]] = field(default_factory=set)
    #: id → holder, powers, when the principal came, when it ended, whether it covers what was asked for
    proxies: dict[int, tuple[int, list[str], datetime | None, datetime | None, bool]] = field(
        default_factory=dict
    )

    @property
    def holder_in(self) -> bool:
        """The holder is there in person."""
        return (self.seat[3], None) in self.present

    @property
    def presence(self) -> SeatPresence:
        """A proxy counts that runs and covers what was asked for (Art. 11)."""
        proxy_in = any(
            covers and ended_at is None and came_at is None and (holder, pk) in self.present
            for pk, (holder, _, came_at, ended_at, covers) in self.proxies.items()
        )
        return SeatPresence(self.seat[2], self.holder_in, proxy_in)


def floor(meeting: Meeting, by: Person | None, item: AgendaItem | None = None) -> Floor:
    """Who is there, and what `by` may act under, in one statement.

    A proxy counts as presence with any item that is still on the agenda; with an `item`, only when it covers
    that (Art. 11). A seat above the meeting's number of seats is none of it.
    """
    places = _places(meeting, item)
    roll = [place.presence for place in places]
    if by is None:
        return Floor(roll, [], [])
    for place in places:
        if place.seat[3] == by.pk:
            own = [Mandate(Seat.from_db(connection.alias, _SEAT, place.seat), None, place.holder_in)]
            return Floor(roll, own, own)
    held = [
        (_held(meeting, place, pk, by), item is None or covers)
        for place in places
        for pk, (holder, _, _, _, covers) in place.proxies.items()
        if holder == by.pk
    ]
    held.sort(key=lambda each: each[0].displaced)
    return Floor(roll, [each for each, _ in held], [each for each, covers in held if covers])


def _places(meeting: Meeting, item: AgendaItem | None) -> list[_Place]:
    """The meeting's seats with who is present under each and its proxies, in one statement."""
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
    """The mandate of a proxy's holder; displaced when the principal has come, or is there (Art. 11)."""
    using, (_, powers, came_at, _, _) = connection.alias, place.proxies[pk]
    return Mandate(
        Seat.from_db(using, _SEAT, place.seat),
        Proxy.from_db(using, _PROXY, (pk, meeting.pk, place.seat[0], by.pk, powers, came_at)),
        any(person == by.pk for person, _ in place.present),
        came_at is not None or place.holder_in,
    )


def mandates(meeting: Meeting, by: Person, item: AgendaItem | None = None) -> list[Mandate]:
    """All that the person may act under, the first to act under first; with an item, only what covers it."""
    return floor(meeting, by, item).covering


def mandate(
    meeting: Meeting, by: Person, item: AgendaItem | None = None, *, voted: Iterable[int] = ()
) -> Mandate:
    """For which seat the person acts, as `Floor.mandate` finds it; `20.1/no-seat`, `11/out-of-scope`."""
    return floor(meeting, by, item).mandate(voted=voted)


def own_seat(meeting: Meeting, by: Person) -> Seat:
    """The seat that `by` holds in this meeting; `20.1/no-seat`, also for a proxy."""
    found = mandate(meeting, by)
    if found.proxy is not None:
        raise Refused("20.1/no-seat")
    return found.seat


def roll_call(meeting: Meeting, item: AgendaItem | None = None) -> list[SeatPresence]:
    """The presence of each filled seat of the meeting."""
    return floor(meeting, None, item).roll
