"""The viewer of a page: their positions, seats and offices, and what is open to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise

from audit import clock
from audit.recording import SYSTEM
from committee.actions.liaison import switch_liaison
from committee.models import Committee, Message, Person, Position, Proxy, Seat
from committee.models.liaison import to_switch, with_acting
from committee.offices import (
    AUDITOR,
    CHAIR,
    HANDLER,
    HEAD_OFFICE,
    LIAISON,
    OFFICES,
    PROXY,
    SEAT,
    Office,
    Offices,
    Scope,
    ids_read,
    is_known_not_to_hold,
    read_offices,
    which,
)
from committee.prepared import Prepared, read_together
from office.permissions import DOSSIER_READERS
from portfolio.permissions import SEES, Reach
from voting.permissions import to_cast

#: the greatest number of unread messages shown in the head
UNREAD = 99


def _liaison_of(person: int, moment: datetime) -> QuerySet[Any]:
    """The committees whose liaison the person is, and all whose liaison is to be switched."""
    rows = with_acting(Committee.objects.order_by("pk"), moment)
    return rows.filter(Q(liaison=person) | Q(pk__in=to_switch(moment).values("pk")))


def _beside(person: int) -> QuerySet[Any, Any]:
    """Meetings and holders of the person's proxies, unread messages, meetings with a ballot to be cast."""
    running = Q(seat__holder=OuterRef("pk"), revoked_at=None, ended_at=None)
    proxies = Proxy.objects.filter(running | Q(holder=OuterRef("pk"))).order_by("pk")
    unread = Message.objects.unread().filter(person=OuterRef("pk")).order_by()
    return Person.objects.filter(pk=person).values_list(
        ArraySubquery(proxies.values("meeting")),
        ArraySubquery(proxies.values("holder")),
        ArraySubquery(unread.values("pk")[: UNREAD + 1]),
        ArraySubquery(to_cast(Person(pk=person)).values("vote__meeting")),
    )


_POSITIONS = Prepared(
    lambda person: Position.objects.filter(person=person).select_related("unit").order_by("pk"), int
)
_SEATS = Prepared(
    lambda person: (
        Seat.objects.filter(holder=person).select_related("committee").order_by("committee", "number")
    ),
    int,
)
_LIAISON_OF = Prepared(_liaison_of, int, datetime)
_SERVED = Prepared(lambda person: Committee.objects.filter(liaison=person).order_by("pk"), int)
_BESIDE = Prepared(_beside, int)


