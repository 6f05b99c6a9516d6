"""What surrounds every page: navigation, display preferences, interpretations, parts of higher packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.models import Committee, Interpretation
from committee.offices import CREDIT, LIAISON, RISK
from web import display
from web.labels import Refusal
from web.viewer import Viewer, viewer_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Place:
    """An entry of the navigation; entries beyond the rail, or a phone's bar, are in the person's menu."""

    name: str | Promise
    url: str
    here: bool
    rail: bool
    phone: bool


#: the places in order of importance: address, name, people; the first ones are on a phone's bar
_PLACES: tuple[tuple[str, str | Promise, Callable[[Viewer], bool]], ...] = (
    ("desk", _("Desk"), lambda _who: True),
    ("admin:index", _("Administration"), lambda who: who.administers),
    ("sign-ins", _("Sign-ins"), lambda who: who.administers),
    ("screening", _("Screening"), lambda who: LIAISON in who.offices),
    ("credit", _("Credit approval"), lambda who: CREDIT in who.offices),
    ("exceptions", _("Exceptions"), lambda who: who.audits),
    ("streams", _("Audit log"), lambda who: who.audits),
    ("proposals", _("Plans"), lambda _who: True),
    ("ledger", _("Ledger"), lambda who: who.has_ledger),
    ("meetings", _("Meetings"), lambda who: who.sees_meetings),
    ("regulation", _("Regulation"), lambda who: RISK in who.offices),
    ("roster", _("Roster"), lambda who: RISK in who.offices),
    ("dossiers", _("Dossiers"), lambda who: who.sees_dossiers),
    ("dockets", _("Dockets"), lambda who: who.sees_dockets and not who.audits),
    ("figures", pgettext_lazy("place", "Figures"), lambda who: who.sees_figures),
    ("board", _("Board"), lambda who: who.follows_all),
    ("regulation", _("Regulation"), lambda who: RISK not in who.offices),
)
MOST, MOST_ON_A_PHONE = 7, 4

Part = Callable[[HttpRequest, str, Mapping[str, Any], Viewer], tuple[Mapping[str, Any], bool]]
_AROUND: list[Part] = []


def places(who: Viewer, here: str) -> list[Place]:
    """The person's places: at most seven are in the rail, on a phone at most four, the others in the menu."""
    return [
        Place(name, reverse(place), place == here, rail=number < MOST, phone=number < MOST_ON_A_PHONE)
        for number, (place, name) in enumerate(all_places(who))
    ]


def all_places(who: Viewer) -> list[tuple[str, str | Promise]]:
    """Address and name of every place that the person has."""
    return [(place, name) for place, name, has in _PLACES if has(who)]


def with_socket(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Allow the page to open a socket to this host; not all browsers accept 'self' for it."""
    scheme = "wss" if request.is_secure() else "ws"
    may_connect = csp_update({"connect-src": f"{scheme}://{request.get_host()}"})
    return cast("HttpResponse", may_connect(lambda _request: response)(request))


def context_part(part: Part) -> Part:
    """Decorate a function that adds context to every page, for packages above this one.

    It is called with request, template, context and viewer, and returns the context and whether the page
    needs its socket. The package imports its module when the site starts.
    """
    _AROUND.append(part)
    return part


def named(context: Mapping[str, Any] | DataclassInstance) -> Mapping[str, Any]:
    """The context of a template: of a dataclass its fields and properties."""
    if isinstance(context, Mapping):
        return context
    kind = type(context)
    computed = [name for name in dir(kind) if isinstance(getattr(kind, name), property | cached_property)]
    return {name: getattr(context, name) for name in (*(each.name for each in fields(context)), *computed)}


def _interpretations(context: Mapping[str, Any]) -> Mapping[int, list[Interpretation]]:
    """The interpretations in force of the articles that the page's refusals rest on, by article (Art. 24).

    Refusals are the context's `refusal`, `stop` and that of its `form`; the interpretations are those of the
    page's committee.
    """
    shown = (context.get("refusal"), context.get("stop"), getattr(context.get("form"), "refusal", None))
    articles = {each.article for each in shown if isinstance(each, Refusal) and each.article is not None}
    committee = _committee(context) if articles else None
    found: dict[int, list[Interpretation]] = {}
    if committee is not None:
        for row in Interpretation.objects.standing_on(articles, committee):
            found.setdefault(row.article, []).append(row)
    return found


def _committee(context: Mapping[str, Any]) -> Committee | None:
    """The committee of what the page is about; None where it is about none."""
    for name in ("committee", "subject", "proposal", "meeting"):
        about = context.get(name)
        committee = about if isinstance(about, Committee) else getattr(about, "committee", None)
        if isinstance(committee, Committee):
            return committee
    return None


def page(
    request: HttpRequest,
    template: str,
    shown: Mapping[str, Any] | DataclassInstance,
    *,
    here: str,
    status: int = 200,
) -> HttpResponse:
    """Render the template with its context and the shell's.

    ValueError where both have a name in common.
    """
    who = viewer_of(request)
    context = named(shown)
    shell: dict[str, Any] = {
        "viewer": who,
        "places": places(who, here),
        "here": here,
        "interpretations": _interpretations(context),
        **display.chosen(request),
    }
    live = False
    for part in _AROUND:
        added, needs_socket = part(request, template, context, who)
        shell |= added
        live = live or needs_socket
    if clash := context.keys() & shell.keys():
        raise ValueError(f"{template} and its shell both have {sorted(clash)}")
    response = render(request, template, {**context, **shell}, status=status)
    return with_socket(request, response) if live else response
