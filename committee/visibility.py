"""Visibility of meetings and items: the predicate for queries, and the question about one object.

Lists and actions use the same predicate. For one object and one person its SQL is compiled once in a process,
since compiling it takes ten times as long as running it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.db.models import Model, Q, QuerySet

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
    seat_number,
    which,
)
from committee.prepared import Prepared
from committee.seen import seen
from regulation.refused import Refused

#: a meeting's column for each scope of an office, and for single meetings
_WHOLE = dict.fromkeys((Scope.COMMITTEE, Scope.BRANCH, Scope.BANK), "committee")
_SINGLE = {Scope.MEETING: "pk"}


def meetings_visible_to(person: Person) -> Q:
    """The condition for meetings that the person may see: those of each office in the states that it sees."""
    return _seen(person, {**_WHOLE, **_SINGLE})


def seen_meetings(person: Person) -> Q:
    """The same condition, compiled once for all who hold the same offices where these have been read."""
    return seen(Meeting, meetings_visible_to, person)


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


@cache
def _visible(model: type[Model], predicate: Callable[[Person], Q]) -> Prepared[Any]:
    def build(pk: int, person: int) -> QuerySet[Any, Any]:
        rows = model._default_manager.filter(predicate(Person(pk=person)), pk=pk)
        return rows.order_by().values_list("pk")

    return Prepared(build, int, int)
