"""The offices: what each is held for and what it sees, its test on a person, and its rows in a query.

They are handlers and heads of institutions, liaison, chair, seats and proxies, those who supervise a branch
or a bank, and those who work on the ledger of loans alone. Acts, visibility and pages use these objects;
there is no other list of offices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from typing import Any, Protocol

from django.db.models import JSONField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
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
from committee.prepared import AnyOf, Prepared

Role = Position.Role


class Scope(StrEnum):
    """What an office is held for."""

    INSTITUTION = "institution"
    BRANCH = "branch"
    BANK = "bank"
    #: a part of the tree of institutions, for the ledger of loans alone (`portfolio/permissions.py`)
    LEDGER = "ledger"
    COMMITTEE = "committee"
    MEETING = "meeting"
    ITEM = "item"


class Milestone(IntEnum):
    """The progress of a plan; a milestone reached stays reached, whatever happens to the plan."""

    DRAFTED = 1
    SUBMITTED = 2
    FILED = 3
    RESOLVED = 4


class Holder(Protocol):
    """A person as the offices' tests see them: in the database, or as the viewer of a page."""

    @property
    def person(self) -> Person:
        """The person."""

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
class StoredHolder:
    """A person in the database, with one statement for each question; used by actions."""

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
        """Whether the person acts as liaison by the terms, which may have changed before the switch."""
        return committee.liaison_id == self.person.pk and LiaisonTerm.objects.acting(
            committee.pk, clock.now()
        ) in (None, self.person.pk)

    def has_proxy(self, subject: Any) -> bool:
        """Whether the person holds a running proxy for the meeting."""
        meeting = _meeting_of(subject)
        held = Proxy.objects.running().filter(holder=self.person, meeting=meeting)
        return meeting is not None and held.exists()


class _Composable:
    """An office or several, combined with `|`: `SEAT | PROXY`."""

    __slots__ = ()

    def each(self) -> tuple[Office, ...]:
        """The offices, any of which suffices."""
        raise NotImplementedError

    def __or__(self, other: _Composable) -> Offices:
        return Offices((*self.each(), *other.each()))

    def held_by(self, person: Person, subject: Any) -> bool:
        """Whether the person holds it, by the database, for a committee, a meeting or a plan.

        The object's committee and branch must be loaded; at most one statement for each office.
        """
        return self.is_of(StoredHolder(person), subject)

    def is_of(self, holder: Holder, subject: Any) -> bool:
        """Whether the holder has it for a committee, a meeting or a plan."""
        return any(office.test(holder, subject) for office in self.each())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Office(_Composable):
    """One office: `scope` is what it is held for, `role` the position that gives it, if one does."""

    key: str
    name: str | Promise
    scope: Scope
    test: Callable[[Holder, Any], bool]
    role: str = ""
    #: subquery of the ids of units, committees, meetings or items for which a person holds the office
    rows: Callable[[Person], QuerySet[Any, Any]] | None = None
    #: states in which it sees the meetings of its scope
    meetings: tuple[str, ...] = ()
    #: milestone from which it sees the plans of its scope
    plans: Milestone | None = None
    #: whether acts are done by this office; else it only reads
    acts: bool = True

    def each(self) -> tuple[Office, ...]:
        """The office itself."""
        return (self,)

    def __str__(self) -> str:
        return self.key

    @property
    def supervises(self) -> bool:
        """Whether it supervises the committees of a branch or a bank."""
        return self.scope in (Scope.BRANCH, Scope.BANK)

    @property
    def sees_filed(self) -> bool:
        """Whether it sees every plan of its committees once filed."""
        whole = self.supervises or self.scope == Scope.COMMITTEE
        return whole and self.plans is not None and self.plans <= Milestone.FILED

    @property
    def drafts(self) -> bool:
        """Whether it sees plans while they are drafted, not only once submitted."""
        return self.plans == Milestone.DRAFTED


@dataclass(frozen=True, slots=True)
class Offices(_Composable):
    """Several offices, any of which suffices."""

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


