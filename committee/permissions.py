"""Who may see and do what with committees and meetings: the table, and the questions that it rests on.

What follows from role, unit and state is a predicate here; what is granted to one person on one item
(a proxy, a voter, an observer) is a row of django-guardian, written in bulk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Q, QuerySet, Value

from audit import clock
from audit.recording import acting
from committee.models import (
    AgendaItem,
    AgendaItemUserPermission,
    Attendance,
    Committee,
    LiaisonTerm,
    Meeting,
    Person,
    Position,
    Proxy,
    Seat,
)
from committee.quorum import SeatPresence
from committee.visibility import sees
from regulation.refused import Refused

Role = Position.Role


@dataclass(frozen=True, slots=True)
class Act:
    """Who an act is for, what others who see the object are told, and the states in which it is possible."""

    who: str
    code: str
    states: tuple[str, ...] = ()
    verb: str = ""

    def misplaced(self, state: str) -> Refused:
        """The refusal of the act in this state, which is none of its own."""
        return Refused(
            "state/not-allowed", verb=self.verb, state=state, states=[str(each) for each in self.states]
        )


def table(acts: Mapping[str, Act]) -> Mapping[str, Act]:
    """The acts by their verbs, each knowing its own."""
    return {verb: replace(act, verb=verb) for verb, act in acts.items()}


_M = Meeting.State
#: verb → officer, refusal to others, states of the meeting ("" stands for acts on the committee)
ACTS: Mapping[str, Act] = table(
    {
        "send_notice": Act("liaison", "12/only-liaison", (_M.CONVENED,)),
        "deliver_notice": Act("liaison", "12/only-liaison", (_M.CONVENED,)),
        "acknowledge": Act("seat", "20.1/no-seat", (_M.CONVENED,)),
        "revoke_proxy": Act("seat", "20.1/no-seat", Meeting.RUNNING),
        "sign_in": Act("seat or proxy", "20.1/no-seat", Meeting.RUNNING),
        "sign_out": Act("seat or proxy", "20.1/no-seat", Meeting.RUNNING),
        "open_meeting": Act("presiding", "9/only-chair", (_M.CONVENED,)),
        "appoint_acting_chair": Act("head_office", "access/denied", Meeting.RUNNING),
        "vacate_seat": Act("risk", "access/denied"),
        "fill_seat": Act("risk", "access/denied"),
        "appoint_liaison": Act("risk", "access/denied"),
        "appoint_stand_in": Act("risk", "access/denied"),
        "end_stand_in": Act("risk", "access/denied"),
        "amend_regulation": Act("risk", "24/only-risk-department"),
        "publish_interpretation": Act("risk", "24/only-risk-department"),
    }
)

#: role → what it sees of a meeting, as rules.md has it
SEES: Mapping[str, tuple[str, ...]] = {
    "liaison": tuple(_M),
    "seat": tuple(_M),
    "head_office": tuple(_M),
    "risk": tuple(_M),
    "auditor": tuple(_M),
    "proxy": Meeting.RUNNING,
    "credit": Meeting.EFFECTIVE,
    "handler": (),
    "head": (),
    "nobody": (),
}


def units_where(person: Person, *roles: str) -> QuerySet[Position, Any]:
    """The units for which the person holds one of the roles, as a subquery of ids."""
    return Position.objects.filter(person=person, role__in=roles).values("unit")


def holds(person: Person, role: str, unit_id: int | None) -> bool:
    """Whether the person holds the role for the unit."""
    return Position.objects.filter(person=person, role=role, unit=unit_id).exists()


def _offices(person: Person) -> dict[str, QuerySet[Any, Any]]:
    """What the person holds, by office, as subqueries of ids: units, committees, meetings, items.

    A meeting attended counts where the seat is held no more; a proxy while its meeting is to come or runs.
    """
    committees = Committee.objects.order_by()

    def supervising(role: str, place: str) -> QuerySet[Any, Any]:
        return committees.filter(**{f"{place}__in": units_where(person, role)}).values("pk")

    seats = Seat.objects.filter(holder=person).order_by()
    attended = Attendance.objects.filter(person=person, proxy=None).order_by()
    items = AgendaItemUserPermission.objects.filter(
        user=person,
        permission__codename="view_agendaitem",
        content_object__meeting__state__in=Meeting.RUNNING,
    )
    proxies = Proxy.objects.filter(
        holder=person, revoked_at=None, meeting__state__in=Meeting.RUNNING
    ).exclude(ended_why=Proxy.Ended.VACATED)
    return {
        "institution": units_where(person, Role.HANDLER, Role.HEAD).order_by(),
        "liaison": committees.filter(liaison=person).values("pk"),
        "chair": seats.filter(number=Seat.CHAIR).values("committee"),
        "seat": seats.values("committee"),
        "risk": supervising(Role.RISK, "branch"),
        "credit": supervising(Role.CREDIT, "branch"),
        "head_office": supervising(Role.HEAD_OFFICE, "branch__bank"),
        "auditor": supervising(Role.AUDITOR, "branch__bank"),
        # by the seat's committee, which is the meeting's: seats are few, meetings are not
        "attended": attended.exclude(seat__committee__in=seats.values("committee")).values("meeting"),
        "proxy": proxies.order_by().values("meeting"),
        "granted": items.order_by().values("content_object"),
    }


def offices(person: Person) -> Mapping[str, Any]:
    """What the person holds, by office: subqueries, or the ids where a page has read them beforehand.

    With the ids the server sees which index serves and how many rows to expect. Inside an action nothing
    that was read before it counts.
    """
    read: Mapping[str, Any] | None = getattr(person, "_offices", None)
    return _offices(person) if read is None or acting() else read


def read_offices(person: Person) -> None:
    """What the person holds is read, in one statement, for all that this object is asked for from now on.

    For pages of many rows; one row is found as quickly without.
    """
    if getattr(person, "_offices", None) is not None:
        return
    kinds = _offices(person)
    first, *others = (
        rows.annotate(office=Value(kind)).values_list("office", *rows.query.values_select)
        for kind, rows in kinds.items()
    )
    held: dict[str, Any] = {kind: [] for kind in kinds}
    for kind, pk in first.union(*others, all=True):
        held[kind].append(pk)
    person._offices = held  # type: ignore[attr-defined]  # noqa: SLF001


def meetings_visible_to(person: Person) -> Q:
    """The meetings that the person may see, as a condition (rules.md, Roles)."""
    held = offices(person)
    found = Q(state__in=Meeting.EFFECTIVE, committee__in=held["credit"])
    for kind in ("liaison", "seat", "risk", "head_office", "auditor"):
        found |= Q(committee__in=held[kind])
    return found | Q(pk__in=held["attended"]) | Q(pk__in=held["proxy"])


def require_visible(meeting: Meeting, by: Person) -> None:
    """Raise `access/not-found` unless `by` may see the meeting."""
    # the predicate's commonest branches first: the whole of it takes the server milliseconds to plan
    if meeting.committee.liaison_id == by.pk or seat_number(meeting.committee_id, by) is not None:
        return
    if not sees(Meeting, meetings_visible_to, meeting.pk, by):
        raise Refused("access/not-found")


def seat_number(committee_id: int, person: Person) -> int | None:
    """The number of the seat that the person holds in the committee, if any."""
    held = Seat.objects.filter(committee=committee_id, holder=person)
    return held.order_by().values_list("number", flat=True).first()


def serves_as_liaison(committee: Committee, person: Person) -> bool:
    """Whether the person is the liaison, was appointed, or stands in now or later (Art. 5)."""
    terms = LiaisonTerm.objects.lasting(clock.now()).filter(committee=committee, person=person)
    return committee.liaison_id == person.pk or terms.exists()


def is_chair(committee: Committee, person: Person) -> bool:
    """Whether the person holds the chair's seat."""
    return Seat.objects.filter(committee=committee, number=Seat.CHAIR, holder=person).exists()


