"""People, positions and units, as the administrator changes them; entries are in the bank's stream.

These objects belong to no committee, so the actions begin by locking the row and checking that `by` is the
administrator, or the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from audit import clock
from audit.recording import SYSTEM, Actor, action, record
from committee.actions.founding import bank_stream
from committee.messages import announce, mail_former_address
from committee.models import Person, Position, Unit
from committee.models.lines import require_lines
from regulation.refused import Refused

#: the fields of a person that the administrator changes
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


def _administered(person: Person, by: Actor) -> Person:
    """Lock and return the person for the administrator; `access/denied` to others."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require_administrator(by, person.bank)
    return person


def _oneself(person: Person, by: Actor) -> Person:
    """Lock and return the person for that person; `access/denied` to others."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if by != person:
        raise Refused("access/denied")
    return person


@action
def change_person(person: Person, *, by: Actor, changes: Mapping[str, object]) -> Person:
    """The person has these values of `CHANGEABLE`; one no longer active is signed out everywhere.

    `access/denied` to anyone but the administrator, and for any other value.
    """
    person = _administered(person, by)
    if not changes.keys() <= set(CHANGEABLE):
        raise Refused("access/denied")
    former = person.email
    for name, value in changes.items():
        setattr(person, name, value)
    require_lines(person, changes)
    if changes.get("is_active") is False:
        person.session_epoch += 1
    person.save()
    _record(
        person, "change_person", by, {name: _plain(name, value) for name, value in sorted(changes.items())}
    )
    if person.email != former:
        _notify_of_address(person, former)
    return person


@action
def change_email(person: Person, *, by: Actor, email: str) -> Person:
    """The person has this e-mail address, empty for none; the old one and the new one are told.

    `access/denied` to anyone but the person. The log has the addresses as far as the first letter.
    """
    person = _oneself(person, by)
    former, person.email = person.email, email
    if former == email:
        return person
    person.save(update_fields=["email"])
    _record(person, "change_email", by, {"email": masked(email), "former": masked(former)})
    _notify_of_address(person, former)
    return person


def masked(email: str) -> str:
    """The address in a form that its owner recognises and that cannot be used: "z…@bank.example"."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else email[:1] and "…"


def _notify_of_address(person: Person, former: str) -> None:
    """Notify the former and the new address, whoever changed it."""
    about = f"person:{person.pk}"
    announce(
        "change_email", [person], by=SYSTEM, about=about, email=masked(person.email), former=masked(former)
    )
    if former:
        mail_former_address(person, "change_email", former)


@action
def give_password(person: Person, *, by: Actor, password: str) -> Person:
    """The person signs in with the password once, and chooses another; signed out everywhere, and told.

    `access/denied` to anyone but the administrator. The log has no word of the password.
    """
    person = _administered(person, by)
    person.set_password(password)
    person.password_given = True
    person.session_epoch += 1
    person.save(update_fields=["password", "password_given", "session_epoch"])
    _record(person, "give_password", by, {})
    announce("give_password", [person], by=SYSTEM, about=f"person:{person.pk}")
    return person


@action
def change_password(person: Person, *, by: Actor, password: str) -> Person:
    """The person signs in with the password of their own choice from now on, and is told.

    `access/denied` to anyone but the person. The log has no word of the password.
    """
    person = _oneself(person, by)
    person.set_password(password)
    given, person.password_given = person.password_given, False
    person.save(update_fields=["password", "password_given"])
    _record(person, "change_password", by, {"given": given})
    announce("change_password", [person], by=SYSTEM, about=f"person:{person.pk}")
    return person


@action
def lock_sign_in(
    person: Person, *, by: Actor, where: str, until: datetime, tries: int, told: Mapping[str, str]
) -> Person:
    """Sign-in of the person is locked in this scope until then; the person is told when and from where.

    `access/denied` to anyone but the system. `told` goes into the person's message only: the log has no
    addresses.
    """
    if by != SYSTEM:
        raise Refused("access/denied")
    _record(person, "lock_sign_in", by, {"where": where, "tries": tries, "until": until})
    announce(
        "lock_sign_in", [person], by=by, about=f"person:{person.pk}",
        where=where, tries=tries, at=clock.now().isoformat(), until_at=until.isoformat(), **told,
    )  # fmt: skip
    return person


@action
def unlock_sign_in(person: Person, *, by: Actor) -> Person:
    """The locks of the person's sign-in are ended by the administrator; the person is told.

    `access/denied` to anyone but the administrator.
    """
    require_administrator(by, person.bank)
    _record(person, "unlock_sign_in", by, {})
    announce("unlock_sign_in", [person], by=SYSTEM, about=f"person:{person.pk}")
    return person


@action
def give_position(person: Person, *, by: Actor, role: str, unit: Unit) -> Position:
    """The person has the role for the unit; a handler belongs to the institution's group.

    `access/denied` to anyone but the administrator, and for a unit of another bank.
    """
    person = _administered(person, by)
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
    require_lines(unit, ["name"])
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
    """Add an entry to the stream of the person's bank, or to the system's for a person without a bank."""
    stream = "system" if person.bank is None else bank_stream(person.bank)
    record(stream, verb, f"person:{person.pk}", by=by, payload=payload)


def _plain(name: str, value: object) -> object:
    if name == "email":
        return masked(str(value))
    return str(value.pk) if isinstance(value, Unit) else value
