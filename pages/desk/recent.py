"""What the person did last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise

from audit.models import Entry
from office.labels import ACTIONS
from pages.desk.sections import SHOWN
from web.log import streams
from web.viewer import Viewer


@dataclass(frozen=True)
class Done:
    """Something that the person did: when, what, and where."""

    at: datetime
    what: str | Promise
    name: str
    url: str


def _parted(entry: Entry) -> tuple[str, str, str]:
    return entry.stream.partition(":")


def lately(who: Viewer) -> list[Done]:
    """What the person did last, on what the person may still see."""
    entries = list(Entry.objects.filter(actor=str(who.person.pk)).order_by("-at", "-pk")[: 3 * SHOWN])
    named = streams.names_of_streams(
        (entry.stream for entry in entries if _parted(entry)[0] in ("proposal", "meeting")),
        seen_by=who.person,
    )
    return [
        Done(entry.at, ACTIONS.get(entry.action, entry.action), named[entry.stream], _page(entry))
        for entry in entries
        if entry.stream in named
    ][:SHOWN]


def _page(entry: Entry) -> str:
    place, _colon, number = _parted(entry)
    return reverse(place, args=[number])
