"""Statements whose SQL is put together once a process, and run with other values each time.

The ORM takes several times as long to put a statement together as the server to answer it. A prepared
statement keeps the SQL that it made and the way in which it reads the rows:

    SEATS = Prepared(lambda person: Seat.objects.filter(holder=person).select_related("committee"), int)
    seats = SEATS(person.pk)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

#: what stands for the values while a statement is put together: no id and no moment of ours
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: -(2**40) - number,
    list: lambda number: [-(2**41) - number],
    str: lambda number: f"\N{REPLACEMENT CHARACTER}{number}",
    datetime: lambda number: datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
}


#: the numbers of the values that a parameter takes: one, or several lists after each other
Gap = tuple[int, ...]


def _gap(param: Any, stand_ins: list[Any]) -> Gap | None:
    """The values that the parameter takes; None for one that is always the same."""
    if not isinstance(param, list):
        return (stand_ins.index(param),) if param in stand_ins else None
    parts = [[each] for each in param]
    return tuple(map(stand_ins.index, parts)) if all(part in stand_ins for part in parts) else None


def _filled(gap: Gap, values: Sequence[Any]) -> Any:
    """The parameter with these values."""
    first = values[gap[0]]
    return first if not isinstance(first, list) else [each for number in gap for each in values[number]]


class AnyOf(Func):
    """The condition that the column has one of the ids, which are one parameter however many they are."""

    function = "ANY"
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, ids: list[int]) -> None:
        super().__init__(F(column), Value(ids, output_field=ArrayField(BigIntegerField())))


class NoRows(ValueError):
    """The queryset finds nothing, without a statement."""


class Prepared(Generic[Row]):
    """The rows of the queryset that `build` makes of values of these types, as a list.

    Whatever else the statement depends on stays as it was when it was put together: `build` asks for no
    time, language or setting. Its values stand in the statement as they are: a list, a slice or a pattern
    made of one raises ValueError at the first use. A list of ids is a value of type `list`, which stands in
    `AnyOf`, alone or with others. With `unused` the statement may do without some of the values.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *types: type, unused: bool = False) -> None:
        self._build, self._types, self._unused = build, types, unused

    def __call__(self, *values: Any) -> list[Row]:
        """The rows for these values, in the order of the types."""
        rows, compiler, sql, gaps = self._made
        given = tuple(param if gap is None else _filled(gap, values) for param, gap in gaps)
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
            ("%s" if gap is None else columns[gap[0]]) + text
            for (_param, gap), text in zip(gaps, others, strict=True)
        )
        return f"EXISTS ({written})", tuple(param for param, gap in gaps if gap is None)

    @cached_property
    def _made(self) -> tuple[QuerySet[Any, Row], SQLCompiler, str, list[tuple[Any, Gap | None]]]:
        """Queryset and compiler, the SQL, and of each parameter what it is, or which values it takes."""
        stand_ins = self._stand_ins(0)
        rows, compiler, sql, params = self._compiled(stand_ins)
        others = self._stand_ins(1)
        _rows, _compiler, same, moved = self._compiled(others)
        gaps = [_gap(param, stand_ins) for param in params]
        expected = tuple(
            param if gap is None else _filled(gap, others) for param, gap in zip(params, gaps, strict=True)
        )
        used = {number for gap in gaps if gap for number in gap}
        if sql != same or moved != expected or not (self._unused or used == {*range(len(stand_ins))}):
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
            raise NoRows("This statement has no rows, whatever the values: it is not prepared.") from error
        return rows, compiler, sql, tuple(params)
