"""What a text says, in any script: whether it says something, what of it is seen, and what it identifies."""

from __future__ import annotations

import unicodedata
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
# Modifier letters (Lm) are left out: a lone accent, prime or iteration mark says nothing.
_SAYING = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"})


def says_something(text: str | None) -> bool:
    """True when the text holds at least one letter, ideograph or digit of any script.

    White space, punctuation, symbols, emoji, control and zero-width characters, and combining marks on their
    own do not count. Every reason, ruling, evidence and authorisation is held to this (Art. 20(4), others).
    """
    return text is not None and any(
        unicodedata.category(char) in _SAYING and char not in _DRAWS_NOTHING for char in text
    )


# What stands for a dash outside of its category Pd: hyphen bullet, box drawing, minus signs. The katakana
# long mark is a letter, and the ideograph for one a number: they stay what they are.
_DASHES: Final = frozenset("\u2043\u2212\u02d7\u2500\u2501\u2796")


def is_invisible(char: str) -> bool:
    """True when nobody sees the character, not even as a blank: formats, fillers, joiners and selectors."""
    return char in _DRAWS_NOTHING or unicodedata.category(char) == "Cf"


def without_invisible(text: str) -> str:
    """The text without the characters that nobody sees; blanks and line breaks stay."""
    if text.isascii():
        return text
    return "".join(char for char in text if not is_invisible(char))


def folded_identifier(text: str) -> str:
    """The one spelling of an identifier or a name, by which two that look alike are compared (Art. 13, 23).

    Compatible characters are one (NFKC: full width, superscripts), and so are upper and lower case and all
    dashes; blanks, line breaks and characters that nobody sees do not count. Empty when nothing is left.
    """
    if text.isascii() and text.isprintable():
        return text.replace(" ", "").upper()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", "".join(filter(None, map(_counting, folded))).upper())


def _counting(char: str) -> str:
    """What of the character counts in an identifier."""
    category = unicodedata.category(char)
    if category == "Pd" or char in _DASHES:
        return "-"
    drawn = category[0] != "Z" and category != "Cc" and not char.isspace() and not is_invisible(char)
    return char if drawn else ""
