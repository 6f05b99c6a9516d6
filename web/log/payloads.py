"""The payload of an entry of the audit log as people read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.canonical import commitment
from audit.models import Payload
from committee.models import Resolution
from proposals.labels import FIELDS
from voting.models import Ballot
from web import labels
from web.log import streams

Words = str | Promise

#: parts that are shown of one payload
MOST = 400
#: characters of one text
LONGEST = 4000
#: where the ids of people stand
_PEOPLE = frozenset({"person", "holder", "former", "liaison", "stand_in", "observer"})

#: key of a payload → label; what is missing is shown by its key
KEYS: Mapping[str, Words] = {
    "abstained": gettext_lazy("Abstaining"),
    "against": gettext_lazy("Against"),
    "again": gettext_lazy("Sent again to"),
    "amount": gettext_lazy("Amount"),
    "at": gettext_lazy("Time"),
    "ballots": gettext_lazy("Ballots"),
    "carried": gettext_lazy("Carried"),
    "certificate": gettext_lazy("Certificate"),
    "choice": gettext_lazy("Choice"),
    "commitment": gettext_lazy("Commitment"),
    "compared_with": gettext_lazy("Compared with"),
    "digest": gettext_lazy("Digest"),
    "docket": gettext_lazy("Docket"),
    "document": gettext_lazy("Document"),
    "effective_from": gettext_lazy("In force from"),
    "emergency": gettext_lazy("Emergency meeting"),
    "entered": gettext_lazy("Entered as abstaining"),
    "for": gettext_lazy("For"),
    "former": gettext_lazy("Before"),
    "holder": gettext_lazy("Holder"),
    "in_conflict": gettext_lazy("In conflict"),
    "in_full": gettext_lazy("In full to units"),
    "issuer": gettext_lazy("Issuer"),
    "item": gettext_lazy("Agenda item"),
    "items": gettext_lazy("Agenda items"),
    "keys": gettext_lazy("Parts changed"),
    "kind": gettext_lazy("Kind"),
    "liaison": gettext_lazy("Liaison"),
    "meeting": gettext_lazy("Meeting"),
    "minutes": gettext_lazy("Minutes"),
    "mode": gettext_lazy("How"),
    "name": gettext_lazy("Name"),
    "not_voted": gettext_lazy("Not voted on"),
    "notice": gettext_lazy("Notice"),
    "number": gettext_lazy("Number"),
    "observer": gettext_lazy("Observer"),
    "of": gettext_lazy("Of"),
    "own_items": gettext_lazy("Own items to units"),
    "paper": gettext_lazy("On paper"),
    "papers": gettext_lazy("Papers"),
    "parent": gettext_lazy("Unit above"),
    "people": gettext_lazy("People"),
    "person": gettext_lazy("Person"),
    "place": gettext_lazy("Place"),
    "positions": gettext_lazy("Positions"),
    "posted": gettext_lazy("By post"),
    "powers": gettext_lazy("Powers"),
    "proposal": gettext_lazy("Proposal"),
    "proposals": gettext_lazy("Plans"),
    "proxy": gettext_lazy("By proxy"),
    "question": gettext_lazy("Question"),
    "reason": gettext_lazy("Reason"),
    "receipt": gettext_lazy("Receipt"),
    "received_on": gettext_lazy("Received on"),
    "regulation": gettext_lazy("Regulation"),
    "rehearsed": gettext_lazy("Rehearsal"),
    "report": gettext_lazy("Report"),
    "resolution": gettext_lazy("Resolution"),
    "role": gettext_lazy("Role in the database"),
    "round": gettext_lazy("Round"),
    "ruling": gettext_lazy("Ruling"),
    "salt": gettext_lazy("Salt"),
    "seat": gettext_lazy("Seat"),
    "seats": gettext_lazy("Seats"),
    "seq": gettext_lazy("No."),
    "sha256": gettext_lazy("SHA-256"),
    "staff_no": gettext_lazy("Staff number"),
    "text": gettext_lazy("Text"),
    "unit": gettext_lazy("Unit"),
    "version": gettext_lazy("Version"),
    "vote": gettext_lazy("Vote"),
    "votes_to_pass": gettext_lazy("Votes to pass"),
    "why": gettext_lazy("Why"),
}


#: key of a payload → its codes in words
_CODES: Mapping[str, Mapping[str, Words]] = {
    "choice": dict(Ballot.Choice.choices),
    "question": dict(Resolution.Question.choices),
}


@dataclass
class Part:
    """A part of a payload: its name in words and as it is written, and its value or its own parts."""

    name: Words
    key: str
    value: Words = ""
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """A payload in words: its parts, the rows it vouches for (some of them named), whether it is cut."""

    parts: list[Part]
    vouched: int
    rows: list[str]
    cut: bool


#: rows vouched for that are named
_ROWS = 40


def is_kept(payload: Payload) -> bool:
    """Whether the payload is the one that the entry committed to: not changed since, by whoever could."""
    return commitment(bytes(payload.salt), bytes(payload.body)) == bytes(payload.commitment)


def read(payload: Payload) -> Mapping[str, Any] | None:
    """What the payload says; None where what stands there is nothing that was ever recorded."""
    try:
        said = json.loads(bytes(payload.body))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("stored") or {}, dict) else None


def shown(payload: Mapping[str, Any]) -> Shown:
    """The payload in words, as far as a page can show it; the names of people are read in one statement."""
    stored = payload.get("stored") or {}
    said = {key: value for key, value in payload.items() if key != "stored"}
    telling = _Telling(streams.names_of_people(set(_ids(said))))
    parts = telling.parts(said)
    return Shown(parts, len(stored), sorted(stored)[:_ROWS], telling.left <= 0)


def _ids(value: Any, key: str = "") -> Iterator[str]:
    """The ids of people in the payload."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _ids(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _ids(each, key)
    elif key in _PEOPLE and str(value).isdecimal():
        yield str(value)


