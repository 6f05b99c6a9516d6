"""What a person sees, as a condition that is compiled once a process.

Pages read what a person holds once a request. The predicate of visibility is then the same SQL for all who
hold the same kinds of offices, with the ids as its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Expression, F, Model, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from committee.models import Person
from committee.offices import OFFICES, Office, ids_read, keep_read
from committee.prepared import Asked, Prepared, read_together

Row = TypeVar("Row")


def seen(model: type[Model], predicate: Callable[[Person], Q], person: Person) -> Q:
    """The predicate as a condition for rows of the model, as querysets take it.

    Where the person's offices have been read, its SQL is made once in a process for all people who hold the
    same kinds of offices. `predicate` asks for nothing but what the person holds, and joins no other table.
    """
    held = ids_read(person)
    if held is None:
        return predicate(person)
    kinds = tuple(key for key in held if held[key])
    made = _compiled(model, predicate, kinds, tuple(OFFICES.values()))
    if made is None:
        return Q(pk__in=[])
    sql, params = _bound(*made, held)
    return Q(_Condition(sql, params))


class PreparedFor(Generic[Row]):
    """A prepared statement about what a person sees: `build` takes the person and values of these types.

    It is put together once for all people who hold the same kinds of offices, as `seen` is.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *types: type) -> None:
        self._build, self._types = build, types
        self._made: dict[Any, Prepared[Row] | None] = {}

    def __call__(self, person: Person, *values: Any) -> list[Row]:
        """The rows for the person and these values, in the order of the types."""
        held = ids_read(person)
        if held is None:
            return list(self._build(person, *values))
        asked = self._asked(person, held, values)
        return asked[0](*asked[1]) if asked else []

    def beside(self, person: Person, *values: Any, others: Sequence[Asked]) -> list[list[Any]]:
        """The rows, and those of other prepared statements with their values, all in one statement."""
        held = ids_read(person)
        asked = self._asked(person, held, values) if held is not None else None
        if asked is None:
            return [self(person, *values), *read_together(*others)]
        return read_together(asked, *others)

    def _asked(self, person: Person, held: Mapping[str, list[int]], values: tuple[Any, ...]) -> Asked | None:
        """The statement with all its values; None where people with these offices see nothing."""
        kinds = tuple(key for key in held if held[key])
        key = (kinds, *OFFICES.values())
        if key not in self._made:
            self._made[key] = self._prepared(kinds)
        made = self._made[key]
        return (made, [person.pk, *(held[kind] for kind in kinds), *values]) if made else None

    def _prepared(self, kinds: tuple[str, ...]) -> Prepared[Row] | None:
        """The statement; None where people with these offices see nothing."""

        def build(pk: int, *values: Any) -> QuerySet[Any, Row]:
            person = _holder(pk, dict(zip(kinds, values, strict=False)))
            return self._build(person, *values[len(kinds) :])

        made = Prepared(build, int, *[list] * len(kinds), *self._types, unused=True)
        return made if made.may_find() else None


class _Condition(Expression):
    """SQL on columns of the row, which {row} stands for."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, sql: str, params: tuple[Any, ...]) -> None:
        super().__init__()
        self.sql, self.params = sql, params
        self.row: Any = F("pk")

    def get_source_expressions(self) -> list[Any]:
        return [self.row]

    def set_source_expressions(self, expressions: Any) -> None:
        (self.row,) = expressions

    def as_sql(self, compiler: SQLCompiler, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        alias = compiler.quote_name_unless_alias(self.row.alias)
        return self.sql.replace(_ROW, alias), self.params


#: stands for the row's table in SQL that is kept
_ROW = "{row}"


class _Ids(tuple[str, ...]):
    """A parameter: the ids for which offices with these keys are held."""

    __slots__ = ()


class _StandIns(dict[str, list[int]]):
    """Ids that stand for any others, however many: they stay in arrays."""


#: around an array in SQL; a single id stands as such, for else no index in the order of a list would serve
_BEFORE, _AFTER = "ANY(", "::bigint[])"


def _bound(sql: str, params: tuple[Any, ...], held: Mapping[str, list[int]]) -> tuple[str, tuple[Any, ...]]:
    """The SQL and its parameters with the ids."""
    written, *others = sql.split("%s")
    given: list[Any] = []
    for param, following in zip(params, others, strict=True):
        value, text = param, following
        if isinstance(param, _Ids):
            value = list(dict.fromkeys(chain.from_iterable(held[key] for key in param)))
            if len(value) == 1 and not isinstance(held, _StandIns):
                (value,) = value
                written, text = written.removesuffix(_BEFORE), text.removeprefix(_AFTER)
        written += "%s" + text
        given.append(value)
    return written, tuple(given)


@cache
def _compiled(
    model: type[Model], predicate: Callable[[Person], Q], kinds: tuple[str, ...], _offices: tuple[Office, ...]
) -> tuple[str, tuple[Any, ...]] | None:
    """The SQL, with its parameters, for people who hold offices of these keys alone; None: they see nothing.

    ValueError where the predicate joins another table, or asks for the person.
    """
    stand_ins = {key: -(2**40) - 2 * number for number, key in enumerate(kinds)}
    # two ids each, which make an array
    person = _holder(-(2**41), {key: [number, number - 1] for key, number in stand_ins.items()})
    rows = model._default_manager.filter(predicate(person)).order_by()
    compiler = rows.query.get_compiler(rows.db)
    try:
        sql, params = compiler.compile(rows.query.where)
    except EmptyResultSet:
        return None
    if sum(map(bool, rows.query.alias_refcount.values())) > 1 or person.pk in params or _ROW in sql:
        raise ValueError(f"This predicate is not compiled: {sql}")
    # names that no query has where the condition is put
    sql = re.sub(r"\b[A-Z]\d+\b", r"seen_\g<0>", sql)
    table = compiler.quote_name_unless_alias(model._meta.db_table)
    return sql.replace(f"{table}.", f"{_ROW}."), tuple(_ids_of(param, stand_ins) for param in params)


def _ids_of(param: Any, stand_ins: Mapping[str, int]) -> Any:
    """The parameter, or which offices' ids it is."""
    keys = {each: key for key, number in stand_ins.items() for each in (number, number - 1)}
    if isinstance(param, list) and {*param} <= keys.keys():
        return _Ids(dict.fromkeys(keys[number] for number in param))
    return param


def _holder(pk: int, held: Mapping[str, list[int]]) -> Person:
    """A person who holds these offices and no others."""
    person = Person(pk=pk)
    keep_read(person, _StandIns({office.key: [] for office in OFFICES.values()}, **held))
    return person