def by_position(
    key: str, name: str | Promise, scope: Scope, *, meetings: tuple[str, ...] = (),
    plans: Milestone | None = None, acts: bool = True,
) -> Office:  # fmt: skip
    """The office given by a position of this role for a unit of the scope."""

    def test(holder: Holder, subject: Any) -> bool:
        if scope == Scope.LEDGER:
            return holder.in_unit(key, getattr(subject, "unit_id", None))
        if scope == Scope.INSTITUTION:
            unit_id = getattr(subject, "unit_id", None)
            if unit_id is None:
                return holder.in_institution_of(key, _committee_of(subject).branch_id)
            return holder.in_unit(key, unit_id)
        committee = _committee_of(subject)
        return holder.in_unit(key, committee.bank_id if scope == Scope.BANK else committee.branch_id)

    def rows(person: Person) -> QuerySet[Any, Any]:
        return _of_positions(person, scope, [key])

    return Office(
        key=key, name=name, scope=scope, test=test, role=key, rows=rows, meetings=meetings, plans=plans,
        acts=acts,
    )  # fmt: skip


def _of_positions(person: Person, scope: Scope, roles: Iterable[str]) -> QuerySet[Any, Any]:
    """The institutions for which the person has one of the roles, or the committees of the branch or bank."""
    units = Position.objects.filter(person=person, role__in=list(roles)).order_by().values("unit")
    if scope in (Scope.INSTITUTION, Scope.LEDGER):
        return units
    above = "branch" if scope == Scope.BRANCH else "branch__bank"
    return Committee.objects.order_by().filter(**{f"{above}__in": units}).values("pk")


def _presides(holder: Holder, subject: Any) -> bool:
    """The chair, and the meeting's acting chair (Art. 9)."""
    meeting = _meeting_of(subject)
    acting = None if meeting is None else meeting.acting_seat_id
    return holder.in_seat(_committee_of(subject).pk, number=Seat.CHAIR, acting=acting)


def _attended_it(holder: Holder, subject: Any) -> bool:
    meeting = _meeting_of(subject)
    return meeting is not None and _attended(holder.person).filter(meeting=meeting).exists()


def _observes(holder: Holder, subject: Any) -> bool:
    """The head of the plan's institution; the action checks admission to the item (Art. 19)."""
    unit_id = getattr(subject, "unit_id", None)
    return unit_id is not None and holder.in_unit(Role.HEAD, unit_id)


def _seats_of(person: Person) -> QuerySet[Any, Any]:
    return Seat.objects.filter(holder=person).order_by()


def _attended(person: Person) -> QuerySet[Any, Any]:
    """The meetings that the person attended for a seat that another person now holds."""
    attended = Attendance.objects.filter(person=person, proxy=None).order_by()
    # by the seat's committee, which is also the meeting's: there are few seats and many meetings
    return attended.exclude(seat__committee__in=_seats_of(person).values("committee")).values("meeting")


def _authorised_for(person: Person) -> QuerySet[Any, Any]:
    """The meetings with a proxy of the person that was neither revoked nor ended by vacating the seat."""
    proxies = Proxy.objects.filter(holder=person, revoked_at=None).exclude(ended_why=Proxy.Ended.VACATED)
    return proxies.order_by().values("meeting")


def _covered_items(person: Person) -> QuerySet[Any, Any]:
    """The items, of meetings to come or in session, covered by a proxy of the person."""
    granted = AgendaItemUserPermission.objects.filter(
        user=person,
        permission__codename="view_agendaitem",
        content_object__meeting__state__in=Meeting.RUNNING,
    )
    return granted.order_by().values("content_object")


EVER = tuple(Meeting.State)

