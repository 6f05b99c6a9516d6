"""Places in a plan: the JSON paths of its keys and of the values within them."""

from __future__ import annotations

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
    part: Any = Terms
    rows = False
    for each in found:
        if isinstance(each, int):
            if not rows or each >= MAX_ROWS:
                return False
            rows = False
        elif part is Condition:
            if each not in get_args(Condition):
                return False
            part = None
        else:
            if part is None or rows or each not in part.model_fields:
                return False
            part, rows = _within(part, each)
    return True


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
