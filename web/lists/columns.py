"""The columns of a list, and their headers on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import Combinable
from django.utils.functional import Promise


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
    #: its header on the page, where that says more or less than the title
    header: str | Promise = ""


@dataclass(frozen=True)
class ColumnHeader:
    """A column's header on the page: the link that sorts by it, and how it is sorted now."""

    title: str | Promise
    money: bool
    url: str = ""
    sorted: str = ""
