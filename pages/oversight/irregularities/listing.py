"""What an auditor looks at first: what the regulation allows as an exception, or did not go as it should.

Cases of a period are counted, and come as keys, in a statement for all kinds and one for late minutes; only
those shown are read whole, a statement a kind.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple, overload

from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import (
    Committee,
    Conflict,
    Meeting,
    Proxy,
    Reading,
    RegulationVersion,
    Seat,
    Unit,
)
from office import overdue
from proposals.models import Proposal
from voting.models import AbstentionRequest, Ballot, Vote
from web.labels import ground
from web.lists.columns import Column
from web.lists.filters import LONGEST
from web.templatetags.lianxi import power_words

#: the one kind that is found row by row
LATE = "late_minutes"
#: kind → its name, in the order in which the kinds are offered
KINDS: Mapping[str, str | Promise] = {
    "emergency": _("Emergency meeting"),
    "unread": _("Voted without reading mark"),
    "proxy": _("Seat by proxy"),
    LATE: _("Late minutes"),
    "consent": _("Abstention consented to"),
    "conflict": _("Conflict of interest"),
    "cancelled_vote": _("Vote cancelled"),
    "terminated": _("Execution terminated"),
    "acting_chair": _("Acting chair"),
    "amended_alone": _("Regulation amended without a second officer"),
}


class Key(NamedTuple):
    """A case of a kind, by when it was and its row's id."""

    at: datetime
    kind: str
    pk: int


class Matter(NamedTuple):
    """The cases of a kind in one meeting, plan or committee: when the latest was, and how many there are."""

    latest: datetime
    kind: str
    #: as the audit log names it ("meeting:12")
    name: str
    number: int


@dataclass(frozen=True)
class Case:
    """A case as it is shown: where, whose, what, and its way."""

    key: Key
    committee: str
    number: str
    who: str
    note: str
    url: str

    @property
    def kind(self) -> str | Promise:
        """The kind in words."""
        return KINDS[self.key.kind]


@dataclass(frozen=True)
class DateRange:
    """From the first to the last day, both included, in the site's zone."""

    first: date
    last: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The beginning, and the first moment after."""
        zone = timezone.get_current_timezone()
        return (
            datetime.combine(self.first, time(), tzinfo=zone),
            datetime.combine(self.last + timedelta(days=1), time(), tzinfo=zone),
        )


#: every case that there is
EVER = DateRange(date(1990, 1, 1), date(2200, 12, 31))


def this_year() -> DateRange:
    """From New Year's Day to today."""
    today = timezone.localtime(clock.now()).date()
    return DateRange(today.replace(month=1, day=1), today)


# -- The keys of all cases ---------------------------------------------------------------------------


