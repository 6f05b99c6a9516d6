"""Which field of a plan a column holds: by its heading, in the words of many banks' sheets.

A heading is compared without signs, blanks, width, case and script; what stands in brackets after it, or
beside a known name, must be a unit of that field (`sheets/units.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import override

from pages.plans.editor.parts import Leaf, Rows
from proposals.labels import FIELDS
from sheets import units
from sheets.units import Unclear, Unit
from web.forms import kinds

#: list of a plan → field → what banks call it
SYNONYMS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = tomllib.loads(
    Path(__file__).with_name("headings.toml").read_text("utf-8")
)


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, the field that it holds, and the unit of its numbers."""

    head: str
    leaf: Leaf | None = None
    unit: Unit | None = None
    #: why its unit cannot be converted
    unclear: Unclear | None = None
    #: texts in brackets that are not units
    beside: Sequence[str] = field(default_factory=tuple)

    @property
    def kind(self) -> kinds.Kind:
        """The kind of its field."""
        assert self.leaf is not None
        return self.leaf.kind


def label(leaf: Leaf) -> str | Promise:
    """The heading of a column in the reader's language."""
    return leaf.label or FIELDS[leaf.name]


def key(head: str) -> str:
    """The heading by which two spellings are one: without signs, blanks, width, case and script."""
    return re.sub(r"[\W_]+", "", _spelled(head))


def _spelled(head: str) -> str:
    return kinds.simplified(units.plain(head)).replace("_", " ")


@cache
def names(part_name: str, leaf: Leaf) -> Mapping[str, str]:
    """The names of a field by their keys."""
    found = [leaf.name, *SYNONYMS.get(part_name, {}).get(leaf.name, ())]
    for language in ("en", "zh-hans"):
        with override(language):
            found += [str(FIELDS.get(leaf.name, leaf.label)), str(label(leaf))]
    return {key(name): name for name in found}


@cache
def _known(part: Rows) -> Mapping[str, tuple[Leaf, str]]:
    """Each name's key → its field and the name."""
    leaves = [leaf for leaf in part.parts if isinstance(leaf, Leaf)]
    return {each: (leaf, name) for leaf in leaves for each, name in names(part.name, leaf).items()}


@cache
def _patterns(part: Rows) -> Sequence[tuple[re.Pattern[str], Leaf]]:
    """Each name, however its signs are separated, the longest first."""
    ordered = sorted(_known(part).items(), key=lambda item: -len(item[0]))
    return [(re.compile(r"[\W_]*".join(map(re.escape, name))), leaf) for name, (leaf, _name) in ordered]


def column(part: Rows, head: str, chosen: Mapping[str, str] | None = None) -> Column:
    """What the column with that heading holds; `chosen` are fields chosen by hand, by its key."""
    by_hand = (chosen or {}).get(key(head))
    if by_hand is not None:
        leaf = next((leaf for leaf in part.parts if leaf.name == by_hand), None)
        return Column(head) if leaf is None else _by_hand(Column(head, leaf), head)
    asides = _asides(head)
    base = units.ASIDE.sub(" ", head)
    known = _known(part)
    found = known.get(key(head)) or known.get(key(base))
    if found is not None:
        leaf, name = found
        of_name = (base.replace("_", " "), name) if leaf.kind in (kinds.PERCENT, kinds.WHOLE) else ()
        return _with_unit(Column(head, leaf), *of_name, asides=asides)
    return _beside_a_name(part, head, base, asides) or Column(head)


def _asides(head: str) -> list[str]:
    """What stands in the brackets of a heading, part by part."""
    return [part for aside in units.ASIDE.findall(head) for part in units.parts(aside)]


def _beside_a_name(part: Rows, head: str, base: str, asides: Sequence[str]) -> Column | None:
    """A known name with a unit before or after it, as in "本金万元" or "Rate ‰ a month"."""
    spelled = _spelled(base)
    for pattern, leaf in _patterns(part):
        for match in pattern.finditer(spelled):
            before, after = spelled[: match.start()].strip(), spelled[match.end() :].strip()
            rest = f"{before} {after}".strip(" ,，:：-_/")
            if (before and after) or _inside_a_word(spelled, match) or not _is_unit(leaf, rest):
                continue
            whole = base if leaf.kind in (kinds.PERCENT, kinds.WHOLE) else rest
            return _with_unit(Column(head, leaf), whole, asides=asides)
    return None


def _inside_a_word(text: str, match: re.Match[str]) -> bool:
    around = (text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1])
    return match[0].isascii() and any(sign.isascii() and sign.isalpha() for sign in around)


def _reader(leaf: Leaf) -> Callable[[str], Unit | None] | None:
    return {id(kinds.MONEY): units.money, id(kinds.PERCENT): units.rate, id(kinds.WHOLE): units.days}.get(
        id(leaf.kind)
    )


def _is_unit(leaf: Leaf, rest: str) -> bool:
    read = _reader(leaf)
    if not rest or read is None:
        return False
    try:
        return read(rest) is not None
    except Unclear:
        return True


def _with_unit(found: Column, *texts: str, asides: Sequence[str]) -> Column:
    """The column with the unit stated by its name, its brackets and other text together."""
    assert found.leaf is not None
    read = _reader(found.leaf)
    if read is None:
        return found
    stated, other = [], []
    try:
        stated = [unit for text in texts if text.strip() and (unit := read(text)) is not None]
        for aside in asides:
            unit = read(aside)
            if unit is None:
                other.append(aside)
            else:
                stated.append(unit)
        return Column(found.head, found.leaf, _together(stated), beside=other)
    except Unclear as error:
        return Column(found.head, found.leaf, unclear=error, beside=other)


_ELSEWHERE: Final = {
    id(kinds.PERCENT): ("period", re.compile(r"[‰‱月日厘]|month|daily|mille|(?<![a-z])bps?(?![a-z])")),
    id(kinds.WHOLE): ("time", re.compile(r"[月周期年]|month|week|year")),
}


def _by_hand(found: Column, head: str) -> Column:
    """The column chosen by the user; a unit in its heading outside of brackets is unclear."""
    assert found.leaf is not None
    base = units.ASIDE.sub(" ", head)
    result = _with_unit(found, asides=_asides(head))
    key_, pattern = _ELSEWHERE.get(id(found.leaf.kind), ("", None))
    try:
        if found.leaf.kind is kinds.MONEY:
            units.money(base, partly=True)
        if pattern is not None and result.unit is None and pattern.search(units.plain(base)):
            result = Column(found.head, found.leaf, unclear=Unclear(key_, head))
    except Unclear as error:
        return Column(found.head, found.leaf, unclear=error)
    return result


def _together(stated: Sequence[Unit]) -> Unit | None:
    """One unit of several texts, which do not contradict each other."""
    if not stated:
        return None
    words = [unit.word for unit in stated]
    factors = _factors(stated)
    if len(factors) > 1:
        factors = _factors([unit for unit in stated if not units.currency_alone(unit.word)])
    periods = {unit.period for unit in stated if unit.period}
    if len(factors) > 1 or len(periods) > 1:
        raise Unclear("several", " / ".join(words))
    return Unit(" ".join(dict.fromkeys(words)), next(iter(factors), None), next(iter(periods), ""))


def _factors(stated: Iterable[Unit]) -> set[Decimal]:
    return {unit.factor for unit in stated if unit.factor is not None}
