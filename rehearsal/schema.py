"""Reads a file as a rehearsal; everything that docs/rehearsals.md requires is checked before anything is
played.

Values that the engine checks (a plan, a choice, a power, the numbers of an amendment) are passed on as they
are.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from api.json_input import (
    MAX_BYTES,
    MAX_ENTRIES,
    MAX_NAMED,
    MAX_SEAT,
    Place,
    a_flag,
    a_line,
    a_list,
    a_small_number,
    a_storable_text,
    a_text,
    a_word,
    an_object,
    document,
    has_arguments,
    has_keys,
    minutes,
    minutes_each,
    one_line,
    one_of,
    refuse,
    rows,
    word_list,
)
from committee.acts import Kind
from committee.models import Attendance, Resolution
from proposals.plan.problem import json_path
from regulation.codes import CODES
from regulation.numbers import Regulation
from regulation.refused import Refused
from rehearsal import cast, naming
from rehearsal.times import Reader
from rehearsal.verbs import VERBS, Handle, Takes, Verb
from web.problems import Invalid

MAX_STEPS = MAX_ENTRIES
MAX_NAME = 120
MAX_TITLE = 500

SEATS = "seats"
PROPOSAL_FIELDS = ("state", "for", "against", "abstained", "rounds")
MEETING_FIELDS = ("state",)
_STEP_KEYS = ("do", "expect", "clock", "note")
_SEAT = re.compile(r"seat([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its time and, unless it only sets the clock, the verb, the people and the expected result."""

    number: int
    at: datetime
    do: str | None = None
    #: handles; None for all holders at that time
    by: tuple[str, ...] | None = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expect: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A valid rehearsal; times are aware, seats are numbers, officers of plans are still handles."""

    title: str
    numbers: Regulation
    start: datetime
    bank: str | None
    plans: Mapping[str, Any]
    #: the handles of all proposals and meetings, in the order of their definition
    proposals: tuple[str, ...]
    meetings: tuple[str, ...]
    steps: tuple[Step, ...]
    #: whether the bank keeps a ledger of loans
    ledger: bool
    outcome: Mapping[str, Mapping[str, object]]


def load(path: Path, *, today: date | None = None) -> Rehearsal:
    """Read the file; Invalid if it is not a rehearsal. Relative times require `today`."""
    return read(_bytes(path), today=today)


def read(content: bytes, *, today: date | None = None) -> Rehearsal:
    """Read these bytes; Invalid if they are not a rehearsal."""
    try:
        return _Reading(Reader(today)).rehearsal(document(content))
    except Refused as refused:  # a text that no paper can show
        path, characters = (str(refused.context[name]) for name in ("path", "characters"))
        raise Invalid(path, f"expects a text without {characters}, which no paper can show") from refused


# -- From a file to JSON -----------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            refuse((), "a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid("$", f"expects a file that can be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        refuse((), f"a file of at most {MAX_BYTES} bytes")
    return content


# -- From JSON to a rehearsal ------------------------------------------------------------------------------


class _Reading:
    """The state of reading a document: the handles defined so far, and the clock."""

    def __init__(self, times: Reader) -> None:
        self.times = times
        self.plans: dict[str, Any] = {}
        self.proposals: dict[str, None] = {}
        self.meetings: dict[str, None] = {}
        #: handles defined by steps that are expected to be refused; a later step may define them again
        self.free: set[str] = set()
        self.people: set[str] = set()

    def rehearsal(self, document: Any) -> Rehearsal:
        top = an_object((), document)
        has_keys(
            (),
            top,
            required=("title", "start", "proposals", "steps"),
            optional=("regulation", "bank", "ledger", "outcome"),
        )
        title = a_line(("title",), top["title"], MAX_TITLE)
        numbers = _regulation(top.get("regulation", {}))
        ledger = a_flag(("ledger",), top.get("ledger", False))
        self.people = {member.handle for member in cast.everybody(numbers.seats)}
        self.people |= cast.LEDGER.keys() if ledger else set()
        start = now = self._moment(("start",), top["start"])
        bank = a_line(("bank",), top["bank"], MAX_NAME) if "bank" in top else None
        for handle, plan in an_object(("proposals",), top["proposals"]).items():
            _handle(("proposals", handle), handle)
            self.plans[handle] = self._plan(("proposals", handle), plan)
            self.proposals[handle] = None
        steps = []
        for number, step in enumerate(a_list(("steps",), top["steps"]), 1):
            steps.append(self._step(number, step, now))
            now = steps[-1].at
        return Rehearsal(
            title,
            numbers,
            start,
            bank,
            self.plans,
            tuple(self.proposals),
            tuple(self.meetings),
            tuple(steps),
            ledger,
            self._outcome(top.get("outcome", {})),
        )

    def _step(self, number: int, value: Any, now: datetime) -> Step:
        place: Place = ("steps", number - 1)
        step = an_object(place, value)
        at = self._clock((*place, "clock"), step["clock"], now) if "clock" in step else now
        note = a_storable_text((*place, "note"), step.get("note", ""))
        if "do" not in step:
            if "clock" not in step or step.keys() - {"clock", "note"}:
                refuse((*place, "do"), "the key `do`, which only a step that sets the clock may lack")
            return Step(number, at, note=note)
        do = step["do"]
        if not isinstance(do, str) or do not in VERBS:
            refuse((*place, "do"), f"one of: {', '.join(VERBS)}")
        verb = VERBS[do]
        has_arguments(place, step, verb, also=("by",), beside=_STEP_KEYS)
        by = self._by((*place, "by"), step["by"])
        expect = step.get("expect")
        if "expect" in step and (not isinstance(expect, str) or expect not in CODES):
            refuse((*place, "expect"), "the code of a refusal")
        return Step(number, at, do, by, self._arguments(place, step, verb), expect, note)

    def _arguments(self, place: Place, step: Mapping[str, Any], verb: Verb) -> dict[str, Any]:
        """The arguments read; a new handle is defined last, so that a step cannot refer to its own result."""
        found: dict[str, Any] = {}
        for name, kind in sorted(verb.arguments.items(), key=lambda item: item[1] in _NEW):
            if name in step:
                found[name] = self._argument((*place, name), step[name], kind, refused="expect" in step)
        return found

    def _argument(self, place: Place, value: Any, kind: Takes, *, refused: bool) -> Any:
        if kind in _NEW:
            return self._new_handle(place, value, kind, refused=refused)
        return _READERS[kind](self, place, value)

    def _by(self, place: Place, value: Any) -> tuple[str, ...] | None:
        if value == SEATS:
            return None
        if not isinstance(value, list):
            return (self.person(place, value),)
        return tuple(
            self.person((*place, index), person)
            for index, person in enumerate(a_list(place, value, MAX_SEAT))
        )

    def _new_handle(self, place: Place, value: Any, kind: Takes, *, refused: bool) -> str:
        handle = _handle(place, value)
        defined = self.meetings if kind is Handle.NEW_MEETING else self.proposals
        if handle in self.free and handle in defined:
            self.free.discard(handle)
        elif handle in self.proposals or handle in self.meetings:
            refuse(place, "a new handle")
        defined[handle] = None
        if refused:
            self.free.add(handle)
        return handle

    def _outcome(self, value: Any) -> dict[str, dict[str, object]]:
        outcome = an_object(("outcome",), value)
        for handle, fields in outcome.items():
            place: Place = ("outcome", handle)
            if handle not in self.proposals and handle not in self.meetings:
                refuse(place, "the handle of a proposal or of a meeting")
            known = PROPOSAL_FIELDS if handle in self.proposals else MEETING_FIELDS
            has_keys(place, an_object(place, fields), optional=known)
            for name, wanted in fields.items():
                _outcome_value((*place, name), name, wanted)
        return outcome

    # Readers of arguments

    def person(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.people:
            refuse(place, "a person of the cast")
        return value

    def planned(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.plans:
            refuse(place, "a handle of `proposals`")
        return value

    def proposal(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.proposals:
            refuse(place, "the handle of a proposal")
        return value

    def several_proposals(self, place: Place, value: Any) -> list[str]:
        found = a_list(place, value, MAX_NAMED)
        return [self.proposal((*place, index), handle) for index, handle in enumerate(found)]

    def meeting(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.meetings:
            refuse(place, "the handle of a meeting convened in an earlier step")
        return value

    def plan_part(self, place: Place, value: Any) -> Any:
        return self._plan(place, an_object(place, value))

    def _plan(self, place: Place, value: Any) -> Any:
        try:
            return self.times.plan(value)
        except (ValueError, OverflowError):
            refuse(place, "dates within reach of today")

    def moment(self, place: Place, value: Any) -> datetime:
        return self._moment(place, value)

    def _moment(self, place: Place, value: Any) -> datetime:
        try:
            return self.times.moment(a_word(place, value))
        except (ValueError, OverflowError):
            refuse(place, "a time such as 2026-03-05T09:00" + self._or_from_today(' or "-12d 09:00"'))

    def _clock(self, place: Place, value: Any, now: datetime) -> datetime:
        try:
            at = self.times.clock(a_word(place, value), now)
        except (ValueError, OverflowError):
            refuse(
                place,
                "a time such as 2026-03-05T09:00, +2d, +3h, +30m" + self._or_from_today(" or -12d 09:00"),
            )
        if at < now:
            refuse(place, f"a time not before that of the step before, {now.isoformat()}")
        return at

    def day(self, place: Place, value: Any) -> date:
        try:
            return self.times.day(a_word(place, value))
        except (ValueError, OverflowError):
            refuse(place, "a date such as 2026-03-05" + self._or_from_today(' or "-12d"'))

    def file(self, place: Place, value: Any) -> bytes:
        """A text file by its lines, in which {handle} is a person's staff number once it is played."""
        lines = [one_line((*place, index), each) for index, each in enumerate(a_list(place, value))]
        return "".join(f"{line}\n" for line in lines).encode()

    def _or_from_today(self, example: str) -> str:
        return example if self.times.today is not None else ""