class Cases(Sequence[Key]):
    """The cases of the banks (ids of head offices) in the period, of all kinds or of one; the latest first.

    How many there are of each kind, and the few that a page shows, the server tells without the others.
    """

    def __init__(self, banks: Collection[int], period: DateRange, kind: str = "") -> None:
        self._banks, self.kind = banks, kind
        self._first, self._end = period.moments

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """The number of cases of each kind that has some."""
        of_each = [
            rows.values("case_kind").annotate(number=Count("pk")).values_list("case_kind", "number")
            for rows in self._rows("")
        ]
        found = dict(of_each[0].union(*of_each[1:], all=True))
        return found | ({LATE: len(self._late)} if self._late else {})

    def __iter__(self) -> Iterator[Key]:
        return iter(self[:])

    def __len__(self) -> int:
        return self.counts.get(self.kind, 0) if self.kind else sum(self.counts.values())

    @overload
    def __getitem__(self, place: int) -> Key: ...
    @overload
    def __getitem__(self, place: slice) -> list[Key]: ...
    def __getitem__(self, place: int | slice) -> Key | list[Key]:
        """The cases there. The server is asked for those that may be there wherever late minutes stand."""
        if isinstance(place, int):
            return self[place : place + 1][0]
        late = [] if self.kind not in ("", LATE) else self._late
        start, stop = place.start or 0, place.stop
        skipped = max(0, start - len(late))
        found: list[Key] = []
        if rows := self._rows(self.kind):
            keyed = [each.values_list("case_at", "case_kind", "pk") for each in rows]
            united = keyed[0].union(*keyed[1:], all=True) if keyed[1:] else keyed[0]
            ordered = united.order_by("-case_at", "-case_kind", "-pk")
            found = [Key(*row) for row in ordered[skipped:stop]]
        there = sorted(found + late, reverse=True)
        return there[start - skipped : None if stop is None else stop - skipped]

    def _rows(self, kind: str) -> list[QuerySet[Any]]:
        """The rows of one kind, or of each, with when and of what kind they are; but late minutes."""
        asked = {kind: _ROWS[kind]} if kind in _ROWS else {} if kind else _ROWS
        return [
            rows(self._banks)
            .filter(**{f"{at}__gte": self._first, f"{at}__lt": self._end})
            .order_by()
            .annotate(case_at=F(at), case_kind=Value(name, output_field=CharField()), case_of=F(of))
            for name, (rows, at, of) in asked.items()
        ]

    def matters(self) -> list[Matter]:
        """The matters of the cases with how many each has, that with the latest case first."""
        of_each = [
            rows.values("case_kind", "case_of")
            .annotate(number=Count("pk"), latest=Max("case_at"))
            .values_list("latest", "case_kind", "case_of", "number")
            for rows in self._rows(self.kind)
        ]
        found = list(of_each[0].union(*of_each[1:], all=True)) if of_each else []
        if self.kind in ("", LATE):
            found += [(key.at, LATE, key.pk, 1) for key in self._late]
        return [
            Matter(at, kind, f"{_MATTERS.get(kind, 'meeting')}:{of}", number)
            for at, kind, of, number in sorted(found, reverse=True)
        ]

    def of_matter(self, matter: str) -> list[Key]:
        """The cases of the kind that is asked for in this matter, the latest first."""
        named, _colon, pk = matter.partition(":")
        if not pk.isdecimal() or len(pk) > LONGEST or named != _MATTERS.get(self.kind, "meeting"):
            return []
        if self.kind == LATE:
            return [key for key in self._late if key.pk == int(pk)]
        rows = self._rows(self.kind)[0].filter(case_of=int(pk))
        keys = rows.values_list("case_at", "case_kind", "pk").order_by("-case_at", "-pk")
        return [Key(*row) for row in keys]

    @cached_property
    def _late(self) -> list[Key]:
        return _late_minutes(self._banks, self._first, self._end)


def _meetings(banks: Collection[int]) -> QuerySet[Meeting]:
    return Meeting.objects.filter(committee__branch__bank__in=banks)


def _unread(banks: Collection[int]) -> QuerySet[Ballot]:
    """Ballots of people without a mark, before they cast, on the materials as they were voted on."""
    read = Reading.objects.filter(
        item=OuterRef("vote__item"),
        person=OuterRef("person"),
        digest=OuterRef("vote__item__digest"),
        at__lte=OuterRef("cast_at"),
    )
    return Ballot.objects.filter(~Exists(read), vote__meeting__in=_meetings(banks), entered=False)


#: kind → its rows, when each was, and in which matter
_ROWS: Mapping[str, tuple[Callable[[Collection[int]], QuerySet[Any]], str, str]] = {
    "emergency": (lambda banks: _meetings(banks).filter(emergency=True), "convened_at", "pk"),
    "unread": (_unread, "cast_at", "vote__meeting"),
    "proxy": (lambda banks: Proxy.objects.filter(meeting__in=_meetings(banks)), "authorised_at", "meeting"),
    "consent": (
        lambda banks: AbstentionRequest.objects.filter(
            state=AbstentionRequest.State.GRANTED, item__meeting__in=_meetings(banks)
        ),
        "decided_at",
        "item__meeting",
    ),
    "conflict": (
        lambda banks: Conflict.objects.filter(item__meeting__in=_meetings(banks)),
        "at",
        "item__meeting",
    ),
    "cancelled_vote": (
        lambda banks: Vote.objects.filter(state=Vote.State.CANCELLED, meeting__in=_meetings(banks)),
        "cancelled_at",
        "meeting",
    ),
    "terminated": (
        lambda banks: Proposal.objects.filter(
            state=Proposal.State.TERMINATED, committee__branch__bank__in=banks
        ),
        "state_since",
        "pk",
    ),
    "acting_chair": (lambda banks: _meetings(banks).filter(acting_seat__isnull=False), "at", "pk"),
    "amended_alone": (
        lambda banks: RegulationVersion.objects.filter(
            committee__branch__bank__in=banks, number__gt=1, amendment=None
        ),
        "made_at",
        "committee",
    ),
}
#: kind → what its matter is, where that is no meeting
_MATTERS: Mapping[str, str] = {"terminated": "proposal", "amended_alone": "committee"}


