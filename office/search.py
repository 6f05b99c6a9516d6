"""Finding by number, name and text, only what the person may see.

A text is found by its pairs of characters (`proposals.models.PlanText`), and then looked at once more for the
words themselves. Of a plan's text the institution and the audit search what is written now, all others what
was submitted last; of minutes those who may read them search the narrative. Words apart are all to be there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, IntegerField, Q, QuerySet, Value

from committee.models import Meeting, Position, Series
from office import lists
from office.frame import Standing
from office.models import MinutesText
from proposals.models import PlanText
from proposals.plan import MEASURES

Role = Position.Role

#: a number of so few digits is the number of a plan; of more it may be a contract
_SHORT = 3
_MOST_WORDS = 6


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


def _texts(looked_for: Sequence[str]) -> QuerySet[PlanText]:
    rows = PlanText.objects.all()
    for word in looked_for:
        fits = _contains(word)
        for code in _measures(word) if len(word) > 1 else ():
            fits |= _contains(code)
        rows = rows.filter(fits)
    return rows


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
    found = Q(submitted_version__in=_texts(looked_for).values("version"))
    written = drafting(who)
    if written is not None:
        now = Q(version__in=_texts(looked_for).values("version"))
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


def marked(text: str, looked_for: Sequence[str], around: int = 40) -> list[tuple[str, bool]]:
    """The text about its first hit, in pieces: (piece, whether it is a hit); nothing without a hit."""
    low = text.lower()
    hits: list[tuple[int, int]] = []
    for word in sorted({word.lower() for word in looked_for}, key=len, reverse=True):
        at = low.find(word)
        if at >= 0 and not any(start < at + len(word) and at < end for start, end in hits):
            hits.append((at, at + len(word)))
    if not hits or len(low) != len(text):
        return []
    hits.sort()
    start, end = max(hits[0][0] - around, 0), min(hits[0][1] + 2 * around, len(text))
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    for first, last in hits:
        if first >= end:
            break
        pieces += [(text[start:first], False), (text[first:last], True)]
        start = last
    pieces.append((text[start : max(end, start)], False))
    if end < len(text):
        pieces.append(("…", False))
    return [piece for piece in pieces if piece[0]]


def snippet(row: Any, looked_for: Sequence[str]) -> list[tuple[str, bool]]:
    """The line of a text in which one of the words stands, marked."""
    for line in row.words.splitlines():
        found = marked(line, looked_for)
        if found:
            return found
    return []
