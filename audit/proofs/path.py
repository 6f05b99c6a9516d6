"""The way of a leaf to the root of its tree: which hash is joined at each step, and on which side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit import merkle


@dataclass(frozen=True)
class Step:
    """A hash joined from the side: over which leaves it stands, and the hash of the node above both."""

    #: whether it is joined on the left
    left: bool
    hash: bytes
    #: the first leaf below it, and the first beyond
    first: int
    end: int
    above: bytes

    @property
    def last(self) -> int:
        """The last leaf below it."""
        return self.end - 1

    @property
    def count(self) -> int:
        """The number of leaves below it."""
        return self.end - self.first


def steps(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> list[Step]:
    """The steps from the hash of the leaf `index` upwards; the last one comes to the root of `size` leaves.

    ValueError when there is no such leaf, or when the path has not as many hashes as there are steps.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    beside = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            beside.append((False, middle, end))
            end = middle
        else:
            beside.append((True, start, middle))
            start = middle
    found, above = [], leaf
    for (left, first, beyond), each in zip(reversed(beside), path, strict=True):
        above = merkle.node_hash(each, above) if left else merkle.node_hash(above, each)
        found.append(Step(left, each, first, beyond, above))
    return found