def _late_minutes(banks: Collection[int], first: datetime, end: datetime) -> list[Key]:
    """Meetings that ended in the period whose minutes were signed, or are unsigned, later than due (Art. 21).

    So many working days are at least so many days: what was signed sooner is left to the server.
    """
    latest = ExpressionWrapper(
        F("closed_at") + F("regulation__minutes_due_days") * Value(timedelta(days=1)),
        output_field=DateTimeField(),
    )
    rows = _meetings(banks).filter(closed_at__gte=first, closed_at__lt=end).order_by()
    rows = rows.filter(Q(signed_at=None) | Q(signed_at__gt=latest))
    rows = rows.select_related("committee", "regulation")
    return [
        Key(row.closed_at, LATE, row.pk)
        for row in rows
        if row.closed_at is not None and overdue.minutes_days_late(row)
    ]


def counts(found: Cases) -> list[tuple[str, str | Promise, int]]:
    """How many cases there are of each kind, whichever is looked at."""
    return [(kind, name, found.counts.get(kind, 0)) for kind, name in KINDS.items()]


def sample(found: Collection[Key], size: int, seed: str) -> list[Key]:
    """So many of the cases at random, the same for the same cases and the same seed; the latest first."""
    drawn = random.Random(seed).sample(sorted(found), min(size, len(found)))  # noqa: S311  drawn to be repeated
    return sorted(drawn, reverse=True)


def bank_of(matter: str) -> Unit:
    """The bank of a matter that has cases."""
    named, _colon, pk = matter.partition(":")
    rows = {"meeting": Meeting.objects, "proposal": Proposal.objects, "committee": Committee.objects}[named]
    to = "branch__bank" if named == "committee" else "committee__branch__bank"
    return Unit.objects.get(pk=rows.filter(pk=int(pk)).values_list(to, flat=True)[0])


# -- The cases shown ---------------------------------------------------------------------------------


def cases(shown: Iterable[Key]) -> list[Case]:
    """The cases of these keys, in their order."""
    shown = list(shown)
    ids = defaultdict(list)
    for key in shown:
        ids[key.kind].append(key.pk)
    described = {(kind, row.pk): _TELL[kind](row) for kind, pks in ids.items() for row in _READ[kind](pks)}
    return [Case(key, *described[key.kind, key.pk]) for key in shown]


_Told = tuple[str, str, str, str, str]


def _meeting(meeting: Meeting, who: object, note: str) -> _Told:
    url = reverse("meeting", args=[meeting.pk])
    return str(meeting.committee), meeting.written_number, str(who or ""), note, url


def _whole_meetings(pks: Collection[int]) -> QuerySet[Meeting]:
    rows = Meeting.objects.filter(pk__in=pks)
    return rows.select_related("committee", "regulation", "convened_by", "acting_seat__holder")


_READ: Mapping[str, Callable[[Collection[int]], QuerySet[Any]]] = {
    "emergency": _whole_meetings,
    "late_minutes": _whole_meetings,
    "acting_chair": _whole_meetings,
    "unread": lambda pks: (
        Ballot.objects.filter(pk__in=pks)
        .select_related("vote__meeting__committee", "vote__item", "person", "seat")
        .defer("choice", "reason", "salt")
    ),
    "proxy": lambda pks: Proxy.objects.filter(pk__in=pks).select_related(
        "meeting__committee", "seat", "principal", "holder"
    ),
    "consent": lambda pks: AbstentionRequest.objects.filter(pk__in=pks).select_related(
        "item__meeting__committee", "person", "decided_by"
    ),
    "conflict": lambda pks: Conflict.objects.filter(pk__in=pks).select_related(
        "item__meeting__committee", "person"
    ),
    "cancelled_vote": lambda pks: Vote.objects.filter(pk__in=pks).select_related(
        "meeting__committee", "cancelled_by", "item"
    ),
    "terminated": lambda pks: Proposal.objects.filter(pk__in=pks).select_related("committee", "unit"),
    "amended_alone": lambda pks: RegulationVersion.objects.filter(pk__in=pks).select_related(
        "committee", "made_by"
    ),
}