def _handle(place: Place, value: Any) -> str:
    return a_line(place, value, MAX_NAME)


def _seat(place: Place, value: Any) -> int:
    if value == cast.CHAIR:
        return 1
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SEAT:
        return value
    named = _SEAT.fullmatch(value) if isinstance(value, str) else None
    if named is None:
        refuse(place, f"a seat: chair, or seat2 to seat{MAX_SEAT}")
    return int(named[1])


def _seats(place: Place, value: Any) -> list[int]:
    return [_seat((*place, index), seat) for index, seat in enumerate(a_list(place, value, MAX_SEAT))]


def _outcome_value(place: Place, name: str, value: Any) -> None:
    if value is None:
        return
    if name == "state":
        a_word(place, value)
    elif not isinstance(value, int) or isinstance(value, bool):
        refuse(place, "a whole number or null")


def _regulation(value: Any) -> Regulation:
    changes = an_object(("regulation",), value)
    try:
        return Regulation().amended(changes)
    except Refused as refused:
        why = refused.context["why"]
        reason = why["en"] if isinstance(why, dict) else str(why)
        raise Invalid(json_path(("regulation", str(refused.context["field"]))), reason) from refused


def _plain(read: Callable[[Place, Any], Any]) -> Callable[[Any, Place, Any], Any]:
    return lambda _reading, place, value: read(place, value)


