"""Instalment agreements (分期还款协议): due dates, amounts, and what is left after money came; fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portfolio.rules.dates import due_dates


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment, numbered from 1, with what was paid of it."""

    number: int
    due_on: date
    amount: int
    paid: int = 0

    @property
    def left(self) -> int:
        """What is not paid of it."""
        return self.amount - self.paid


def schedule(total: int, each: int, first_due: date, *, months: int = 1) -> list[Instalment]:
    """The instalments of a sum: all alike, the last one the rest; due on the first one's day of the month.

    ValueError unless sum and instalment are above zero.
    """
    if total <= 0 or each <= 0:
        raise ValueError("the sum and the instalment are above zero")
    number = -(-total // each)
    dates = due_dates(first_due, months=months)
    return [
        Instalment(place, due_on, min(each, total - each * (place - 1)))
        for place, due_on in zip(range(1, number + 1), dates, strict=False)
    ]


def paid(instalments: Sequence[Instalment], money: int) -> list[Instalment]:
    """The instalments after so much more money, which goes to the oldest open ones first.

    ValueError for more than is left in all, and for less than nothing.
    """
    if not 0 <= money <= left(instalments):
        raise ValueError("more money than is left of the agreement, or less than none")
    rows = []
    for row in instalments:
        share = min(money, row.left)
        money -= share
        rows.append(Instalment(row.number, row.due_on, row.amount, row.paid + share))
    return rows


def left(instalments: Sequence[Instalment]) -> int:
    """What is not paid of all."""
    return sum(row.left for row in instalments)


def remaining(instalments: Sequence[Instalment]) -> list[Instalment]:
    """Those not wholly paid."""
    return [row for row in instalments if row.left]
