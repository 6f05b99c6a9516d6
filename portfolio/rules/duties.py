"""Who answers for a loan: lending for life, collection one a day; and the calendar of review (S4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.classes import Class


class Kind(StrEnum):
    """A kind of responsibility (001 4.1)."""

    LENDING = "lending"
    APPROVAL = "approval"
    COLLECTION = "collection"

    @property
    def for_life(self) -> bool:
        """Whether it never ends (终身责任制)."""
        return self is not Kind.COLLECTION


@dataclass(frozen=True, slots=True)
class Duty:
    """A person's responsibility for one loan, from a day to a day inclusive; `until` None while it lasts."""

    kind: Kind
    person: str
    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it is the person's on that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: Duty) -> bool:
        """Whether some day is in both."""
        return (self.until is None or other.since <= self.until) and (
            other.until is None or self.since <= other.until
        )


def refusal_to_assign(held: Iterable[Duty], new: Duty) -> str | None:
    """`duty/overlap` for a second collection duty on some day; None where it may be assigned."""
    if new.kind.for_life:
        return None
    taken = any(each.kind is new.kind and each.overlaps(new) for each in held)
    return "duty/overlap" if taken else None


def refusal_to_end(duty: Duty) -> str | None:
    """`duty/lifetime` for lending and approval; None for collection, which is handed over."""
    return "duty/lifetime" if duty.kind.for_life else None


def holders_on(duties: Iterable[Duty], kind: Kind, day: date) -> list[str]:
    """Those who answer on that day; of collection at most one."""
    return [each.person for each in duties if each.kind is kind and each.covers(day)]


def gaps(duties: Iterable[Duty], since: date, until: date) -> list[tuple[date, date]]:
    """The spells without a collection duty, each with its first and last day."""
    found, free = [], since
    for duty in sorted(
        (each for each in duties if each.kind is Kind.COLLECTION), key=lambda each: each.since
    ):
        if duty.since > free and free <= until:
            found.append((free, min(until, date.fromordinal(duty.since.toordinal() - 1))))
        if duty.until is None:
            return found
        free = max(free, date.fromordinal(duty.until.toordinal() + 1))
    return [*found, (free, until)] if free <= until else found


# -- Review -----------------------------------------------------------------------------------------


def review_year(first_npl_on: date, calendar: Mapping[int, Iterable[int]]) -> int | None:
    """The year in which loans that became non-performing on that day are reviewed; None if in no calendar."""
    return next((year for year, origins in calendar.items() if first_npl_on.year in origins), None)


def spell_began(changes: Sequence[tuple[date, Class]]) -> date | None:
    """The first day of the last unbroken spell as non-performing; None while the loan is performing.

    `changes` has the day of each class, in any order.
    """
    began: date | None = None
    for day, given in sorted(changes, key=lambda each: each[0]):
        if not given.non_performing:
            began = None
        elif began is None:
            began = day
    return began
