"""The path of a leaf to the root as a drawing: boxes with hashes, and the lines between them.

In units of the drawing, which is as wide as the narrowest phone; the root is on top. What is joined from the
left stands left of the path, what is joined from the right stands right of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.proofs.path import Step

WIDTH = 300
_ROW, _HIGH, _BOX = 58, 34, 84
_LEFT, _MIDDLE, _RIGHT = 1, (WIDTH - _BOX) // 2, WIDTH - _BOX - 1
#: digits of a hash that are drawn
_DIGITS = 8


@dataclass(frozen=True)
class Box:
    """A node: its place, the beginning of its hash, the leaves below it, and what it is."""

    x: int
    y: int
    hash: str
    first: int
    last: int
    #: leaf, path, beside or root
    kind: str
    width: int = _BOX
    height: int = _HIGH

    @property
    def middle(self) -> int:
        """Where its words are centred."""
        return self.x + self.width // 2

    @property
    def upper(self) -> int:
        """The base line of the hash."""
        return self.y + 15

    @property
    def lower(self) -> int:
        """The base line of the leaves."""
        return self.y + 28


@dataclass(frozen=True)
class Line:
    """From a node up to the one above it."""

    x1: int
    y1: int
    x2: int
    y2: int
    #: whether it is on the path
    own: bool


@dataclass(frozen=True)
class Drawing:
    """The whole drawing."""

    boxes: list[Box]
    lines: list[Line]
    height: int
    width: int = WIDTH


def draw(index: int, size: int, leaf: bytes, steps: Sequence[Step]) -> Drawing:
    """The path of the leaf through these steps, drawn from the bottom up."""
    rows = len(steps)
    first, last = index, index
    boxes = [Box(_MIDDLE, rows * _ROW, leaf.hex()[:_DIGITS], index, index, "leaf" if rows else "root")]
    lines = []
    for number, step in enumerate(steps, start=1):
        low, high = (rows - number + 1) * _ROW, (rows - number) * _ROW
        side = _LEFT if step.left else _RIGHT
        boxes.append(Box(side, low, step.hash.hex()[:_DIGITS], step.first, step.last, "beside"))
        first, last = min(first, step.first), max(last, step.last)
        kind = "root" if number == rows else "path"
        boxes.append(Box(_MIDDLE, high, step.above.hex()[:_DIGITS], first, last, kind))
        above = high + _HIGH
        lines += [
            Line(WIDTH // 2, low, WIDTH // 2, above, own=True),
            Line(side + _BOX // 2, low, WIDTH // 2 + (-20 if step.left else 20), above, own=False),
        ]
    assert (first, last) == (0, size - 1)  # the steps lead to the root
    return Drawing(boxes, lines, rows * _ROW + _HIGH + 1)
