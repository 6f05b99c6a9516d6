"""Statements whose SQL is put together once a process, and run with other values each time.

The ORM takes several times as long to put a statement together as the server to answer it. A prepared
statement keeps the SQL that it made and the way in which it reads the rows:

    SEATS = Prepared(lambda person: Seat.objects.filter(holder=person).select_related("committee"), int)
    seats = SEATS(person.pk)
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

#: what stands for the values while a statement is put together: no id and no moment of ours
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: -(2**40) - number,
    str: lambda number: f"\N{REPLACEMENT CHARACTER}{number}",
    datetime: lambda number: datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
}


class Prepared(Generic[Row]):
    """The rows of the queryset that `build` makes of values of these types, as a list.

    Whatever else the statement depends on stays as it was when it was put together: `build` asks for no
    time, language or setting. Its values stand in the statement as they are: a list, a slice or a pattern
    made of one raises ValueError at the first use.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *types: type) -> None:
        self._build, self._types = build, types

    def __call__(self, *values: Any) -> list[Row]:
        """The rows for these values, in the order of the types."""
        rows, compiler, sql, gaps = self._made
        given = tuple(param if gap is None else values[gap] for param, gap in gaps)
        bound = copy.copy(compiler)
        bound.connection = connections[rows.db]
        bound.as_sql = lambda *_args, **_named: (sql, given)  # type: ignore[method-assign]  # of this one object
        found = rows.all()
        found.query.get_compiler = lambda *_args, **_named: bound  # type: ignore[method-assign]  # of this one object
        return list(found)

    def condition(self, *columns: str) -> tuple[str, tuple[Any, ...]]:
        """The statement as an SQL condition, with its parameters, on columns in place of the values."""
        _rows, _compiler, sql, gaps = self._made
        first, *others = sql.split("%s")
        written = first + "".join(
            ("%s" if gap is None else columns[gap]) + text
            for (_param, gap), text in zip(gaps, others, strict=True)
        )
        return f"EXISTS ({written})", tuple(param for param, gap in gaps if gap is None)

    @cached_property
    def _made(self) -> tuple[QuerySet[Any, Row], SQLCompiler, str, list[tuple[Any, int | None]]]:
        """Queryset and compiler, the SQL, and of each parameter what it is, or which value it takes."""
        stand_ins = self._stand_ins(0)
        rows, compiler, sql, params = self._compiled(stand_ins)
        others = self._stand_ins(1)
        _rows, _compiler, same, moved = self._compiled(others)
        gaps = [stand_ins.index(param) if param in stand_ins else None for param in params]
        expected = tuple(
            param if gap is None else others[gap] for param, gap in zip(params, gaps, strict=True)
        )
        if sql != same or moved != expected or {*gaps} - {None} != {*range(len(stand_ins))}:
            raise ValueError(f"What this statement is depends on its values: {sql}")
        return rows, compiler, sql, list(zip(params, gaps, strict=True))

    def _stand_ins(self, turn: int) -> list[Any]:
        count = len(self._types)
        return [_STAND_INS[each](turn * count + number) for number, each in enumerate(self._types)]

    def _compiled(self, values: list[Any]) -> tuple[QuerySet[Any, Row], SQLCompiler, str, tuple[Any, ...]]:
        rows = self._build(*values)
        compiler = rows.query.get_compiler(rows.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet as error:
            raise ValueError(
                "No row has values so far out of range: this statement is not prepared."
            ) from error
        return rows, compiler, sql, tuple(params)
