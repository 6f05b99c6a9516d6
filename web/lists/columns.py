"""The columns of a list, and their headers on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import Combinable
from django.utils.functional import Promise


@dataclass(frozen=True)
class Column:
    """A column: its name in the address, title, exported value, and order.

    The order is a field or an expression that is never null; without one the list cannot be sorted by the
    column.
    """

    name: str
    title: str | Promise
    value: Callable[[Any], Any]
    order: str | Combinable | None = None
    #: whether it is an amount, shown in the reader's unit of money
    money: bool = False
    #: whether the page shows it, or only the export
    shown: bool = True
    #: its header on the page, if it differs from the title
    header: str | Promise = ""


@dataclass(frozen=True)
class ColumnHeader:
    """A column's header on the page: the link that sorts by it, and the present order."""

    title: str | Promise
    money: bool
    url: str = ""
    sorted: str = ""
