"""Statements whose SQL is put together once a process, and run with other values each time.

The ORM takes several times as long to put a statement together as the server to answer it. A prepared
statement keeps the SQL that it made and the way in which it reads the rows:

    SEATS = Prepared(lambda person: Seat.objects.filter(holder=person).select_related("committee"), int)
    seats = SEATS(person.pk)

The server takes longer to plan most of them than to run them: from its second use on a connection on, a
statement is prepared there too (PREPARE in PostgreSQL's manual).
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
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


_SQL_TYPES = {int: "bigint", list: "bigint[]", str: "text", datetime: "timestamptz"}
_BEYOND = 2**63
#: the statements that the server keeps for a connection, at most, and which ones it keeps; False: used once
MOST_KEPT = 256
_KEPT: MutableMapping[Any, dict[str, bool]] = WeakKeyDictionary()

#: the numbers of the values that a parameter takes: one, or several lists after each other
Gap = tuple[int, ...]


def _gap(param: Any, stand_ins: list[Any]) -> Gap | None:
    """The values that the parameter takes; None for one that is always the same."""
    if not isinstance(param, list):
        return (stand_ins.index(param),) if param in stand_ins else None
    parts = [[each] for each in param]
    stand = parts and all(part in stand_ins for part in parts)
    return tuple(map(stand_ins.index, parts)) if stand else None


def _filled(gap: Gap, values: Sequence[Any]) -> Any:
    """The parameter with these values."""
    first = values[gap[0]]
    return first if not isinstance(first, list) else [each for number in gap for each in values[number]]


def _bound(gaps: Iterable[tuple[Any, Gap | None]], values: Sequence[Any]) -> tuple[Any, ...]:
    """The parameters with these values."""
    return tuple(param if gap is None else _filled(gap, values) for param, gap in gaps)


def _all_stand_in(gaps: Iterable[tuple[Any, Gap | None]], values: Sequence[Any]) -> bool:
    """Whether each of the values is in some parameter."""
    return {number for _param, gap in gaps for number in gap or ()} == {*range(len(values))}


def _fits(value: Any) -> bool:
    """Whether the value is one of its SQL type: not every number of an address is an id."""
    numbers = value if isinstance(value, list) else [value] if isinstance(value, int) else []
    return all(number is None or -_BEYOND <= number < _BEYOND for number in numbers)


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
        written = self.statement(values)
        return self.rows(as_sql=lambda *_args, **_named: written)

    def statement(self, values: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
        """The statement for these values: what the server keeps, or its text."""
        rows, _compiler, sql, gaps = self._made
        if all(_fits(value) for value in values) and self._is_kept(connections[rows.db]):
            given = tuple(_filled(gap, values) for gap in self._gaps)
            return f"EXECUTE {self._name}" + (f" ({', '.join(['%s'] * len(given))})" if given else ""), given
        return sql, _bound(gaps, values)

    def rows(self, **replaced: Any) -> list[Row]:
        """The queryset's rows, by its compiler with these of its methods replaced."""
        rows, compiler, _sql, _gaps = self._made
        bound = copy.copy(compiler)
        bound.connection = connections[rows.db]
        vars(bound).update(replaced)
        found = rows.all()
        found.query.get_compiler = lambda *_args, **_named: bound  # type: ignore[method-assign]  # of this one object
        return list(found)

    def may_find(self) -> bool:
        """Whether there is a statement at all: not where the queryset has no rows, whatever the values."""
        try:
            return bool(self._made)
        except NoRows:
            return False

    def condition(self, *columns: str) -> tuple[str, tuple[Any, ...]]:
        """The statement as an SQL condition, with its parameters, on columns in place of the values."""
        written, params = self.subquery(*columns)
        return f"EXISTS ({written})", params

    def subquery(self, *columns: str) -> tuple[str, tuple[Any, ...]]:
        """The statement within another one, with its parameters: columns are in place of the values."""
        _rows, _compiler, sql, gaps = self._made
        first, *others = sql.split("%s")
        written = first + "".join(
            ("%s" if gap is None else columns[gap[0]]) + text
            for (_param, gap), text in zip(gaps, others, strict=True)
        )
        return written, tuple(param for param, gap in gaps if gap is None)

    def _is_kept(self, connection: Any) -> bool:
        """Whether the server keeps the statement for this connection; it does so from the second use on."""
        connection.ensure_connection()
        kept = _KEPT.setdefault(connection.connection, {})
        if kept.get(self._name):
            kept[self._name] = kept.pop(self._name)  # used last
            return True
        if used := self._name in kept:
            with connection.wrap_database_errors:
                connection.connection.execute(self._preparation(connection))
        kept[self._name] = used
        if len(kept) > MOST_KEPT:
            oldest = next(iter(kept))
            if kept[oldest]:
                with connection.wrap_database_errors:
                    connection.connection.execute(f"DEALLOCATE {oldest}")
            del kept[oldest]
        return used

    @property
    def width(self) -> int | None:
        """How many columns of a row are asked for, where the statement has others for its order."""
        _rows, compiler, _sql, _gaps = self._made
        return compiler.col_count if compiler.has_extra_select else None

    @cached_property
    def _gaps(self) -> list[Gap]:
        """The parameters that the server is given, in their order."""
        return list(dict.fromkeys(gap for _param, gap in self._made[3] if gap is not None))

    @cached_property
    def _name(self) -> str:
        """The server's name for the statement."""
        _rows, _compiler, sql, gaps = self._made
        return "prepared_" + hashlib.sha256(repr((sql, gaps)).encode()).hexdigest()[:24]

    def _preparation(self, connection: Any) -> str:
        """The statement that prepares it: values as parameters, all else as it is, which plans rest on."""
        _rows, _compiler, sql, gaps = self._made
        params = iter(gaps)

        def written(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            param, gap = next(params)
            if gap is not None:
                return f"${self._gaps.index(gap) + 1}"
            return str(connection.ops.compose_sql("%s", [param]))

        types = ", ".join(_SQL_TYPES[self._types[gap[0]]] for gap in self._gaps)
        text = re.sub("%[s%]", written, sql)
        return f"PREPARE {self._name}{f' ({types})' if types else ''} AS {text}"

    @cached_property
    def _made(self) -> tuple[QuerySet[Any, Row], SQLCompiler, str, list[tuple[Any, Gap | None]]]:
        """Queryset and compiler, the SQL, and of each parameter what it is, or which values it takes."""
        stand_ins = self._stand_ins(0)
        rows, compiler, sql, params = self._compiled(stand_ins)
        others = self._stand_ins(1)
        _rows, _compiler, same, moved = self._compiled(others)
        gaps = [(param, _gap(param, stand_ins)) for param in params]
        if sql != same or moved != _bound(gaps, others) or not (self._unused or _all_stand_in(gaps, others)):
            raise ValueError(f"What this statement is depends on its values: {sql}")
        return rows, compiler, sql, gaps

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


#: a prepared statement with its values
Asked: TypeAlias = tuple[Prepared[Any], Sequence[Any]]


def read_together(*asked: Asked) -> list[list[Any]]:
    """The rows of several prepared statements, each with its values: they go to the server as one.

    So they cost one round trip, and what Django does around a statement once.
    """
    if not asked:
        return []
    statements = [prepared.statement(values) for prepared, values in asked]
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "; ".join(sql for sql, _params in statements),
            [param for _sql, params in statements for param in params],
        )
        for number, (prepared, _values) in enumerate(asked):
            if number:
                cursor.nextset()
            width = prepared.width
            rows = [row[:width] for row in cursor.fetchall()] if width else cursor.fetchall()
            found.append(prepared.rows(execute_sql=lambda *_args, rows=rows, **_named: [rows]))
    return found
