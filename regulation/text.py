"""What counts as having said something, in any script."""

from __future__ import annotations

import unicodedata

# Letters by category that draw nothing: the Hangul fillers.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
# Modifier letters (Lm) are left out: a lone accent, prime or iteration mark says nothing.
_SAYING = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"})


def says_something(text: str | None) -> bool:
    """True when the text holds at least one letter, ideograph or digit of any script.

    White space, punctuation, symbols, emoji, control and zero-width characters, and combining marks on their
    own do not count. Every reason, ruling, evidence and authorisation is held to this (Art. 20(4), others).
    """
    return text is not None and any(
        unicodedata.category(char) in _SAYING and char not in _BLANK_LETTERS for char in text
    )
