"""Properties of texts in any script: content, visible characters, comparison of identifiers."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

# Characters that draw nothing though their category does not say so: the Hangul fillers, the Khmer inherent
# vowels, joiners and selectors among the marks, Braille's empty cell, and what is kept for more of them.
_DRAWS_NOTHING: Final = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065),
        (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
        (0x1D159, 0x1D159), (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
# Modifier letters (Lm) are left out: a lone accent, prime or iteration mark is no content.
_SAYING = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"})


def has_content(text: str | None) -> bool:
    """True when the text holds at least one letter, ideograph or digit of any script.

    White space, punctuation, symbols, emoji, control and zero-width characters, and combining marks on their
    own do not count. Every reason, ruling, evidence and authorisation is held to this (Art. 20(4), others).
    """
    return text is not None and any(
        unicodedata.category(char) in _SAYING and char not in _DRAWS_NOTHING for char in text
    )


# What stands for a dash outside of the category Pd: hyphen bullet, box drawing, minus signs. The katakana
# long mark is a letter, and the ideograph for one a number: they stay what they are.
DASHES: Final = "".join(
    char
    for char in map(chr, range(0x20000))
    if unicodedata.category(char) == "Pd" or char in "\u2043\u2212\u02d7\u2500\u2501\u2796"
)
"""Everything that is read as a dash."""


def is_invisible(char: str) -> bool:
    """True for an invisible character that is no blank: formats, fillers, joiners and selectors."""
    return char in _DRAWS_NOTHING or unicodedata.category(char) == "Cf"


def without_invisible(text: str) -> str:
    """The text without invisible characters; blanks and line breaks stay."""
    if text.isascii():
        return text
    return "".join(char for char in text if not is_invisible(char))


def folded_identifier(text: str) -> str:
    """The comparable form of an identifier or a name, the same for spellings that look alike (Art. 13, 23).

    Compatible characters (NFKC: full width, superscripts), upper and lower case and all dashes are equated;
    blanks, line breaks and invisible characters are dropped. Empty when nothing is left.
    """
    if text.isascii() and text.isprintable():
        return text.replace(" ", "").upper()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", "".join(filter(None, map(_counting, folded))).upper())


def _counting(char: str) -> str:
    """The part of the character that counts in an identifier."""
    category = unicodedata.category(char)
    if char in DASHES:
        return "-"
    drawn = category[0] != "Z" and category != "Cc" and not char.isspace() and not is_invisible(char)
    return char if drawn else ""


# Overrides and embeddings turn what follows about; marks and joiners do not.
_TURNS_ABOUT: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_line(text: str) -> bool:
    """True for a text of one line: no line break or other control character, nothing that turns it about."""
    return not any(char in _TURNS_ABOUT or unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text)


def is_prose(text: str) -> bool:
    """True for a text of lines: no control but line breaks and tabs, nothing that turns it about."""
    return not any(
        char in _TURNS_ABOUT or (unicodedata.category(char) == "Cc" and char not in "\t\n\r") for char in text
    )


def plain_line(text: str) -> str:
    """The line without invisible characters; blanks of all kinds become one kind, none at the ends."""
    plain = "".join(" " if unicodedata.category(char) == "Zs" else char for char in without_invisible(text))
    return plain.strip()


def plain_breaks(text: str) -> str:
    """The text with line and paragraph separators as line breaks."""
    return text.replace("\u2028", "\n").replace("\u2029", "\n")


_DATE = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MIDNIGHT = re.compile(r"[ T]+0{1,2}:00(?::00(?:\.0+)?)?$")


def half_width(text: str) -> str:
    """The text with full-width digits, signs and blanks as the usual ones.

    Numbers that are no digits (superscripts, numbers in circles, fractions) stay what they are: 12
    with a mark ② is not 122.
    """
    plain = without_invisible(text)
    if not plain.isascii():
        plain = unicodedata.normalize(
            "NFC",
            "".join(
                char if unicodedata.category(char) == "No" else unicodedata.normalize("NFKC", char)
                for char in plain
            ),
        )
    return plain.replace("\u2212", "-").strip()


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
