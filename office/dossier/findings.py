"""What is found of an article, as values that are worded in either language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from office.papers.wording import Voice

#: a sentence in English and in Chinese, with gaps for the values
Words = tuple[str, str]


class Outcome(StrEnum):
    """How a check, or an article, came out; the worst stands last."""

    NOT_APPLIED = "not_applied"
    NOTED = "noted"
    HELD = "held"
    #: not due yet: what is still to come can decide it
    OPEN = "open"
    #: what would show it is not there
    GAP = "gap"
    NOT_HELD = "not_held"


_ORDER = {outcome: number for number, outcome in enumerate(Outcome)}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what was found, with its values."""

    outcome: Outcome
    words: Words
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, say: Voice) -> str:
        """The sentence in the voice's language; moments are those of the committee's zone."""
        english, chinese = self.words
        given = {key: _written(say, value) for key, value in self.values.items()}
        return (chinese if say.chinese else english).format(**given)


def _written(say: Voice, value: object) -> str:
    match value:
        case None:
            return say("at no time", "未记载")
        case datetime():
            return say.moment(value)
        case date():
            return say.weekday(value)
        case list() | tuple():
            return say.joined([_written(say, each) for each in value])
        case _:
            return str(value)


@dataclass(frozen=True)
class Finding:
    """An article as it was judged: whether it applied, and what each check of it found."""

    article: int
    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the checks; NOTED alone is HELD."""
        worst = max((check.outcome for check in self.checks), key=_ORDER.__getitem__)
        return Outcome.HELD if worst == Outcome.NOTED else worst

    @property
    def applied(self) -> bool:
        """Whether there was anything for the article to hold of."""
        return self.outcome != Outcome.NOT_APPLIED

    def with_checks(self, more: Iterable[Check]) -> Finding:
        """The finding with further checks after its own."""
        return Finding(self.article, (*self.checks, *more))


def judged(holds: bool, good: Words, bad: Words, /, **values: object) -> Check:  # noqa: FBT001  # a condition is what it asks for
    """Held with the first words, or not held with the second."""
    return Check(Outcome.HELD, good, values) if holds else Check(Outcome.NOT_HELD, bad, values)


def noted(english: str, chinese: str, /, **values: object) -> Check:
    """Something to know that decides nothing."""
    return Check(Outcome.NOTED, (english, chinese), values)


def gap(english: str, chinese: str, /, **values: object) -> Check:
    """What would show it is not there."""
    return Check(Outcome.GAP, (english, chinese), values)


def not_due(english: str, chinese: str, /, **values: object) -> Check:
    """What is still to come."""
    return Check(Outcome.OPEN, (english, chinese), values)


def not_held(english: str, chinese: str, /, **values: object) -> Check:
    """The article did not hold."""
    return Check(Outcome.NOT_HELD, (english, chinese), values)


def not_applied(english: str, chinese: str, /, **values: object) -> Check:
    """Why there was nothing for the article to hold of."""
    return Check(Outcome.NOT_APPLIED, (english, chinese), values)


def without_name(who: Iterable[object]) -> list[str]:
    """Seat numbers, or names, as a list for a gap of a sentence."""
    return [str(each) for each in who]
