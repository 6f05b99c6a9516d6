"""Who holds which office: the handlers and heads of units, liaison, chair, seats, and those who supervise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet, Value

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
    person._offices = held  # type: ignore[attr-defined]  # noqa: SLF001  # kept with the row of the person


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
