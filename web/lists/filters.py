"""Filters of lists, on django-filter: the value read from the address and the rows that remain.

A list declares its filters in a subclass of `ListFilters`. Beyond django-filter, each filter gives its value
as parameters of the address with descriptions, so that they can be removed one by one. Invalid values are
ignored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple, cast

import django_filters
from django import forms
from django.db.models import BooleanField, Func, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django_filters.fields import RangeField
from django_filters.widgets import RangeWidget

from regulation.text import day as day_of
from regulation.text import without_invisible
from web.viewer import Viewer

_FILED = re.compile(r"(\w*)[〔［\[【(]\s*(\d{4})\s*[〕］\]】)]\s*(\d+)")
#: a period up to this length is selective in a list of years
QUARTER = timedelta(days=92)

#: no id or number is greater, and the database could not store it
LONGEST = 9
_LONGEST_TEXT = 80


def clean(text: str) -> str:
    """A search text in usual width, without invisible characters."""
    plain = unicodedata.normalize("NFKC", without_invisible(text.replace("\0", "")[: 2 * _LONGEST_TEXT]))
    return plain.strip()[:_LONGEST_TEXT]


class InArray(Func):
    """Whether a number is in an array: one parameter to parse and plan, in place of a thousand."""

    template = "(%(expressions)s::bigint[]))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def numbered(text: str, mark: str = "") -> Q | None:
    """The condition for a document number: "3", "〔2026〕3号" or "呼联〔2026〕3号"; None for other texts.

    `mark` stands between abbreviation and year, in series that have one.
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


class Parameter(NamedTuple):
    """A parameter of a filter in the address, with its description."""

    name: str
    value: str
    words: str


class ListFilter(django_filters.Filter):
    """A filter of a list; without a value it keeps every row."""

    #: how the form shows it: text, beside, one, several, flag, dates or hidden
    kind = ""
    #: its name in the address
    name: str
    parent: ListFilters

    @property
    def names(self) -> Sequence[str]:
        """Its names in the address."""
        return (self.name,)

    def parameters(self, value: Any) -> list[Parameter]:
        """The value as parameters of the address; none without a value."""
        return [Parameter(self.name, str(value), self.describe(value))] if value else []

    def describe(self, value: Any) -> str:
        """The value as a text."""
        raise NotImplementedError

    def is_selective(self, value: Any) -> bool:
        """Whether few rows of a long list remain, perhaps all at one end of its order."""
        del value
        return False


class _TextField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return clean(value or "")


class Text(ListFilter):
    """A text; the list's `method` finds the rows."""

    kind = "text"
    field_class = _TextField

    def describe(self, value: str) -> str:
        return _("“%(text)s”") % {"text": value}


class Beside(Text):
    """A further text, which the form shows among the other filters."""

    kind = "beside"


class Choice(ListFilter):
    """One of several values: `choices`, or the rows that `among` returns for the person.

    It is left out for a person with fewer than two values to choose from.
    """

    kind = "one"
    field_class: type[forms.Field] = forms.ChoiceField

    def __init__(
        self, *args: Any, among: Callable[[Viewer], QuerySet[Any]] | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.among = among

    @cached_property
    def options(self) -> Mapping[str, str | Promise]:
        """The values with their labels."""
        return {str(value): words for value, words in self.extra["choices"]}

    def describe(self, value: str) -> str:
        return str(self.options[value])


class _ChoicesField(forms.MultipleChoiceField):
    def to_python(self, value: Any) -> list[str]:
        """The known values, each once."""
        return [each for each in dict.fromkeys(super().to_python(value)) if self.valid_value(each)]


class Choices(Choice):
    """Several of the values."""

    kind = "several"
    field_class = _ChoicesField

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, lookup_expr="in", **more)

    def parameters(self, value: Any) -> list[Parameter]:
        return [Parameter(self.name, each, self.describe(each)) for each in value or ()]


class Flag(Choice):
    """A condition that holds, or no condition."""

    kind = "flag"

    def __init__(self, *, label: str | Promise, condition: Q) -> None:
        super().__init__(label=label, choices=[("1", label)])
        self._condition = condition

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(self._condition) if value else qs


class _DayField(forms.Field):
    def to_python(self, value: Any) -> date | None:
        """The day in any accepted spelling; None for other texts, so that the other end still applies."""
        try:
            day = date.fromisoformat(day_of(value or ""))
        except ValueError:
            return None
        return day if 1900 <= day.year <= 2199 else None


class _DatesWidget(RangeWidget):
    suffixes = ["from", "to"]


class _DatesField(RangeField):
    widget = _DatesWidget

    def __init__(self, **more: Any) -> None:
        super().__init__((_DayField(), _DayField()), **more)


class DateRange(ListFilter):
    """A range of days, both included, for a time; either end may be open."""

    kind = "dates"
    field_class = _DatesField

    @property
    def names(self) -> Sequence[str]:
        return [f"{self.name}_{suffix}" for suffix in _DatesWidget.suffixes]

    def parameters(self, value: Any) -> list[Parameter]:
        ends = zip(
            self.names, (_("%(what)s from %(day)s"), _("%(what)s to %(day)s")), _ends(value), strict=True
        )
        return [
            Parameter(name, day.isoformat(), words % {"what": self.label, "day": day.isoformat()})
            for name, words, day in ends
            if day
        ]

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        first, last = _ends(value)
        if first:
            qs = qs.filter(**{f"{self.field_name}__gte": _midnight(first)})
        if last:
            qs = qs.filter(**{f"{self.field_name}__lt": _midnight(last + timedelta(days=1))})
        return qs

    def is_selective(self, value: Any) -> bool:
        first, last = _ends(value)
        return bool(first and last and last - first <= QUARTER)


def _ends(value: slice | None) -> tuple[date | None, date | None]:
    """The first and the last day of a range as django-filter gives it."""
    return (value.start, value.stop) if value else (None, None)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class ListFilters(django_filters.FilterSet):
    """The filters of a list with their values; subclasses declare them."""

    def __init__(self, query: QueryDict, rows: QuerySet[Any], viewer: Viewer) -> None:
        super().__init__(query, rows)
        self.viewer = viewer
        for name, each in list(self.list_filters.items()):
            each.name = name
            if isinstance(each, Choice) and each.among is not None:
                options = [(row.pk, row.name) for row in each.among(viewer).order_by("name", "pk")]
                each.extra["choices"] = options
                if len(options) <= 1:
                    del self.filters[name]

    @property
    def list_filters(self) -> Mapping[str, ListFilter]:
        """The filters that the person has, by name."""
        return cast("Mapping[str, ListFilter]", self.filters)

    @cached_property
    def _asked(self) -> Mapping[str, Any]:
        """The value of each filter."""
        self.form.full_clean()
        return self.form.cleaned_data

    @cached_property
    def parameters(self) -> dict[str, list[Parameter]]:
        """The parameters of each filter in the address."""
        return {name: each.parameters(self._asked.get(name)) for name, each in self.list_filters.items()}

    @property
    def are_selective(self) -> bool:
        """Whether one of them leaves few rows of a long list."""
        return any(self.list_filters[name].is_selective(value) for name, value in self._asked.items())
