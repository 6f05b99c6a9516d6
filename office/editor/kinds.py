"""The kinds of field: what is typed, read into a plan's value, and a value written as it is typed.

A reading is lenient in form and strict in value: what it cannot read it leaves as it stands, and the schema
says what is wrong with it. Amounts are texts throughout; no float is ever made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import get_language, override

from office import words
from proposals.plan import Problem

_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?")
_DATE = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MIDNIGHT = re.compile(r"[ T]+0{1,2}:00(?::00(?:\.0+)?)?$")
_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Kind:
    """How a field is typed: the control that shows it, and both directions."""

    control: str
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    #: (code, words) of a choice, or the suggestions for a text
    options: Callable[[], list[tuple[str, str]]] = list
    #: the keyboard that a phone shows
    inputmode: str = ""
    #: the codes that a text is suggested from
    family: str = ""


def sentence(problem: Problem) -> str:
    """What is wrong, in the reader's language."""
    text = problem.message(get_language() or "en")
    return text[:1].upper() + text[1:]


def as_date(text: str) -> date:
    """The day that a plan states."""
    return date.fromisoformat(text)


def half_width(text: str) -> str:
    """The text with full-width digits, signs and blanks as the usual ones."""
    return unicodedata.normalize("NFKC", text).strip()


def money(text: str) -> str:
    """1,234.5 or １２３４．５ 元 as "1234.50"; zeros beyond the fen do not matter."""
    found = _AMOUNT.fullmatch(half_width(text).strip("¥元 "))
    if found is None:
        return text
    yuan, fen = found[1].replace(",", "").lstrip("0") or "0", (found[2] or "").rstrip("0")
    return text if len(fen) > 2 else f"{yuan}.{fen:0<2}"


def percent(text: str) -> str:
    """8.40 % as "8.40"; the decimals stay as they were typed."""
    found = _AMOUNT.fullmatch(half_width(text).strip("% "))
    if found is None:
        return text
    whole = found[1].replace(",", "").lstrip("0") or "0"
    return f"{whole}.{found[2]}" if found[2] else whole


def day(text: str) -> str:
    """2026-3-5, 2026/03/05, 20260305 or 2026年3月5日 as "2026-03-05"."""
    plain = _MIDNIGHT.sub("", half_width(text))
    found = _DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    if found is None:
        return text
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return text


def whole(text: str) -> int | str:
    """A whole number."""
    plain = half_width(text)
    return int(plain) if _WHOLE.fullmatch(plain) else text


def choice(family: str) -> Kind:
    """One code of the family; its words in either language are read as the code."""
    return Kind("choice", lambda text: _code(family, text), options=lambda: options_of(family))


def suggestion(family: str) -> Kind:
    """A text for which the family suggests words; these are kept as their codes."""
    return Kind(
        "suggestion",
        lambda text: _code(family, text),
        lambda value: words.code(value, family),
        family=family,
    )


def options_of(family: str) -> list[tuple[str, str]]:
    """The codes of a family in words."""
    return [(code, str(name)) for code, name in words.CODES[family].items()]


def _code(family: str, text: str) -> str:
    return _codes(family).get(text.casefold(), text)


@cache
def _codes(family: str) -> Mapping[str, str]:
    """Words in each language, without case → code."""
    found = {}
    for language in ("en", "zh-hans"):
        with override(language):
            found |= {str(name).casefold(): code for code, name in words.CODES[family].items()}
    return found | {code: code for code in words.CODES[family]}


LINE = Kind("line")
PROSE = Kind("prose")
MONEY = Kind("line", money, words.money, inputmode="decimal")
PERCENT = Kind("line", percent, inputmode="decimal")
DAY = Kind("line", day, inputmode="text")
WHOLE = Kind("line", whole, inputmode="numeric")
