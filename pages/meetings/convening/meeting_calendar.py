"""A month of meetings, and what the period of notice allows on each day (Art. 15)."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta, tzinfo

from django.db.models import QuerySet

from committee import workdays
from committee.models import Committee, Meeting, RegulationVersion
from web import labels

#: so many meetings of a day are shown; the list has them all
MOST_A_DAY = 3


@dataclass(frozen=True)
class Day:
    """A day of the month as the calendar shows it."""

    date: date
    within: bool
    today: bool
    working: bool
    holiday: str
    #: the period of notice allows an ordinary meeting on it
    allowed: bool
    first: bool
    meetings: list[Meeting] = field(default_factory=list)

    @property
    def first_meetings(self) -> list[Meeting]:
        """The meetings that are shown."""
        return self.meetings[:MOST_A_DAY]

    @property
    def further(self) -> int:
        """How many more there are."""
        return len(self.meetings) - len(self.first_meetings)

    @property
    def shown(self) -> bool:
        """Whether a list on a phone names it: something is on, or it says something."""
        return bool(self.meetings) or (self.within and bool(self.today or self.holiday or self.first))


@dataclass(frozen=True, kw_only=True)
class MonthPage:
    """A month of meetings as one person sees it."""

    #: its first day
    month: date
    weeks: list[list[Day]]
    #: the person's committee, whose period of notice is shown, and its regulation
    committee: Committee | None
    regulation: RegulationVersion | None
    #: the first day that the period of notice allows
    earliest: date | None
    #: the committee that the person chairs, and the one whose liaison the person is
    convenes: Committee | None
    notifies: Committee | None
    #: the first days of the months before and after
    previous: date
    following: date


def first_of(text: str, today: date) -> date:
    """The first day of the month written "2026-03"; of the present one for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if MINYEAR < found.year < MAXYEAR else today.replace(day=1)


def shifted(first: date, months: int) -> date:
    """The first day of a month before or after."""
    return (first + timedelta(days=31 if months > 0 else -1)).replace(day=1)


def weeks(first: date, meetings: Iterable[Meeting], *, today: date, earliest: date | None) -> list[list[Day]]:
    """The weeks of the month from Monday on, each day with its meetings in their committees' zones."""
    on = defaultdict(list)
    for meeting in meetings:
        on[meeting.at.astimezone(meeting.committee.tz).date()].append(meeting)
    return [
        [
            Day(
                each,
                within=each.month == first.month,
                today=each == today,
                working=workdays.is_working_day(each),
                holiday=workdays.holiday(each, chinese=labels.chinese()),
                allowed=earliest is not None and each >= earliest,
                first=each == earliest,
                meetings=on.get(each, []),
            )
            for each in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


def within(rows: QuerySet[Meeting], first: date, zone: tzinfo) -> QuerySet[Meeting]:
    """The meetings of the month with the days that its weeks begin and end with, in any zone."""
    start = datetime.combine(first, time(), tzinfo=zone) - timedelta(days=8)
    return rows.filter(at__gte=start, at__lt=start + timedelta(days=48))