def _late(row: Any) -> _Told:
    days = overdue.minutes_days_late(row)
    note = (
        gettext("minutes signed %(days)d days late")
        if row.signed_at
        else gettext("minutes not signed, %(days)d days late so far")
    )
    return _meeting(row, "", note % {"days": days})


def _proxy(row: Proxy) -> _Told:
    note = gettext("%(holder)s for %(seat)s: %(powers)s") % {
        "holder": row.holder,
        "seat": _seat(row.seat),
        "powers": power_words(list(row.powers)),
    }
    if row.revoked_at:
        note += gettext("; revoked")
    elif row.ended_why:
        note += gettext("; ended: %(why)s") % {"why": row.get_ended_why_display()}
    return _meeting(row.meeting, row.principal, note)


def _terminated(row: Proposal) -> _Told:
    url = reverse("proposal", args=[row.pk])
    return str(row.committee), row.written_number, str(row.unit), row.state_reason, url


def _amended(row: RegulationVersion) -> _Told:
    url = f"{reverse('regulation')}?committee={row.committee_id}&version={row.number}"
    number = gettext("Version %(number)d") % {"number": row.number}
    note = gettext("from %(day)s") % {"day": row.effective_from.isoformat()}
    return str(row.committee), number, str(row.made_by or ""), note, url


def _seat(seat: Seat) -> str:
    return gettext("seat %(number)d (%(post)s)") % {"number": seat.number, "post": seat.post}


def _noted(name: object, value: object) -> str:
    return gettext("%(name)s: %(value)s") % {"name": name, "value": value}


_TELL: Mapping[str, Callable[[Any], _Told]] = {
    "emergency": lambda row: _meeting(row, row.convened_by, row.emergency_reason),
    "late_minutes": _late,
    "acting_chair": lambda row: _meeting(row, row.acting_seat.holder, _seat(row.acting_seat)),
    "unread": lambda row: _meeting(
        row.vote.meeting, row.person, _noted(_seat(row.seat), row.vote.item.title)
    ),
    "proxy": _proxy,
    "consent": lambda row: _meeting(
        row.item.meeting, row.person, _noted(row.item.title, f"{row.reason} ({row.decided_by})")
    ),
    "conflict": lambda row: _meeting(
        row.item.meeting, row.person, _noted(row.item.title, ground(row.reason) or row.get_source_display())
    ),
    "cancelled_vote": lambda row: _meeting(
        row.meeting, row.cancelled_by, _noted(row.item.title, row.cancel_reason)
    ),
    "terminated": _terminated,
    "amended_alone": _amended,
}


def sheet_columns() -> tuple[Column, ...]:
    """The columns of the file."""
    return (
        Column("at", _("When"), lambda case: case.key.at),
        Column("kind", _("Kind"), lambda case: str(case.kind)),
        Column("committee", _("Committee"), lambda case: case.committee),
        Column("number", _("Number"), lambda case: case.number),
        Column("who", _("Whom or what"), lambda case: case.who),
        Column("note", _("Note"), lambda case: case.note),
    )


class Sheet:
    """The cases of these keys as a list that `web/exports/files.py` writes, read a few at a time."""

    name = "exceptions"

    def __init__(self, found: Sequence[Key]) -> None:
        self.columns, self.rows = sheet_columns(), self
        self._found = found

    def iterator(self, chunk_size: int) -> Iterator[Case]:
        """The cases."""
        for start in range(0, len(self._found), chunk_size):
            yield from cases(self._found[start : start + chunk_size])

    def lines(self, rows: Iterable[Case]) -> Iterator[list[Any]]:
        """The cases as lines of the file."""
        return ([column.value(case) for column in self.columns] for case in rows)
