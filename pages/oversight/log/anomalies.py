"""What is odd in the log, on one page: times, hours, refusals, states, the seal, and faults found at night.

Each part reads a bounded number of rows: of a period, or what the last examination of the log has kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import SignIn
from audit import clock, log_keys
from audit.checking.rows import Fault
from audit.checking.verification import (
    APART,
    Back,
    Odd,
    OddCheckpoint,
    clock_gone_back,
    odd_checkpoints,
    odd_times,
)
from audit.models import Entry, Examination
from audit.recording import SYSTEM
from committee import workdays
from committee.models import Person
from committee.offices import AUDITOR
from pages.oversight.irregularities.listing import DateRange
from pages.oversight.log.listing import Told, Words, tell
from pages.oversight.sign_ins.listing import REFUSED, SignIns, who
from web import limits, shell
from web.log import faults, streams
from web.viewer import Viewer, viewer_of

#: days looked at, if the address asks for none, and at most
DAYS, MOST_DAYS = 30, 92
#: anomalies of one kind that are shown
SHOWN = 50
#: entries at unusual hours that are looked at, and how many are named of a person's day
LOOKED_AT, NAMED = 500, 3
#: refused sign-ins of one person from which they are many
MANY = 10
#: an entry that is no leaf for longer waits too long; the sweep comes every minute
UNSEALED = timedelta(minutes=5)
#: what is done whenever one finds time
QUIET = ("read_materials", "acknowledge")

_AHEAD = """
SELECT head.stream, coalesce(sealed.seq, 0) + 1, head.seq
FROM audit_head AS head LEFT JOIN audit_sealed AS sealed ON sealed.stream = head.stream
    LEFT JOIN audit_entry AS entry ON entry.stream = head.stream AND entry.seq = coalesce(sealed.seq, 0) + 1
WHERE head.seq > coalesce(sealed.seq, 0) AND coalesce(entry.recorded_at < %s, true)
ORDER BY entry.recorded_at NULLS FIRST LIMIT %s
"""


@dataclass(frozen=True)
class OddTime:
    """An entry with an odd time, and the time of the one before it."""

    told: Told
    odd: Odd


@dataclass(frozen=True)
class GoneBack:
    """An entry that the database wrote with an earlier time than the one before it."""

    told: Told
    back: Back


@dataclass(frozen=True)
class OddHours:
    """What a person did on one day off, or on a working day outside of the hours."""

    day: date
    off: bool
    who: Words
    login: str
    first: datetime
    last: datetime
    number: int
    #: a few of the entries
    told: list[Told]


@dataclass(frozen=True)
class Refusals:
    """Sign-ins of one person, or of one unknown login, that were refused in the period."""

    who: str
    #: the filters that find them in the register
    query: str
    number: int
    last: datetime


@dataclass(frozen=True)
class Ahead:
    """A stream whose entries from `first` to `last` are no leaves yet."""

    stream: str
    first: int
    last: int


class Found(NamedTuple):
    """A fault that the last examination has found; `seq` is 0 where it is at no entry that has a page."""

    stream: str
    seq: int
    #: in the reader's language
    what: str


@dataclass(frozen=True)
class Examined:
    """The last examination of a kind, with the faults that concern the reader; none when there was none."""

    kind: str
    last: Examination | None
    faults: list[Found]


@dataclass(frozen=True, kw_only=True)
class Anomalies:
    """What the page shows; a list is cut after SHOWN, and one more tells that there are more."""

    period: DateRange
    times: list[OddTime]
    #: where the database's clock went back, and checkpoints that say so of it
    gone_back: list[GoneBack]
    checkpoints: list[OddCheckpoint]
    unusual: list[OddHours]
    #: whether there are more than were looked at
    more_hours: bool
    refusals: list[Refusals]
    ahead: list[Ahead]
    seals: bool
    examined: list[Examined]
    hours: tuple[time, time]
    zone: str
    apart: int
    shown: int = SHOWN
    many: int = MANY
    most_days: int = MOST_DAYS
    unsealed: int = UNSEALED.seconds // 60


@require_safe
@limits.limited(limits.VERIFY)
def index(request: HttpRequest) -> HttpResponse:
    """The anomalies of the period that the address asks for, of the streams that the person audits."""
    viewer = viewer_of(request)
    if not viewer.units(AUDITOR):
        raise Http404
    period = _period(request.GET.get("from", ""), request.GET.get("to", ""))
    hours = working_hours()
    unusual = _unusual(viewer, period, hours)
    shown = Anomalies(
        period=period,
        times=_odd_times(viewer, period),
        gone_back=_gone_back(viewer, period),
        checkpoints=_odd_checkpoints(period),
        unusual=_by_day(unusual),
        more_hours=len(unusual) > LOOKED_AT,
        refusals=_refusals(viewer, period),
        ahead=_ahead(viewer),
        seals=log_keys.sealed(),
        examined=[_examined(viewer, kind) for kind in Examination.Kind],
        hours=hours,
        zone=timezone.get_current_timezone_name(),
        apart=APART.seconds // 60,
    )
    return shell.page(request, "oversight/log/anomalies.html", shown, here="streams")


def _period(first: str, last: str) -> DateRange:
    """The days asked for; without them, and beyond what is looked at in one go, the last ones."""
    today = timezone.localtime(clock.now()).date()
    end = _day(last) or today
    begin = _day(first) or end - timedelta(days=DAYS - 1)
    begin, end = min(begin, end), max(begin, end)
    return DateRange(max(begin, end - timedelta(days=MOST_DAYS - 1)), end)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None


def working_hours() -> tuple[time, time]:
    """When the bank's working day begins and ends (WORKING_HOURS); ImproperlyConfigured where it is none."""
    try:
        begin, end = (time.fromisoformat(each.strip()) for each in settings.WORKING_HOURS.split("-"))
    except ValueError:
        raise ImproperlyConfigured(
            f"WORKING_HOURS is {settings.WORKING_HOURS!r}; it is written as 07:30-20:00."
        ) from None
    if begin >= end:
        raise ImproperlyConfigured(f"WORKING_HOURS is {settings.WORKING_HOURS!r}; it ends before it begins.")
    return begin, end


