"""A file read as a rehearsal: everything that rehearsal.md asks of a file is checked before anything is run.

What the engine judges (a plan, a choice, a power, the numbers of an amendment) passes as it is.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from committee.models import Attendance, Resolution
from proposals.plan import json_path
from regulation.codes import CODES
from regulation.numbers import Regulation
from regulation.refused import Refused
from rehearsal import cast
from rehearsal.times import Reader
from rehearsal.verbs import VERBS, Kind, Verb

Place: TypeAlias = tuple["str | int", ...]

MAX_BYTES = 5_000_000
MAX_DEPTH = 60
MAX_STEPS = 20_000
MAX_TEXT = 200_000
MAX_NAME = 120
MAX_TITLE = 500
MAX_SEAT = 999

SEATS = "seats"
PROPOSAL_FIELDS = ("state", "for", "against", "abstained", "rounds")
MEETING_FIELDS = ("state",)
_REQUIRED, _OPTIONAL = ("title", "start", "proposals", "steps"), ("regulation", "bank", "outcome")
_STEP_KEYS = frozenset({"do", "by", "expect", "clock", "note"})
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LINE_BREAK = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SEAT = re.compile(r"seat([1-9][0-9]{0,2})")


class Invalid(Exception):
    """A file is not a rehearsal: the JSON path and what is expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path = path
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its time and, unless it only sets the clock, what is done, by whom, and how it ends."""

    number: int
    at: datetime
    do: str | None = None
    #: handles, or None for all holders at that moment
    by: tuple[str, ...] | None = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expect: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A whole case, valid; times are aware, seats are numbers, officers of plans still handles."""

    title: str
    numbers: Regulation
    start: datetime
    bank: str | None
    plans: Mapping[str, Any]
    #: handles of all proposals and of all meetings, in the order in which they come
    proposals: tuple[str, ...]
    meetings: tuple[str, ...]
    steps: tuple[Step, ...]
    outcome: Mapping[str, Mapping[str, object]]


def load(path: Path, *, today: date | None = None) -> Rehearsal:
    """The rehearsal in the file, Invalid if it is none; times relative to `today` where that is given."""
    return read(_bytes(path), today=today)


def read(content: bytes, *, today: date | None = None) -> Rehearsal:
    """The rehearsal that these bytes are; Invalid if they are none."""
    return _Reading(Reader(today)).rehearsal(_document(content))


# -- From a file to JSON -----------------------------------------------------------------------------------


