"""Asking whether one person may see one object, with the predicate's SQL put together once a process.

The predicate stays the one truth of lists and actions alike; putting it together anew takes ten times as long
as running it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model, Q

from committee.models import Person

#: stand for the object's and the person's id while the statement is put together; no id is negative
_OBJECT, _PERSON = -(2**40), -(2**40) - 1


def sees(model: type[Model], predicate: Callable[[Person], Q], pk: int, person: Person) -> bool:
    """Whether the person may see the row of the model with this key, by the predicate on its table."""
    sql, params = _statement(model, predicate)
    ids = {_OBJECT: pk, _PERSON: person.pk}
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids.get(param, param) for param in params])
        return cursor.fetchone() is not None


def condition(
    model: type[Model], predicate: Callable[[Person], Q], *, row: str, person: str
) -> tuple[str, tuple[Any, ...]]:
    """The same as an SQL condition, with its parameters, on columns that hold a row's and a person's id."""
    sql, params = _statement(model, predicate)
    columns = {_OBJECT: row, _PERSON: person}
    first, *others = sql.split("%s")
    written = first + "".join(
        columns.get(param, "%s") + text for param, text in zip(params, others, strict=True)
    )
    return f"EXISTS ({written})", tuple(param for param in params if param not in columns)


@cache
def _statement(model: type[Model], predicate: Callable[[Person], Q]) -> tuple[str, tuple[Any, ...]]:
    rows = model._default_manager.filter(predicate(Person(pk=_PERSON)), pk=_OBJECT).order_by().values("pk")
    return rows.query.sql_with_params()
