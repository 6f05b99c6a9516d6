"""The difference of two texts, for people to read: what stayed, what went and what came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]

#: a word of letters or digits, or one character of anything else: a Chinese character stands by itself
_TOKEN = re.compile(r"[^\W\u2e80-\uffff]+|\s+|.", re.DOTALL)
#: beyond so many lines or words in both passages they are shown whole, since comparing takes the square of it
_MOST = 4000


@dataclass(frozen=True, slots=True)
class Run:
    """A passage that stayed, went or came."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Run]:
    """The passages in order: those that stayed and went are `before`, those that stayed and came `after`.

    Lines are compared first, and the words of those that differ. How a line ends is no difference: browsers
    send other ends than programs.
    """
    old, new = (text.replace("\r\n", "\n").splitlines(keepends=True) for text in (before, after))
    return list(_joined(_lines(old, new)))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    for same, was, is_now in _passages(old, new):
        if same:
            yield from _stayed(was)
            continue
        for alike, gone, come in _passages(_TOKEN.findall(was), _TOKEN.findall(is_now)):
            if alike:
                yield from _stayed(gone)
            else:
                yield from _replaced(gone, come)


def _passages(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Whether the passage is the same in both, and what it is in each."""
    if not old or not new or len(old) + len(new) > _MOST:
        yield old == new, "".join(old), "".join(new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag == "equal", "".join(old[a:b]), "".join(new[c:d])


def _stayed(text: str) -> Iterator[Run]:
    if text:
        yield Run("same", text)


def _replaced(was: str, is_now: str) -> Iterator[Run]:
    if was:
        yield Run("gone", was)
    if is_now:
        yield Run("new", is_now)


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Neighbours of one kind are one passage."""
    last: Run | None = None
    for run in runs:
        if last is not None and last.kind == run.kind:
            last = Run(run.kind, last.text + run.text)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last
