"""What every page has around it: who is looking, the places of this person, and the chosen display."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import clock
from audit.recording import SYSTEM
from committee.actions.liaison import switch_liaison
from committee.models import Committee, Message, Person, Position, Proxy, Seat
from committee.models.liaison import to_switch, with_acting
from office import sessions

THEMES = ("system", "light", "dark")
UNITS = ("yuan", "wan")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
#: what the reader chooses → what there is to choose from
CHOICES: Mapping[str, tuple[str, ...]] = {"theme": THEMES, "unit": UNITS, "language": LANGUAGES}
#: what joins officers in the tables of permissions
_EITHER = re.compile(", | or ")
_YEAR = 365 * 24 * 3600
#: up to so many unread messages are counted in the head
UNREAD = 99

Role = Position.Role

_NAMES = {
    "chair": _("Chair"),
    "member": _("Member"),
    "liaison": _("Liaison officer"),
    "proxy": _("Proxy"),
}


@dataclass(frozen=True)
class Standing:
    """What a person is here: positions held, committees served as liaison, seats held."""

    person: Person

    @cached_property
    def found(self) -> dict[Any, Any]:
        """What was read for this person already while a request is answered, by whoever reads it."""
        return {}

    @cached_property
    def positions(self) -> list[Position]:
        """The person's positions with their units."""
        return list(Position.objects.filter(person=self.person).select_related("unit").order_by("pk"))

    @cached_property
    def seats(self) -> list[Seat]:
        """The seats that the person holds, with their committees."""
        return list(
            Seat.objects.filter(holder=self.person)
            .select_related("committee")
            .order_by("committee", "number")
        )

    @cached_property
    def liaison_of(self) -> list[Committee]:
        """The committees whose liaison the person is; one whose stand-in's time has come or gone is switched.

        The worker does so too; nobody should wait for it, or act on after the moment.
        """
        moment = clock.now()
        rows = with_acting(Committee.objects.order_by("pk"), moment)
        rows = rows.filter(Q(liaison=self.person) | Q(pk__in=to_switch(moment).values("pk")))
        found = [
            row if row.acting in (None, row.liaison_id) else switch_liaison(row, by=SYSTEM) for row in rows
        ]
        return [row for row in found if row.liaison_id == self.person.pk]

    @cached_property
    def drafts_for(self) -> list[Committee]:
        """The committees to which the person's institutions bring plans, as their handler."""
        branches = {each.unit.parent_id for each in self.positions if each.role == Role.HANDLER}
        return list(Committee.objects.filter(branch__in=branches).order_by("pk")) if branches else []

    @cached_property
    def _beside(self) -> tuple[list[tuple[int, int]], int, list[int]]:
        """Meeting and holder of each proxy that the person holds or held, or that stands for an own seat.

        Beside them the number of unread messages, up to one more than UNREAD, and the meetings in which a
        ballot of the person's is to be cast: one statement a page.
        """
        from office import open_votes

        running = Q(seat__holder=OuterRef("pk"), revoked_at=None, ended_at=None)
        proxies = Proxy.objects.filter(running | Q(holder=OuterRef("pk"))).order_by("pk")
        unread = Message.objects.unread().filter(person=OuterRef("pk")).order_by()
        rows = Person.objects.filter(pk=self.person.pk).values_list(
            ArraySubquery(proxies.values("meeting")),
            ArraySubquery(proxies.values("holder")),
            ArraySubquery(unread.values("pk")[: UNREAD + 1]),
            ArraySubquery(open_votes.to_cast(self.person).values("vote__meeting")),
        )
        ((meetings, holders, messages, ballots),) = rows
        return list(zip(meetings, holders, strict=True)), len(messages), ballots

    @property
    def _proxies(self) -> list[tuple[int, int]]:
        return self._beside[0]

    @property
    def represented_at(self) -> frozenset[int]:
        """The ids of the meetings at which a running proxy stands for a seat of the person's own."""
        return frozenset(meeting for meeting, holder in self._proxies if holder != self.person.pk)

    @property
    def held_at(self) -> frozenset[int]:
        """The ids of the meetings for which somebody has authorised the person, at any time."""
        return frozenset(meeting for meeting, holder in self._proxies if holder == self.person.pk)

    @property
    def holds_proxy(self) -> bool:
        """Whether somebody has authorised the person, at any time."""
        return bool(self.held_at)

    def units(self, *roles: str) -> frozenset[int]:
        """The ids of the units for which the person has one of the roles."""
        return frozenset(position.unit_id for position in self.positions if position.role in roles)

    @property
    def chairs(self) -> frozenset[int]:
        """The ids of the committees whose chair's seat the person holds."""
        return frozenset(seat.committee_id for seat in self.seats if seat.is_chair)

    @cached_property
    def roles(self) -> frozenset[str]:
        """All roles of the person: those of positions, and chair, member, liaison, proxy."""
        found = {position.role for position in self.positions}
        if self.seats:
            found.add("member")
        if self.chairs:
            found.add("chair")
        if self.liaison_of:
            found.add("liaison")
        if self.holds_proxy:
            found.add("proxy")
        return frozenset(found)

    def acts_as(self, officers: str, subject: Any) -> bool:
        """Whether the person is the officer, as the tables of permissions name it, for the object.

        A name such as "presiding, liaison or speaker" stands for any of them.

        The object is a committee, a proposal or a meeting, with its committee and branch loaded.
        """
        return any(self._acts_as(officer, subject) for officer in _EITHER.split(officers))

    def _acts_as(self, officer: str, subject: Any) -> bool:
        committee = subject if isinstance(subject, Committee) else subject.committee
        if officer in {"handler", "observer", "risk", "credit", "head_office"}:
            return self._officer_of_a_unit(officer, subject, committee)
        seated = any(seat.committee_id == committee.pk for seat in self.seats)
        match officer:
            case "liaison":
                return bool(committee.liaison_id == self.person.pk)
            case "chair":
                return committee.pk in self.chairs
            case "presiding":
                return committee.pk in self.chairs or self._acts_for_the_chair(subject)
            case "seat":
                return seated
            case "proxy":
                return self.holds_proxy
            case "speaker":
                return seated or self.holds_proxy
        raise KeyError(officer)

    def _officer_of_a_unit(self, officer: str, subject: Any, committee: Committee) -> bool:
        unit = getattr(subject, "unit_id", None)
        match officer:
            case "handler":
                return self._handles(committee, unit)
            case "observer":
                return unit in self.units(Role.HEAD)
            case "head_office":
                return committee.branch.bank_id in self.units(officer)
        return committee.branch_id in self.units(officer)

    def _acts_for_the_chair(self, subject: Any) -> bool:
        """Whether the person is acting chair of the meeting, or of the one in which the plan stands."""
        item = getattr(subject, "item", None)
        acting = getattr(subject if item is None else item.meeting, "acting_seat", None)
        return acting is not None and acting.holder_id == self.person.pk

    def _handles(self, committee: Committee, unit: int | None) -> bool:
        """Whether the person is a handler of the unit, or of some institution of the committee's branch."""
        if unit is not None:
            return unit in self.units(Role.HANDLER)
        return any(
            position.role == Role.HANDLER and position.unit.parent_id == committee.branch_id
            for position in self.positions
        )

    def belongs_to(self, committee: Committee) -> bool:
        """Whether the committee is one of the person's, who is in it or an officer of its branch or bank."""
        return any(
            self.acts_as(officer, committee)
            for officer in ("liaison", "seat", "handler", "risk", "credit", "head_office")
        )

    @property
    def unread(self) -> int:
        """How many messages wait to be opened; one more than UNREAD stands for any number above."""
        return self._beside[1]

    @property
    def ballots_at(self) -> list[int]:
        """The meetings in which a vote is open and a ballot of the person's is to be cast."""
        return self._beside[2]

    @property
    def titles(self) -> list[str | Promise]:
        """What the person is, in words, each with what it is for."""
        words: list[str | Promise] = [f"{seat.committee} · {seat.post}" for seat in self.seats]
        words += [f"{committee} · {_NAMES['liaison']}" for committee in self.liaison_of]
        words += [f"{position.unit} · {position.get_role_display()}" for position in self.positions]
        return words

    @property
    def home(self) -> str:
        """The committee that the person belongs to, else the unit, for the head of the page."""
        committees = [seat.committee for seat in self.seats] + self.liaison_of
        if committees:
            return str(committees[0])
        return str(self.positions[0].unit) if self.positions else ""

    @property
    def sees_meetings(self) -> bool:
        """Whether meetings are a place of this person's."""
        elsewhere = any(each.role not in (Role.HANDLER, Role.HEAD) for each in self.positions)
        return elsewhere or bool(self.seats or self.liaison_of) or self.holds_proxy

    @property
    def administers(self) -> bool:
        """Whether people, units, positions and committees are this person's to keep."""
        return self.person.is_staff and self.person.is_superuser

    @property
    def follows_all(self) -> bool:
        """Whether all proposals by stage are a place of this person's."""
        return bool({"liaison", "chair", Role.HEAD_OFFICE, Role.RISK, Role.AUDITOR} & self.roles)

    @property
    def sees_dockets(self) -> bool:
        """Whether dockets are a place of this person's: of whoever sees the plans of others once filed."""
        offices = {"liaison", "chair", "member", Role.HEAD_OFFICE, Role.RISK, Role.AUDITOR}
        return bool(offices & self.roles)

    @property
    def sees_reports(self) -> bool:
        """Whether the committees' reports to head office are a place of this person's."""
        return not self.roles.isdisjoint({Role.HEAD_OFFICE, Role.AUDITOR})

    @property
    def sees_figures(self) -> bool:
        """Whether figures by branch and period are: of the bank, or of the Risk department's branch."""
        return self.sees_reports or Role.RISK in self.roles

    @property
    def audits(self) -> bool:
        """Whether the audit log is a place of this person's."""
        return Role.AUDITOR in self.roles


