"""Founding: a bank's units, its people with their positions, a committee with its seats and regulation.

These actions create their objects, so there is no row to lock and no officer to check, and they do not begin
with `committee/beginning.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from django.contrib.auth.models import Group

from audit import clock
from audit.recording import Actor, action, record
from committee.actions.regulation import make_version
from committee.models import Committee, LiaisonTerm, Person, Position, Seat, SeatTerm, Unit
from regulation.numbers import Regulation
from regulation.refused import Refused


@dataclass(frozen=True, slots=True)
class Employee:
    """A person to be employed: login, staff number, name, unit, and positions (role, unit)."""

    username: str
    staff_no: str
    display_name: str
    unit: Unit
    positions: tuple[tuple[str, Unit], ...] = ()
    email: str = ""
    phone: str = ""


#: a seat of a committee to be founded: post, department, holder
Place: TypeAlias = "tuple[str, Unit | None, Person | None]"


def bank_stream(bank: Unit) -> str:
    """The audit stream of a bank's people and roles."""
    return f"office:{bank.pk}"


@action
def found_bank(*, by: Actor, name: str) -> Unit:
    """A bank exists: its head office, the root of its units."""
    bank = Unit.objects.create(name=name, kind=Unit.Kind.HEAD_OFFICE)
    bank.bank = bank
    bank.save(update_fields=["bank"])
    record(bank_stream(bank), "found_bank", f"unit:{bank.pk}", by=by, payload={"name": name})
    return bank


@action
def add_unit(*, by: Actor, parent: Unit, kind: str, name: str) -> Unit:
    """The unit stands below its parent; a sub-branch has a group of handlers."""
    unit = Unit.objects.create(parent=parent, bank_id=parent.bank_id, kind=kind, name=name)
    if kind == Unit.Kind.SUB_BRANCH:
        unit.handlers = Group.objects.create(name=f"handlers:{unit.pk}")
        unit.save(update_fields=["handlers"])
    record(
        f"office:{unit.bank_id}",
        "add_unit",
        f"unit:{unit.pk}",
        by=by,
        payload={"name": name, "kind": str(kind), "parent": str(parent.pk)},
    )
    return unit


@action
def employ(*, by: Actor, bank: Unit, people: Iterable[Employee]) -> list[Person]:
    """The people are employed, hold their positions, and belong to their institution's group of handlers."""
    people = list(people)
    persons = Person.objects.bulk_create([_person(bank, employee) for employee in people])
    held = [
        (person, role, unit)
        for person, employee in zip(persons, people, strict=True)
        for role, unit in employee.positions
    ]
    Position.objects.bulk_create(
        [Position(person=person, role=role, unit=unit) for person, role, unit in held]
    )
    membership = Person.groups.through
    membership.objects.bulk_create(
        [
            membership(person_id=person.pk, group_id=unit.handlers_id)
            for person, role, unit in held
            if role == Position.Role.HANDLER and unit.handlers_id is not None
        ]
    )
    record(
        bank_stream(bank),
        "employ",
        f"unit:{bank.pk}",
        by=by,
        payload={
            "people": [
                {
                    "person": str(person.pk),
                    "staff_no": person.staff_no,
                    "unit": str(person.unit_id),
                    "positions": [[str(role), str(unit.pk)] for role, unit in employee.positions],
                }
                for person, employee in zip(persons, people, strict=True)
            ]
        },
    )
    return persons


def _person(bank: Unit, employee: Employee) -> Person:
    """The employee as a row without a usable password."""
    person = Person(
        username=employee.username,
        staff_no=employee.staff_no,
        display_name=employee.display_name,
        bank=bank,
        unit=employee.unit,
        email=employee.email,
        phone=employee.phone,
    )
    person.set_unusable_password()
    return person


@action
def found_committee(
    *,
    by: Actor,
    branch: Unit,
    name: str,
    abbreviation: str,
    liaison: Person,
    seats: Sequence[Place],
    numbers: Regulation,
    effective_from: date,
    timezone: str = "Asia/Shanghai",
) -> Committee:
    """The committee has its seats (post, department, holder; the first is the chair's), liaison and
    regulation.

    `4/too-many-seats`, `4/one-seat-per-person`, `5/liaison-may-not-sit`.
    """
    _require_seatable(seats, liaison, numbers)
    committee = Committee.objects.create(
        branch=branch, name=name, abbreviation=abbreviation, liaison=liaison, timezone=timezone
    )
    now = clock.now()
    rows = _seat(committee, seats, now)
    LiaisonTerm.objects.create(committee=committee, person=liaison, since=now)
    make_version(committee, numbers, number=1, by=None, on=effective_from)
    record(
        committee.stream,
        "found_committee",
        f"committee:{committee.pk}",
        by=by,
        payload={
            "name": name,
            "liaison": str(liaison.pk),
            "seats": {str(seat.number): str(seat.holder_id) for seat in rows},
            "effective_from": effective_from.isoformat(),
            **{f"regulation.{key}": value for key, value in numbers.as_json().items()},
        },
    )
    return committee


def _require_seatable(seats: Sequence[Place], liaison: Person, numbers: Regulation) -> None:
    """Raise unless the number of seats is allowed and each holder has one seat and is not the liaison."""
    if len(seats) > numbers.seats:
        raise Refused("4/too-many-seats", seats=numbers.seats, seat=len(seats))
    holders = [holder.pk for _, _, holder in seats if holder is not None]
    if len(set(holders)) < len(holders):
        raise Refused("4/one-seat-per-person")
    if liaison.pk in holders:
        raise Refused("5/liaison-may-not-sit")


def _seat(committee: Committee, seats: Sequence[Place], now: datetime) -> list[Seat]:
    """Create the seats, numbered from 1, with the terms of their holders."""
    rows = Seat.objects.bulk_create(
        [
            Seat(
                committee=committee,
                number=number,
                post=post,
                department=department,
                holder=holder,
                held_since=now if holder else None,
            )
            for number, (post, department, holder) in enumerate(seats, 1)
        ]
    )
    SeatTerm.objects.bulk_create(
        [SeatTerm(seat=seat, holder=seat.holder, since=now) for seat in rows if seat.holder is not None]
    )
    return rows