LIAISON = Office(
    key="liaison",
    name=_("Liaison officer"),
    scope=Scope.COMMITTEE,
    test=lambda holder, subject: holder.is_liaison(_committee_of(subject)),
    rows=lambda person: Committee.objects.order_by().filter(liaison=person).values("pk"),
    meetings=EVER,
    plans=Milestone.SUBMITTED,
)
SEAT = Office(
    key="seat",
    name=_("Member"),
    scope=Scope.COMMITTEE,
    test=lambda holder, subject: holder.in_seat(_committee_of(subject).pk),
    rows=lambda person: _seats_of(person).values("committee"),
    meetings=EVER,
    plans=Milestone.FILED,
)
#: beside those of a seat
CHAIR = Office(
    key="chair",
    name=_("Chair"),
    scope=Scope.COMMITTEE,
    test=lambda holder, subject: holder.in_seat(_committee_of(subject).pk, number=Seat.CHAIR),
    rows=lambda person: _seats_of(person).filter(number=Seat.CHAIR).values("committee"),
    plans=Milestone.SUBMITTED,
)
#: the chair, or the meeting's acting chair
PRESIDING = Office(key="presiding", name=_("Presiding"), scope=Scope.MEETING, test=_presides)
PROXY = Office(
    key="proxy",
    name=_("Proxy"),
    scope=Scope.MEETING,
    test=lambda holder, subject: holder.has_proxy(subject),
    rows=_authorised_for,
    meetings=Meeting.RUNNING,
)
#: a proxy on the item, which is visible while its meeting is to come or in session
ITEM_PROXY = Office(key="item_proxy", name=_("Proxy"), scope=Scope.ITEM, test=PROXY.test, rows=_covered_items)
#: a person who attended for a seat that has another holder or none now
FORMER = Office(
    key="former",
    name=_("Former member"),
    scope=Scope.MEETING,
    test=_attended_it,
    rows=_attended,
    meetings=EVER,
)
#: a speaker on an item: for their own seat or by proxy
SPEAKER = Office(key="speaker", name=_("Speaker"), scope=Scope.ITEM, test=(SEAT | PROXY).is_of)
#: the observer of an item, for its institution
OBSERVER = Office(key="observer", name=_("Observer"), scope=Scope.ITEM, test=_observes)
HANDLER = by_position(Role.HANDLER.value, Role.HANDLER.label, Scope.INSTITUTION, plans=Milestone.DRAFTED)
HEAD = by_position(Role.HEAD.value, Role.HEAD.label, Scope.INSTITUTION, plans=Milestone.DRAFTED, acts=False)
CREDIT = by_position(
    Role.CREDIT.value, Role.CREDIT.label, Scope.BRANCH, meetings=Meeting.EFFECTIVE, plans=Milestone.RESOLVED
)
HEAD_OFFICE = by_position(
    Role.HEAD_OFFICE.value, Role.HEAD_OFFICE.label, Scope.BANK, meetings=EVER, plans=Milestone.FILED
)
RISK = by_position(Role.RISK.value, Role.RISK.label, Scope.BRANCH, meetings=EVER, plans=Milestone.SUBMITTED)
AUDITOR = by_position(
    Role.AUDITOR.value, Role.AUDITOR.label, Scope.BANK, meetings=EVER, plans=Milestone.DRAFTED, acts=False
)
#: responsible for collecting loans: sees those with a duty of its own, now or ever
COLLECTOR = by_position(Role.COLLECTOR.value, Role.COLLECTOR.label, Scope.LEDGER)
#: the union's office that supervises the institutions below it
LEDGER_OFFICE = by_position(Role.OFFICE.value, Role.OFFICE.label, Scope.LEDGER)

#: every office by its key
OFFICES: Mapping[str, Office] = {
    office.key: office
    for office in (
        LIAISON, SEAT, CHAIR, PROXY, ITEM_PROXY, FORMER, PRESIDING, SPEAKER, OBSERVER, HANDLER, HEAD, CREDIT,
        RISK, HEAD_OFFICE, AUDITOR, COLLECTOR, LEDGER_OFFICE,
    )
}  # fmt: skip


def which(holds: Callable[[Office], bool]) -> Offices:
    """The offices for which `holds` is true."""
    return Offices(tuple(office for office in OFFICES.values() if holds(office)))


def held_in(offices: Iterable[Office], person: Person, columns: Mapping[Scope, str]) -> Q:
    """The rows for which the person holds one of the offices; `columns` are the columns of the scopes' ids.

    Uses subqueries, or the ids if a page has read them with `read_offices`: with ids the server can choose
    the right index. Inside an action ids read before it are not used.
    """
    queried = [office for office in offices if office.scope in columns and office.rows is not None]
    read = ids_read(person)
    return _by_subqueries(queried, person, columns) if read is None else _by_ids(queried, read, columns)


