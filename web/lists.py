"""Filtering, sorting and paging of the lists, all of it kept in the address.

A list is a `Listing`: the rows that a person may see, narrowed by filters, in one order, a page at a time.
Pages are told apart by the row that they begin after, never by a count: the last page costs what the first
does, however many rows lie between. The same list is what an export writes (`web/exports/files.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from committee.offices import read_offices
from regulation.text import day as day_of
from regulation.text import without_invisible
from web.viewer import Viewer

PER_PAGE = 25
#: beyond this a count is told as "1,000+"
COUNTED = 1000

_FILED = re.compile(r"(\w*)[〔［\[【(]\s*(\d{4})\s*[〕］\]】)]\s*(\d+)")
#: a period up to this long has few rows of a list of years
QUARTER = timedelta(days=92)

#: beyond this a number cannot be one of ours, and the database could not hold it
LONGEST = 9
_LONGEST_TEXT = 80


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], per_page: int = PER_PAGE) -> Page[Any]:
    """The page asked for; the nearest there is for a number out of range."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def query(request: HttpRequest, *names: str) -> str:
    """The filters in force, as the beginning of a query to which a page is added."""
    kept = {name: request.GET[name] for name in names if request.GET.get(name)}
    return f"{urlencode(kept)}&" if kept else ""


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


# -- Filters ----------------------------------------------------------------------------------------


class Filter:
    """A filter of a list: what it reads from the address, what it leaves, and its values in words."""

    kind: ClassVar[str] = ""

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


# -- The list ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column: its name in the address, its title, what an export writes, and its order.

    The order is a field or an expression that is never null; without one the list is not sorted by it.
    """

    name: str
    title: str | Promise
    value: Callable[[Any], Any]
    order: str | Combinable | None = None
    #: an amount, which the page shows in the unit that the reader has chosen
    money: bool = False
    #: whether the page has it too, or the export alone
    shown: bool = True
    #: its head on the page, where that says more or less than the title
    head: str | Promise = ""


@dataclass(frozen=True)
class Head:
    """A column's head on the page: the link that sorts by it, and how it is sorted now."""

    title: str | Promise
    money: bool
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Word:
    """A filter in force, in words, with the address of the list without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Count:
    """How many rows there are, as far as they are counted."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


def counted(rows: QuerySet[Any]) -> Count:
    """The number of rows, as far as it is told."""
    number = rows.order_by().values("pk")[: COUNTED + 1].count()
    return Count(min(number, COUNTED), number > COUNTED)


