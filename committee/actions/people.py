"""People, positions and units, as the administrator changes them; each change is on the bank's stream."""

from __future__ import annotations

from collections.abc import Mapping

from audit.recording import Actor, action, record
from committee.actions.founding import bank_stream
from committee.models import Person, Position, Unit
from regulation.refused import Refused

#: what of a person the administrator changes
CHANGEABLE = ("username", "staff_no", "display_name", "unit", "email", "phone", "is_active")


def administers(person: Person, bank: Unit | None) -> bool:
    """Whether the person is an administrator: of the bank, or of every bank when of none."""
    return (
        person.is_active
        and person.is_staff
        and person.is_superuser
        and (person.bank_id is None or (bank is not None and person.bank_id == bank.pk))
    )


def require_administrator(by: Actor, bank: Unit | None) -> None:
    """Raise `access/denied` to anyone but the bank's administrator and the system."""
    if isinstance(by, Person) and not administers(by, bank):
        raise Refused("access/denied")


@action
def change_person(person: Person, *, by: Actor, changes: Mapping[str, object]) -> Person:
    """The person has these values of `CHANGEABLE`; one no longer active is signed out everywhere.

    `access/denied` to anyone but the administrator, and for any other value.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require_administrator(by, person.bank)
    if not changes.keys() <= set(CHANGEABLE):
        raise Refused("access/denied")
    for name, value in changes.items():
        setattr(person, name, value)
    if changes.get("is_active") is False:
        person.session_epoch += 1
    person.save()
    _record(person, "change_person", by, {name: _plain(value) for name, value in sorted(changes.items())})
    return person


@action
def give_password(person: Person, *, by: Actor, password: str) -> Person:
    """The person signs in with the password from now on, anew everywhere; the log has no word of it.

    `access/denied` to anyone but the administrator.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require_administrator(by, person.bank)
    person.set_password(password)
    person.session_epoch += 1
    person.save(update_fields=["password", "session_epoch"])
    _record(person, "give_password", by, {})
    return person


@action
def give_position(person: Person, *, by: Actor, role: str, unit: Unit) -> Position:
    """The person has the role for the unit; a handler belongs to the institution's group.

    `access/denied` to anyone but the administrator, and for a unit of another bank.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require_administrator(by, person.bank)
    if unit.bank_id != person.bank_id:
        raise Refused("access/denied")
    position = Position.objects.create(person=person, role=role, unit=unit)
    if role == Position.Role.HANDLER and unit.handlers is not None:
        person.groups.add(unit.handlers)
    _record(person, "give_position", by, {"role": str(role), "unit": str(unit.pk)})
    return position


@action
def end_position(position: Position, *, by: Actor) -> Person:
    """The person no longer has the role for the unit, and no longer belongs to its group of handlers.

    `access/denied` to anyone but the administrator.
    """
    position = (
        Position.objects.select_for_update(of=("self",)).select_related("person", "unit").get(pk=position.pk)
    )
    person, unit = position.person, position.unit
    require_administrator(by, person.bank)
    if position.role == Position.Role.HANDLER and unit.handlers is not None:
        person.groups.remove(unit.handlers)
    _record(person, "end_position", by, {"role": str(position.role), "unit": str(unit.pk)})
    position.delete()
    return person


@action
def rename_unit(unit: Unit, *, by: Actor, name: str) -> Unit:
    """The unit has this name.

    `access/denied` to anyone but the administrator.
    """
    unit = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    require_administrator(by, unit.bank)
    former, unit.name = unit.name, name
    unit.save(update_fields=["name"])
    record(
        f"office:{unit.bank_id}",
        "rename_unit",
        f"unit:{unit.pk}",
        by=by,
        payload={"name": name, "former": former},
    )
    return unit


def _record(person: Person, verb: str, by: Actor, payload: Mapping[str, object]) -> None:
    """An entry in the stream of the person's bank; a person of none has no stream."""
    if person.bank is not None:
        record(bank_stream(person.bank), verb, f"person:{person.pk}", by=by, payload=payload)


def _plain(value: object) -> object:
    return str(value.pk) if isinstance(value, Unit) else value
