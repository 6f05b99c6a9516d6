"""Visibility of meetings and items: the predicate for queries, and the question about one object.

Lists and actions use the same predicate. For one object and one person its SQL is compiled once in a process,
since compiling it takes ten times as long as running it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from itertools import chain
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Expression, F, Model, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from committee.models import AgendaItem, Meeting, Person
from committee.offices import (
    EVER,
    LIAISON,
    OFFICES,
    SEAT,
    Office,
    Offices,
    Scope,
    held_in,
    ids_read,
    keep_read,
    seat_number,
    which,
)
from committee.prepared import NoRows, Prepared
from regulation.refused import Refused

Row = TypeVar("Row")

#: a meeting's column for each scope of an office, and for single meetings
_WHOLE = dict.fromkeys((Scope.COMMITTEE, Scope.BRANCH, Scope.BANK), "committee")
_SINGLE = {Scope.MEETING: "pk"}


def meetings_visible_to(person: Person) -> Q:
    """The condition for meetings that the person may see: those of each office in the states that it sees."""
    return _seen(person, {**_WHOLE, **_SINGLE})


def whole_meetings_visible_to(person: Person) -> Q:
    """The condition for meetings that the person sees completely, with minutes: not by a proxy or former seat
    alone.
    """
    return _seen(person, _WHOLE)


def sees_whole(meeting: Meeting) -> Offices:
    """The offices that see all of the meeting in its present state."""
    return which(lambda office: office.scope in _WHOLE and meeting.state in office.meetings)


def _seen(person: Person, columns: Mapping[Scope, str]) -> Q:
    by_states: dict[tuple[str, ...], list[Office]] = defaultdict(list)
    for office in OFFICES.values():
        if office.meetings:
            by_states[office.meetings].append(office)
    found = Q(pk__in=[])
    for states, several in by_states.items():
        held = held_in(several, person, columns)
        found |= held if states == EVER else held & Q(state__in=states)
    return found


def require_visible(meeting: Meeting, by: Person) -> None:
    """Raise `access/not-found` unless `by` may see the meeting."""
    # the usual offices first: planning the whole predicate takes the server milliseconds
    if meeting.state in LIAISON.meetings and meeting.committee.liaison_id == by.pk:
        return
    if meeting.state in SEAT.meetings and seat_number(meeting.committee_id, by) is not None:
        return
    if not is_visible(Meeting, meetings_visible_to, meeting.pk, by):
        raise Refused("access/not-found")


def observed_items(person: Person) -> QuerySet[AgendaItem, Any]:
    """The items that the person attends as observer now; an item not voted on ends when its meeting closes
    (Art. 19).
    """
    return AgendaItem.objects.filter(observer__person=person, observer__withdrew_at=None, left_at=None)


def is_visible(model: type[Model], predicate: Callable[[Person], Q], pk: int, person: Person) -> bool:
    """Whether the person may see the row of the model with this key, by the predicate."""
    return bool(_visible(model, predicate)(pk, person.pk))


def condition(
    model: type[Model], predicate: Callable[[Person], Q], *, row: str, person: str
) -> tuple[str, tuple[Any, ...]]:
    """The predicate as SQL with parameters, on columns that hold the row's and the person's id."""
    return _visible(model, predicate).condition(row, person)


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
    sql, params = made
    return Q(_Condition(sql, tuple(_bound(param, held) for param in params)))


class PreparedFor(Generic[Row]):
    """A prepared statement about what a person sees: `build` takes the person and values of these types.

    It is put together once for all people who hold the same kinds of offices, as `seen` is.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *types: type) -> None:
        self._build, self._types = build, types
        self._made: dict[Any, Prepared[Row]] = {}

    def __call__(self, person: Person, *values: Any) -> list[Row]:
        """The rows for the person and these values, in the order of the types."""
        held = ids_read(person)
        if held is None:
            return list(self._build(person, *values))
        kinds = tuple(key for key in held if held[key])
        key = (kinds, *OFFICES.values())
        made = self._made.get(key) or self._prepared(kinds)
        try:
            found = made(person.pk, *(held[kind] for kind in kinds), *values)
        except NoRows:  # of which nothing is kept
            return []
        self._made[key] = made
        return found

    def _prepared(self, kinds: tuple[str, ...]) -> Prepared[Row]:
        none: dict[str, list[int]] = {office.key: [] for office in OFFICES.values()}

        def build(pk: int, *values: Any) -> QuerySet[Any, Row]:
            person = Person(pk=pk)
            keep_read(person, none | dict(zip(kinds, values, strict=False)))
            return self._build(person, *values[len(kinds) :])

        return Prepared(build, int, *[list] * len(kinds), *self._types, unused=True)


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


class _Held(tuple[str, ...]):
    """A parameter: the ids for which offices with these keys are held."""

    __slots__ = ()


def _bound(param: Any, held: Mapping[str, list[int]]) -> Any:
    return list(chain.from_iterable(held[key] for key in param)) if isinstance(param, _Held) else param


@cache
def _compiled(
    model: type[Model], predicate: Callable[[Person], Q], kinds: tuple[str, ...], _offices: tuple[Office, ...]
) -> tuple[str, tuple[Any, ...]] | None:
    """The SQL, with its parameters, for people who hold offices of these keys alone; None: they see nothing.

    ValueError where the predicate joins another table, or asks for the person.
    """
    stand_ins = {key: -(2**40) - number for number, key in enumerate(kinds)}
    person = Person(pk=-(2**41))
    keep_read(person, {office.key: [] for office in _offices} | {key: [stand_ins[key]] for key in kinds})
    rows = model._default_manager.filter(predicate(person)).order_by()
    compiler = rows.query.get_compiler(rows.db)
    try:
        sql, params = compiler.compile(rows.query.where)
    except EmptyResultSet:
        return None
    keys = {number: key for key, number in stand_ins.items()}
    kept = [
        _Held(keys[number] for number in param)
        if isinstance(param, list) and {*param} <= keys.keys()
        else param
        for param in params
    ]
    # names that no query has where the condition is put
    sql = re.sub(r"\b[A-Z]\d+\b", r"seen_\g<0>", sql)
    table = compiler.quote_name_unless_alias(model._meta.db_table)
    if sum(map(bool, rows.query.alias_refcount.values())) > 1 or person.pk in params or _ROW in sql:
        raise ValueError(f"This predicate is not compiled: {sql}")
    return sql.replace(f"{table}.", f"{_ROW}."), tuple(kept)


@cache
def _visible(model: type[Model], predicate: Callable[[Person], Q]) -> Prepared[Any]:
    def build(pk: int, person: int) -> QuerySet[Any, Any]:
        rows = model._default_manager.filter(predicate(Person(pk=person)), pk=pk)
        return rows.order_by().values_list("pk")

    return Prepared(build, int, int)