@dataclass(frozen=True)
class Viewer:
    """A person with their positions, the committees that they serve as liaison, and their seats."""

    person: Person

    @cached_property
    def cache(self) -> dict[Any, Any]:
        """What has been read for this person during the request."""
        return {}

    @cached_property
    def _read(self) -> dict[Prepared[Any], list[Any]]:
        """What the person holds beside proxies, as rows: one statement for all of it."""
        without = {_SEATS: SEAT, _SERVED: LIAISON}
        asked = [
            rows
            for rows in (_POSITIONS, _SEATS, _SERVED, _BESIDE)
            if rows not in without or not is_known_not_to_hold(self.person, without[rows])
        ]
        return dict(zip(asked, read_together(*((rows, [self.person.pk]) for rows in asked)), strict=True))

    @property
    def positions(self) -> list[Position]:
        """The person's positions with their units."""
        return self._read[_POSITIONS]

    @property
    def seats(self) -> list[Seat]:
        """The seats that the person holds, with their committees."""
        return self._read.get(_SEATS, [])

    @property
    def liaison_of(self) -> list[Committee]:
        """The committees of which the person is liaison."""
        return self._read.get(_SERVED, [])

    @property
    def held(self) -> list[str]:
        """The offices that the person holds beside proxies, each with what it is of ("liaison:3")."""
        return sorted(
            [f"{each.role}:{each.unit_id}" for each in self.positions]
            + [f"seat:{each.pk}" for each in self.seats]
            + [f"liaison:{each.pk}" for each in self.liaison_of]
        )

    def settle_liaison(self) -> None:
        """Apply stand-ins' terms that began or ended, where the person is or becomes the liaison.

        The worker applies them too; this avoids waiting for it, and acting after a term's end.
        """
        for row in _LIAISON_OF(self.person.pk, clock.now()):
            if row.acting not in (None, row.liaison_id):
                switch_liaison(row, by=SYSTEM)

    @cached_property
    def drafts_for(self) -> list[Committee]:
        """The committees to which the person, as handler, brings plans of their institutions."""
        branches = {each.unit.parent_id for each in self.positions if each.role == HANDLER.role}
        return list(Committee.objects.filter(branch__in=branches).order_by("pk")) if branches else []

    @property
    def _beside(self) -> tuple[list[tuple[int, int]], int, list[int]]:
        """Meeting and holder of each proxy that the person holds or held, or that stands for their seat.

        With them the number of unread messages, up to one more than UNREAD, and the meetings in which the
        person has a ballot to cast: one statement for each page.
        """
        ((meetings, holders, messages, ballots),) = self._read[_BESIDE]
        return list(zip(meetings, holders, strict=True)), len(messages), ballots

    @property
    def _proxies(self) -> list[tuple[int, int]]:
        return self._beside[0]

    @property
    def represented_at(self) -> frozenset[int]:
        """The ids of meetings in which a running proxy stands for the person's own seat."""
        return frozenset(meeting for meeting, holder in self._proxies if holder != self.person.pk)

    @property
    def held_at(self) -> frozenset[int]:
        """The ids of meetings for which the person was ever authorised."""
        return frozenset(meeting for meeting, holder in self._proxies if holder == self.person.pk)

    @property
    def holds_proxy(self) -> bool:
        """Whether the person was ever authorised as a proxy."""
        return bool(self.held_at)

    def units(self, *offices: Office) -> frozenset[int]:
        """The ids of the units for which the person has a position of one of these offices."""
        roles = {office.role for office in offices}
        return frozenset(position.unit_id for position in self.positions if position.role in roles)

    def units_of(self, scope: Scope) -> frozenset[int]:
        """The ids of the units for which the person has a position that is held for this scope."""
        return self.units(*which(lambda office: office.scope == scope).offices)

    def reach(self, offices: Iterable[Office], committee: str = "") -> Q:
        """The committees for which the person holds one of the offices, from what was read.

        With `committee`, the rows that this column links to such a committee.
        """
        offices = set(offices)
        to = f"{committee}__" if committee else ""
        held = self._units_held(offices)
        above = {
            f"{to}branch__in": held[Scope.BRANCH] | held[Scope.INSTITUTION],
            f"{to}branch__bank__in": held[Scope.BANK],
        }
        return Q(**{f"{to}pk__in": self._committees_held(offices)}) | Q(**above, _connector=Q.OR)

    def _committees_held(self, offices: set[Office]) -> set[int]:
        """The ids of committees in which the person has one of these offices, by seat or as liaison."""
        found = {row.pk for row in self.liaison_of} if LIAISON in offices else set()
        if SEAT in offices:
            found |= {row.committee_id for row in self.seats}
        return found | self.chairs if CHAIR in offices else found

    def _units_held(self, offices: set[Office]) -> dict[Scope, set[int]]:
        """The units for which positions give one of these offices, by scope; of an institution its branch."""
        scopes = {office.role: office.scope for office in offices if office.role}
        found: dict[Scope, set[int]] = {scope: set() for scope in Scope}
        for each in self.positions:
            scope = scopes.get(each.role)
            if scope is not None:
                branch = each.unit.parent_id or 0
                found[scope].add(branch if scope == Scope.INSTITUTION else each.unit_id)
        return found

    @property
    def chairs(self) -> frozenset[int]:
        """The ids of committees of which the person is the chair."""
        return frozenset(seat.committee_id for seat in self.seats if seat.is_chair)

    @cached_property
    def offices(self) -> frozenset[Office]:
        """The offices that the person holds anywhere: by position, by seat, as liaison, by proxy."""
        roles = {position.role for position in self.positions}
        found = {office for office in OFFICES.values() if office.role in roles}
        if self.seats:
            found.add(SEAT)
        if self.chairs:
            found.add(CHAIR)
        if self.liaison_of:
            found.add(LIAISON)
        if self.holds_proxy:
            found.add(PROXY)
        return frozenset(found)

    def acts_as(self, office: Office | Offices, subject: Any) -> bool:
        """Whether the person has the office for the object, from what was read, without a statement.

        The object is a committee, a proposal or a meeting, with its committee and branch loaded.
        """
        return office.is_of(self, subject)

    def in_unit(self, role: str, unit_id: int | None) -> bool:
        """Whether the person has the role for the unit."""
        return any(each.role == role and each.unit_id == unit_id for each in self.positions)

    def in_institution_of(self, role: str, branch_id: int) -> bool:
        """Whether the person has the role for some institution of the branch."""
        return any(each.role == role and each.unit.parent_id == branch_id for each in self.positions)

    def in_seat(self, committee_id: int, *, number: int | None = None, acting: int | None = None) -> bool:
        """Whether the person holds a seat: any, or the one of this number or with the id `acting`."""
        seats = (seat for seat in self.seats if seat.committee_id == committee_id)
        return any(number is None or seat.number == number or seat.pk == acting for seat in seats)

    def is_liaison(self, committee: Committee) -> bool:
        """Whether the person is the committee's liaison, with stand-ins' terms applied."""
        return committee.liaison_id == self.person.pk

    def has_proxy(self, subject: Any) -> bool:  # noqa: ARG002  the meeting is checked by the offer
        """Whether the person was ever authorised, for any meeting."""
        return self.holds_proxy

    def belongs_to(self, committee: Committee) -> bool:
        """Whether the person is in the committee, or acts for its branch, its bank or an institution."""
        held_for = {Scope.INSTITUTION, Scope.BRANCH, Scope.BANK, Scope.COMMITTEE}
        return self.acts_as(which(lambda office: office.acts and office.scope in held_for), committee)

    @property
    def unread(self) -> int:
        """The number of unread messages; one more than UNREAD stands for any greater number."""
        return self._beside[1]

    @property
    def ballots_at(self) -> list[int]:
        """The meetings with an open vote in which the person has a ballot to cast."""
        return self._beside[2]

    @property
    def titles(self) -> list[str | Promise]:
        """The person's offices as texts, each with what it is for."""
        words: list[str | Promise] = [f"{seat.committee} · {seat.post}" for seat in self.seats]
        words += [f"{committee} · {LIAISON.name}" for committee in self.liaison_of]
        held = [(each.unit, OFFICES[each.role]) for each in self.positions if each.role in OFFICES]
        words += [f"{unit} · {office.name}" for unit, office in held]
        return words

    @property
    def home(self) -> str:
        """The person's committee, or else their unit, for the head of the page."""
        committees = [seat.committee for seat in self.seats] + self.liaison_of
        if committees:
            return str(committees[0])
        return str(self.positions[0].unit) if self.positions else ""

    @property
    def sees_meetings(self) -> bool:
        """Whether meetings are among the person's places."""
        return any(office.meetings for office in self.offices)

    @property
    def administers(self) -> bool:
        """Whether the person manages people, units, positions and committees."""
        return self.person.is_staff and self.person.is_superuser

    @property
    def follows_all(self) -> bool:
        """Whether all proposals by stage are among the person's places; a member has the docket."""
        return any(office.sees_filed and office is not SEAT for office in self.offices)

    @property
    def sees_dockets(self) -> bool:
        """Whether dockets are among the person's places, which is so for those who see others' plans once
        filed.
        """
        return any(office.sees_filed for office in self.offices)

    @property
    def sees_reports(self) -> bool:
        """Whether the committees' reports to head office are among the person's places."""
        return any(office.sees_filed and office.scope == Scope.BANK for office in self.offices)

    @property
    def has_ledger(self) -> bool:
        """Whether the ledger of loans is among the person's places: whether a role sees any of it."""
        return any(position.role in SEES for position in self.positions)

    @property
    def sees_institutions(self) -> bool:
        """Whether a role shows institutions of the ledger, not only the person's own loans."""
        return any(each.role in SEES and SEES[each.role].reach != Reach.DUTIES for each in self.positions)

    @property
    def sees_dossiers(self) -> bool:
        """Whether the dossiers of decisions are among the person's places."""
        return any(office in self.offices for office in DOSSIER_READERS.offices)

    @property
    def sees_figures(self) -> bool:
        """Whether statistics by branch and period are among the person's places: of the bank or branch
        supervised.
        """
        return any(office.sees_filed and office.supervises for office in self.offices)

    @property
    def is_head_office(self) -> bool:
        """Whether the person is of head office, which sees a plan once it is filed."""
        return HEAD_OFFICE in self.offices

    @property
    def audits(self) -> bool:
        """Whether the audit log is among the person's places."""
        return AUDITOR in self.offices


def viewer_for(person: Person) -> Viewer:
    """The person as a viewer, with what they hold read; the acting liaisons are settled before that."""
    made = Viewer(person)
    if ids_read(person) is None:
        made.settle_liaison()
        read_offices(person)
    return made


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of the request, read once."""
    known = getattr(request, "viewer", None)
    if not isinstance(known, Viewer):
        assert isinstance(request.user, Person)
        known = viewer_for(request.user)
        request.viewer = known  # type: ignore[attr-defined]  # read once for each request
    return known


def committee_of_viewer(request: HttpRequest, pk: int) -> Committee:
    """A committee of the viewer's, with branch and liaison; 404 for any other."""
    committee = get_object_or_404(Committee.objects.select_related("branch", "liaison"), pk=pk)
    if not viewer_of(request).belongs_to(committee):
        raise Http404
    return committee
