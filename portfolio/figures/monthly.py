"""The office's monthly report (按月汇报): a month's ten days as judged, with warnings and replies (S3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q

from portfolio.models import Institution, Reply, TenDays, Warning, WatchDay, WatchSeen  # noqa: A004  the term of the field
from portfolio.rules import watch
from portfolio.rules.dates import months_after


@dataclass(frozen=True, slots=True)
class Reported:
    """Ten days of an institution, with the warnings that they raised."""

    ten_days: TenDays
    warnings: Sequence[Warning]


@dataclass(frozen=True, slots=True)
class Counted:
    """The warnings of a month in numbers; `due` are those whose reply was due by the day of the report."""

    raised: int
    by_phone: int
    by_document: int
    dismissed: int
    due: int
    in_time: int
    sent_back: int
    without_figures: int


def reported(institution: Institution, month: date) -> list[Reported]:
    """The ten days of the month of each ranked institution below, by day and place."""
    first, after = month.replace(day=1), months_after(month.replace(day=1), 1)
    below = Institution.objects.under(institution)
    rows = TenDays.objects.filter(institution__in=below, last_on__gte=first, last_on__lt=after)
    replies = Prefetch("replies", Reply.objects.order_by("number").prefetch_related("causes"))
    raised = Warning.objects.filter(institution__in=below, last_on__gte=first, last_on__lt=after)
    held: dict[tuple[int, date], list[Warning]] = {}
    for warning in raised.prefetch_related(replies).order_by("trigger"):
        held.setdefault((warning.institution_id, warning.last_on), []).append(warning)
    ordered = rows.select_related("institution__unit").order_by("last_on", "institution__lft")
    return [Reported(row, held.get((row.institution_id, row.last_on), ())) for row in ordered]


def counted(rows: Sequence[Reported], day: date) -> Counted:
    """The report in numbers, as of a day."""
    warnings = [warning for row in rows for warning in row.warnings]
    channels = Counter(warning.channel for warning in warnings)
    due = [warning for warning in warnings if _is_due(warning, day)]
    return Counted(
        raised=len(warnings),
        by_phone=channels[Warning.Channel.PHONE],
        by_document=channels[Warning.Channel.DOCUMENT],
        dismissed=sum(warning.state == Warning.State.DISMISSED for warning in warnings),
        due=len(due),
        in_time=sum(map(_in_time, due)),
        sent_back=sum(map(_was_sent_back, warnings)),
        without_figures=sum(row.ten_days.npl is None for row in rows),
    )


def _is_due(warning: Warning, day: date) -> bool:
    """Whether its reply has come, or was due before the day."""
    late = warning.reply_due_on is not None and warning.reply_due_on < day
    return late or len(warning.replies.all()) > 0


def _in_time(warning: Warning) -> bool:
    """Whether its first reply came by its day."""
    return any(reply.in_time for reply in warning.replies.all() if reply.number == 1)


def _was_sent_back(warning: Warning) -> bool:
    return any(reply.accepted is False for reply in warning.replies.all())


def unseen_days(institution: Institution, first: date, last: date) -> int:
    """On how many days of the daily watch its head has not looked at it."""
    days = Q(institution=institution, as_of__range=(first, last))
    watched = WatchDay.objects.filter(days, watched=True).values_list("as_of", flat=True)
    return watch.unseen(watched, WatchSeen.objects.filter(days).values_list("as_of", flat=True))
