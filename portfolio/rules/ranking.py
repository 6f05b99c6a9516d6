"""The institutions that are furthest from their plan (欠账最大), in their order (S12); money in fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """An institution on the day: what is non-performing, and what its target allows that day."""

    code: str
    npl: int
    planned: int

    @property
    def shortfall(self) -> int:
        """What it has above its plan; 0 for one on target."""
        return max(0, self.npl - self.planned)


def ranked(institutions: Iterable[Standing], n: int) -> list[Standing]:
    """The n with the largest shortfall, then the larger stock, then by code; none that is on target.

    Fewer only where fewer are off target.
    """
    behind = [each for each in institutions if each.shortfall > 0]
    return sorted(behind, key=lambda each: (-each.shortfall, -each.npl, each.code))[:n]
