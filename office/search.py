"""Finding by number, name and text, only what the person may see.

A text is found by four of its characters at once, a short word by pairs (`proposals.models.PlanText`), and
then looked at once more for the words themselves. Of a plan's text the institution and the audit search what
is written now, all others what was submitted last; of minutes those who may read them search the narrative.
Words apart are all to be there: in the plan, in the minutes, or in place and committee together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from committee.models import Meeting, Position, Series
from committee.permissions import offices, read_offices
from office import lists
from office.models import MeetingText, MinutesText
from office.viewer import Viewer
from office.words import in_words
from proposals.models import PlanContract, PlanText, Proposal
from proposals.plan import MEASURES
from regulation.text import DASHES, folded_identifier

Role = Position.Role

#: of a number of so few digits no part is looked for: it is the number of a row, or an identifier
_SHORT = 3
_MOST_WORDS = 6
_ONE_DASH = dict.fromkeys(map(ord, DASHES), "-")
#: words that are in more texts than these are common
_COMMON = 1000


def words(text: str) -> list[str]:
    """The words looked for, as the index has them."""
    return lists.clean(text).split()[:_MOST_WORDS]


def _grams(word: str) -> Func:
    return Func(Value(word), function="asked_grams", output_field=ArrayField(IntegerField()))


def _contains(word: str, *, indexed: bool) -> Q:
    """The word as it was typed, or as an identifier is folded."""
    found = Q()
    for spelling in dict.fromkeys((word, _folded(word))):
        # what has no case is not put into one, which would be most of the work
        cased = spelling.lower() != spelling.upper()
        fits = Q(**{"words__icontains" if cased else "words__contains": spelling})
        found |= Q(grams__contains=_grams(spelling)) & fits if indexed else fits
    return found


def _is_short(text: str) -> bool:
    return text.isdecimal() and len(text) <= _SHORT


def _as_a_line(number: str, *, indexed: bool) -> Q:
    """The texts of which a line is that number of few digits and nothing else."""
    fits = Q(words__regex=rf"(?n)^{number}$")
    return Q(grams__contains=[-1 - int(number)]) & fits if indexed else fits


def _folded(word: str) -> str:
    """The word with one kind of dash, as the second line of an identifier in the index has it."""
    return word.translate(_ONE_DASH)


def _measures(word: str) -> list[str]:
    """The codes of the measures that are called so; plans hold the codes."""
    low = word.lower()
    return [code for code, row in MEASURES.items() if low in row["zh"] or low in row["en"].lower()]


def _all_words(looked_for: Sequence[str], *, indexed: bool, codes: bool = False) -> Q:
    """The texts that have all the words; with `codes`, for the name of a measure its code will do.

    By the index, or of one text after the other.
    """
    found = Q()
    for word in looked_for:
        fits = _contains(word, indexed=indexed)
        for code in _measures(word) if codes and len(word) > 1 else ():
            fits |= _contains(code, indexed=indexed)
        found &= fits
    return found


@dataclass(frozen=True)
class _Texts:
    """Texts to look through: which fit, of what each is (`key`), and the fields that name it (`fields`)."""

    rows: QuerySet[Any]
    fits: Callable[..., Q]
    key: str
    fields: Sequence[str]


def _in_text(*asked: _Texts) -> list[Q]:
    """For each field of each of these texts, the condition that its text fits.

    Words in few texts are looked up in the index, for all of these texts in one statement; words in many are
    asked of one row after the other, until a page is full. The server cannot know beforehand which is quick.
    """
    first, *others = (
        texts.rows.filter(texts.fits(indexed=True))
        .annotate(place=Value(place))
        .values_list("place", texts.key)[: _COMMON + 1]
        for place, texts in enumerate(asked)
    )
    found: list[list[int]] = [[] for _texts in asked]
    for place, pk in first.union(*others, all=True) if others else first:
        found[place].append(pk)
    return [
        _one_of(field, few) if len(few) <= _COMMON else _fits(texts, field)
        for texts, few in zip(asked, found, strict=True)
        for field in texts.fields
    ]


def _fits(texts: _Texts, field: str) -> Q:
    """The text of the field, asked for row by row, fits."""
    answer = ExpressionWrapper(texts.fits(indexed=False), output_field=BooleanField())
    return Q(Subquery(texts.rows.filter(**{texts.key: OuterRef(field)}).values_list(answer)))


def _one_of(field: str, pks: list[int]) -> Q:
    if not pks:
        return Q(pk__in=pks)
    # as one text, for Django would look at each number of an array by itself
    return Q(lists.Among(F(field), Value(f"{{{','.join(map(str, pks))}}}")))


def drafting(who: Viewer) -> Q | None:
    """The proposals whose plan the person reads as it is written now; None where there are none such."""
    own, audited = offices(who.person)["institution"], offices(who.person)["auditor"]
    found = [Q(unit__in=own)] if own else []
    if audited:
        found.append(Q(committee__in=audited))
    return found[0] | found[-1] if found else None


def plans(who: Viewer, text: str) -> Q:
    """The proposals with that number, or with those words in what the person may read of the plan.

    What is written like a number as filed may be the number of a contract as well. A number of up to three
    digits is looked for as a line by itself.
    """
    text = lists.clean(text)
    number = lists.numbered(text)
    looked_for = words(text)
    if not looked_for:
        return Q(pk=None)
    fits = partial(_as_a_line, text) if _is_short(text) else partial(_all_words, looked_for, codes=True)
    found, now = _in_text(_Texts(PlanText.objects.all(), fits, "version", ("submitted_version", "version")))
    written = drafting(who)
    if written is not None:
        only = who.roles <= {Role.HANDLER, Role.HEAD, Role.AUDITOR}
        found = now & written if only else (now & written) | (found & ~written)
    return found if number is None else found | number


def minutes_read(who: Viewer) -> Q:
    """The meetings whose minutes the person may read (rules.md, Roles)."""
    held = offices(who.person)
    found = Q(state__in=Meeting.EFFECTIVE, committee__in=held["credit"])
    for office in ("liaison", "seat", "risk", "head_office", "auditor"):
        found |= Q(committee__in=held[office])
    return found


def meetings(who: Viewer, text: str) -> Q:
    """The meetings with that number, place or committee, or with the words in minutes that one may read.

    A number of up to two digits is that of a meeting alone; of three it may be a room.
    """
    text = lists.clean(text)
    number = lists.numbered(text, Series.MARKS[Series.Kind.MEETING])
    looked_for = words(text)
    if not looked_for:
        return Q(pk=None)
    if number is not None and _is_short(text) and len(text) < _SHORT:
        return number
    fits = partial(_all_words, looked_for)
    named, said = _in_text(
        _Texts(MeetingText.objects.all(), fits, "meeting", ("pk",)),
        _Texts(MinutesText.objects.all(), fits, "minutes__meeting", ("pk",)),
    )
    found = named | (minutes_read(who) & said)
    return found if number is None else found | number


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


def results(who: Viewer, text: str) -> Results:
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


def _readable(row: Proposal, who: Viewer) -> int | None:
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
    for word in map(folded_identifier, looked_for):
        wholly = len(word) < _SHORT or _is_short(word)
        fits |= Q(contract_no=word) if wholly else Q(contract_no__contains=word)
    if not fits or not read:
        return []
    rows = PlanContract.objects.filter(fits, version__in=list(read)).order_by("contract_no", "-pk")
    return [
        FoundContract(whole(each.contract_no, [_folded(word) for word in looked_for]), read[each.version_id])
        for each in rows[:_SHOWN]
    ]


def _meetings(who: Viewer, held: QuerySet[Meeting], looked_for: Sequence[str]) -> list[FoundMeeting]:
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
            named = in_words(line)  # a code, which nobody typed
            return found if named == line else [(named, True)]
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
