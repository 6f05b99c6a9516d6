"""Number formats of a spreadsheet: which make a date, a percentage or another unit, and what they show."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
        stated = next(
            (found for kind, text in section if kind == "bracket" and (found := _CONDITION.match(text))), None
        )
        if stated is not None:
            conditional = True
            if _OPERATORS[stated[1]](number, Decimal(stated[2])):
                return section
    if conditional:
        return sections[min(len(sections) - 1, 2)]
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


@lru_cache(maxsize=2000)
def _format(section: tuple[tuple[str, str], ...]) -> Format:
    digits, words, pieces, date, whole = [], [], [], False, True
    for kind, text in section:
        literal = _literal(kind, text)
        if literal is not None:
            words.append(literal)
            pieces.append(("literal", literal))
            digits.append("p" if kind == "escaped" and literal == "." else "")
        elif kind == "bracket":
            date = date or bool(_ELAPSED.fullmatch(text))
        elif kind in ("general", "power", "ampm"):
            date, whole = date or kind == "ampm", False
        elif text in "0#?.,":
            digits.append(text)
            whole = whole and text != "."
            if text in "0#?" and any(kind == "zeros" for kind, _text in pieces):
                text = "0"  # noqa: PLW2901  # after a zero every placeholder shows one
            if text == "0" and pieces and pieces[-1][0] == "zeros":
                pieces[-1] = ("zeros", pieces[-1][1] + "0")
            elif text == "0":
                pieces.append(("zeros", text))
        elif kind == "other" and text in "yYmMdDhHsSeE":
            date = True
    return Format(
        "".join(digits), "".join(words), date, any(text == "%" for kind, text in section if kind == "other"),
        tuple(pieces) if whole and not date else (),
    )  # fmt: skip


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
