"""Strict reading of JSON; errors have the place and what is expected there.

Values are checked for what holds of all of them: texts that can be stored, lists with limits, objects with
known keys, each once. Limits are checked before any value is read. What a value means is checked by its
reader.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol, TypeAlias

from committee.models.agenda import LONGEST_ITEM
from committee.models.floor import LONGEST
from documents.glyphs import missing, named
from proposals.plan.problem import json_path
from regulation.refused import Refused
from regulation.text import is_line, is_prose, without_invisible
from web.problems import Invalid, TooMuch

Place: TypeAlias = tuple["str | int", ...]

MAX_BYTES = 5_000_000
MAX_DEPTH = 60
MAX_ENTRIES = 20_000
#: the greatest number of values in a document, lists and objects included
MAX_VALUES = 250_000
#: the greatest number of proposals in one act, and of words in one argument
MAX_NAMED = 2_000
MAX_WORDS = 100
MAX_TEXT = 200_000
MAX_SEAT = 999
MAX_NUMBER = 10_000

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def refuse(place: Place, expected: str) -> NoReturn:
    """Raise Invalid."""
    raise Invalid(json_path(place), f"expects {expected}")


def refuse_much(place: Place, most: int, what: str) -> NoReturn:
    """Raise TooMuch."""
    raise TooMuch(json_path(place), f"expects at most {most} {what}")


# -- From bytes to JSON ------------------------------------------------------------------------------------


class _Object(dict[str, Any]):
    """A JSON object that records repeated keys."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = ""
        if len(self) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.twice = key
                    break
                seen.add(key)


