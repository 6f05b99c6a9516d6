"""The room in parts: each is sent again only when it has changed, told by its tag."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest
from django.template import engines
from django.template.context import make_context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from pages.meetings.page import Item
from pages.room.page import RoomPage
from web import shell
from web.templatetags import kept
from web.viewer import Viewer

#: the parts in the order of the page, each with a template and a `data-live` of its name
NAMES = (
    *("head", "says", "now", "receipts", "ballot", "lead", "acts", "paper", "item"),
    *("agenda", "room", "presence", "timeline"),
)
#: those that all who see the whole meeting have alike, and a socket brings
ALIKE = ("head", "says", "now", "room", "presence")
#: what of a part is different each time that it is made: the tokens of its forms
_TOKENS = re.compile(r'<input type="hidden" name="(?:csrfmiddlewaretoken|once|key)" value="[^"]*"[^>]*>')


@dataclass(frozen=True)
class Part:
    """A part of the room as text, and what tells one state of it from another."""

    html: SafeString
    tag: str


def tagged(html: str) -> Part:
    """The part with this text."""
    return Part(mark_safe(html), _digest(_TOKENS.sub("", html)))  # noqa: S308  # it is what a template made


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def render(
    request: HttpRequest,
    page: RoomPage,
    who: Viewer,
    *,
    has: Mapping[str, str] = MappingProxyType({}),
    without: Collection[str] = (),
) -> dict[str, Part]:
    """The parts by name, and `past-ID` for each item that is over, for which the agenda has a place.

    A ballot whose tag the page `has` is not made again.
    """
    context = make_context({**shell.named(page), "viewer": who}, request)
    shared = _shared(page)
    made = {
        name: _made(name, context, shared.get(name, ()))
        for name in NAMES
        if name != "ballot" and name not in without and (page.full or name != "timeline")
    }
    tag = _ballot_tag(page, who)
    made["ballot"] = Part(SafeString(), tag) if has.get("ballot") == tag else _part("ballot", context, tag)
    return made | _past(page, context)


def alike(page: RoomPage) -> dict[str, Part]:
    """The parts by name that all who see the whole meeting have alike; the page was read without a person."""
    context = make_context({**shell.named(page)})
    shared = _shared(page)
    return {name: _made(name, context, shared[name]) for name in ALIKE}


def _past(page: RoomPage, context: Any) -> dict[str, Part]:
    """The items that are over."""
    made = {}
    for item in page.others:
        if item.row.left_at or item.row.resolved_at:
            shared = (item.content, page.names) if item.content and item.fingerprint else ()
            with context.push(item=item):
                made[f"past-{item.row.pk}"] = _made("past", context, shared)
    return made


def _shared(page: RoomPage) -> dict[str, tuple[Hashable, ...]]:
    """What tells each part that several people have alike, by its name; a part of one's own is not in it."""
    now, vote = page.now, page.now.round
    at = page.fingerprint, now.step, now.item and now.item.row.pk, vote and vote.vote.pk
    found: dict[str, tuple[Hashable, ...]] = {"presence": (page.meeting.pk, page.names, page.presence)}
    if page.brief is not None and now.item is not None:
        found["paper"] = (page.meeting.pk, now.item.row.pk, now.item.version)
    beside: Mapping[str, Hashable] = {
        "head": str(page.next),
        "says": "",
        "now": None if now.hindrances else "",
        "agenda": _shared_items(page.others),
        "room": "",
        "timeline": "",
    }
    return found | {name: (*at, each) for name, each in beside.items() if each is not None}


def _shared_items(items: Iterable[Item]) -> tuple[Hashable, ...] | None:
    """The same of items on which nothing is offered, else None; what is over is told by name alone."""
    found: list[Hashable] = []
    for item in items:
        if item.row.left_at or item.row.resolved_at:
            found.append(item.row.pk)
        elif item.offers or not item.fingerprint or (item.session and item.session.speeches):
            return None
        else:
            found.append((item.fingerprint, item.linked, item.session is not None))
    return tuple(found)


def _made(name: str, context: Any, shared: tuple[Hashable, ...]) -> Part:
    if not shared:
        return _part(name, context)
    return kept.keep(f"room-{name}", shared, lambda: _part(name, context))


def _ballot_tag(page: RoomPage, who: Viewer) -> str:
    """The tag of the ballot, known before it is made, which takes longest: for whom and what it is."""
    acting = page.now.item and page.now.item.session and page.now.item.session.acting
    proxy = acting and acting.proxy and acting.proxy.pk
    return _digest(repr((page.now.hold, who.person.pk, proxy, get_language())))


def _part(name: str, context: Any, tag: str = "") -> Part:
    template: Any = engines["django"].get_template(f"room/parts/{name}.html")
    made = tagged(template.template.render(context).strip())
    return Part(made.html, tag) if tag else made


def whole(parts: Mapping[str, Part]) -> dict[str, SafeString]:
    """The texts by name, with the agenda's places filled."""
    found = {name: part.html for name, part in parts.items()}
    for name, html in found.items():
        if name.startswith("past-"):
            place = f'<details class="fold room-past" id="{name}" data-live="{name}"></details>'
            filled = found["agenda"].replace(place, html)
            found["agenda"] = mark_safe(filled)  # noqa: S308  # both are what templates made
    return found


def tags(parts: Mapping[str, Part]) -> str:
    """The tags of the parts, as the page sends them back: name and tag, by `~`."""
    return "~".join(f"{name}.{part.tag}" for name, part in parts.items())


def parsed(sent: str) -> dict[str, str]:
    """The tags by name that a page sent."""
    pairs: Iterable[tuple[str, str, str]] = (each.partition(".") for each in sent.split("~"))
    return {name: tag for name, _dot, tag in pairs if tag}
