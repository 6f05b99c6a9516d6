"""Pages of a list: by number, or by the row that one begins after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from web.lists.filters import LONGEST

PER_PAGE = 25
#: a greater count is shown as "1,000+"
COUNTED = 1000


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], per_page: int = PER_PAGE) -> Page[Any]:
    """The requested page; the nearest existing one for a number out of range."""
    page = Paginator(rows, per_page).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)  # read here, not by the template
    return page


def query(request: HttpRequest, *names: str) -> str:
    """The active filters as the beginning of a query, to which a page is added."""
    kept = {name: request.GET[name] for name in names if request.GET.get(name)}
    return f"{urlencode(kept)}&" if kept else ""


@dataclass(frozen=True)
class Count:
    """The number of rows, up to a limit."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


def counted(rows: QuerySet[Any]) -> Count:
    """The number of rows as a text."""
    return limited(rows.order_by().values("pk")[: COUNTED + 1].count())


def limited(number: int) -> Count:
    """The number of rows, which may be above the limit."""
    return Count(min(number, COUNTED), number > COUNTED)


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
        """Whether it is the only page."""
        return not (self.previous or self.next)


@dataclass(frozen=True)
class Order:
    """The order of a list: by a key that is never null, then by id; descending if so."""

    key: Any
    descending: bool

    def sort(self, rows: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        """The rows in this order, or in its reverse."""
        rows = rows.alias(sort_key=self.key)
        if self.descending is not backwards:
            return rows.order_by(F("sort_key").desc(), F("pk").desc())
        return rows.order_by(F("sort_key").asc(), F("pk").asc())

    def anchor(self, rows: QuerySet[Any], pk: str) -> tuple[Any, ...] | None:
        """The position in the order of the row with this id; None if it is not in the list."""
        if not pk.isdecimal() or len(pk) > LONGEST:
            return None
        keyed = rows.order_by().annotate(sort_key=self.key)
        place: tuple[Any, int] | None = keyed.filter(pk=int(pk)).values_list("sort_key", "pk").first()
        return place

    @staticmethod
    def mark(row: Any) -> str:
        """The row as it is named in an address, for `anchor`."""
        return str(row.pk)

    def beyond(self, anchor: tuple[Any, ...], *, backwards: bool) -> tuple[Q, Q]:
        """The condition that a row sorted by `sort` lies after the anchor, or before it if `backwards`."""
        key, pk = anchor
        side = "lt" if self.descending is not backwards else "gt"
        # the first condition can use an index on the key
        return Q(**{f"sort_key__{side}e": key}), Q(**{f"sort_key__{side}": key}) | Q(**{f"pk__{side}": pk})
