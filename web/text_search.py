"""Search for words in texts: by the index first, then in the texts themselves.

The index finds texts by four consecutive characters, or by pairs for short words
(`proposals.models.PlanText`); the texts found are then searched for the words themselves. All words must
occur.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

from proposals.plan.measures import MEASURES
from regulation.text import DASHES
from web.lists.filters import InArray, clean

#: numbers of at most so many digits are found only as a whole: as the number of a row, or an identifier
SHORT = 3
_MOST_WORDS = 6
_ONE_DASH = dict.fromkeys(map(ord, DASHES), "-")
#: words in more texts than this are common
_COMMON = 1000


def split_words(text: str) -> list[str]:
    """The words of the search, as the index has them."""
    return clean(text).split()[:_MOST_WORDS]


def _grams(word: str) -> Func:
    return Func(Value(word), function="asked_grams", output_field=ArrayField(IntegerField()))


def _contains(word: str, *, indexed: bool) -> Q:
    """The condition that the text contains the word as typed, or in the form of a folded identifier."""
    found = Q()
    for spelling in dict.fromkeys((word, folded(word))):
        # words without upper and lower case are not folded, which would be most of the work
        cased = spelling.lower() != spelling.upper()
        fits = Q(**{"words__icontains" if cased else "words__contains": spelling})
        found |= Q(grams__contains=_grams(spelling)) & fits if indexed else fits
    return found


def is_short(text: str) -> bool:
    return text.isdecimal() and len(text) <= SHORT


def as_a_line(number: str, *, indexed: bool) -> Q:
    """The condition that a line of the text is this number of few digits."""
    fits = Q(words__regex=rf"(?n)^{number}$")
    return Q(grams__contains=[-1 - int(number)]) & fits if indexed else fits


def folded(word: str) -> str:
    """The word with one kind of dash, as in the second line of an identifier in the index."""
    return word.translate(_ONE_DASH)


def _measures(word: str) -> list[str]:
    """The codes of measures with this name, since plans have the codes."""
    low = word.lower()
    return [code for code, row in MEASURES.items() if low in row["zh"] or low in row["en"].lower()]


def all_words(looked_for: Sequence[str], *, indexed: bool, codes: bool = False) -> Q:
    """The condition that the texts have all the words; with `codes`, a measure's code counts as its name.

    By the index, or by reading each text.
    """
    found = Q()
    for word in looked_for:
        fits = _contains(word, indexed=indexed)
        for code in _measures(word) if codes and len(word) > 1 else ():
            fits |= _contains(code, indexed=indexed)
        found &= fits
    return found


@dataclass(frozen=True)
class Texts:
    """Texts to search: their rows, the condition, the key of what they belong to (`key`), and the fields that
    refer to that.
    """

    rows: QuerySet[Any]
    fits: Callable[..., Q]
    key: str
    fields: Sequence[str]


def in_text(*texts: Texts) -> list[Q]:
    """For each field of each of these texts, the condition that its text fits.

    Rare words are looked up in the index, for all of these texts in one statement; common words are checked
    row by row until a page is full. The server cannot know beforehand which way is faster.
    """
    first, *others = (
        each.rows.filter(each.fits(indexed=True))
        .annotate(place=Value(place))
        .values_list("place", each.key)[: _COMMON + 1]
        for place, each in enumerate(texts)
    )
    found: list[list[int]] = [[] for _ in texts]
    for place, pk in first.union(*others, all=True) if others else first:
        found[place].append(pk)
    return [
        _one_of(field, few) if len(few) <= _COMMON else _fits(each, field)
        for each, few in zip(texts, found, strict=True)
        for field in each.fields
    ]


def _fits(texts: Texts, field: str) -> Q:
    """The condition that the field's text fits, checked for each row."""
    answer = ExpressionWrapper(texts.fits(indexed=False), output_field=BooleanField())
    return Q(Subquery(texts.rows.filter(**{texts.key: OuterRef(field)}).values_list(answer)))


def _one_of(field: str, pks: list[int]) -> Q:
    if not pks:
        return Q(pk__in=pks)
    # as one text, since Django would process each number of an array
    return Q(InArray(F(field), Value(f"{{{','.join(map(str, pks))}}}")))


# -- Marking what was found --------------------------------------------------------------------------------

#: parts of a text: the part, and whether it is a hit
Pieces = list[tuple[str, bool]]

_CONTEXT = 40


def mark_all(text: str, looked_for: Sequence[str]) -> Pieces:
    """The whole text with its hits marked."""
    return mark_excerpt(text, looked_for, len(text)) or [(text, False)]


def mark_excerpt(text: str, looked_for: Sequence[str], around: int = _CONTEXT) -> Pieces:
    """An excerpt around the first hit with hits marked; empty without a hit."""
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
    """The positions of the words in the text; of overlapping ones the longer."""
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