def presides(meeting: Meeting, person: Person) -> bool:
    """Whether the person is the chair or the meeting's acting chair (Art. 9)."""
    return Seat.objects.filter(
        Q(number=Seat.CHAIR) | Q(pk=meeting.acting_seat_id), committee=meeting.committee_id, holder=person
    ).exists()


def is_officer(who: str, committee: Committee, by: Person, meeting: Meeting | None = None) -> bool:
    """Whether `by` is the officer that the table names `who` for this committee (and meeting)."""
    if who == "liaison":
        return committee.liaison_id == by.pk and LiaisonTerm.objects.acting(committee.pk, clock.now()) in (
            None,
            by.pk,  # a term may have ended a moment ago, before the switch
        )
    if who == "chair":
        return is_chair(committee, by)
    if who == "presiding":
        return is_chair(committee, by) if meeting is None else presides(meeting, by)
    if who == "risk":
        return holds(by, Role.RISK, committee.branch_id)
    if who == "credit":
        return holds(by, Role.CREDIT, committee.branch_id)
    if who == "head_office":
        return holds(by, Role.HEAD_OFFICE, committee.bank_id)
    raise KeyError(who)


def permit(act: Act, committee: Committee, by: Person, meeting: Meeting | None = None) -> None:
    """Raise the act's code unless `by` is its officer."""
    if not is_officer(act.who, committee, by, meeting):
        raise Refused(act.code)


