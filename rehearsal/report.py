"""The results of a rehearsal as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from regulation.codes import CODES
from rehearsal.player import ACCEPTED, Mismatch, Played
from rehearsal.schema import Rehearsal, Step
from rehearsal.times import ZONE

_NAMED = ("proposal", "meeting", "of", "proposals", "question", "choice", "seat", "holder", "observer")


def report_lines(file: str, rehearsal: Rehearsal, played: Played) -> Iterator[str]:
    """The title, one line a step (one row a person), and whether all agreed with the file."""
    yield f"{file}: {played.title}"
    rows = iter(played.rows)
    row = next(rows, None)
    for step in rehearsal.steps:
        if step.note:
            yield f"{'':22}# {one_line(step.note)}"
        while row is not None and row.n == step.number:
            at = row.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
            mark = " " if row.result == (step.expect or ACCEPTED) else "!"
            yield f"{mark}{row.n:4} {at} {row.by:<13} {_act(step):<40} {_result(row.result)}"
            row = next(rows, None)
    yield f"  {mismatch(played.mismatch) if played.mismatch else 'as the file says'}"


def mismatch(found: Mismatch) -> str:
    """A mismatch as one line."""
    where = "outcome" if found.step is None else f"step {found.step}"
    return f"mismatch at {where}: expected {_value(found.expected)}, got {_value(found.got)}"


def one_line(text: str) -> str:
    """The text without line breaks and control characters."""
    return " ".join(text.split())


def _act(step: Step) -> str:
    named = [_value(step.arguments[name]) for name in _NAMED if name in step.arguments]
    return one_line(" ".join([step.do or "", *named]))


def _result(result: str) -> str:
    if result not in CODES:
        return result
    return f"{result}: {CODES[result].message_en.partition('[')[0].strip()}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(
            f"{handle}.{name}: {wanted}" for handle, of in value.items() for name, wanted in of.items()
        )
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
