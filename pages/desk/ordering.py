"""All that waits in one order by date: today, within seven days, later, and what only informs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import clock
from pages.desk.rows import Row
from pages.desk.sections import Section

#: a row with the section that it is of
Entry = tuple[Section, Row]

_NEAR = timedelta(days=7)
#: the groups by name, in their order
NAMES: tuple[tuple[str, str | Promise], ...] = (
    ("today", _("Today")),
    ("week", _("Within seven days")),
    ("later", _("Later")),
    ("known", _("For your information")),
)


@dataclass(frozen=True)
class Group:
    """The rows of one span of time."""

    name: str
    title: str | Promise
    entries: list[Entry]


@dataclass(frozen=True)
class Kind:
    """A kind of what waits, as a filter of the list."""

    name: str
    title: str | Promise
    count: int
    #: the list of all of them, if there is one
    more: str


def unlike(found: Iterable[Section], without: Iterable[Row] = ()) -> list[Entry]:
    """The rows of all sections but these; a meeting that only informs is left out where another has it."""
    left = set(without)
    entries = [(section, row) for section in found for row in section.rows if row not in left]
    told = {row.ahead for row in left} | {row.ahead for _section, row in entries if row.waits}
    return [entry for entry in entries if entry[1].waits or _is_news(entry[1], told)]


def _is_news(row: Row, told: set[int]) -> bool:
    """Whether no row before it was of its meeting, which is told with it."""
    if not row.ahead:
        return True
    new = row.ahead not in told
    told.add(row.ahead)
    return new


def anything_waits(found: Iterable[Section]) -> bool:
    """Whether anything of it is the person's to do."""
    return any(row.waits for section in found for row in section.rows)


def without_rows(found: Iterable[Section]) -> list[Section]:
    """The sections with nothing in them."""
    return [section for section in found if not section.rows]


def grouped(entries: Iterable[Entry]) -> list[Group]:
    """The rows by date; without a date what waits is of today, and what does not only informs."""
    today = timezone.localdate(clock.now())
    of: dict[str, list[Entry]] = {name: [] for name, _title in NAMES}
    for entry in sorted(entries, key=lambda entry: _urgency(entry[1], today)):
        of[_span(entry[1], today)].append(entry)
    return [Group(name, title, of[name]) for name, title in NAMES if of[name]]


def _span(row: Row, today: date) -> str:
    if row.due is None:
        return "today" if row.waits else "known"
    if row.now or row.due <= today:
        return "today"
    return "week" if row.due <= today + _NEAR else "later"


def _urgency(row: Row, today: date) -> tuple[int, date]:
    """First what others wait for, then what is late, what waits since long ago, and what is due."""
    if row.now:
        return 0, today
    if row.due is not None:
        return (1 if row.due < today else 3), row.due
    since = timezone.localdate(row.since) if row.since else today
    return (2 if row.waits else 4), since


def kinds(found: Iterable[Section]) -> list[Kind]:
    """The kinds that have rows, in the order of the offices, each with the number of all."""
    made: dict[str, Kind] = {}
    for section in found:
        if section.rows:
            before = made[section.kind].count if section.kind in made else 0
            made[section.kind] = Kind(
                section.kind, section.title, before + max(section.count, len(section.rows)), section.more
            )
    return list(made.values())
