"""The movement of non-performing principal between two days, by old and new stock; in fen.

What the flows do not explain is told as such and spread over none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from portfolio.money import percent


@dataclass(frozen=True, slots=True)
class Flows:
    """What came to one stock and what left it."""

    opening: int = 0
    became_npl: int = 0
    #: lent more on loans that were non-performing
    added: int = 0
    money: int = 0
    in_kind: int = 0
    written_off: int = 0
    transferred: int = 0
    #: performing again
    upgraded: int = 0

    @property
    def inflow(self) -> int:
        """What came to it."""
        return self.became_npl + self.added

    @property
    def outflow(self) -> int:
        """What left it."""
        return self.money + self.in_kind + self.written_off + self.transferred + self.upgraded

    @property
    def closing(self) -> int:
        """The stock that these flows explain."""
        return self.opening + self.inflow - self.outflow

    def __add__(self, other: Flows) -> Flows:
        return Flows(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Movement:
    """The flows of the old stock, non-performing on 1 January, and of the new one, beside the tape's sum."""

    old: Flows
    new: Flows
    on_tape: int

    @property
    def whole(self) -> Flows:
        """The flows of both."""
        return self.old + self.new

    @property
    def explained_closing(self) -> int:
        """The stock at the end that the flows explain."""
        return self.old.closing + self.new.closing

    @property
    def unexplained(self) -> int:
        """What the tape has beyond it, or lacks."""
        return self.on_tape - self.explained_closing

    @property
    def net_rise(self) -> int:
        """The rise that the flows explain."""
        return self.explained_closing - self.whole.opening

    @property
    def old_fall_pct(self) -> Decimal | None:
        """By how much of itself the old stock fell, in per cent."""
        return percent(self.old.opening - self.old.closing, self.old.opening)

    @property
    def new_share_pct(self) -> Decimal | None:
        """The new stock's share of the stock at the end that the flows explain, in per cent."""
        return percent(self.new.closing, self.explained_closing)


def ratio_pct(npl: int, principal: int) -> Decimal | None:
    """The ratio of non-performing loans (不良贷款占比), in per cent."""
    return percent(npl, principal)


def in_points(ratio_before: Decimal, ratio_now: Decimal) -> Decimal:
    """The change of a ratio in percentage points; a fall is negative."""
    return ratio_now - ratio_before


def ratio_before(ratio_now: Decimal, fall_in_points: Decimal) -> Decimal:
    """The ratio from which it fell by so many points."""
    return ratio_now + fall_in_points