def _odd_times(viewer: Viewer, period: DateRange) -> list[OddTime]:
    """The entries written in the period whose time is not the database's, or goes back."""
    first, end = period.moments
    found = list(odd_times(None, since=first, until=end, most=1000))
    mine = streams.streams_of_banks({odd.stream for odd in found}, viewer.units(AUDITOR))
    of = {(odd.stream, odd.seq): odd for odd in found if odd.stream in mine}
    chosen = list(of)[: SHOWN + 1]
    rows = Entry.objects.filter(pk__in=chosen).order_by("-recorded_at")
    return [OddTime(told, of[told.entry.stream, told.entry.seq]) for told in tell(list(rows))]


def _gone_back(viewer: Viewer, period: DateRange) -> list[GoneBack]:
    """The entries before which the database's clock went back: they, or those before, are of the period."""
    first, end = period.moments
    found = list(clock_gone_back(None, since=first, until=end, most=1000))
    mine = streams.streams_of_banks({each.stream for each in found}, viewer.units(AUDITOR))
    of = {(each.stream, each.seq): each for each in found if each.stream in mine}
    rows = Entry.objects.filter(pk__in=list(of)[: SHOWN + 1]).order_by("-recorded_at")
    return [GoneBack(told, of[told.entry.stream, told.entry.seq]) for told in tell(list(rows))]


def _odd_checkpoints(period: DateRange) -> list[OddCheckpoint]:
    """The checkpoints of the period by which a clock was wrong: of the whole log, whichever banks it has."""
    first, end = period.moments
    return list(islice(odd_checkpoints(since=first, until=end), SHOWN + 1))


def _unusual(viewer: Viewer, period: DateRange, hours: tuple[time, time]) -> list[Entry]:
    """What people did in the period on days off and outside of the working hours, the latest first."""
    first, end = period.moments
    days = (period.last - period.first).days + 1
    dates = [period.first + timedelta(days=number) for number in range(days)]
    off = [day for day in dates if not workdays.is_working_day(day)]
    late = Q(at__time__lt=hours[0]) | Q(at__time__gte=hours[1]) | Q(at__date__in=off)
    rows = streams.visible_to(viewer).filter(late, at__gte=first, at__lt=end)
    rows = rows.exclude(actor=SYSTEM).exclude(action__in=QUIET)
    return list(rows.order_by("-at", "-stream", "-seq")[: LOOKED_AT + 1])


