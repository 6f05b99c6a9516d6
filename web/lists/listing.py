"""A list with filters, order and position, all of which are in the address.

A `Listing` has the rows that a person may see, filtered, in one order, a page at a time. Pages begin after a
row instead of at a number, so that the last page costs as much as the first. The same list is exported
(`web/exports/files.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar, Self, cast
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from committee.offices import read_offices
from web.lists.columns import Column, ColumnHeader
from web.lists.filters import Choice, InArray, ListFilter, ListFilters, Parameter
from web.lists.paging import PER_PAGE, Count, ListPage, Order, counted, limited
from web.viewer import Viewer


@dataclass(frozen=True)
class ActiveFilter:
    """A parameter of an active filter, with the address of the list without it."""

    text: str
    url: str


@dataclass(frozen=True)
class FilterField:
    """A filter as the form shows it."""

    filter: ListFilter
    parameters: Sequence[Parameter]

    @property
    def values(self) -> list[str]:
        """The values of the filter."""
        return [each.value for each in self.parameters]

    @property
    def value(self) -> str:
        """The first value; empty without one."""
        return next(iter(self.values), "")

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The names of the filter, each with its value."""
        values = {each.name: each.value for each in self.parameters}
        return [(name, values.get(name, "")) for name in self.filter.names]


@dataclass(frozen=True)
class Tab:
    """A state of the list as a tab; the number is None beside other filters, which may leave fewer."""

    text: str | Promise
    url: str
    number: int | None
    here: bool


