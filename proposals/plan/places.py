"""Places in a plan: the JSON paths of its keys and of the values within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from proposals.plan.fields import Condition
from proposals.plan.limits import MAX_ROWS
from proposals.plan.problem import SEGMENT, json_path
from proposals.plan.schema import PARTS, Terms

#: characters of a path
_LONGEST: Final = 100


def location(path: str) -> list[str | int]:
    """The keys and indexes of a JSON path."""
    return [
        int(match["index"]) if match["index"] else match["key"] or match["quoted"]
        for match in SEGMENT.finditer(path)
    ]


def is_place(path: str) -> bool:
    """Whether the path names a key of a plan, or a row or a value within it, in its one spelling."""
    if len(path) > _LONGEST:
        return False
    found = location(path)
    if not found or json_path(tuple(found)) != path:
        return False
    holder: _Holder | None = _Holder(Terms)
    for each in found:
        holder = holder.at(each) if holder is not None else None
    return holder is not None


@dataclass(frozen=True)
class _Holder:
    """What stands at a place of a plan: a part of it, the conditions, or a value (None); or rows of such."""

    part: Any
    rows: bool = False

    def at(self, step: str | int) -> _Holder | None:
        """What stands at the key or index within it; None where there is no such place."""
        if isinstance(step, int):
            return _Holder(self.part) if self.rows and step < MAX_ROWS else None
        if self.rows or self.part is None:
            return None
        if self.part is Condition:
            return _Holder(None) if step in get_args(Condition) else None
        return _Holder(*_within(self.part, step)) if step in self.part.model_fields else None


def _within(part: type[BaseModel], key: str) -> tuple[Any, bool]:
    """What the key of the part holds, part or None, and whether it is a list of such."""
    annotation = part.model_fields[key].annotation
    if annotation in PARTS:
        return annotation, False
    if get_origin(annotation) is dict:
        return Condition, False
    if get_origin(annotation) is tuple:
        (row, *_rest) = get_args(annotation)
        return (row if row in PARTS else None), True
    return None, False