def _by_ids(queried: Iterable[Office], read: Mapping[str, list[int]], columns: Mapping[Scope, str]) -> Q:
    ids: dict[str, list[int]] = defaultdict(list)
    for office in queried:
        ids[columns[office.scope]] += read[office.key]
    found = Q(pk__in=[])
    for column, pks in ids.items():
        # an office that is not held leaves no trace; a single id stands as such, see committee/seen.py
        if pks:
            found |= Q(**{column: pks[0]}) if len({*pks}) == 1 else Q(AnyOf(column, pks))
    return found


def _by_subqueries(queried: Iterable[Office], person: Person, columns: Mapping[Scope, str]) -> Q:
    found = Q(pk__in=[])
    roles: dict[Scope, list[str]] = defaultdict(list)
    for office in queried:
        if office.role:
            roles[office.scope].append(office.role)
        elif office.rows is not None:
            found |= Q(**{f"{columns[office.scope]}__in": office.rows(person)})
    for scope, named in roles.items():
        found |= Q(**{f"{columns[scope]}__in": _of_positions(person, scope, named)})
    return found


def read_offices(person: Person) -> None:
    """Read in one statement what the person holds, for all later queries with this object."""
    if getattr(person, "_offices", None) is not None:
        return
    keep_read(person, held_from(_held_by(tuple(OFFICES.values()))(person.pk)))


def keep_read(person: Person, held: Mapping[str, list[int]]) -> None:
    """All later queries with this object use these ids, by the key of the office that the person holds."""
    person._offices = held  # type: ignore[attr-defined]  # noqa: SLF001  # kept with the person's row


def ids_read(person: Person) -> Mapping[str, list[int]] | None:
    """The ids by the key of each office, if they were read; never inside an action, which reads anew."""
    held: Mapping[str, list[int]] | None = getattr(person, "_offices", None)
    return None if acting() else held


def is_known_not_to_hold(person: Person, office: Office) -> bool:
    """Whether what the person holds was read, and the office is not among it."""
    held: Mapping[str, list[int]] | None = getattr(person, "_offices", None)
    return held is not None and not held[office.key]


def held_by(offices: tuple[Office, ...], column: str) -> RawSQL:
    """What the person of the column holds, in a query: see `held_from`."""
    written, params = _held_by(offices).subquery(column)
    pairs = "coalesce(jsonb_agg(jsonb_build_array(held.office, held.pk)), '[]')"
    # of the source alone; no value of a request is in it
    text = f"SELECT {pairs} FROM ({written}) AS held(office, pk)"  # noqa: S608  # see above
    return RawSQL(text, params, output_field=JSONField())  # noqa: S611  # see above


def held_from(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The ids by the key of the office, of each office that can be asked for."""
    held: dict[str, list[int]] = {office.key: [] for office in OFFICES.values() if office.rows is not None}
    for key, pk in pairs:
        held[key].append(pk)
    return held


@cache
def _held_by(offices: tuple[Office, ...]) -> Prepared[Any]:
    """The key of each office that a person holds, with what it is held for."""

    def build(person_id: int) -> QuerySet[Any, Any]:
        queries = {
            office.key: office.rows(Person(pk=person_id)) for office in offices if office.rows is not None
        }
        first, *others = (
            rows.annotate(office=Value(key)).values_list("office", *rows.query.values_select)
            for key, rows in queries.items()
        )
        found: QuerySet[Any, Any] = first.union(*others, all=True)
        return found

    return Prepared(build, int)


def seat_number(committee_id: int, person: Person) -> int | None:
    """The number of the seat that the person holds in the committee, if any."""
    held = Seat.objects.filter(committee=committee_id, holder=person)
    return held.order_by().values_list("number", flat=True).first()


def serves_as_liaison(committee: Committee, person: Person) -> bool:
    """Whether the person is the appointed liaison, or stands in now or later (Art. 5)."""
    terms = LiaisonTerm.objects.lasting(clock.now()).filter(committee=committee, person=person)
    return committee.liaison_id == person.pk or terms.exists()