@dataclass(frozen=True)
class Place:
    """An entry of the rail; on a phone those that do not fit its bar are in the person's menu."""

    name: str | Promise
    url: str
    here: bool
    phone: bool


def standing(request: HttpRequest) -> Standing:
    """The standing of whoever is looking; read once a request."""
    known = getattr(request, "standing", None)
    if not isinstance(known, Standing):
        assert isinstance(request.user, Person)
        known = Standing(request.user)
        known.liaison_of  # noqa: B018  who is liaison is settled before anything is read
        request.standing = known  # type: ignore[attr-defined]
    return known


#: the places, the most needed first: address, name, whose it is; the first ones stand on a phone's bar
_PLACES: tuple[tuple[str, str | Promise, Callable[[Standing], bool]], ...] = (
    ("desk", _("Desk"), lambda _who: True),
    ("admin:index", _("Administration"), lambda who: who.administers),
    ("sign-ins", _("Sign-ins"), lambda who: who.administers),
    ("screening", _("Screening"), lambda who: bool(who.liaison_of)),
    ("credit", _("Credit approval"), lambda who: Role.CREDIT in who.roles),
    ("proposals", _("Proposals"), lambda _who: True),
    ("meetings", _("Meetings"), lambda who: who.sees_meetings),
    ("regulation", _("Regulation"), lambda who: Role.RISK in who.roles),
    ("roster", _("Roster"), lambda who: Role.RISK in who.roles),
    ("exceptions", _("Exceptions"), lambda who: who.audits),
    ("streams", _("Audit log"), lambda who: who.audits),
    ("dockets", _("Dockets"), lambda who: who.sees_dockets and not who.audits),
    ("board", _("Board"), lambda who: who.follows_all),
    ("figures", pgettext_lazy("place", "Figures"), lambda who: who.sees_figures),
    ("regulation", _("Regulation"), lambda who: Role.RISK not in who.roles),
)
MOST, MOST_ON_A_PHONE = 7, 4