def document(content: bytes) -> Any:
    """Parse the bytes as JSON: UTF-8, each key once, no NaN, limited depth and number of values."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("$", f"expects UTF-8 (byte {error.start} is not)") from error
    _check_number(text)
    try:
        found = json.loads(text, object_pairs_hook=_Object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Invalid("$", f"expects JSON ({where}: {error.msg})") from error
    except RecursionError as error:
        raise Invalid("$", f"expects at most {MAX_DEPTH} levels of nesting") from error
    except ValueError as error:
        raise Invalid("$", f"expects JSON ({error})") from error
    _check_nesting(found)
    return found


#: a JSON string, also an unterminated one; matches without backtracking
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def _check_number(text: str) -> None:
    """Raise TooMuch for more values than allowed, by counting commas and brackets before parsing."""
    if _separators(text) > MAX_VALUES and _separators(_TEXT.sub("", text)) > MAX_VALUES:
        refuse_much((), MAX_VALUES, "values")


def _separators(text: str) -> int:
    return text.count(",") + text.count("[") + text.count("{")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _check_nesting(value: Any, place: Place = ()) -> None:
    """Raise Invalid for a repeated key, and for too many levels or entries."""
    if len(place) > MAX_DEPTH:
        refuse(place[:3], f"at most {MAX_DEPTH} levels of nesting")
    if isinstance(value, _Object | list) and len(value) > MAX_ENTRIES:
        refuse_much(place, MAX_ENTRIES, "entries")
    if isinstance(value, _Object):
        if value.twice:
            refuse((*place, value.twice), "each key once")
        for key, inner in value.items():
            _check_nesting(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_nesting(inner, (*place, index))


# -- What a value may be -----------------------------------------------------------------------------------


def an_object(place: Place, value: Any) -> dict[str, Any]:
    """Read an object with any keys."""
    if not isinstance(value, dict):
        refuse(place, "an object")
    return value


def a_list(place: Place, value: Any, most: int = MAX_ENTRIES) -> list[Any]:
    """Read a list of at most `most` entries."""
    if not isinstance(value, list):
        refuse(place, "a list")
    if len(value) > most:
        refuse_much(place, most, "entries")
    return value


def rows(place: Place, value: Any) -> list[dict[str, Any]]:
    """Read the rows of a table: objects of texts, numbers, true or false, whose meaning others check."""
    return [_row((*place, index), each) for index, each in enumerate(a_list(place, value))]


def _row(place: Place, value: Any) -> dict[str, Any]:
    for name, cell in an_object(place, value).items():
        if not isinstance(cell, str | int | None):
            refuse((*place, name), "a text, a whole number, true, false or null")
        if isinstance(cell, str):
            a_storable_text((*place, name), cell)
    return dict(value)


def a_file(place: Place, value: Any) -> bytes:
    """Read the bytes of a file, which are written in Base64."""
    text = a_word_of(place, value, MAX_BYTES)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        refuse(place, "the bytes of a file in Base64")


def has_keys(
    place: Place, value: Mapping[str, Any], *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> None:
    """Raise Invalid for an unknown key and for a missing one."""
    for name in value:
        if name not in required and name not in optional:
            refuse((*place, name), f"no such key, only: {', '.join(sorted({*required, *optional}))}")
    for name in required:
        if name not in value:
            refuse((*place, name), f"the key `{name}`, which is missing")


class Takes(Protocol):
    """The arguments of a verb, by name."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """All arguments."""

    @property
    def optional(self) -> frozenset[str]:
        """The optional arguments."""

    @property
    def at_least_one(self) -> bool:
        """Whether one of the optional arguments is required."""


def has_arguments(
    place: Place,
    value: Mapping[str, Any],
    verb: Takes,
    *,
    also: tuple[str, ...] = (),
    beside: tuple[str, ...] = (),
) -> None:
    """Raise Invalid unless the arguments and the keys `also` are present; the keys `beside` are allowed."""
    needed = (*also, *(name for name in verb.arguments if name not in verb.optional))
    has_keys(place, value, required=needed, optional=(*verb.optional, *beside))
    if verb.at_least_one and not verb.optional & value.keys():
        refuse(place, f"at least one of: {', '.join(sorted(verb.optional))}")


def a_storable_text(place: Place, value: Any) -> str:
    """Read a text that the database can store."""
    if not isinstance(value, str):
        refuse(place, "a text")
    if len(value) > MAX_TEXT:
        refuse_much(place, MAX_TEXT, "characters")
    if _UNSTORABLE.search(value):
        refuse(place, "a text without NUL and without half a surrogate pair")
    if not is_prose(value):
        refuse(place, "a text without control characters other than line breaks and tabs")
    return value


def a_text(place: Place, value: Any) -> str:
    """Read a text that the database can store and papers can show; `document/no-glyph`."""
    text = a_storable_text(place, value)
    lacking = missing(text)
    if lacking:
        raise Refused("document/no-glyph", characters=named(lacking), path=json_path(place))
    return text


def one_line(place: Place, value: Any) -> str:
    """Read a text of one line, blank or not, without invisible characters."""
    line = without_invisible(a_word(place, value))
    if not is_line(line):
        refuse(place, "one line of text")
    return a_text(place, line)


def a_line(place: Place, value: Any, most: int) -> str:
    """Read a text of one line that is not blank."""
    line = one_line(place, value)
    if not line.strip() or len(line) > most:
        refuse(place, f"one line of at most {most} characters")
    return line


def a_word(place: Place, value: Any) -> str:
    """Read a text that is checked elsewhere."""
    return a_word_of(place, value, MAX_TEXT)


def a_word_of(place: Place, value: Any, most: int) -> str:
    """Read a text of at most so many characters that is checked elsewhere."""
    if not isinstance(value, str):
        refuse(place, "a text")
    if len(value) > most:
        refuse_much(place, most, "characters")
    return value


def word_list(place: Place, value: Any) -> list[str]:
    """Read a list of words."""
    return [a_word((*place, index), word) for index, word in enumerate(a_list(place, value, MAX_WORDS))]


def a_flag(place: Place, value: Any) -> bool:
    """Read a boolean."""
    if not isinstance(value, bool):
        refuse(place, "true or false")
    return value


def one_of(place: Place, value: Any, known: list[str]) -> str:
    """Read one of these words."""
    if not isinstance(value, str) or value not in known:
        refuse(place, f"one of: {', '.join(known)}")
    return value


def a_number(place: Place, value: Any, what: str, most: int) -> int:
    """Read a whole number from 1 to the greatest number of `what`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        refuse(place, f"{what}, a whole number from 1 to {most}")
    return value


def a_small_number(place: Place, value: Any) -> int:
    """Read a small whole number: a position inside an object."""
    return a_number(place, value, "a number", MAX_NUMBER)


def minutes_each(place: Place, value: Any) -> list[int]:
    """Read the minutes planned for each of several items; 0 where nothing is planned."""
    found = a_list(place, value, MAX_NAMED)
    for index, each in enumerate(found):
        if isinstance(each, bool) or not isinstance(each, int) or not 0 <= each <= LONGEST_ITEM:
            refuse((*place, index), f"a number of minutes, a whole number from 0 to {LONGEST_ITEM}")
    return found


def minutes(place: Place, value: Any) -> int:
    """Read the minutes of a speech."""
    return a_number(place, value, "a number of minutes", LONGEST)
