"""Which characters a paper can show: those of the fonts that it is set with.

Reading the fonts takes two seconds; their characters are kept in `glyph_ranges.py`, which
`python -m documents.glyph_ranges_of_fonts` writes and a test compares with the fonts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from documents.glyph_ranges import RANGES

#: what lays out lines and is never shown as a character
LAYOUT = "\n\r\t"
#: characters named in a refusal at most
NAMED = 8


def missing(text: str) -> list[str]:
    """Return the characters of the text that no font of the papers has, each once, in their order.

    Controls other than line breaks and tabs, bidirectional marks, joiners and the byte order mark count as
    missing: a paper would print them as nothing.
    """
    if text.isascii() and text.isprintable():
        return []
    return list(dict.fromkeys(_without_glyph().findall(text)))


def named(characters: list[str]) -> str:
    """Return the characters as a reader finds them: 😀 (U+1F600), U+202E; of many the first eight."""
    shown = [_named(char) for char in characters[:NAMED]]
    return ", ".join(shown) + (" …" if len(characters) > NAMED else "")


def shown(text: str, *, instead: str = "□") -> str:
    """Return the text with another character for each that no font has."""
    return _without_glyph().sub(instead, text)


def _named(char: str) -> str:
    code = f"U+{ord(char):04X}"
    visible = unicodedata.category(char)[0] in "LNPS"
    return f"{char} ({code})" if visible else code


@cache
def _without_glyph() -> re.Pattern[str]:
    ranges = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in RANGES)
    return re.compile(f"[^{LAYOUT}{ranges}]")
