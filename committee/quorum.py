"""Who is represented (Art. 20.1), as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatPresence:
    """A seat at this moment: its holder in person, or a running proxy's holder in the room."""

    number: int
    holder_in: bool
    proxy_in: bool

    @property
    def represented(self) -> bool:
        """Whether somebody is there for the seat."""
        return self.holder_in or self.proxy_in


def missing(roll: Iterable[SeatPresence], seats: int) -> tuple[int, ...]:
    """The numbers of the seats, out of 1 to `seats`, for which nobody is there; vacant seats included."""
    there = {presence.number for presence in roll if presence.represented}
    return tuple(number for number in range(1, seats + 1) if number not in there)
