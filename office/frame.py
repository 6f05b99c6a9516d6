"""What every page has around it: who is looking, the places of this person, and the chosen display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.models import Position
from office import sessions
from office.viewer import Viewer, viewer_of

THEMES = ("system", "light", "dark")
UNITS = ("yuan", "wan")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
#: what the reader chooses → what there is to choose from
CHOICES: Mapping[str, tuple[str, ...]] = {"theme": THEMES, "unit": UNITS, "language": LANGUAGES}
_YEAR = 365 * 24 * 3600

Role = Position.Role


@dataclass(frozen=True)
class Place:
    """An entry of the rail; on a phone those that do not fit its bar are in the person's menu."""

    name: str | Promise
    url: str
    here: bool
    phone: bool


#: the places, the most needed first: address, name, whose it is; the first ones stand on a phone's bar
_PLACES: tuple[tuple[str, str | Promise, Callable[[Viewer], bool]], ...] = (
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


def places(who: Viewer, here: str) -> list[Place]:
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

    who = viewer_of(request)
    told = open_votes.told(template, context, who.person, who.ballots_at)
    frame = {
        "viewer": who,
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