class _Telling:
    """A payload being put into words: the names of people, and how many parts may still be shown."""

    def __init__(self, people: Mapping[str, str]) -> None:
        self._people = people
        self.left = MOST

    def parts(self, said: Mapping[str, Any]) -> list[Part]:
        """The values of an object."""
        found = []
        for key, value in said.items():
            if self.left <= 0:
                break
            found.append(self._part(_name(key), key, key, value))
        return found

    def _part(self, name: Words, key: str, of: str, value: Any) -> Part:
        """The part; `of` is the key by which its values are understood."""
        self.left -= 1
        if isinstance(value, Mapping) and value:
            return Part(name, key, parts=self.parts(value))
        if isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
            return Part(name, key, parts=self._rows(of, value))
        if isinstance(value, list) and value:
            return Part(name, key, _(", ").join(self._value(of, each) for each in value[:MOST]))
        return Part(name, key, self._value(of, value))

    def _rows(self, of: str, values: Sequence[Any]) -> list[Part]:
        """The values of a list, numbered."""
        parts = []
        for place, each in enumerate(values, start=1):
            if self.left <= 0:
                break
            parts.append(self._part(str(place), "", of, each))
        return parts

    def _value(self, key: str, value: Any) -> str:
        if value is None or (not value and isinstance(value, str | list | Mapping)):
            return _("none")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return self._text(key, str(value))

    def _text(self, key: str, text: str) -> str:
        if text in _CODES.get(key, {}):
            return str(_CODES[key][text])
        if key in _PEOPLE and text in self._people:
            return f"{self._people[text]} ({text})"
        if _is_thing(text):
            return labels.stream_label(text)
        if len(text) > LONGEST:
            left = len(text) - LONGEST
            more = ngettext("… and %(left)d character", "… and %(left)d characters", left)
            return text[:LONGEST] + more % {"left": left}
        return text


def _name(key: str) -> Words:
    if key in KEYS:
        return KEYS[key]
    if _is_thing(key):
        return labels.stream_label(key)
    return FIELDS.get(key) or labels.NUMBERS.get(key.removeprefix("regulation.")) or key


def _is_thing(text: str) -> bool:
    """Whether the text names an object as the log does: "meeting:12"."""
    kind, _colon, number = text.partition(":")
    return kind in labels.THINGS and number.isdecimal()
