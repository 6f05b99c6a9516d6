"""The offices: each with what it is held for, its test on a person and an object, and its ids in a query.

Handlers and heads of institutions, liaison, chair, seats and proxies, and those who supervise a branch or a
bank. Acts, visibility and pages go by these objects; there is no other list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from django.db.models import Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.recording import acting
from committee.models import (
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

Role = Position.Role


class Scope(StrEnum):
    """What an office is held for."""

    INSTITUTION = "institution"
    BRANCH = "branch"
    BANK = "bank"
    COMMITTEE = "committee"
    MEETING = "meeting"
    ITEM = "item"


class Holder(Protocol):
    """Of whom an office is asked: a person in the database, or the viewer of a page by what was read."""

    def in_unit(self, role: str, unit_id: int | None) -> bool:
        """Whether the role is held for the unit."""

    def in_institution_of(self, role: str, branch_id: int) -> bool:
        """Whether the role is held for some institution of the branch."""

    def in_seat(self, committee_id: int, *, number: int | None = None, acting: int | None = None) -> bool:
        """Whether a seat of the committee is held: any, or the one of this number or with the id `acting`."""

    def is_liaison(self, committee: Committee) -> bool:
        """Whether the person is the committee's acting liaison."""

    def has_proxy(self, subject: Any) -> bool:
        """Whether the person was authorised for the meeting that the object is or is put to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asked in the database, one statement a question: what an action goes by."""

    person: Person

    def in_unit(self, role: str, unit_id: int | None) -> bool:
        """Whether the person holds the role for the unit."""
        return Position.objects.filter(person=self.person, role=role, unit=unit_id).exists()

    def in_institution_of(self, role: str, branch_id: int) -> bool:
        """Whether the person holds the role for some institution of the branch."""
        return Position.objects.filter(person=self.person, role=role, unit__parent=branch_id).exists()

    def in_seat(self, committee_id: int, *, number: int | None = None, acting: int | None = None) -> bool:
        """Whether the person holds a seat: any, or the one of this number or with the id `acting`."""
        seats = Seat.objects.filter(committee=committee_id, holder=self.person)
        if acting is not None:
            seats = seats.filter(Q(number=number) | Q(pk=acting))
        elif number is not None:
            seats = seats.filter(number=number)
        return seats.exists()

    def is_liaison(self, committee: Committee) -> bool:
        """Whether the person is liaison; a term may have ended a moment ago, before the switch."""
        return committee.liaison_id == self.person.pk and LiaisonTerm.objects.acting(
            committee.pk, clock.now()
        ) in (None, self.person.pk)

    def has_proxy(self, subject: Any) -> bool:
        """Whether a running proxy for the meeting is the person's."""
        meeting = _meeting_of(subject)
        held = Proxy.objects.running().filter(holder=self.person, meeting=meeting)
        return meeting is not None and held.exists()


class _Composable:
    """What is held by a person on an object, and can stand beside others: `SEAT | PROXY`."""

    __slots__ = ()

    def each(self) -> tuple[Office, ...]:
        """The offices, any of which will do."""
        raise NotImplementedError

    def __or__(self, other: _Composable) -> Offices:
        return Offices((*self.each(), *other.each()))

    def held_by(self, person: Person, subject: Any) -> bool:
        """Whether the person holds it, by the database, for a committee, a meeting or a plan.

        Its committee and branch are loaded; at most one statement for each of the offices.
        """
        return self.is_of(Asked(person), subject)

    def is_of(self, holder: Holder, subject: Any) -> bool:
        """Whether it is held for a committee, a meeting or a plan."""
        return any(office.test(holder, subject) for office in self.each())


@dataclass(frozen=True, slots=True, eq=False)
class Office(_Composable):
    """One office: `scope` is what it is held for, `role` the position that gives it, if one does."""

    key: str
    name: str | Promise
    scope: Scope
    test: Callable[[Holder, Any], bool]
    role: str = ""

    def each(self) -> tuple[Office, ...]:
        """Itself."""
        return (self,)

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class Offices(_Composable):
    """Several offices, any of which will do."""

    offices: tuple[Office, ...]

    def each(self) -> tuple[Office, ...]:
        """All of them."""
        return self.offices

    def __str__(self) -> str:
        return " or ".join(office.key for office in self.offices)


def _committee_of(subject: Any) -> Committee:
    committee: Committee = subject if isinstance(subject, Committee) else subject.committee
    return committee


