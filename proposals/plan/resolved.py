"""Whether terms stated for credit approval are those resolved (Art. 22)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from proposals.plan.problem import json_path
from proposals.plan.schema import LINES, NUMERIC
from regulation.text import without_invisible

_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")


def matches_terms(document: Mapping[str, Any], terms: object) -> str | None:
    """None when the terms state nothing that the document does not; else the first JSON path that deviates.

    Any part may be stated; an unknown key deviates, and so does a list of another length or order. Money,
    rates and per cents are compared as numbers ("6" is "6.00"), lines without what nobody sees, all else
    exactly, types included. Art. 22.
    """
    return _deviation((), document, terms)


def _deviation(place: tuple[str | int, ...], resolved: object, stated: object) -> str | None:
    if isinstance(resolved, Mapping) and isinstance(stated, Mapping):
        return _deviation_of_keys(place, resolved, stated)
    if isinstance(resolved, list) and isinstance(stated, list) and len(resolved) == len(stated):
        pairs = enumerate(zip(resolved, stated, strict=True))
        found = (_deviation((*place, index), ours, theirs) for index, (ours, theirs) in pairs)
        return next(filter(None, found), None)
    equal = type(resolved) is type(stated) and (resolved == stated or _equal_as_read(place, resolved, stated))
    return None if equal else json_path(place)


def _deviation_of_keys(
    place: tuple[str | int, ...], resolved: Mapping[str, object], stated: Mapping[object, object]
) -> str | None:
    for key, value in stated.items():
        if not isinstance(key, str) or key not in resolved:
            return json_path((*place, str(key)))
        found = _deviation((*place, key), resolved[key], value)
        if found is not None:
            return found
    return None


def _equal_as_read(place: tuple[str | int, ...], resolved: object, stated: object) -> bool:
    if place and place[-1] in LINES:
        return without_invisible(str(resolved)) == without_invisible(str(stated))
    if not place or place[-1] not in NUMERIC:
        return False
    texts = (str(resolved), str(stated))
    return all(_NUMBER.fullmatch(text) for text in texts) and Decimal(texts[0]) == Decimal(texts[1])
