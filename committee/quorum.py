"""Representation of seats (Art. 20.1), as functions of values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatPresence:
    """A seat's presence: its holder in person, or the holder of a running proxy."""

    number: int
    holder_in: bool
    proxy_in: bool

    @property
    def represented(self) -> bool:
        """Whether the seat is represented."""
        return self.holder_in or self.proxy_in


def missing(roll: Iterable[SeatPresence], seats: int) -> tuple[int, ...]:
    """The numbers of the seats, from 1 to `seats`, that nobody represents; vacant seats included."""
    there = {presence.number for presence in roll if presence.represented}
    return tuple(number for number in range(1, seats + 1) if number not in there)
