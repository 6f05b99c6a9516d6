"""The characters of the fonts that come with the project, and the module that keeps them.

python -m documents.glyph_ranges_of_fonts   writes documents/glyph_ranges.py
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import manimgx_fonts_cjk
import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTCollection, TTFont

SERIF = pylopdf_fonts_zh_cn.serif_path()
SANS = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
#: the face of the collection for simplified Chinese
SANS_FAMILY = "Noto Sans CJK SC"
TARGET = Path(__file__).with_name("glyph_ranges.py")
#: controls, formats, private use, surrogates, separators of lines, and what is no character
_NEVER = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_HEAD = '''"""The characters of the fonts, as (first, last); written by documents/glyph_ranges_of_fonts.py."""

RANGES: tuple[tuple[int, int], ...] = (
'''


def characters() -> list[int]:
    """Return the code points that the serif or the sans has, in order."""
    sans = next(face for face in TTCollection(SANS).fonts if face["name"].getDebugName(1) == SANS_FAMILY)
    found = TTFont(SERIF).getBestCmap().keys() | sans.getBestCmap().keys()
    return sorted(code for code in found if unicodedata.category(chr(code)) not in _NEVER)


def ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    """Return the runs of consecutive code points of a sorted sequence."""
    found: list[tuple[int, int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


def module(found: Iterable[tuple[int, int]]) -> str:
    """Return the text of the module, six ranges a line."""
    pairs = [f"(0x{first:04X}, 0x{last:04X})," for first, last in found]
    lines = [" ".join(pairs[start : start + 5]) for start in range(0, len(pairs), 5)]
    return _HEAD + "".join(f"    {line}\n" for line in lines) + ")  # fmt: skip\n"


if __name__ == "__main__":
    TARGET.write_text(module(ranges(characters())), encoding="utf-8")