class _Object(dict[str, Any]):
    """A JSON object that remembers a key given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = ""
        if len(self) < len(pairs):
            seen: set[str] = set()
            self.twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add returns None, which is false


def _bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            _refuse((), "a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid("$", f"expects a file that can be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        _refuse((), f"a file of at most {MAX_BYTES} bytes")
    return content


def _document(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("$", f"expects UTF-8 (byte {error.start} is not)") from error
    try:
        document = json.loads(text, object_pairs_hook=_Object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Invalid("$", f"expects JSON ({where}: {error.msg})") from error
    except RecursionError as error:
        raise Invalid("$", f"expects at most {MAX_DEPTH} levels of nesting") from error
    except ValueError as error:
        raise Invalid("$", f"expects JSON ({error})") from error
    _check_nesting(document)
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _check_nesting(value: Any, place: Place = ()) -> None:
    """Invalid for a key given twice, and for more levels than any rehearsal has."""
    if len(place) > MAX_DEPTH:
        _refuse(place[:3], f"at most {MAX_DEPTH} levels of nesting")
    if isinstance(value, _Object):
        if value.twice:
            _refuse((*place, value.twice), "each key once")
        for key, inner in value.items():
            _check_nesting(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_nesting(inner, (*place, index))


def _refuse(place: Place, expected: str) -> NoReturn:
    raise Invalid(json_path(place), f"expects {expected}")


# -- From JSON to a rehearsal ------------------------------------------------------------------------------


class _Reading:
    """The reading of one document: what has been defined so far, and the clock."""

    def __init__(self, times: Reader) -> None:
        self.times = times
        self.plans: dict[str, Any] = {}
        self.proposals: dict[str, None] = {}
        self.meetings: dict[str, None] = {}
        #: new handles of acts that are expected to be refused; a later act may use them again
        self.free: set[str] = set()
        self.people: set[str] = set()

    def rehearsal(self, document: Any) -> Rehearsal:
        top = _object((), document)
        _keys(
            (),
            top,
            required=("title", "start", "proposals", "steps"),
            optional=("regulation", "bank", "outcome"),
        )
        title = _line(("title",), top["title"], MAX_TITLE)
        numbers = _regulation(top.get("regulation", {}))
        self.people = {member.handle for member in cast.everybody(numbers.seats)}
        start = now = self._moment(("start",), top["start"])
        bank = _line(("bank",), top["bank"], MAX_NAME) if "bank" in top else None
        for handle, plan in _object(("proposals",), top["proposals"]).items():
            _handle(("proposals", handle), handle)
            self.plans[handle] = self._plan(("proposals", handle), plan)
            self.proposals[handle] = None
        steps = []
        for number, step in enumerate(_list(("steps",), top["steps"], MAX_STEPS), 1):
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
            self._outcome(top.get("outcome", {})),
        )

    def _step(self, number: int, value: Any, now: datetime) -> Step:
        place: Place = ("steps", number - 1)
        step = _object(place, value)
        at = self._clock((*place, "clock"), step["clock"], now) if "clock" in step else now
        note = _text((*place, "note"), step.get("note", ""))
        if "do" not in step:
            if "clock" not in step or step.keys() - {"clock", "note"}:
                _refuse((*place, "do"), "the key `do`, which only a step that sets the clock may lack")
            return Step(number, at, note=note)
        do = step["do"]
        if not isinstance(do, str) or do not in VERBS:
            _refuse((*place, "do"), f"one of: {', '.join(VERBS)}")
        verb = VERBS[do]
        _keys(
            place,
            step,
            required=("by", *(name for name in verb.arguments if name not in verb.optional)),
            optional=(*verb.optional, *_STEP_KEYS),
        )
        if verb.at_least_one and not verb.optional & step.keys():
            _refuse(place, f"at least one of: {', '.join(sorted(verb.optional))}")
        by = self._by((*place, "by"), step["by"])
        expect = step.get("expect")
        if "expect" in step and (not isinstance(expect, str) or expect not in CODES):
            _refuse((*place, "expect"), "the code of a refusal")
        return Step(number, at, do, by, self._arguments(place, step, verb), expect, note)

    def _arguments(self, place: Place, step: Mapping[str, Any], verb: Verb) -> dict[str, Any]:
        """The arguments read; what is new is defined last, so that an act does not name what it makes."""
        found: dict[str, Any] = {}
        for name, kind in sorted(verb.arguments.items(), key=lambda item: item[1] in _NEW):
            if name in step:
                found[name] = self._argument((*place, name), step[name], kind, refused="expect" in step)
        return found

    def _argument(self, place: Place, value: Any, kind: Kind, *, refused: bool) -> Any:
        if kind in _NEW:
            return self._new_handle(place, value, kind, refused=refused)
        return _READERS[kind](self, place, value)

    def _by(self, place: Place, value: Any) -> tuple[str, ...] | None:
        if value == SEATS:
            return None
        if not isinstance(value, list):
            return (self.person(place, value),)
        return tuple(self.person((*place, index), person) for index, person in enumerate(value))

    def _new_handle(self, place: Place, value: Any, kind: Kind, *, refused: bool) -> str:
        handle = _handle(place, value)
        defined = self.meetings if kind is Kind.NEW_MEETING else self.proposals
        if handle in self.free and handle in defined:
            self.free.discard(handle)
        elif handle in self.proposals or handle in self.meetings:
            _refuse(place, "a new handle")
        defined[handle] = None
        if refused:
            self.free.add(handle)
        return handle

    def _outcome(self, value: Any) -> dict[str, dict[str, object]]:
        outcome = _object(("outcome",), value)
        for handle, fields in outcome.items():
            place: Place = ("outcome", handle)
            if handle not in self.proposals and handle not in self.meetings:
                _refuse(place, "the handle of a proposal or of a meeting")
            known = PROPOSAL_FIELDS if handle in self.proposals else MEETING_FIELDS
            _keys(place, _object(place, fields), optional=known)
            for name, wanted in fields.items():
                _outcome_value((*place, name), name, wanted)
        return outcome

    # What an argument may be

    def person(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.people:
            _refuse(place, "a person of the cast")
        return value

    def planned(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.plans:
            _refuse(place, "a handle of `proposals`")
        return value

    def proposal(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.proposals:
            _refuse(place, "the handle of a proposal")
        return value

    def several_proposals(self, place: Place, value: Any) -> list[str]:
        found = _list(place, value)
        return [self.proposal((*place, index), handle) for index, handle in enumerate(found)]

    def meeting(self, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in self.meetings:
            _refuse(place, "the handle of a meeting convened in an earlier step")
        return value

    def plan_part(self, place: Place, value: Any) -> Any:
        return self._plan(place, _object(place, value))

    def _plan(self, place: Place, value: Any) -> Any:
        try:
            return self.times.plan(value)
        except (ValueError, OverflowError):
            _refuse(place, "dates within reach of today")

    def moment(self, place: Place, value: Any) -> datetime:
        return self._moment(place, value)

    def _moment(self, place: Place, value: Any) -> datetime:
        try:
            return self.times.moment(_word(place, value))
        except (ValueError, OverflowError):
            _refuse(place, "a time such as 2026-03-05T09:00" + self._or_from_today(' or "-12d 09:00"'))

    def _clock(self, place: Place, value: Any, now: datetime) -> datetime:
        try:
            at = self.times.clock(_word(place, value), now)
        except (ValueError, OverflowError):
            _refuse(
                place,
                "a time such as 2026-03-05T09:00, +2d, +3h, +30m" + self._or_from_today(" or -12d 09:00"),
            )
        if at < now:
            _refuse(place, f"a time not before that of the step before, {now.isoformat()}")
        return at

    def day(self, place: Place, value: Any) -> date:
        try:
            return self.times.day(_word(place, value))
        except (ValueError, OverflowError):
            _refuse(place, "a date such as 2026-03-05" + self._or_from_today(' or "-12d"'))

    def _or_from_today(self, words: str) -> str:
        return words if self.times.today is not None else ""


def _object(place: Place, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(place, "an object")
    return value


def _list(place: Place, value: Any, most: int = MAX_STEPS) -> list[Any]:
    if not isinstance(value, list):
        _refuse(place, "a list")
    if len(value) > most:
        _refuse(place, f"at most {most} entries")
    return value


def _keys(
    place: Place, value: Mapping[str, Any], *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> None:
    for name in value:
        if name not in required and name not in optional:
            _refuse((*place, name), f"no such key, only: {', '.join(sorted({*required, *optional}))}")
    for name in required:
        if name not in value:
            _refuse((*place, name), f"the key `{name}`, which is missing")


def _text(place: Place, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(place, "a text")
    if len(value) > MAX_TEXT:
        _refuse(place, f"at most {MAX_TEXT} characters")
    if _UNSTORABLE.search(value):
        _refuse(place, "a text without NUL and without half a surrogate pair")
    return value


def _line(place: Place, value: Any, most: int) -> str:
    line = _text(place, value)
    if not line.strip() or len(line) > most or _LINE_BREAK.search(line):
        _refuse(place, f"one line of at most {most} characters")
    return line


def _handle(place: Place, value: Any) -> str:
    return _line(place, value, MAX_NAME)


def _word(place: Place, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(place, "a text")
    return value


def _words(place: Place, value: Any) -> list[str]:
    return [_word((*place, index), word) for index, word in enumerate(_list(place, value))]


def _flag(place: Place, value: Any) -> bool:
    if not isinstance(value, bool):
        _refuse(place, "true or false")
    return value


def _seat(place: Place, value: Any) -> int:
    if value == cast.CHAIR:
        return 1
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SEAT:
        return value
    named = _SEAT.fullmatch(value) if isinstance(value, str) else None
    if named is None:
        _refuse(place, f"a seat: chair, or seat2 to seat{MAX_SEAT}")
    return int(named[1])


def _seats(place: Place, value: Any) -> list[int]:
    return [_seat((*place, index), seat) for index, seat in enumerate(_list(place, value))]


def _one_of(words: list[str]) -> Callable[[Any, Place, Any], str]:
    def read(_reading: Any, place: Place, value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            _refuse(place, f"one of: {', '.join(words)}")
        return value

    return read


def _outcome_value(place: Place, name: str, value: Any) -> None:
    if value is None:
        return
    if name == "state":
        _word(place, value)
    elif not isinstance(value, int) or isinstance(value, bool):
        _refuse(place, "a whole number or null")


def _regulation(value: Any) -> Regulation:
    changes = _object(("regulation",), value)
    try:
        return Regulation().amended(changes)
    except Refused as refused:
        why = refused.context["why"]
        words = why["en"] if isinstance(why, dict) else str(why)
        raise Invalid(json_path(("regulation", str(refused.context["field"]))), words) from refused


def _plain(read: Callable[[Place, Any], Any]) -> Callable[[Any, Place, Any], Any]:
    return lambda _reading, place, value: read(place, value)


_NEW = frozenset({Kind.NEW_PROPOSAL, Kind.NEW_MEETING})
_READERS: Mapping[Kind, Callable[[_Reading, Place, Any], Any]] = {
    Kind.PLANNED: _Reading.planned,
    Kind.PROPOSAL: _Reading.proposal,
    Kind.PROPOSALS: _Reading.several_proposals,
    Kind.MEETING: _Reading.meeting,
    Kind.MOMENT: _Reading.moment,
    Kind.DATE: _Reading.day,
    Kind.TEXT: _plain(_text),
    Kind.WORD: _plain(_word),
    Kind.WORDS: _plain(_words),
    Kind.FLAG: _plain(_flag),
    Kind.SEAT: _plain(_seat),
    Kind.SEATS: _plain(_seats),
    Kind.PERSON: _Reading.person,
    Kind.PLAN_PART: _Reading.plan_part,
    Kind.NUMBERS: _plain(_object),
    Kind.QUESTION: _one_of(Resolution.Question.values),
    Kind.MODE: _one_of(Attendance.Mode.values),
}


def fields_of(handle: str, rehearsal: Rehearsal) -> Iterator[str]:
    """The fields that `outcome` may ask for of this handle."""
    yield from PROPOSAL_FIELDS if handle in rehearsal.proposals else MEETING_FIELDS
