"""The bank of a rehearsal: founded in a few statements, or found again by its name."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import connection, connections, transaction

from audit.recording import SYSTEM, Actor, action, record
from committee.actions.founding import Employee, add_unit, bank_stream, employ, found_bank, found_committee
from committee.models import Committee, Person, Position, Unit
from portfolio.actions.institutions import found_institution
from portfolio.models import Institution
from regulation.numbers import Regulation
from rehearsal import cast
from rehearsal.naming import INSTITUTIONS

ADMINISTRATOR = "admin"
#: the second officer of the Risk department, without whom no amendment is published
SECOND_OFFICER = "risk2"
FIRST_EFFECTIVE = date(1990, 1, 1)
COMMITTEE, ABBREVIATION = "不良贷款清收化解联席会议", "呼联"
_STAFF_NO = 80_100_000
#: mail to the people of a rehearsal is not deliverable (RFC 2606); their telephone numbers are extensions
_MAIL = "lianxi.example"
_EXTENSION = 8000
_AT = "."  # between handle and mark in a login
_LOCK = 4_302_018  # no other code locks this number in this database
_ROLES = {
    "handler": (Position.Role.HANDLER, cast.FIRST),
    "handler_head": (Position.Role.HEAD, cast.FIRST),
    "other_handler": (Position.Role.HANDLER, cast.SECOND),
    "other_head": (Position.Role.HEAD, cast.SECOND),
    "credit": (Position.Role.CREDIT, cast.BRANCH),
    "risk": (Position.Role.RISK, cast.BRANCH),
    "head_office": (Position.Role.HEAD_OFFICE, cast.HEAD_OFFICE),
    "auditor": (Position.Role.AUDITOR, cast.HEAD_OFFICE),
    "collector": (Position.Role.COLLECTOR, cast.FIRST),
    "office": (Position.Role.OFFICE, cast.BRANCH),
}


class NotShared(Exception):
    """The bank of that name differs from the rehearsal's; `field` is the field of the file that differs."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank with one committee, and the people of the cast by handle."""

    unit: Unit
    committee: Committee
    people: Mapping[str, Person]


def own(numbers: Regulation, start: date, *, ledger: bool = False) -> Bank:
    """Found a bank under a name that is not in use, with a ledger of loans if asked for."""
    mark = secrets.token_hex(6)
    made = _found(
        by=SYSTEM, name=f"演练银行 {mark}", mark=mark, numbers=numbers, effective_from=_since(start)
    )
    return with_ledger(made) if ledger else made


def with_ledger(bank: Bank) -> Bank:
    """The bank with a ledger of loans: its institutions, and who works on the ledger alone."""
    return bank if cast.LEDGER.keys() <= bank.people.keys() else _keep_ledger(bank, by=SYSTEM)


def shared(name: str, numbers: Regulation, start: date, *, ledger: bool = False) -> Bank:
    """Return the bank of that name, founded at first use, with a ledger of loans if asked for.

    NotShared when it was founded with other numbers, or not by a rehearsal.
    """
    found = _shared(name, numbers, start)
    return with_ledger(found) if ledger else found


def _shared(name: str, numbers: Regulation, start: date) -> Bank:
    hold_founding()
    unit = Unit.objects.filter(parent=None, name=name).first()
    if unit is None:
        mark = str(Unit.objects.filter(parent=None).count() + 1)
        return _found(by=SYSTEM, name=name, mark=mark, numbers=numbers, effective_from=_since(start))
    found = existing(unit)
    if found is None:
        raise NotShared("bank", "the name of no bank in the database that is not a rehearsal's")
    first = found.committee.regulations.get(number=1).numbers
    if first != numbers:
        raise NotShared("regulation", f"the numbers that this bank was founded with: {first.as_json()}")
    return found


def existing(unit: Unit) -> Bank | None:
    """The bank of this head office; None if it was not founded by a rehearsal."""
    persons = Person.objects.filter(bank=unit, username__contains=_AT)
    people = {person.username.partition(_AT)[0]: person for person in persons}
    committee = Committee.objects.filter(branch__bank=unit, name=COMMITTEE).select_related("branch").first()
    if committee is None or not cast.OFFICERS.keys() <= people.keys():
        return None
    return Bank(unit, committee, people)


@action
def give_logins(bank: Bank, *, by: Actor, handles: Iterable[str], password: str) -> list[Person]:
    """These people can sign in with the password; the audit entry names the people only."""
    people = [bank.people[handle] for handle in handles]
    encoded = make_password(password)
    for person in people:
        person.password = encoded
    Person.objects.bulk_update(people, ["password"])
    record(
        bank_stream(bank.unit),
        "give_logins",
        f"unit:{bank.unit.pk}",
        by=by,
        payload={"people": [str(person.pk) for person in people]},
    )
    return people


