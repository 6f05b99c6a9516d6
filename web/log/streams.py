"""Streams of the audit log for auditors: those of a bank, their names, their entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from audit.canonical import HASH_BYTES
from audit.models import Entry, Head
from committee.models import Committee, Meeting, Person, Series, Unit
from committee.offices import AUDITOR
from committee.prepared import AnyOf, Prepared
from committee.seen import PreparedFor
from proposals.models import Proposal
from web.viewer import Viewer

_BEGINNING = bytes(HASH_BYTES)

#: the kinds of streams that belong to a bank
KINDS = ("meeting", "proposal", "committee", "office")

#: a number with as many is no id
_MOST_DIGITS = 19


def of_banks(heads: QuerySet[Head], banks: Collection[int]) -> QuerySet[Head]:
    """The streams of these banks (ids of their head offices): meetings, proposals, committees, offices."""
    meetings = _named("meeting", Meeting.objects.filter(committee__branch__bank__in=banks))
    others = (
        _named("proposal", Proposal.objects.filter(committee__branch__bank__in=banks)),
        _named("committee", Committee.objects.filter(branch__bank__in=banks)),
        _named("office", Unit.objects.filter(pk__in=banks)),
    )
    return heads.filter(stream__in=meetings.union(*others, all=True))


def _named(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, str]:
    name = Concat(Value(f"{kind}:"), Cast(F("pk"), CharField()), output_field=TextField())
    named: QuerySet[Any, str] = (
        rows.order_by().annotate(stream_name=name).values_list("stream_name", flat=True)
    )
    return named


def streams_of_banks(streams: Iterable[str], banks: Collection[int]) -> frozenset[str]:
    """Those of the streams that belong to these banks, in one statement."""
    ids = _ids(streams)
    rows: dict[str, QuerySet[Any]] = {
        "meeting": Meeting.objects.filter(committee__branch__bank__in=banks),
        "proposal": Proposal.objects.filter(committee__branch__bank__in=banks),
        "committee": Committee.objects.filter(branch__bank__in=banks),
        "office": Unit.objects.filter(pk__in=banks),
    }
    first, *others = (
        _named(kind, of_banks.filter(pk__in=[0, *ids[kind]])) for kind, of_banks in rows.items()
    )
    return frozenset(first.union(*others, all=True))


def visible_to(who: Viewer) -> QuerySet[Entry]:
    """The entries that the person may read: auditors those of their banks' streams, others none.

    Whose stream it is, is asked for each entry as it is reached, so that a page costs its own entries.
    """
    banks = who.units(AUDITOR)
    if not banks:
        return Entry.objects.none()
    return Entry.objects.alias(of_bank=_bank_of_stream()).filter(of_bank__in=banks)


def _bank_of_stream() -> Case:
    """The id of the bank whose meeting, proposal, committee or office the entry's stream is of."""
    number = Cast(
        Func(OuterRef("stream"), Value(":"), Value(2), function="split_part", output_field=TextField()),
        BigIntegerField(),
    )
    of_kinds: tuple[tuple[str, QuerySet[Any], str], ...] = (
        ("meeting", Meeting.objects.all(), "committee__branch__bank"),
        ("proposal", Proposal.objects.all(), "committee__branch__bank"),
        ("committee", Committee.objects.all(), "branch__bank"),
        ("office", Unit.objects.all(), "pk"),
    )
    return Case(
        *(
            When(
                stream__regex=rf"^{kind}:[0-9]{{1,18}}$",
                then=Subquery(rows.order_by().filter(pk=number).values(bank)[:1]),
            )
            for kind, rows, bank in of_kinds
        ),
        default=None,
        output_field=BigIntegerField(),
    )


def _ids(streams: Iterable[str]) -> dict[str, list[int]]:
    """The ids in the names of streams, by kind."""
    ids: dict[str, list[int]] = defaultdict(list)
    for stream in streams:
        kind, _colon, number = stream.partition(":")
        if number.isdecimal() and len(number) < _MOST_DIGITS:
            ids[kind].append(int(number))
    return ids


#: the number of heads read at once when looking for those of a bank, and how often at most
_TOGETHER, _TURNS = 200, 25


def latest_entries(
    banks: Collection[int],
    number: int,
    *,
    kind: str = "",
    beyond: Entry | None = None,
    backwards: bool = False,
) -> list[Entry]:
    """The last entries of streams of these banks, the latest first.

    With `beyond`, entries written before it; backwards, those after it, or the earliest. They are read in the
    order of time, so that the first and the last page cost the same, however many streams there are.
    """
    rows = Entry.objects.filter(Exists(Head.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))))
    if kind:
        rows = rows.filter(stream__startswith=f"{kind}:")
    rows = rows.order_by("at", "stream") if backwards else rows.order_by("-at", "-stream")
    found: list[Entry] = []
    for _turn in range(_TURNS):
        some = list(_beyond(rows, beyond, backwards=backwards)[:_TOGETHER])
        mine = streams_of_banks([entry.stream for entry in some], banks)
        found += [entry for entry in some if entry.stream in mine]
        if len(found) >= number or len(some) < _TOGETHER:
            break
        beyond = some[-1]
    return found[:number][::-1] if backwards else found[:number]