class Listing:
    """A list as somebody asks for it: subclasses say which rows, which filters and which columns."""

    #: its name in the addresses of exports, and the name of its page
    name: ClassVar[str] = ""
    order: ClassVar[str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    per_page = PER_PAGE

    def __init__(self, who: Viewer, given: QueryDict) -> None:
        self.who, self._given = who, given
        read_offices(who.person)
        self.filters = list(self.build_filters())
        self.asked = {each.name: each.read(given) for each in self.filters}

    @classmethod
    def open_to(cls, who: Viewer) -> bool:
        """Whether there is such a list for the person; for others it is not there."""
        del who
        return True

    def start(self) -> QuerySet[Any]:
        """The rows that the person may see, all of them."""
        raise NotImplementedError

    def build_filters(self) -> Iterable[Filter]:
        """The filters, with the options that this person has."""
        return ()

    def full(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with all that a line of the list shows."""
        return rows

    # -- what is asked for --

    @cached_property
    def sort(self) -> str:
        """The column that it is sorted by, with a minus before it for the largest first."""
        asked = self._given.get("sort", "")
        sortable = {column.name for column in self.columns if column.order is not None}
        return asked if asked.removeprefix("-") in sortable and not asked.startswith("--") else self.order

    @property
    def state(self) -> list[tuple[str, str]]:
        """Filters and order as the address has them; the usual order is left out."""
        kept = [pair for each in self.filters for pair in self.asked[each.name]]
        return kept + ([("sort", self.sort)] if self.sort != self.order else [])

    def _address(self, *, without: tuple[str, str] | None = None, **more: str) -> str:
        kept = [pair for pair in self.state if pair != without and pair[0] not in more]
        return f"?{urlencode([*kept, *((name, value) for name, value in more.items() if value)])}"

    @property
    def address(self) -> str:
        """The query that leads here again, on the first page."""
        return urlencode(self.state)

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """The orders to choose from where there are no heads: (value, words, whether it is so now)."""
        told = (("", _("%(column)s, ascending")), ("-", _("%(column)s, descending")))
        return [
            (f"{sign}{column.name}", text % {"column": column.title}, self.sort == f"{sign}{column.name}")
            for column in self.columns
            if column.order is not None
            for sign, text in told
        ]

    @property
    def words(self) -> list[Word]:
        """The filters in force, each to be removed."""
        return [
            Word(each.word(*pair), self._address(without=pair))
            for each in self.filters
            for pair in self.asked[each.name]
        ]

    @property
    def narrowed(self) -> bool:
        """Whether any filter is in force."""
        return any(self.asked.values())

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The filters as the form shows them."""
        found = []
        for each in self.filters:
            asked = dict.fromkeys(value for _name, value in self.asked[each.name])
            named = dict(self.asked[each.name])
            found.append(
                {
                    "filter": each,
                    "value": next(iter(asked), ""),
                    "values": list(asked),
                    "ends": [(name, named.get(name, "")) for name in each.names],
                }
            )
        return found

    @property
    def heads(self) -> list[Head]:
        """The heads of the columns that the page has."""
        return [self._head(column) for column in self.columns if column.shown]

    def _head(self, column: Column) -> Head:
        title = column.head or column.title
        if column.order is None:
            return Head(title, column.money)
        now = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "")
        first = f"-{column.name}" if self.order.startswith("-") and not now else column.name
        turned = column.name if now == "descending" else f"-{column.name}" if now else first
        return Head(title, column.money, self._address(sort="" if turned == self.order else turned), now)

    # -- the rows --

    @cached_property
    def _found(self) -> QuerySet[Any]:
        rows = self.start()
        asked = [(each, self.asked[each.name]) for each in self.filters if self.asked[each.name]]
        for each, wanted in asked:
            rows = each.narrow(rows, wanted)
        if any(each.few(wanted) for each, wanted in asked):
            # found first and then put in order: along the order, the server might read half of the list
            return self.start().filter(Among(F("pk"), ArraySubquery(rows.order_by().values("pk"))))
        return rows

    @cached_property
    def _key(self) -> Any:
        order = next(each.order for each in self.columns if each.name == self.sort.removeprefix("-"))
        return F(order) if isinstance(order, str) else order

    def _in_order(self, rows: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        rows = rows.alias(sort_key=self._key)
        if self.sort.startswith("-") is not backwards:
            return rows.order_by(F("sort_key").desc(), F("pk").desc())
        return rows.order_by(F("sort_key").asc(), F("pk").asc())

    @property
    def rows(self) -> QuerySet[Any]:
        """All rows that fit, in order."""
        return self.full(self._in_order(self._found))

    @cached_property
    def count(self) -> Count:
        """How many rows fit; counted no further than anybody reads."""
        return counted(self._found)

    @cached_property
    def page(self) -> ListPage:
        """The page asked for: the first, the last, or the rows after or before one."""
        for name, backwards in (("after", False), ("before", True)):
            anchor = self._anchor(self._given.get(name, ""))
            if anchor is not None:
                rows, more = self._some(anchor, backwards=backwards)
                if rows and (more or not backwards):
                    return self._page(rows, earlier=more or not backwards, later=more or backwards)
        if self._given.get("end"):
            rows, more = self._some(None, backwards=True)
            return self._page(rows, earlier=more, later=False)
        rows, more = self._some(None, backwards=False)
        return self._page(rows, earlier=False, later=more)

    def _anchor(self, pk: str) -> tuple[Any, int] | None:
        """The place in the order of a row that the person may see; None for any other."""
        if not pk.isdecimal() or len(pk) > LONGEST:
            return None
        rows = self.start().order_by().annotate(sort_key=self._key)
        return rows.filter(pk=int(pk)).values_list("sort_key", "pk").first()

    def _some(self, anchor: tuple[Any, int] | None, *, backwards: bool) -> tuple[list[Any], bool]:
        """A page of rows beyond the anchor in list order, and whether there are more beyond them."""
        rows = self._in_order(self._found, backwards=backwards)
        if anchor is not None:
            key, pk = anchor
            side = "lt" if self.sort.startswith("-") is not backwards else "gt"
            # the first condition is one that an index by the key can serve
            rows = rows.filter(Q(**{f"sort_key__{side}e": key})).filter(
                Q(**{f"sort_key__{side}": key}) | Q(**{f"pk__{side}": pk})
            )
        found = list(self.full(rows)[: self.per_page + 1])
        more = len(found) > self.per_page
        found = found[: self.per_page]
        return (found[::-1] if backwards else found), more

    def _page(self, rows: list[Any], *, earlier: bool, later: bool) -> ListPage:
        return ListPage(
            rows,
            self._address() if earlier else "",
            self._address(before=str(rows[0].pk)) if earlier else "",
            self._address(after=str(rows[-1].pk)) if later else "",
            self._address(end="1") if later else "",
        )

    def lines(self, rows: Iterable[Any]) -> Iterator[list[Any]]:
        """The rows as an export writes them, a value a column."""
        for row in rows:
            yield [column.value(row) for column in self.columns]


@dataclass(frozen=True)
class ListPage:
    """The rows of a page and the addresses of its neighbours, empty where there are none."""

    rows: list[Any]
    first: str
    previous: str
    next: str
    last: str

    @property
    def alone(self) -> bool:
        """Whether there is no other page."""
        return not (self.previous or self.next)


_REGISTERED: list[str] = []


def register(*listings: str) -> None:
    """Add lists, each by the dotted name of its class, that can be had as files."""
    _REGISTERED.extend(listings)


@cache
def by_name() -> Mapping[str, type[Listing]]:
    """Return the lists that can be had as files, by their names in addresses."""
    found: list[type[Listing]] = [import_string(each) for each in _REGISTERED]
    return {each.name: each for each in found}
