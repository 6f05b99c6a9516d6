"""A plan as it is given, complete or not: read, judged by the schema, and spelled in one way."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from proposals.plan.fields import DUE, GIVEN
from proposals.plan.limits import MAX_BYTES, MAX_KEYS, MAX_PARTS, MAX_ROWS
from proposals.plan.problem import INCOMPLETE, Problem, json_path
from proposals.plan.schema import LINES, Terms
from regulation.text import without_invisible

#: what lies deeper is in no place of a plan: alternatives[0].flows[0].on
_DEPTH: Final = 5


def canonical(document: Mapping[str, Any]) -> str:
    """The one spelling of a plan: keys sorted, no white space, nothing escaped that need not be.

    For what a plan may hold (objects, lists, texts, null and whole numbers below 2**53) this is the JSON
    Canonicalization Scheme, RFC 8785, so that anyone can recompute a digest with another program.
    """
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical JSON in UTF-8, hexadecimal; the order of keys does not matter."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """An immutable plan of the right shape, complete or not; made by ``parse_draft``."""

    canonical: str = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The document as given, in plain JSON; a fresh copy each time, so that nothing changes the plan."""
        document: dict[str, Any] = json.loads(self.canonical)
        return document

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def complete(self) -> bool:
        """True when nothing is missing, blank or empty that is due at submission."""
        return not _read(self.document, DUE)[1]

    @cached_property
    def terms(self) -> Terms:
        """The typed plan; plan/incomplete while a key is missing (blank texts and empty lists pass)."""
        terms, found = _read(self.document, None)
        if terms is None:
            raise found[0].refusal("plan/incomplete")
        return terms


def parse_draft(document: object) -> Plan:
    """The plan that the document states; keys may be missing, lists empty, texts blank.

    Refuses plan/invalid, with the JSON path, at the first unknown key or code, wrong type, malformed or
    negative money, and anything beyond the limits of this module. What nobody sees is left out of lines.
    """
    found = problems(document)
    if found:
        raise found[0].refusal("plan/invalid")
    plan = Plan(canonical(cast("dict[str, Any]", _as_seen(document))))
    if len(plan.canonical.encode()) > MAX_BYTES:
        raise Problem("$", "bytes").refusal("plan/invalid")
    return plan


def stored_plan(document: Mapping[str, Any]) -> Plan:
    """The plan that was given and stored; its text is as it was given, whatever is refused since.

    Refuses plan/invalid where it has not the shape of a plan.
    """
    for problem in _read(document, None)[1]:
        if problem.key not in INCOMPLETE:
            raise problem.refusal("plan/invalid")
    return Plan(canonical(document))


def problems(document: object) -> list[Problem]:
    """Everything that is wrong with the shape of a draft, in the order of the schema; not what is missing."""
    return [problem for problem in _read(document, GIVEN)[1] if problem.key not in INCOMPLETE]


def _as_seen(value: object, key: str = "") -> object:
    """The document without the characters in its lines that nobody sees."""
    if isinstance(value, Mapping):
        return {name: _as_seen(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_seen(inner) for inner in value]
    return without_invisible(value) if isinstance(value, str) and key in LINES else value


def incomplete(plan: Plan) -> list[Problem]:
    """Everything that is still missing, blank or empty, in the order of the schema; empty when complete."""
    return _read(plan.document, DUE)[1]


def _read(document: object, context: str | None) -> tuple[Terms | None, list[Problem]]:
    if not isinstance(document, Mapping):
        return None, [Problem("$", "object")]
    too_much = _too_much(document)
    if too_much is not None:
        return None, [too_much]
    try:
        return Terms.model_validate(dict(document), context=context), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    return None, [_problem(detail) for detail in details]


def _too_much(document: Mapping[Any, Any]) -> Problem | None:
    """The first list or object that is longer than any plan's; its entries are not looked at.

    What is beyond the limits would otherwise have a problem for each of its entries.
    """
    left = MAX_PARTS
    waiting: deque[tuple[tuple[str | int, ...], Any]] = deque([((), document)])
    while waiting:
        place, value = waiting.popleft()
        key = _too_long(value)
        if key:
            return Problem(json_path(place), key)
        left -= len(value) if isinstance(value, list) else 1
        if left < 0:
            return Problem("$", "parts")
        if len(place) < _DEPTH:
            inside = enumerate(value) if isinstance(value, list) else value.items()
            waiting += [((*place, key), each) for key, each in inside if isinstance(each, Mapping | list)]
    return None


def _too_long(value: Any) -> str:
    """The problem of a list or object with more entries than any plan's has; empty for one without."""
    if isinstance(value, Mapping) and len(value) > MAX_KEYS:
        return "keys"
    return "rows" if isinstance(value, list) and len(value) > MAX_ROWS else ""


_BY_TYPE: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "unknown-key",
    "invalid_key": "unknown-key",
    "literal_error": "code",
    "model_type": "object",
    "dict_type": "object",
    "string_type": "text",
    "string_unicode": "character",
}


def _problem(detail: ErrorDetails) -> Problem:
    path = json_path(detail["loc"])
    if detail["type"] == "plan":
        return Problem(path, detail["ctx"]["key"], detail["ctx"]["values"])
    key = _BY_TYPE[detail["type"]]
    if key == "code":
        expected = detail["ctx"]["expected"]  # "'a', 'b' or 'c'"
        return Problem(path, key, {"codes": expected.replace(" or ", ", ").replace("'", "")})
    return Problem(path, key)
