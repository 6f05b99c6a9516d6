"""What of all that waits is the most pressing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from audit import clock
from pages.desk.rows import Row
from pages.desk.sections import Section

FOREMOST = 8
#: what is due is as pressing so many days before as what has waited since then
_AHEAD = timedelta(days=2)


def foremost(found: Iterable[Section]) -> list[tuple[Section, Row]]:
    """What is the person's to do across all kinds: what others wait for, what is late, then the oldest."""
    today = timezone.localdate(clock.now())

    def pressing(each: tuple[Section, Row]) -> tuple[int, date]:
        row = each[1]
        if row.now:
            return 0, today
        if row.due is not None:
            return (1, row.due) if row.due < today else (2, row.due - _AHEAD)
        return 2, timezone.localdate(row.since) if row.since else today

    waiting = [(section, row) for section in found for row in section.rows if row.waits]
    return sorted(waiting, key=pressing)[:FOREMOST]
