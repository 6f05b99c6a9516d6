"""The dates after which a claim can no longer be enforced: limitation (诉讼时效) and guarantee (保证期间).

Civil Code 188, 189, 195, 202, 692, 693. Counted cautiously: from the due date, ending with its corresponding
day. Days off are not added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.rules.dates import months_after, years_after

#: from this day on three years, also for periods of two that were not yet full
THREE_YEARS_SINCE = date(2017, 10, 1)
GUARANTEE_MONTHS = 6


class Kind(StrEnum):
    """What happened to a claim."""

    DEMAND = "demand"
    PART_PAYMENT = "part_payment"
    AGREEMENT = "agreement"
    #: signed by the debtor: a notice, a statement of what is owed
    ACKNOWLEDGEMENT = "acknowledgement"
    SUIT = "suit"
    #: the end of the suit that was last filed
    SUIT_ENDED = "suit_ended"

    @property
    def signed(self) -> bool:
        """Whether the debtor's signature recognises the debt, also after the period."""
        return self in (Kind.AGREEMENT, Kind.ACKNOWLEDGEMENT)


@dataclass(frozen=True, slots=True)
class Event:
    """An event with evidence; `runs_from` is the day from which an agreement's period runs: its last
    instalment (189).
    """

    on: date
    kind: Kind
    runs_from: date | None = None


@dataclass(frozen=True, slots=True)
class Limitation:
    """The last day of the period, and whether the debtor recognised the debt after an earlier end."""

    expires_on: date
    recognised_after_expiry: bool = False


def period_ends(start: date) -> date:
    """The last day of a period that begins with the day: 3 years, 2 if those were full before 1 Oct 2017."""
    shorter = years_after(start, 2)
    return years_after(start, 3) if shorter >= THREE_YEARS_SINCE else shorter


def limitation(due_on: date, events: Iterable[Event] = ()) -> Limitation:
    """The limitation of a claim due on that day.

    Each event on or before the last day begins the period anew (195); a day later it does not. What the
    debtor signs after the end recognises the debt, and a period runs from then. A suit begins it anew from
    its filing, and from its end when that is recorded, however late.
    """
    ends, recognised, in_court = period_ends(due_on), False, False
    for event in sorted(events, key=lambda each: each.on):
        in_time = event.on <= ends or (event.kind is Kind.SUIT_ENDED and in_court)
        if not in_time and not event.kind.signed:
            continue
        recognised = recognised or not in_time
        in_court = event.kind is Kind.SUIT or (in_court and event.kind is not Kind.SUIT_ENDED)
        ends = max(ends, period_ends(max(event.on, event.runs_from or event.on)))
    return Limitation(ends, recognised)


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The last day of a guarantor's liability, and whether a demand was made in time."""

    ends_on: date
    liable: bool

    def open_on(self, day: date) -> bool:
        """Whether the guarantor is liable, or a demand can still be made that day."""
        return self.liable or day <= self.ends_on


def guarantee(due_on: date, agreed_until: date | None = None, demanded_on: date | None = None) -> Guarantee:
    """The period of a guarantee of a claim due on that day: six months unless a later day is agreed (692).

    A day agreed that is not after the due date counts as none. Nothing renews the period, and without a
    demand in it the liability is lost for good (693), also when the guarantor signs later.
    """
    agreed = agreed_until is not None and agreed_until > due_on
    ends = agreed_until if agreed and agreed_until is not None else months_after(due_on, GUARANTEE_MONTHS)
    return Guarantee(ends, demanded_on is not None and demanded_on <= ends)