def require_state(act: Act, state: str) -> None:
    """Raise `state/not-allowed` unless the act is possible in this state."""
    if state not in act.states:
        raise act.misplaced(state)


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
    #: the first to act under first: the own seat, or proxies by seat number, those displaced last
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
    roll = [place.presence for place in places.values()]
    if by is None:
        return Floor(roll, [], [])
    for place in places.values():
        if place.seat[3] == by.pk:
            own = [Mandate(Seat.from_db(connection.alias, _SEAT, place.seat), None, place.holder_in)]
            return Floor(roll, own, own)
    held = [
        (_held(meeting, place, pk, by), item is None or covers)
        for place in places.values()
        for pk, (holder, _, _, _, covers) in place.proxies.items()
        if holder == by.pk
    ]
    held.sort(key=lambda each: each[0].displaced)
    return Floor(roll, [each for each, _ in held], [each for each, covers in held if covers])


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


def roll_call(meeting: Meeting, item: AgendaItem | None = None) -> list[SeatPresence]:
    """The presence of each filled seat of the meeting."""
    return floor(meeting, None, item).roll


def grant(items: Iterable[AgendaItem], people: Iterable[Person | int], codenames: Iterable[str]) -> None:
    """Each person holds each permission on each item, in two statements."""
    permissions = list(
        Permission.objects.filter(
            content_type__app_label="committee",
            content_type__model="agendaitem",
            codename__in=list(codenames),
        )
    )
    ids = [person if isinstance(person, int) else person.pk for person in people]
    AgendaItemUserPermission.objects.bulk_create(
        [
            AgendaItemUserPermission(user_id=user, permission=permission, content_object=item)
            for item in items
            for user in ids
            for permission in permissions
        ],
        ignore_conflicts=True,
    )


def ungrant(
    items: Iterable[AgendaItem], *, people: Iterable[Person | int] = (), codenames: Iterable[str] = ()
) -> None:
    """The people (all, when none is named) hold the permissions (all, likewise) on the items no longer."""
    rows = AgendaItemUserPermission.objects.filter(content_object__in=[item.pk for item in items])
    people, codenames = list(people), list(codenames)
    if people:
        rows = rows.filter(user__in=people)
    if codenames:
        rows = rows.filter(permission__codename__in=codenames)
    rows.delete()


def granted(item: AgendaItem, person: Person, codename: str) -> bool:
    """Whether the person holds the permission on the item."""
    return AgendaItemUserPermission.objects.filter(
        content_object=item, user=person, permission__codename=codename
    ).exists()


def observed_items(person: Person) -> QuerySet[AgendaItem, Any]:
    """The items that the person attends as observer at this moment: an item not voted on leaves when its
    meeting closes (Art. 19).
    """
    return AgendaItem.objects.filter(observer__person=person, observer__withdrew_at=None, left_at=None)


#: what a proxy's holder is granted on each covered item, by power
POWERS_GRANT: Mapping[str, str] = {
    Proxy.Power.ATTEND: "view_agendaitem",
    Proxy.Power.SPEAK: "speak_agendaitem",
    Proxy.Power.VOTE: "vote_agendaitem",
}


def regrant(meetings: Iterable[Meeting], holders: Iterable[Person]) -> None:
    """The holders' grants on the meetings' items are those of the proxies still held there.

    A proxy that the principal's coming ended still shows its items; a revoked or vacated one shows nothing.
    """
    meetings, holders = list(meetings), list(holders)
    if not holders:
        return
    rows = AgendaItemUserPermission.objects
    rows.filter(user__in=holders, content_object__meeting__in=meetings).delete()
    held = (
        Proxy.objects.filter(meeting__in=meetings, holder__in=holders, revoked_at=None)
        .exclude(ended_why=Proxy.Ended.VACATED)
        .prefetch_related("items")
    )
    permissions = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            content_type__app_label="committee", content_type__model="agendaitem"
        )
    }
    rows.bulk_create(
        [
            AgendaItemUserPermission(
                user_id=proxy.holder_id, permission=permissions[codename], content_object=item
            )
            for proxy in held
            for item in proxy.items.all()
            for codename in _codenames(proxy)
        ],
        ignore_conflicts=True,
    )


def _codenames(proxy: Proxy) -> set[str]:
    """What a proxy grants on each covered item: sight as long as it is known, its powers while it runs."""
    runs = proxy.ended_at is None and proxy.principal_came_at is None
    return {"view_agendaitem"} | ({POWERS_GRANT[power] for power in proxy.powers} if runs else set())
