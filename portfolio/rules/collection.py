"""What was collected: money and in kind once, a batch in three readings, by whose duty; fen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portfolio.money import percent
from portfolio.rules.duties import Duty, Kind, holders_on


@dataclass(frozen=True, slots=True)
class Recovery:
    """Money, and what was taken in payment at the value credited when it was received.

    Selling that later brings no further recovery: `realised` stands beside it.
    """

    money: int
    in_kind: int
    realised: int = 0

    @property
    def recovered(self) -> int:
        """Money and in kind, each once."""
        return self.money + self.in_kind

    @property
    def realised_pct(self) -> Decimal | None:
        """What sales brought, of what was credited, in per cent."""
        return percent(self.realised, self.in_kind)


@dataclass(frozen=True, slots=True)
class Batch:
    """Cases brought together, such as a batch of suits; a page names the reading that it shows."""

    households: int
    principal: int
    interest: int
    settled_households: int
    principal_received: int
    interest_received: int

    @property
    def by_households(self) -> Decimal | None:
        """Households that settled, of all."""
        return percent(self.settled_households, self.households)

    @property
    def by_principal(self) -> Decimal | None:
        """Principal received, of all."""
        return percent(self.principal_received, self.principal)

    @property
    def by_sum(self) -> Decimal | None:
        """Principal and interest received, of both."""
        return percent(self.principal_received + self.interest_received, self.principal + self.interest)

    @property
    def open_households(self) -> int:
        """Households that have not settled."""
        return self.households - self.settled_households

    @property
    def open_principal(self) -> int:
        """Principal not received."""
        return self.principal - self.principal_received

    @property
    def open_interest(self) -> int:
        """Interest not received."""
        return self.interest - self.interest_received


@dataclass(frozen=True, slots=True)
class Received:
    """Money of a day on a loan; when it was entered makes no difference."""

    key: str
    on: date
    amount: int


def credited(
    duties: Iterable[Duty], receipts: Iterable[Received], reversed_keys: Iterable[str] = ()
) -> dict[str, int]:
    """By person: the money of the days on which collecting was theirs, less what was reversed of it.

    A reversal follows its receipt, whenever it is recorded. Money of a day without a duty is nobody's.
    """
    held, undone = list(duties), set(reversed_keys)
    sums: dict[str, int] = defaultdict(int)
    for receipt in receipts:
        for person in holders_on(held, Kind.COLLECTION, receipt.on):
            sums[person] += 0 if receipt.key in undone else receipt.amount
    return dict(sums)