def _meeting_of(subject: Any) -> Meeting | None:
    """The meeting itself, or the one in which the plan stands."""
    if isinstance(subject, Meeting):
        return subject
    item = getattr(subject, "item", None)
    return None if item is None else item.meeting


def _by_position(role: str, scope: Scope) -> Callable[[Holder, Any], bool]:
    """Whether the position is held for the unit that the object belongs to by the scope."""

    def test(holder: Holder, subject: Any) -> bool:
        if scope == Scope.INSTITUTION:
            unit_id = getattr(subject, "unit_id", None)
            if unit_id is None:
                return holder.in_institution_of(role, _committee_of(subject).branch_id)
            return holder.in_unit(role, unit_id)
        committee = _committee_of(subject)
        return holder.in_unit(role, committee.bank_id if scope == Scope.BANK else committee.branch_id)

    return test


def _position(role: Position.Role, scope: Scope) -> Office:
    """The office that a position for a unit gives."""
    return Office(role.value, role.label, scope, _by_position(role.value, scope), role.value)


def _presides(holder: Holder, subject: Any) -> bool:
    """The chair, and the meeting's acting chair (Art. 9)."""
    meeting = _meeting_of(subject)
    acting = None if meeting is None else meeting.acting_seat_id
    return holder.in_seat(_committee_of(subject).pk, number=Seat.CHAIR, acting=acting)


def _observes(holder: Holder, subject: Any) -> bool:
    """The head of the plan's institution; whether admitted to the item is the action's to ask (Art. 19)."""
    unit_id = getattr(subject, "unit_id", None)
    return unit_id is not None and holder.in_unit(Role.HEAD, unit_id)


HANDLER = _position(Role.HANDLER, Scope.INSTITUTION)
HEAD = _position(Role.HEAD, Scope.INSTITUTION)
CREDIT = _position(Role.CREDIT, Scope.BRANCH)
RISK = _position(Role.RISK, Scope.BRANCH)
HEAD_OFFICE = _position(Role.HEAD_OFFICE, Scope.BANK)
AUDITOR = _position(Role.AUDITOR, Scope.BANK)
LIAISON = Office(
    "liaison",
    _("Liaison officer"),
    Scope.COMMITTEE,
    lambda holder, subject: holder.is_liaison(_committee_of(subject)),
)
CHAIR = Office(
    "chair",
    _("Chair"),
    Scope.COMMITTEE,
    lambda holder, subject: holder.in_seat(_committee_of(subject).pk, number=Seat.CHAIR),
)
#: whoever presides at the meeting: the chair, or its acting chair
PRESIDING = Office("presiding", _("Presiding"), Scope.MEETING, _presides)
SEAT = Office(
    "seat",
    _("Member"),
    Scope.COMMITTEE,
    lambda holder, subject: holder.in_seat(_committee_of(subject).pk),
)
PROXY = Office("proxy", _("Proxy"), Scope.MEETING, lambda holder, subject: holder.has_proxy(subject))
#: whoever speaks on an item: for a seat of the person's own, or by proxy
SPEAKER = Office("speaker", _("Speaker"), Scope.ITEM, (SEAT | PROXY).is_of)
#: whoever attends an item for its institution
OBSERVER = Office("observer", _("Observer"), Scope.ITEM, _observes)

#: every office by its key
OFFICES: Mapping[str, Office] = {
    office.key: office
    for office in (
        HANDLER, HEAD, LIAISON, CHAIR, SEAT, PROXY, PRESIDING, SPEAKER, OBSERVER, CREDIT, HEAD_OFFICE, RISK,
        AUDITOR,
    )
}  # fmt: skip


def units_where(person: Person, *roles: str) -> QuerySet[Position, Any]:
    """The units for which the person holds one of the roles, as a subquery of ids."""
    return Position.objects.filter(person=person, role__in=roles).values("unit")


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
    person._offices = held  # type: ignore[attr-defined]  # noqa: SLF001  # kept with the row of the person


def seat_number(committee_id: int, person: Person) -> int | None:
    """The number of the seat that the person holds in the committee, if any."""
    held = Seat.objects.filter(committee=committee_id, holder=person)
    return held.order_by().values_list("number", flat=True).first()


def serves_as_liaison(committee: Committee, person: Person) -> bool:
    """Whether the person is the liaison, was appointed, or stands in now or later (Art. 5)."""
    terms = LiaisonTerm.objects.lasting(clock.now()).filter(committee=committee, person=person)
    return committee.liaison_id == person.pk or terms.exists()