@action
def employ_administrator(bank: Bank, *, by: Actor, password: str) -> Person:
    """The bank has an administrator with the handle `admin`, who signs in with the password."""
    mark = bank.people["chair"].username.partition(_AT)[2]
    employee = Employee(f"{ADMINISTRATOR}{_AT}{mark}", str(_STAFF_NO), "系统管理员", bank.unit)
    (person,) = employ(by=by, bank=bank.unit, people=[employee])
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


@action
def employ_second_officer(bank: Bank, *, by: Actor, password: str) -> Person:
    """The branch has a second officer of the Risk department, with the handle `risk2` and the password."""
    mark = bank.people["chair"].username.partition(_AT)[2]
    branch = bank.committee.branch
    employee = Employee(
        f"{SECOND_OFFICER}{_AT}{mark}",
        str(_STAFF_NO - 1),
        "邬某某",
        bank.people["risk"].unit or branch,
        positions=((Position.Role.RISK, branch),),
    )
    (person,) = employ(by=by, bank=bank.unit, people=[employee])
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


def make_administrator(person: Person) -> None:
    """Make a stored person an administrator, as the database's owner, with an audit entry."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        flags = "UPDATE committee_person SET is_staff = true, is_superuser = true WHERE id = %s"
        cursor.execute(flags, [person.pk])
        cursor.execute("SELECT audit_vouch('the administrator of a demo')")


@action
def _found(*, by: Actor, name: str, mark: str, numbers: Regulation, effective_from: date) -> Bank:
    """A new bank of that name exists; `mark` makes the logins of its people unique."""
    head_office = found_bank(by=by, name=name)
    branch = add_unit(by=by, parent=head_office, kind=Unit.Kind.BRANCH, name=cast.BRANCH)
    units = {cast.HEAD_OFFICE: head_office, cast.BRANCH: branch}
    for below in cast.departments(numbers.seats):
        units[below] = add_unit(by=by, parent=branch, kind=Unit.Kind.DEPARTMENT, name=below)
    for below in cast.SUB_BRANCHES:
        units[below] = add_unit(by=by, parent=branch, kind=Unit.Kind.SUB_BRANCH, name=below)
    people = _employ(by, head_office, units, cast.everybody(numbers.seats), mark)
    holders = [cast.holder(number) for number in range(1, numbers.seats + 1)]
    committee = found_committee(
        by=by,
        branch=branch,
        name=COMMITTEE,
        abbreviation=ABBREVIATION,
        liaison=people["liaison"],
        seats=[(member.post, units[member.unit], people[member.handle]) for member in holders],
        numbers=numbers,
        effective_from=effective_from,
    )
    return Bank(head_office, committee, people)


@action
def _keep_ledger(bank: Bank, *, by: Actor) -> Bank:
    """The bank's units are institutions of the ledger, and the people of the ledger are employed."""
    branch = bank.committee.branch
    units = {unit.name: unit for unit in Unit.objects.filter(parent=branch)}
    units |= {cast.HEAD_OFFICE: bank.unit, cast.BRANCH: branch}
    for code, (name, level) in INSTITUTIONS.items():
        watched = level == Institution.Level.INSTITUTION
        found_institution(units[name], by=by, code=code, level=level, ranked=watched)
    mark = bank.people["chair"].username.partition(_AT)[2]
    first = len(bank.people) + 1
    return replace(
        bank, people={**bank.people, **_employ(by, bank.unit, units, cast.ledger(), mark, first=first)}
    )


def _employ(
    by: Actor, bank: Unit, units: Mapping[str, Unit], members: Sequence[cast.Member], mark: str,
    *, first: int = 1,
) -> dict[str, Person]:  # fmt: skip
    employees = []
    for number, member in enumerate(members, first):
        held = _ROLES.get(member.handle)
        employees.append(
            Employee(
                username=f"{member.handle}{_AT}{mark}",
                staff_no=str(_STAFF_NO + number),
                display_name=member.name,
                unit=units[member.unit],
                positions=((held[0], units[held[1]]),) if held else (),
                email=f"{member.handle}{_AT}{mark}@{_MAIL}",
                phone=str(_EXTENSION + number),
            )
        )
    persons = employ(by=by, bank=bank, people=employees)
    return {member.handle: person for member, person in zip(members, persons, strict=True)}


def _since(start: date) -> date:
    """The date from which the regulation is in force in a rehearsal that starts on that day."""
    return min(FIRST_EFFECTIVE, start)


def hold_founding() -> None:
    """Prevent others from founding a kept bank until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
