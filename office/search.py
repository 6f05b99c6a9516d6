"""Finding by number, name and text, only what the person may see.

A text is found by its pairs of characters (`proposals.models.PlanText`), and then looked at once more for the
words themselves. Of a plan's text the institution and the audit search what is written now, all others what
was submitted last; of minutes those who may read them search the narrative. Words apart are all to be there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from committee.models import Meeting, Position, Series
from committee.permissions import read_offices
from office import lists
from office.frame import Standing
from office.models import MinutesText
from proposals.models import PlanContract, PlanText, Proposal
from proposals.plan import MEASURES

Role = Position.Role

#: a number of so few digits is the number of a plan; of more it may be a contract
_SHORT = 3
_MOST_WORDS = 6
#: words that are in more texts than these are common
_COMMON = 1000


def words(text: str) -> list[str]:
    """The words looked for, as the index has them."""
    return unicodedata.normalize("NFKC", lists.clean(text)).split()[:_MOST_WORDS]


def _grams(word: str) -> Func:
    return Func(Value(word), function="bigrams", output_field=ArrayField(IntegerField()))


def _contains(word: str) -> Q:
    return Q(grams__contains=_grams(word), words__icontains=word)


def _measures(word: str) -> list[str]:
    """The codes of the measures that are called so; plans hold the codes."""
    low = word.lower()
    return [code for code, row in MEASURES.items() if low in row["zh"] or low in row["en"].lower()]


def _all_words(looked_for: Sequence[str]) -> Q:
    found = Q()
    for word in looked_for:
        fits = _contains(word)
        for code in _measures(word) if len(word) > 1 else ():
            fits |= _contains(code)
        found &= fits
    return found


def _in_text(looked_for: Sequence[str], *versions: str) -> list[Any]:
    """For each of these versions of a proposal, the condition that its text has the words.

    Words in few texts are looked up in the index; words in many are asked of one plan after the other, until
    a page is full. The server cannot know beforehand which of the two is quick.
    """
    fits = _all_words(looked_for)
    few = list(PlanText.objects.filter(fits).values_list("version", flat=True)[: _COMMON + 1])
    if len(few) <= _COMMON:
        return [Q(**{f"{version}__in": few}) for version in versions]
    answer = ExpressionWrapper(fits, output_field=BooleanField())
    return [
        Q(Subquery(PlanText.objects.filter(version=OuterRef(version)).values_list(answer)))
        for version in versions
    ]


def drafting(who: Standing) -> Q | None:
    """The proposals whose plan the person reads as it is written now; None where there are none such."""
    own, banks = who.units(Role.HANDLER, Role.HEAD), who.units(Role.AUDITOR)
    found = [Q(unit__in=own)] if own else []
    if banks:
        found.append(Q(committee__branch__bank__in=banks))
    return found[0] | found[-1] if found else None


def plans(who: Standing, text: str) -> Q:
    """The proposals with that number, or with those words in what the person may read of the plan."""
    number = lists.numbered(text)
    if number is not None and not (text.isdecimal() and len(text) > _SHORT):
        return number
    looked_for = words(text)
    if not looked_for:
        return Q(pk=None)
    found, now = _in_text(looked_for, "submitted_version", "version")
    written = drafting(who)
    if written is not None:
        only = who.roles <= {Role.HANDLER, Role.HEAD, Role.AUDITOR}
        found = now & written if only else (now & written) | (found & ~written)
    return found if number is None else found | number


def minutes_read(who: Standing) -> Q:
    """The meetings whose minutes the person may read (rules.md, Roles)."""
    committees = [each.pk for each in who.liaison_of] + [seat.committee_id for seat in who.seats]
    return (
        Q(committee__in=committees)
        | Q(committee__branch__in=who.units(Role.RISK))
        | Q(committee__branch__bank__in=who.units(Role.HEAD_OFFICE, Role.AUDITOR))
        | Q(state__in=Meeting.EFFECTIVE, committee__branch__in=who.units(Role.CREDIT))
    )


def meetings(who: Standing, text: str) -> Q:
    """The meetings with that number, place or committee, or with the words in minutes that one may read."""
    number = lists.numbered(text, Series.MARKS[Series.Kind.MEETING])
    if number is not None:
        return number
    looked_for = words(text)
    if not looked_for:
        return Q(pk=None)
    named, said = Q(), MinutesText.objects.all()
    for word in looked_for:
        named &= Q(place__icontains=word) | Q(committee__name__icontains=word)
        said = said.filter(_contains(word))
    return named | (minutes_read(who) & Q(pk__in=said.values("minutes__meeting")))


# -- Results ----------------------------------------------------------------------------------------

#: a text in pieces: the piece, and whether it is a word looked for
Pieces = list[tuple[str, bool]]

#: rows of a kind that the page shows; the list has them all
_SHOWN = 10
#: plans whose borrowers and contracts are looked at
_LOOKED_AT = 50
_CONTEXT = 40


@dataclass(frozen=True)
class FoundPlan:
    """A plan found: its title, its borrower, and the line of its text in which the words stand."""

    row: Proposal
    title: Pieces
    borrower: Pieces
    line: Pieces


@dataclass(frozen=True)
class FoundContract:
    """A contract found, with the plan in which it stands."""

    number: Pieces
    row: Proposal


@dataclass(frozen=True)
class FoundMeeting:
    """A meeting found, with the line of its minutes in which the words stand."""

    row: Meeting
    place: Pieces
    line: Pieces


@dataclass(frozen=True)
class Results:
    """What was found, by kind."""

    plans: list[FoundPlan]
    plan_count: lists.Count
    borrowers: list[tuple[Pieces, str]]
    contracts: list[FoundContract]
    meetings: list[FoundMeeting]
    meeting_count: lists.Count

    @property
    def nothing(self) -> bool:
        """Whether nothing was found."""
        return not (self.plans or self.meetings)


def results(who: Standing, text: str) -> Results:
    """What fits the text and the person may see, the last moved first."""
    read_offices(who.person)
    looked_for = words(text)
    fitting = Proposal.objects.visible_to(who.person).filter(plans(who, text))
    rows = list(
        fitting.select_related("committee__branch", "unit").order_by("-state_since", "-pk")[:_LOOKED_AT]
    )
    read = {_readable(row, who): row for row in rows}
    texts = {each.version_id: each for each in PlanText.objects.filter(version__in=list(read)[:_SHOWN])}
    held = Meeting.objects.visible_to(who.person).filter(meetings(who, text))
    return Results(
        [
            FoundPlan(
                row, whole(row.title, looked_for), whole(row.borrower, looked_for),
                _line(texts.get(version), looked_for, but=(row.title, row.borrower)),
            )
            for version, row in list(read.items())[:_SHOWN]
        ],
        _count(fitting, rows),
        _borrowers(rows, looked_for),
        _contracts(read, looked_for),
        _meetings(who, held, looked_for),
        _count(held, None),
    )  # fmt: skip


def _count(rows: QuerySet[Any], read: list[Any] | None) -> lists.Count:
    if read is not None and len(read) < _LOOKED_AT:
        return lists.Count(len(read), more=False)
    return lists.counted(rows)


def _readable(row: Proposal, who: Standing) -> int | None:
    """The version whose text the person may read."""
    own = row.unit_id in who.units(Role.HANDLER, Role.HEAD)
    audits = row.committee.branch.bank_id in who.units(Role.AUDITOR)
    return row.version_id if own or audits else row.submitted_version_id


def _borrowers(rows: Iterable[Proposal], looked_for: Sequence[str]) -> list[tuple[Pieces, str]]:
    """The borrowers with one of the words in the name, each with the name to look for."""
    names = dict.fromkeys(row.borrower for row in rows)
    marked_names = ((marked(name, looked_for, len(name)), name) for name in names)
    return [(pieces, name) for pieces, name in marked_names if pieces][:_SHOWN]


def _contracts(read: Mapping[int | None, Proposal], looked_for: Sequence[str]) -> list[FoundContract]:
    fits = Q()
    for word in looked_for:
        if len(word) >= _SHORT:
            fits |= Q(contract_no__icontains=word)
    if not fits or not read:
        return []
    rows = PlanContract.objects.filter(fits, version__in=list(read)).order_by("contract_no", "-pk")
    return [
        FoundContract(whole(each.contract_no, looked_for), read[each.version_id]) for each in rows[:_SHOWN]
    ]


def _meetings(who: Standing, held: QuerySet[Meeting], looked_for: Sequence[str]) -> list[FoundMeeting]:
    rows = list(held.select_related("committee").order_by("-at", "-pk")[:_SHOWN])
    reading = MinutesText.objects.filter(
        minutes__meeting__in=Meeting.objects.filter(minutes_read(who), pk__in=[row.pk for row in rows])
    )
    texts = {each.minutes.meeting_id: each for each in reading.select_related("minutes")} if rows else {}
    return [
        FoundMeeting(row, whole(row.place, looked_for), _line(texts.get(row.pk), looked_for)) for row in rows
    ]


def whole(text: str, looked_for: Sequence[str]) -> Pieces:
    """All of the text, with the words marked."""
    return marked(text, looked_for, len(text)) or [(text, False)]


def _line(row: PlanText | MinutesText | None, looked_for: Sequence[str], but: Sequence[str] = ()) -> Pieces:
    """The first line in which one of the words stands, about it; lines that are shown anyway are left out."""
    for line in row.words.splitlines() if row else ():
        if line not in but and (found := marked(line, looked_for)):
            return found
    return []


def marked(text: str, looked_for: Sequence[str], around: int = _CONTEXT) -> Pieces:
    """The text about its first hit, in pieces; nothing without a hit."""
    hits = _hits(text, looked_for)
    if not hits:
        return []
    start, end = max(hits[0][0] - around, 0), min(hits[0][1] + 2 * around, len(text))
    pieces: Pieces = [("…", False)] if start else []
    for first, last in hits:
        if first >= end:
            break
        pieces += [(text[start:first], False), (text[first:last], True)]
        start = last
    pieces.append((text[start : max(end, start)], False))
    if end < len(text):
        pieces.append(("…", False))
    return [piece for piece in pieces if piece[0]]


def _hits(text: str, looked_for: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text, the longer word before the shorter where they overlap."""
    low = text.lower()
    if len(low) != len(text):
        return []
    hits: list[tuple[int, int]] = []
    for word in sorted(dict.fromkeys(word.lower() for word in looked_for), key=len, reverse=True):
        at = low.find(word)
        while at >= 0:
            if not any(start < at + len(word) and at < end for start, end in hits):
                hits.append((at, at + len(word)))
            at = low.find(word, at + len(word))
    return sorted(hits)