class Listing:
    """A list for a viewer and a query; subclasses define rows, filters and columns."""

    #: its name in the addresses of exports, and of its page
    name: ClassVar[str] = ""
    order: ClassVar[str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    filters_class: ClassVar[type[ListFilters]] = ListFilters
    #: the filter whose values are tabs, if any
    tabbed: ClassVar[str] = ""
    per_page = PER_PAGE

    def __init__(self, viewer: Viewer, query: QueryDict) -> None:
        self.viewer, self._query = viewer, query
        read_offices(viewer.person)
        self.filters = self.filters_class(query, self.get_queryset(), viewer)
        self.asked = self.filters.parameters

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list; its address is 404 for others."""
        del viewer
        return True

    def get_queryset(self) -> QuerySet[Any]:
        """All rows that the person may see."""
        raise NotImplementedError

    def record_export(self) -> None:
        """Leave an entry that the list was exported, where its rows are such that one is asked for."""

    def numbers(self) -> Mapping[str, int]:
        """How many rows each value of the tabbed filter has, as far as the person may see them."""
        rows = self.get_queryset().order_by().values(self.tabbed).annotate(number=models.Count("pk"))
        return dict(rows.values_list(self.tabbed, "number"))

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with everything that a line of the list shows."""
        return rows

    # -- what is asked for --

    @cached_property
    def sort(self) -> str:
        """The column of the order, with a minus for descending."""
        requested = self._query.get("sort", "")
        sortable = {column.name for column in self.columns if column.order is not None}
        known = requested.removeprefix("-") in sortable and not requested.startswith("--")
        return requested if known else self.order

    @property
    def state(self) -> list[tuple[str, str]]:
        """Filters and order as they stand in the address; the default order is left out."""
        kept = [(each.name, each.value) for parameters in self.asked.values() for each in parameters]
        return kept + ([("sort", self.sort)] if self.sort != self.order else [])

    def _address(self, *, without: tuple[str, str] | None = None, **more: str) -> str:
        kept = [pair for pair in self.state if pair != without and pair[0] not in more]
        return f"?{urlencode([*kept, *((name, value) for name, value in more.items() if value)])}"

    @property
    def address(self) -> str:
        """The query of this list, on its first page."""
        return urlencode(self.state)

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """The orders for lists without headers: (value, label, whether it is the present one)."""
        directions = (("", _("%(column)s, ascending")), ("-", _("%(column)s, descending")))
        return [
            (f"{sign}{column.name}", text % {"column": column.title}, self.sort == f"{sign}{column.name}")
            for column in self.columns
            if column.order is not None
            for sign, text in directions
        ]

    @property
    def active_filters(self) -> list[ActiveFilter]:
        """The active filters, each with the address that removes it; a value that a tab shows is left out."""
        return [
            ActiveFilter(each.words, self._address(without=(each.name, each.value)))
            for name, parameters in self.asked.items()
            for each in parameters
            if name != self.tabbed or len(parameters) > 1
        ]

    @property
    def narrowed(self) -> bool:
        """Whether any filter is active."""
        return any(self.asked.values())

    @property
    def fields(self) -> list[FilterField]:
        """The filters as the form shows them."""
        return [FilterField(each, self.asked[name]) for name, each in self.filters.list_filters.items()]

    @property
    def headers(self) -> list[ColumnHeader]:
        """The headers of the columns that the page has."""
        return [self._header(column) for column in self.columns if column.shown]

    def _header(self, column: Column) -> ColumnHeader:
        title = column.header or column.title
        if column.order is None:
            return ColumnHeader(title, column.money)
        now = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "")
        first = f"-{column.name}" if self.order.startswith("-") and not now else column.name
        turned = column.name if now == "descending" else f"-{column.name}" if now else first
        return ColumnHeader(
            title, column.money, self._address(sort="" if turned == self.order else turned), now
        )

    @cached_property
    def tabs(self) -> list[Tab]:
        """The values of the tabbed filter that have rows, in their order, after all of them."""
        if not self.tabbed:
            return []
        numbers = self._numbers
        asked = [each.value for each in self.asked[self.tabbed]]
        options = cast("Choice", self.filters.list_filters[self.tabbed]).options
        shown = [value for value in options if numbers.get(value) or value in asked]
        of_all = Tab(_("All"), self._tab(""), self._told(sum(numbers.values())), here=not asked)
        return [of_all] + [
            Tab(options[value], self._tab(value), self._told(numbers.get(value, 0)), here=value in asked)
            for value in shown
        ]

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return self.numbers()

    @property
    def _is_tabbed_alone(self) -> bool:
        """Whether the tabbed filter is the only one that is active, if any is."""
        return bool(self.tabbed) and not any(
            parameters for name, parameters in self.asked.items() if name != self.tabbed
        )

    def _told(self, number: int) -> int | None:
        """The number, unless another filter is active."""
        return number if self._is_tabbed_alone else None

    def _tab(self, value: str) -> str:
        """The address of the list with this value alone of the tabbed filter."""
        kept = [pair for pair in self.state if pair[0] != self.tabbed]
        return f"?{urlencode([*kept, *([(self.tabbed, value)] if value else [])])}"

    # -- the rows --

    @cached_property
    def _found(self) -> QuerySet[Any]:
        rows = self.filters.qs
        if self.filters.are_selective:
            # filtered before it is sorted: along the order, the server might read half of the list
            return self.get_queryset().filter(InArray(F("pk"), ArraySubquery(rows.order_by().values("pk"))))
        return rows

    @cached_property
    def _order(self) -> Order:
        key = next(each.order for each in self.columns if each.name == self.sort.removeprefix("-"))
        return Order(F(key) if isinstance(key, str) else key, descending=self.sort.startswith("-"))

    @property
    def rows(self) -> QuerySet[Any]:
        """All rows that pass the filters, in order."""
        return self.with_related(self._order.sort(self._found))

    def read(self) -> Self:
        """Read page and count, for a template, which asks the database for nothing."""
        _ = self.page, self.count, self.tabs
        return self

    @cached_property
    def count(self) -> Count:
        """The number of rows, up to a limit; by the numbers of the tabs where these say it."""
        if not self._is_tabbed_alone:
            return counted(self._found)
        asked = {each.value for each in self.asked[self.tabbed]}
        return limited(sum(number for value, number in self._numbers.items() if not asked or value in asked))

    @cached_property
    def page(self) -> ListPage:
        """The page: the first, the last, or the rows after or before one."""
        for name, backwards in (("after", False), ("before", True)):
            anchor = self._order.anchor(self.get_queryset(), self._query.get(name, ""))
            if anchor is not None:
                rows, more = self._some(anchor, backwards=backwards)
                if rows and (more or not backwards):
                    return self._page(rows, earlier=more or not backwards, later=more or backwards)
        if self._query.get("end"):
            rows, more = self._some(None, backwards=True)
            return self._page(rows, earlier=more, later=False)
        rows, more = self._some(None, backwards=False)
        return self._page(rows, earlier=False, later=more)

    def _some(self, anchor: tuple[Any, ...] | None, *, backwards: bool) -> tuple[list[Any], bool]:
        """A page of rows beyond the anchor in list order, and whether more follow."""
        rows = self._order.sort(self._found, backwards=backwards)
        if anchor is not None:
            rows = rows.filter(*self._order.beyond(anchor, backwards=backwards))
        found = list(self.with_related(rows)[: self.per_page + 1])
        more = len(found) > self.per_page
        found = found[: self.per_page]
        return (found[::-1] if backwards else found), more

    def _page(self, rows: list[Any], *, earlier: bool, later: bool) -> ListPage:
        return ListPage(
            rows,
            self._address() if earlier else "",
            self._address(before=self._order.mark(rows[0])) if earlier else "",
            self._address(after=self._order.mark(rows[-1])) if later else "",
            self._address(end="1") if later else "",
        )

    def lines(self, rows: Iterable[Any]) -> Iterator[list[Any]]:
        """The exported rows, one value for each column."""
        for row in rows:
            yield [column.value(row) for column in self.columns]


_REGISTERED: list[str] = []


def register(*listings: str) -> None:
    """Register lists for exports, each by the dotted name of its class."""
    _REGISTERED.extend(listings)


@cache
def by_name() -> Mapping[str, type[Listing]]:
    """The lists for exports, by their names in addresses."""
    found: list[type[Listing]] = [import_string(each) for each in _REGISTERED]
    return {each.name: each for each in found}