def _among(known: list[str]) -> Callable[[Any, Place, Any], Any]:
    return lambda _reading, place, value: one_of(place, value, known)


_NEW = frozenset({Handle.NEW_PROPOSAL, Handle.NEW_MEETING})
_READERS: Mapping[Takes, Callable[[_Reading, Place, Any], Any]] = {
    Handle.PLANNED: _Reading.planned,
    Handle.ADDRESSEE: _Reading.person,
    Kind.PROPOSAL: _Reading.proposal,
    Kind.PROPOSALS: _Reading.several_proposals,
    Kind.MEETING: _Reading.meeting,
    Kind.MOMENT: _Reading.moment,
    Kind.DATE: _Reading.day,
    Kind.TEXT: _plain(a_text),
    Kind.LINE: _plain(one_line),
    Kind.WORD: _plain(a_word),
    Kind.WORDS: _plain(word_list),
    Kind.FLAG: _plain(a_flag),
    Kind.SEAT: _plain(_seat),
    Kind.SEATS: _plain(_seats),
    Kind.PERSON: _Reading.person,
    Kind.PLAN_PART: _Reading.plan_part,
    Kind.NUMBERS: _plain(an_object),
    Kind.NUMBER: _plain(a_small_number),
    Kind.MINUTES: _plain(minutes),
    Kind.MINUTES_EACH: _plain(minutes_each),
    Kind.QUESTION: _among(Resolution.Question.values),
    Kind.MODE: _among(Attendance.Mode.values),
    Kind.ROWS: _plain(rows),
    Kind.FILE: _Reading.file,
    Kind.LOANS: _plain(word_list),
    **dict.fromkeys(naming.NAMED, _plain(a_word)),
}


def fields_of(handle: str, rehearsal: Rehearsal) -> Iterator[str]:
    """The fields that `outcome` may name for this handle."""
    yield from PROPOSAL_FIELDS if handle in rehearsal.proposals else MEETING_FIELDS