def _beyond(rows: QuerySet[Entry], entry: Entry | None, *, backwards: bool) -> QuerySet[Entry]:
    if entry is None:
        return rows
    side = "gt" if backwards else "lt"
    same = Q(at=entry.at, **{f"stream__{side}": entry.stream})
    return rows.filter(**{f"at__{side}e": entry.at}).filter(Q(**{f"at__{side}": entry.at}) | same)


def names_of_streams(streams: Iterable[str], *, seen_by: Person | None = None) -> dict[str, str]:
    """The name of each stream, in one statement; of plans and meetings only what that person sees."""
    ids = _ids(streams)
    asked = [ids[kind] for kind in ("proposal", "meeting", "committee", "office")]
    found = _NAMES(*asked) if seen_by is None else _NAMES_SEEN(seen_by, *asked)
    return {stream: f"{_number(stream, *number)} {title}".strip() for stream, *number, title in found}


def _names(
    proposals: QuerySet[Proposal], meetings: QuerySet[Meeting], *asked: list[int]
) -> QuerySet[Any, Any]:
    """Name of stream, committee, year, number and title of these proposals, meetings, committees, offices."""
    none = Value(None, output_field=IntegerField())
    empty = Value("", output_field=TextField())
    rows: tuple[tuple[str, QuerySet[Any], Any, Any, Any, Any], ...] = (
        ("proposal", proposals, "committee__abbreviation", F("year"), F("number"), "title"),
        ("meeting", meetings, "committee__abbreviation", F("year"), F("number"), empty),
        ("committee", Committee.objects.all(), "abbreviation", none, none, "name"),
        ("office", Unit.objects.all(), empty, none, none, "name"),
    )
    first, *others = (
        _named(kind, of_kind.filter(AnyOf("pk", ids))).values_list(
            "stream_name", Cast(abbreviation, TextField()), year, number, Cast(title, TextField())
        )
        for ids, (kind, of_kind, abbreviation, year, number, title) in zip(asked, rows, strict=True)
    )
    named: QuerySet[Any, Any] = first.union(*others, all=True)
    return named


_NAMES = Prepared(lambda *asked: _names(Proposal.objects.all(), Meeting.objects.all(), *asked), *[list] * 4)
_NAMES_SEEN = PreparedFor(
    lambda person, *asked: _names(
        Proposal.objects.visible_to(person), Meeting.objects.visible_to(person), *asked
    ),
    *[list] * 4,
)
_PEOPLE = Prepared(
    lambda ids: Person.objects.filter(AnyOf("pk", ids)).order_by().values_list("pk", "display_name"), list
)


def _number(stream: str, abbreviation: str, year: int | None, number: int | None) -> str:
    kind = Series.Kind.MEETING if stream.startswith("meeting:") else Series.Kind.PROPOSAL
    return Series.written(Committee(abbreviation=abbreviation), kind, year, number)


def names_of_people(actors: Iterable[str]) -> dict[str, str]:
    """The names of the people who acted, by the ids in the log."""
    return {str(pk): name for pk, name in _PEOPLE([*ids_of_people(actors)])}


def ids_of_people(actors: Iterable[str]) -> set[int]:
    """The ids of those who acted that are ids of people."""
    return {int(actor) for actor in actors if actor.isdecimal() and len(actor) < _MOST_DIGITS}


@dataclass(frozen=True)
class Line:
    """An entry with the name of its actor, and whether its hash and its link to the one before are right."""

    entry: Entry
    actor: str
    verified: bool

    @property
    def digest(self) -> str:
        """The entry's hash in hexadecimal."""
        return bytes(self.entry.hash).hex()


def checked_lines(stream: str, first: int, last: int) -> list[Line]:
    """The entries from `first` to `last` (sequence numbers, both included), each checked."""
    entries = list(Entry.objects.filter(stream=stream, seq__gte=first - 1, seq__lte=last).order_by("seq"))
    before = None
    if entries and entries[0].seq == first - 1:
        before = entries.pop(0)
    named = names_of_people(entry.actor for entry in entries)
    found = []
    for entry in entries:
        found.append(Line(entry, named.get(entry.actor, entry.actor), _holds(entry, before)))
        before = entry
    return found


def _holds(entry: Entry, before: Entry | None) -> bool:
    """Whether the entry's hash is that of its bytes, and `prev` that of the entry before it."""
    after = _BEGINNING if entry.seq == 1 else bytes(before.hash) if before else None
    follows = entry.seq == 1 or (before is not None and before.seq == entry.seq - 1)
    return follows and bytes(entry.prev) == after and entry.is_sound
