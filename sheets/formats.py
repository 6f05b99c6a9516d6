"""Number formats of a spreadsheet: which make a date, a percentage or another unit, and what they show."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

#: the formats that a workbook names by number alone (ECMA-376, 18.8.30), as far as they matter here
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_PERCENT: Final = frozenset({9, 10})
_OPERATORS: Final = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
}

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*")|(?P<escaped>[\\!].)|(?P<skipped>[_*].)|(?P<bracket>\[[^\]]*\])
    |(?P<general>General|G/通用格式)|(?P<semicolon>;)|(?P<power>[Ee][+-])|(?P<ampm>AM/PM|A/P)|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)\]")
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Format:
    """What one section of a format does with a number."""

    #: the placeholders of its number with the place of a literal point as "p", such as "#,##0.00"
    digits: str = ""
    #: what it writes beside the number
    words: str = ""
    date: bool = False
    percent: bool = False
    #: its pieces in order, where it is nothing but zeros and literals
    pieces: tuple[tuple[str, str], ...] = ()

    @property
    def divisor(self) -> Decimal:
        """By what the number is divided before it is shown: a thousand for each comma after its digits."""
        whole, _point, _rest = self.digits.partition(".")
        commas = len(whole) - len(whole.rstrip(","))
        if "." in self.digits:
            commas += len(self.digits) - len(self.digits.rstrip(","))
        after = self.digits.partition("p")[2] if "p" in self.digits else ""
        return Decimal(1000) ** commas * Decimal(10) ** sum(sign in "0#?" for sign in after)

    def padded(self, number: Decimal) -> str | None:
        """A whole number with the zeros and signs that the format gives it; None where it gives none."""
        zeros = sum(len(text) for kind, text in self.pieces if kind == "zeros")
        if not zeros or number != number.to_integral_value() or number < 0:
            return None
        left = f"{number:f}".rjust(zeros, "0")
        surplus, out = len(left) - zeros, []
        for kind, text in self.pieces:
            if kind == "literal":
                out.append(text)
            else:
                taken, surplus = len(text) + surplus, 0
                out.append(left[:taken])
                left = left[taken:]
        return "".join(out)


@lru_cache(maxsize=500)
def _sections(code: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The tokens of each section: kind and text."""
    sections: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or ""
        if kind == "semicolon":
            sections.append([])
        else:
            sections[-1].append((kind, match[0]))
    return tuple(tuple(section) for section in sections)


def format_of(code: str | int, number: Decimal) -> Format:
    """What the format does with this number; a format that is named by its number alone, too."""
    if isinstance(code, int):
        return Format(date=code in _DATES, percent=code in _PERCENT)
    return _format(_chosen(_sections(code), number))


def _chosen(
    sections: tuple[tuple[tuple[str, str], ...], ...], number: Decimal
) -> tuple[tuple[str, str], ...]:
    conditional = False
    for section in sections[:2]:
        condition = _condition(section)
        if condition is not None:
            conditional = True
            if _OPERATORS[condition[1]](number, Decimal(condition[2])):
                return section
    if conditional:
        return sections[min(len(sections) - 1, 2)]
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


def _condition(section: tuple[tuple[str, str], ...]) -> re.Match[str] | None:
    """The condition under which the section is meant, as [>=100]; None where it states none."""
    brackets = (_CONDITION.match(text) for kind, text in section if kind == "bracket")
    return next(filter(None, brackets), None)


@lru_cache(maxsize=2000)
def _format(section: tuple[tuple[str, str], ...]) -> Format:
    reading = _Reading()
    for kind, text in section:
        reading.take(kind, text)
    return reading.format(percent=("other", "%") in section)


@dataclass
class _Reading:
    """What the tokens of a section come to, as far as they are read."""

    digits: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    pieces: list[tuple[str, str]] = field(default_factory=list)
    date: bool = False
    whole: bool = True

    def take(self, kind: str, text: str) -> None:
        literal = _literal(kind, text)
        if literal is not None:
            self.take_literal(literal, is_point=kind == "escaped" and literal == ".")
        elif kind == "bracket":
            self.date = self.date or bool(_ELAPSED.fullmatch(text))
        elif kind in ("general", "power", "ampm"):
            self.date, self.whole = self.date or kind == "ampm", False
        elif text in "0#?.,":
            self.take_digit(text)
        elif kind == "other" and text in "yYmMdDhHsSeE":
            self.date = True

    def take_literal(self, text: str, *, is_point: bool) -> None:
        self.words.append(text)
        self.pieces.append(("literal", text))
        self.digits.append("p" if is_point else "")

    def take_digit(self, text: str) -> None:
        self.digits.append(text)
        self.whole = self.whole and text != "."
        # after a zero every placeholder shows one
        after_zero = text in "0#?" and any(kind == "zeros" for kind, _text in self.pieces)
        if text != "0" and not after_zero:
            return
        if self.pieces and self.pieces[-1][0] == "zeros":
            self.pieces[-1] = ("zeros", self.pieces[-1][1] + "0")
        else:
            self.pieces.append(("zeros", "0"))

    def format(self, *, percent: bool) -> Format:
        pieces = tuple(self.pieces) if self.whole and not self.date else ()
        return Format("".join(self.digits), "".join(self.words), self.date, percent, pieces)


def _literal(kind: str, text: str) -> str | None:
    """What a token writes as it stands; None when it is something else."""
    if kind == "quoted":
        return text[1:-1]
    if kind == "escaped":
        return text[1:]
    if kind == "bracket" and (found := _CURRENCY.fullmatch(text)):
        return found[1]
    if kind == "other" and text not in "0#?.,%@/yYmMdDhHsSeE":
        return text
    return None
