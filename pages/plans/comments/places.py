"""The fields of a plan that can be commented on, and where a comment stands once rows have moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pages.plans.editor.parts import Conditions, Group, Rows
from pages.plans.editor.steps import STEPS, Step
from proposals.plan.places import location
from proposals.plan.problem import json_path
from web import labels

#: the key by which a row of a list is the same row in another version
_KEYS: Final[Mapping[str, str]] = {
    "loans": "contract_no",
    "guarantees": "guarantor",
    "collateral": "title_no",
    "schedule": "due_on",
    "sources": "kind",
    "alternatives": "name",
    "flows": "on",
    "milestones": "on",
    "attachments": "name",
}
Location = Sequence[str | int]


def choices(document: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields of the plan by step: the step, and the path and name of each."""
    return [
        (str(step.name), [(path, in_words(path, document)) for path in paths(step, document)])
        for step in STEPS
    ]


def paths(step: Step, document: Mapping[str, Any]) -> list[str]:
    """The paths of the fields that the step holds, as far as the plan has rows for them."""
    return [
        json_path(place)
        for part in step.parts
        for place in _places(part, [part.name], document.get(part.name))
    ]


def _places(part: Any, at: Location, value: Any) -> Iterator[Location]:
    """The places of the part, which stands there with this value."""
    if isinstance(part, Group):
        for inner in part.parts:
            yield from _places(inner, [*at, inner.name], (value or {}).get(inner.name))
        return
    yield at
    if isinstance(part, Conditions):
        yield from ([*at, code] for code in sorted(value or ()))
    elif isinstance(part, Rows):
        for number, row in enumerate(value or ()):
            yield from _places_of_row(part, [*at, number], row)


def _places_of_row(part: Rows, at: Location, row: Mapping[str, Any]) -> Iterator[Location]:
    """The row, its fields unless it is laid out in one line, and the rows within it."""
    yield at
    for inner in part.parts:
        if isinstance(inner, Rows):
            yield from _places(inner, [*at, inner.name], row.get(inner.name))
        elif not part.slim:
            yield [*at, inner.name]


def in_words(path: str, document: Mapping[str, Any]) -> str:
    """The field in words, with what names its row: "Loans 1 (HT-1) · Principal"."""
    found: list[str] = []
    value: Any = document
    key = ""
    for part in location(path):
        value = _within(value, part)
        if isinstance(part, int):
            named = value.get(_KEYS.get(key, ""), "") if isinstance(value, dict) else ""
            name = labels.value(f"{key}.{_KEYS.get(key, '')}", named) if named else ""
            found[-1] += f" {part + 1}" + (f" ({name})" if name else "")
        else:
            found.append(labels.place([part]))
            key = part
    return " · ".join(found)


def stated(path: str, document: Mapping[str, Any]) -> str:
    """What the plan states there, in words; empty for a row, a list or an object."""
    value: Any = document
    place = location(path)
    for part in place:
        value = _within(value, part)
    if isinstance(value, (dict, list)):
        return ""
    return labels.value(".".join(part for part in place if isinstance(part, str)), value)


def _within(value: Any, part: str | int) -> Any:
    """What a document holds under the key or index; None for nothing."""
    if isinstance(part, int):
        return value[part] if isinstance(value, list) and part < len(value) else None
    return value.get(part) if isinstance(value, dict) else None


def moved(path: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The path in the plan as it is now of what stood there then: its row by its key, else by its number.

    A row that is there no more leads to its list.
    """
    found: list[str | int] = []
    before: Any = then
    after: Any = now
    key = ""
    for part in location(path):
        here: str | int | None = part
        if isinstance(part, int):
            here = _same_row(before, part, after, _KEYS.get(key, ""))
            if here is None:
                break
        else:
            key = part
        assert here is not None
        found.append(here)
        before, after = _within(before, part), _within(after, here)
    return json_path(found)


def _same_row(before: Any, number: int, after: Any, key: str) -> int | None:
    row = _within(before, number)
    rows = after if isinstance(after, list) else []
    name = row.get(key) if isinstance(row, dict) else None
    if name is not None:
        same = [index for index, each in enumerate(rows) if isinstance(each, dict) and each.get(key) == name]
        if same:
            return min(same, key=lambda index: abs(index - number))
    return number if number < len(rows) else None