def _by_day(entries: Sequence[Entry]) -> list[OddHours]:
    """The entries, the latest first, by day and person."""
    groups: dict[tuple[date, str], list[Entry]] = {}
    for entry in entries[:LOOKED_AT]:
        groups.setdefault((timezone.localtime(entry.at).date(), entry.actor), []).append(entry)
    shown = dict(list(groups.items())[: SHOWN + 1])
    named = [each for rows in shown.values() for each in rows[-NAMED:]]
    told = {(each.entry.stream, each.entry.seq): each for each in tell(named)}
    people = Person.objects.in_bulk(streams.ids_of_people(actor for _, actor in shown))
    logins = {str(pk): person.username for pk, person in people.items()}
    return [
        _odd_hours(
            day, logins.get(actor, actor), rows, [told[each.stream, each.seq] for each in rows[-NAMED:]]
        )
        for (day, actor), rows in shown.items()
    ]


def _odd_hours(day: date, login: str, rows: Sequence[Entry], told: list[Told]) -> OddHours:
    """What one person did on one day; the entries are the latest first."""
    return OddHours(
        day=day,
        off=not workdays.is_working_day(day),
        who=told[0].actor,
        login=login,
        first=rows[-1].at,
        last=rows[0].at,
        number=len(rows),
        told=told[::-1],
    )


def _refusals(viewer: Viewer, period: DateRange) -> list[Refusals]:
    """Whose signing in was refused many times in the period, the most first."""
    first, end = period.moments
    rows = SignIns(viewer, QueryDict()).get_queryset().filter(outcome__in=REFUSED)
    rows = rows.filter(at__gte=first, at__lt=end).order_by()
    counted = rows.values("person", "login").annotate(number=Count("pk"), last=Max("at"), one=Max("pk"))
    many = list(counted.filter(number__gte=MANY).order_by("-number", "-last")[: SHOWN + 1])
    one = SignIn.objects.select_related("person").in_bulk([row["one"] for row in many])
    found = []
    for row in many:
        line = one[row["one"]]
        text = line.person.username if line.person else line.login[:8]
        query = {"q": text, "refused": 1, "at_from": period.first, "at_to": period.last}
        found.append(Refusals(who(line), urlencode(query), row["number"], row["last"]))
    return found


def _ahead(viewer: Viewer) -> list[Ahead]:
    """The streams with entries that should be leaves by now; none where the log is not sealed."""
    if not log_keys.sealed():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD, [timezone.now() - UNSEALED, 1000])
        found = [Ahead(*row) for row in cursor.fetchall()]
    mine = streams.streams_of_banks({each.stream for each in found}, viewer.units(AUDITOR))
    return [each for each in found if each.stream in mine][: SHOWN + 1]


def _examined(viewer: Viewer, kind: Examination.Kind) -> Examined:
    last = Examination.objects.filter(kind=kind).order_by("-began_at").first()
    kept = [Fault(*fault) for fault in last.faults] if last else []
    found = [Found(each.stream, each.seq, faults.in_words(each)) for each in kept]
    return Examined(str(kind.label), last, _of(found, viewer))


def _of(found: Sequence[Found], viewer: Viewer) -> list[Found]:
    """Those of streams that the person audits, and those of no stream of a bank, which lead to no page."""
    mine = streams.streams_of_banks({each.stream for each in found}, viewer.units(AUDITOR))
    there = set(_there((each.stream, each.seq) for each in found if each.stream in mine))
    shown = []
    for each in found:
        if each.stream in mine:
            shown.append(each if (each.stream, each.seq) in there else each._replace(seq=0))
        elif each.stream.partition(":")[0] not in streams.KINDS:
            shown.append(_without_page(each))
    return shown


def _without_page(fault: Found) -> Found:
    """The fault of a table's row, of the tree, or of a stream of no bank, told in its words alone."""
    return Found("", 0, f"{fault.stream} {fault.seq}: {fault.what}" if fault.stream else fault.what)


def _there(places: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those of the entries that there are."""
    return list(Entry.objects.filter(pk__in=list(places)).values_list("stream", "seq"))
