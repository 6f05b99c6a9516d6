"""The filters of a list: what each reads from the address, which rows it leaves, and its values in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Func, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from regulation.text import day as day_of
from regulation.text import without_invisible

_FILED = re.compile(r"(\w*)[〔［\[【(]\s*(\d{4})\s*[〕］\]】)]\s*(\d+)")
#: a period up to this long has few rows of a list of years
QUARTER = timedelta(days=92)

#: beyond this a number cannot be one of ours, and the database could not hold it
LONGEST = 9
_LONGEST_TEXT = 80


def clean(text: str) -> str:
    """A text as typed into a search, in usual width, without what nobody sees or can have meant."""
    plain = unicodedata.normalize("NFKC", without_invisible(text.replace("\0", "")[: 2 * _LONGEST_TEXT]))
    return plain.strip()[:_LONGEST_TEXT]


class Among(Func):
    """Whether a number is in an array: one value to read and plan for, where a list would be a thousand."""

    template = "(%(expressions)s::bigint[]))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def numbered(text: str, mark: str = "") -> Q | None:
    """The rows whose number it is: "3", "〔2026〕3号" or "呼联〔2026〕3号"; None for what is no number.

    The mark stands between abbreviation and year, where the series has one.
    """
    if text.isdecimal() and len(text) <= LONGEST:
        return Q(number=int(text))
    filed = _FILED.search(text)
    if filed is None or len(filed[3]) > LONGEST:
        return None
    found = Q(year=int(filed[2]), number=int(filed[3]))
    if not filed[1]:
        return found
    named = filed[1].removesuffix(mark) if filed[1].endswith(mark) else None
    return found & Q(committee__abbreviation=named) if named is not None else Q(pk=None)


class Filter:
    """A filter of a list: what it reads from the address, what it leaves, and its values in words."""

    #: how the form shows it: text, one, several, flag, period or hidden
    kind: str = ""

    def __init__(self, name: str, label: str | Promise) -> None:
        self.name, self.label = name, label

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it has in the address."""
        return (self.name,)

    def read(self, given: QueryDict) -> list[tuple[str, str]]:
        """What is asked for, as (name, value); nothing for what makes no sense."""
        raise NotImplementedError

    def narrow(self, rows: QuerySet[Any], asked: Sequence[tuple[str, str]]) -> QuerySet[Any]:
        """The rows that fit what is asked for."""
        raise NotImplementedError

    def few(self, asked: Sequence[tuple[str, str]]) -> bool:
        """Whether the rows that fit are few of a long list, and may all lie at one place of its order."""
        return False

    def word(self, name: str, value: str) -> str:
        """One value in words."""
        raise NotImplementedError


class Text(Filter):
    """Words typed; `condition` says which rows they fit."""

    kind = "text"

    def __init__(self, name: str, label: str | Promise, condition: Callable[[str], Q]) -> None:
        super().__init__(name, label)
        self._condition = condition

    def read(self, given: QueryDict) -> list[tuple[str, str]]:
        text = clean(given.get(self.name, ""))
        return [(self.name, text)] if text else []

    def narrow(self, rows: QuerySet[Any], asked: Sequence[tuple[str, str]]) -> QuerySet[Any]:
        return rows.filter(self._condition(asked[0][1]))

    def word(self, name: str, value: str) -> str:
        return _("“%(text)s”") % {"text": value}


class Choice(Filter):
    """One of several values, or some of them; a value that is not among them is none."""

    def __init__(
        self,
        name: str,
        label: str | Promise,
        options: Iterable[tuple[Any, str | Promise]],
        field: str = "",
        *,
        several: bool = False,
    ) -> None:
        super().__init__(name, label)
        self.options = [(str(value), word) for value, word in options]
        self.kind = "several" if several else "one"
        self._field = field or name

    def read(self, given: QueryDict) -> list[tuple[str, str]]:
        known = dict(self.options)
        asked = dict.fromkeys(given.getlist(self.name) if self.kind == "several" else [given.get(self.name)])
        return [(self.name, value) for value in asked if value in known]

    def narrow(self, rows: QuerySet[Any], asked: Sequence[tuple[str, str]]) -> QuerySet[Any]:
        return rows.filter(**{f"{self._field}__in": [value for _name, value in asked]})

    def word(self, name: str, value: str) -> str:
        return str(dict(self.options)[value])


class Flag(Filter):
    """A condition that holds or is not asked for."""

    kind = "flag"

    def __init__(self, name: str, label: str | Promise, condition: Q) -> None:
        super().__init__(name, label)
        self._condition = condition

    def read(self, given: QueryDict) -> list[tuple[str, str]]:
        return [(self.name, "1")] if given.get(self.name) == "1" else []

    def narrow(self, rows: QuerySet[Any], asked: Sequence[tuple[str, str]]) -> QuerySet[Any]:
        return rows.filter(self._condition)

    def word(self, name: str, value: str) -> str:
        return str(self.label)


class Period(Filter):
    """Days from one to another, both included, of a moment; either may be left open."""

    kind = "period"

    def __init__(self, name: str, label: str | Promise, field: str) -> None:
        super().__init__(name, label)
        self._field = field

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, given: QueryDict) -> list[tuple[str, str]]:
        return [(name, day.isoformat()) for name in self.names if (day := _day(given.get(name, "")))]

    def narrow(self, rows: QuerySet[Any], asked: Sequence[tuple[str, str]]) -> QuerySet[Any]:
        for name, value in asked:
            day = date.fromisoformat(value)
            if name == self.names[0]:
                rows = rows.filter(**{f"{self._field}__gte": _midnight(day)})
            else:
                rows = rows.filter(**{f"{self._field}__lt": _midnight(day + timedelta(days=1))})
        return rows

    def few(self, asked: Sequence[tuple[str, str]]) -> bool:
        days = [date.fromisoformat(value) for _name, value in asked]
        return len(days) == len(self.names) and days[1] - days[0] <= QUARTER

    def word(self, name: str, value: str) -> str:
        told = _("%(what)s from %(day)s") if name == self.names[0] else _("%(what)s to %(day)s")
        return told % {"what": self.label, "day": value}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(day_of(text))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2199 else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True)
class Word:
    """A filter in force, in words, with the address of the list without it."""

    text: str
    url: str