def places(who: Standing, here: str) -> list[Place]:
    """The places of the rail for this person; at most seven, on a phone at most four."""
    named = [(place, name) for place, name, has in _PLACES if has(who)][:MOST]
    return [
        Place(name, reverse(place), place == here, phone=number < MOST_ON_A_PHONE)
        for number, (place, name) in enumerate(named)
    ]


def display(request: HttpRequest) -> dict[str, str]:
    """The reader's choice of theme and of the unit of money."""
    theme, unit = request.COOKIES.get("theme", ""), request.COOKIES.get("unit", "")
    return {"theme": theme if theme in THEMES else "system", "unit": unit if unit in UNITS else "yuan"}


def remember(response: HttpResponse, **chosen: str) -> None:
    """What the reader has chosen, where there is such a choice, is kept in a cookie for a year."""
    for name, value in chosen.items():
        if value in CHOICES[name]:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME if name == "language" else name,
                value,
                max_age=_YEAR,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )


def with_socket(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page, which may open a socket to this host; not every browser takes 'self' for one."""
    scheme = "wss" if request.is_secure() else "ws"
    may_connect = csp_update({"connect-src": f"{scheme}://{request.get_host()}"})
    return cast("HttpResponse", may_connect(lambda _request: response)(request))


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, here: str, status: int = 200
) -> HttpResponse:
    """The template with its frame for whoever is looking."""
    from office import open_votes

    who = standing(request)
    told = open_votes.told(template, context, who.person, who.ballots_at)
    frame = {
        "standing": who,
        "vote_told": told,
        "places": places(who, here),
        "here": here,
        "session": sessions.remaining(request),
        **display(request),
    }
    if clash := context.keys() & frame.keys():
        raise ValueError(f"{template} and its frame both have {sorted(clash)}")
    response = render(request, template, {**context, **frame}, status=status)
    return response if told.meeting is None else with_socket(request, response)
