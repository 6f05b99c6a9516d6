"""The fonts of the papers: which files they are, and which family takes which part.

Two come with the project, a serif and a sans. A bank that owns the faces of official papers (仿宋, 楷体,
小标宋, 黑体) names a folder in DOCUMENT_FONTS; they are used first. No other folder is searched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import pylopdf_fonts_zh_cn
import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from documents.glyphs import missing, named

__all__ = ["families", "folders", "fonts", "fonts_digest", "missing", "named"]

#: the serif and the sans that come with the project; they have every character of `glyph_ranges`
SERIF, SANS = "Noto Serif SC", "Noto Sans CJK SC"
_ENDINGS = {".otf", ".ttf", ".otc", ".ttc"}
#: part of a paper → the families that official papers have there, the first one that is there is used
PREFERRED: Mapping[str, tuple[str, ...]] = {
    "serif": ("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02", SERIF),
    "sans": ("SimHei", "STHeiti", "FZHei-B01", SANS),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", SERIF),
    "kai": ("KaiTi_GB2312", "KaiTi", "STKaiti", "FZKai-Z03", SERIF),
}


def folders() -> list[Path]:
    """Return the folders with fonts, the bank's own first; ImproperlyConfigured if that does not exist."""
    own = [Path(settings.DOCUMENT_FONTS)] if settings.DOCUMENT_FONTS else []
    for folder in own:
        if not folder.is_dir():
            raise ImproperlyConfigured(f"DOCUMENT_FONTS names {folder}, which is no folder.")
    return [*own, pylopdf_fonts_zh_cn.serif_path().parent, Path(manimgx_fonts_cjk.__file__).parent]


def unfit_folder() -> str:
    """Return what is wrong with DOCUMENT_FONTS, and what to do; empty where it is not set or has a face that
    papers use.

    Typst passes over files that it cannot read, and families that papers do not ask for, without a word.
    """
    folder = settings.DOCUMENT_FONTS
    if not folder:
        return ""
    if not Path(folder).is_dir():
        return f"DOCUMENT_FONTS names {folder}, which is no folder."
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    there = set(found.families())
    used = {name for names in PREFERRED.values() for name in names}
    if not there:
        return (
            f"DOCUMENT_FONTS names {folder}, which has no font that can be read"
            f" ({', '.join(sorted(_ENDINGS))}). Papers would be set in the fonts that come with it: name"
            " the folder with the bank's fonts, readable by this account, or empty the setting."
        )
    if not there & used:
        return (
            f"DOCUMENT_FONTS names {folder}, which has {', '.join(sorted(there)[:5])};"
            " papers use none of these. They use, under these names of their families:"
            f" {', '.join(sorted(used - {SERIF, SANS}))}."
        )
    return ""


@cache
def fonts() -> typst.Fonts:
    """Return the fonts of the folders, and no others.

    ImproperlyConfigured without the two that come with the project: typst sets text without a font as
    nothing.
    """
    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in folders()]
    )
    lacking = {SERIF, SANS} - set(found.families())
    if lacking:
        raise ImproperlyConfigured(f"The fonts of the papers are missing: {', '.join(sorted(lacking))}.")
    return found


@cache
def families() -> Mapping[str, list[str]]:
    """Part of a paper → its families: the preferred one, then those that have every character."""
    there = set(fonts().families())
    return {
        part: list(dict.fromkeys([next(each for each in names if each in there), SERIF, SANS]))
        for part, names in PREFERRED.items()
    }


@cache
def fonts_digest() -> str:
    """Return the SHA-256 over all files of the fonts, as 64 hexadecimal digits."""
    found = hashlib.sha256()
    for folder in folders():
        for path in sorted(each for each in folder.rglob("*") if each.suffix.lower() in _ENDINGS):
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
