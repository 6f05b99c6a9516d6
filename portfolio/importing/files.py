"""The file of a tape: its encoding, its headings, its total line, and the bytes between them.

Nothing of it is held in memory but a chunk. What cannot be read at all is refused with `tape/unreadable`,
wrong headings with `tape/columns`, a missing or damaged total line with `tape/control-total`.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from portfolio.storage import CHUNK, chunks
from portfolio.tape import COLUMNS, HEADINGS
from regulation.refused import Refused
from regulation.text import folded_identifier

_TOTAL = re.compile(r'"?#\s*([0-9]{1,10})"?\s*,\s*"?([0-9]{1,15}(?:\.[0-9]{1,2})?)"?[,\s]*')
#: of the first and of the last line, in bytes
_LONGEST_LINE: Final = 65_536
_BOM: Final = codecs.BOM_UTF8


@dataclass(frozen=True, slots=True)
class TapeFile:
    """A table of texts: where its rows begin and end, and what its total line states."""

    path: Path
    encoding: str
    columns: Sequence[str]
    start: int
    end: int
    rows: int
    principal: Decimal

    def body(self) -> Iterator[bytes]:
        """The bytes of the rows, without headings and total line."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.end - self.start
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk


def opened(path: Path) -> TapeFile:
    """The file with its headings and its total line read; refused with one of this module's codes."""
    size = path.stat().st_size
    encoding = _encoding(path)
    with path.open("rb") as file:
        head = file.read(_LONGEST_LINE)
        begun = len(_BOM) if head.startswith(_BOM) else 0
        line, newline, _rest = head[begun:].partition(b"\n")
        if not newline:
            raise Refused("tape/columns", why=_why("there is no row of headings", "缺少表头行"))
        start = begun + len(line) + 1
        columns = _columns(line.decode(encoding, "replace"))
        file.seek(max(start, size - _LONGEST_LINE))
        end, rows, principal = _total(file.read(), size, encoding)
    return TapeFile(path, "UTF8" if encoding == "utf-8" else "GB18030", columns, start, end, rows, principal)


def _why(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh-hans": zh}


def _encoding(path: Path) -> str:
    """`utf-8` if all bytes are, else `gb18030`; `tape/unreadable` for what is neither text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks(path):
            if b"\0" in chunk:
                why = _why("it is no text; save the table as CSV or .xlsx", "文件不是文本，请另存为CSV或xlsx")
                raise Refused("tape/unreadable", why=why)
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _columns(line: str) -> list[str]:
    """The columns that the headings name, in their order; `tape/columns`."""
    try:
        headings = next(csv.reader([line.strip("\r")], strict=True), [])
    except csv.Error:
        headings = [line]
    return named_columns(headings)


def named_columns(headings: Sequence[str]) -> list[str]:
    """The columns of the headings in English or Chinese, in any order.

    `tape/columns` names those that are unknown, stand twice or are missing.
    """
    found = [HEADINGS.get(folded_identifier(heading), "") for heading in headings]
    if not any(found):
        raise Refused("tape/columns", why=_why("there is no row of headings", "缺少表头行"))
    if not all(found):
        told = ", ".join(_unknown(headings, found)[:5])
        raise Refused("tape/columns", why=_why(f"unknown: {told}", f"无法识别：{told}"))
    _require_each_once(found)
    return found


def _require_each_once(found: Sequence[str]) -> None:
    """Raise `tape/columns` for columns that stand twice, and for those that are due and missing."""
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise Refused("tape/columns", why=_named("stands twice", "重复", twice))
    missing = [column.name for column in COLUMNS if column.required and column.name not in found]
    if missing:
        raise Refused("tape/columns", why=_named("missing", "缺少", missing))


def _unknown(headings: Sequence[str], found: Sequence[str]) -> list[str]:
    """The headings of no column, as they are told."""
    return [heading.strip()[:40] or "–" for heading, name in zip(headings, found, strict=True) if not name]


def _named(en: str, zh: str, names: Sequence[str]) -> dict[str, str]:
    chinese = {column.name: column.chinese for column in COLUMNS}
    return _why(f"{en}: {', '.join(names)}", f"{zh}：{'、'.join(chinese[name] for name in names)}")


def _total(tail: bytes, size: int, encoding: str) -> tuple[int, int, Decimal]:
    """Where the total line begins, and the rows and the principal that it states."""
    lines = tail.rstrip(b"\r\n \t\x1a").rpartition(b"\n")
    found = _TOTAL.fullmatch(lines[2].decode(encoding, "replace").strip())
    if found is None:
        en = "the last line is not #rows,principal, such as #5000,1234567.89"
        why = _why(en, "末行不是“#行数,本金合计”，例如 #5000,1234567.89")
        raise Refused("tape/control-total", why=why)
    end = size - len(tail) + len(lines[0]) + len(lines[1])
    return end, int(found[1]), Decimal(found[2])
