"""What a workbook (.xlsx) says, read in a process of its own with limits of time and memory.

The child is this module, run as a program: it knows no model and no setting of ours, takes the file from its
standard input and answers in JSON. It tells of each sheet the filled cells as they are stored (type, text,
number format, whether a formula stands there without its result), what is merged, hidden and filtered; what
that means is for `cells.py` to say. Nothing is left out without being counted.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import resource
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final
from xml.etree import ElementTree as ET

#: what a file may unpack to, in bytes, and what reading it may cost, in seconds and bytes
MOST_UNPACKED: Final = 60_000_000
SECONDS: Final = 5
_MEMORY: Final = 1024**3
#: so many filled rows and columns of a sheet are told; of more only how many there are
MOST_LINES: Final = 2_600
MOST_COLUMNS: Final = 200
_MOST_TEXT: Final = 200_001
_MOST_MERGED: Final = 20_000

#: the same for a workbook of which every row is told, one after the other
_LARGE_UNPACKED: Final = 2_000_000_000
_LARGE_SECONDS: Final = 300

#: the number of child processes at once in a process of the site; others wait
_CHILDREN: Final = BoundedSemaphore(2)

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Unopened(Exception):
    """The workbook cannot be read: damaged, size, time, or another kind of file (xlsb, ods, other)."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read(content: bytes) -> dict[str, Any]:
    """The sheets of the workbook in plain JSON; Unopened otherwise."""
    try:
        with _CHILDREN:
            child = subprocess.run(
                [sys.executable, "-I", str(Path(__file__).resolve())],
                input=content,
                capture_output=True,
                timeout=2 * SECONDS,
                check=False,
                env={"LANG": "C.UTF-8"},
            )
    except subprocess.TimeoutExpired:
        raise Unopened("time") from None
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        raise Unopened("time" if child.returncode < 0 else "damaged") from None
    if "fault" in answer:
        raise Unopened(answer["fault"])
    return answer


def rows(path: Path) -> Iterator[Any]:
    """What the workbook says of dates, then each filled row of its first visible sheet: its number and cells.

    Of whatever length; neither side holds more than a row and the shared texts. Unopened otherwise.
    """
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(path)]
    with _CHILDREN, subprocess.Popen(command, stdout=subprocess.PIPE, env={"LANG": "C.UTF-8"}) as child:
        assert child.stdout is not None
        try:
            for line in child.stdout:
                told = json.loads(line)
                if isinstance(told, dict) and "fault" in told:
                    raise Unopened(told["fault"])
                yield told
            if child.wait():
                raise Unopened("time" if child.returncode < 0 else "damaged")
        finally:
            child.kill()


# -- In the child -----------------------------------------------------------------------------------


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _flag(value: str | None) -> bool:
    return value in ("1", "true", "on")


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _texts(element: ET.Element) -> str:
    """The text of a shared or inline string, without the reading aids of East Asian scripts."""
    found = []
    for child in element:
        if _local(child.tag) == "t":
            found.append(child.text or "")
        elif _local(child.tag) == "r":
            found += [part.text or "" for part in child if _local(part.tag) == "t"]
    return _unescaped("".join(found))


class _Package:
    """The parts of a workbook."""

    def __init__(self, content: bytes | str, most: int = MOST_UNPACKED) -> None:
        self.zip = zipfile.ZipFile(content if isinstance(content, str) else io.BytesIO(content))
        self.names = {name.lstrip("/").casefold(): name for name in self.zip.namelist()}
        if sum(part.file_size for part in self.zip.infolist()) > most:
            raise Unopened("size")
        self._kind()

    def _kind(self) -> None:
        if "xl/workbook.bin" in self.names:
            raise Unopened("xlsb")
        if "mimetype" in self.names and b"opendocument" in self.zip.read(self.names["mimetype"]):
            raise Unopened("ods")
        if "[content_types].xml" in self.names and not any(name.startswith("xl/") for name in self.names):
            raise Unopened("other")

    def has(self, name: str) -> bool:
        return name.casefold() in self.names

    def root(self, name: str) -> ET.Element:
        with self.zip.open(self.names[name.casefold()]) as part:
            return ET.parse(part).getroot()  # noqa: S314  # this is the child

    def events(self, name: str) -> Iterator[tuple[str, ET.Element]]:
        with self.zip.open(self.names[name.casefold()]) as part:
            yield from ET.iterparse(part, ("start", "end"))  # noqa: S314  # this is the child

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names: type and path, by their keys."""
        folder, _slash, file = name.rpartition("/")
        place = f"{folder}/_rels/{file}.rels".lstrip("/")
        if not self.has(place):
            return {}
        found = {}
        for each in self.root(place):
            target = each.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[each.get("Id", "")] = (each.get("Type", "").rpartition("/")[2], path.lstrip("/"))
        return found


def _strings(package: _Package, name: str | None) -> list[str]:
    if name is None or not package.has(name):
        return []
    found = []
    for event, element in package.events(name):
        if event == "end" and _local(element.tag) == "si":
            found.append(_texts(element))
            element.clear()
    return found


def _formats(package: _Package, name: str | None) -> list[Any]:
    """The number format of each cell style: its code where the file states one, else its number."""
    if name is None or not package.has(name):
        return []
    codes: dict[str, str] = {}
    styles: list[Any] = []
    for part in package.root(name):
        if _local(part.tag) == "numFmts":
            codes = {each.get("numFmtId", ""): each.get("formatCode", "") for each in part}
        elif _local(part.tag) == "cellXfs":
            numbers = [each.get("numFmtId", "0") for each in part]
            styles = [codes.get(number, int(number)) for number in numbers]
    return styles


def _letters(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _area(reference: str) -> list[int] | None:
    """First row, first column, last row, last column of "K2:L3"."""
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.replace("$", "").split(":")]
    found = [corner for corner in corners if corner is not None]
    if len(corners) != 2 or len(found) != 2:
        return None
    first, last = found
    return [int(first[2]), _letters(first[1]), int(last[2]), _letters(last[1])]


class _Sheet:
    """One sheet, read from its part element by element."""

    def __init__(self, strings: list[str], styles: list[Any]) -> None:
        self.strings, self.styles = strings, styles
        self.lines: list[Any] = []
        self.merged: list[list[int]] = []
        self.hidden_columns: list[list[int]] = []
        self.filtered = False
        self.count = self.columns = self._row = self._column = 0

    def read(self, package: _Package, name: str) -> dict[str, Any]:
        for event, element in package.events(name):
            tag = _local(element.tag)
            if event == "start" and tag == "row":
                self._row = int(element.get("r") or self._row + 1)
                self._column = 0
            elif event == "end":
                self._ended(tag, element)
        return {
            "lines": self.lines, "merged": self.merged, "hidden_columns": self.hidden_columns,
            "filtered": self.filtered, "count": self.count, "columns": self.columns,
        }  # fmt: skip

    def _ended(self, tag: str, element: ET.Element) -> None:
        if tag == "row":
            self._line(element)
            element.clear()
        elif tag == "mergeCell":
            area = _area(element.get("ref", ""))
            if area and len(self.merged) < _MOST_MERGED:
                self.merged.append(area)
            elif area:
                raise Unopened("size")
        elif tag == "col" and _flag(element.get("hidden")):
            self.hidden_columns.append([int(element.get("min", "0")), int(element.get("max", "0"))])
        elif tag == "filterColumn":
            self.filtered = True
        elif tag == "sheetData":
            element.clear()

    def _line(self, row: ET.Element) -> None:
        cells, filled = [], False
        for element in row:
            if _local(element.tag) != "c":
                continue
            place = _REFERENCE.fullmatch(element.get("r") or "")
            self._column = _letters(place[1]) if place else self._column + 1
            cell = self._cell(element)
            if cell is not None:
                self.columns = max(self.columns, self._column)
                filled = True
                if self._column <= MOST_COLUMNS:
                    cells.append([self._column, *cell])
        if filled:
            self.count += 1
            if cells and len(self.lines) < MOST_LINES:
                self.lines.append([self._row, _flag(row.get("hidden")), cells])

    def _cell(self, element: ET.Element) -> list[Any] | None:
        """Type, text, format and formula of a cell; None when there is nothing in it."""
        kind, style = element.get("t", "n"), int(element.get("s") or 0)
        form = self.styles[style] if style < len(self.styles) else 0
        value, formula = _stored(element)
        if not value:
            blank = not formula or kind == "str"
            return None if blank else ["f", "", form, formula[:200]]
        if kind == "s":
            value = self.strings[int(value)]
        elif kind == "str":
            value = _unescaped(value)
        if not value.strip():
            return None
        kind = "t" if kind in ("s", "str", "inlineStr") else kind
        return [kind, value[:_MOST_TEXT], form, formula[:200]]


class _Rows(_Sheet):
    """One sheet whose rows are written as they are read."""

    def _line(self, row: ET.Element) -> None:
        super()._line(row)
        for number, _hidden, cells in self.lines:
            sys.stdout.write(json.dumps([number, cells], ensure_ascii=False) + "\n")
        self.lines.clear()


def _stored(element: ET.Element) -> tuple[str, str]:
    """The value and the formula of a cell as they are stored; a formula without a text of its own is "="."""
    value = formula = ""
    for part in element:
        tag = _local(part.tag)
        if tag == "v":
            value = part.text or ""
        elif tag == "f":
            formula = part.text or "="
        elif tag == "is":
            value = _texts(part)
    return value, formula


def _parts(package: _Package) -> tuple[str, dict[str, tuple[str, str]], list[str], list[Any]]:
    """The part that names the sheets, the parts that it names, the shared texts and the formats."""
    start = next((path for kind, path in package.related("").values() if kind == "officeDocument"), "")
    start = start or "xl/workbook.xml"
    parts = package.related(start)
    by_kind = dict(parts.values())
    strings = _strings(package, by_kind.get("sharedStrings"))
    return start, parts, strings, _formats(package, by_kind.get("styles"))


def _tell_rows(path: str) -> None:
    """Write what the workbook says of dates, and the rows of its first visible sheet."""
    package = _Package(path, _LARGE_UNPACKED)
    start, parts, strings, styles = _parts(package)
    names = []
    told = {"epoch1904": False}
    for element in package.root(start).iter():
        tag = _local(element.tag)
        if tag == "workbookPr":
            told["epoch1904"] = _flag(element.get("date1904"))
        elif tag == "sheet" and element.get("state", "visible") == "visible":
            kind, name = parts.get(_key(element), ("", ""))
            names += [name] if kind == "worksheet" else []
    if not names:
        raise Unopened("other")
    sys.stdout.write(json.dumps(told) + "\n")
    _Rows(strings, styles).read(package, names[0])


def _answer(content: bytes) -> dict[str, Any]:
    package = _Package(content)
    start, parts, strings, styles = _parts(package)
    answer: dict[str, Any] = {"sheets": [], "epoch1904": False, "uncalculated": False}
    for element in package.root(start).iter():
        tag = _local(element.tag)
        if tag == "workbookPr":
            answer["epoch1904"] = _flag(element.get("date1904"))
        elif tag == "calcPr":
            answer["uncalculated"] = _flag(element.get("fullCalcOnLoad"))
        elif tag == "sheet":
            kind, path = parts.get(_key(element), ("", ""))
            state = element.get("state", "visible")
            if kind == "worksheet" and state != "veryHidden":
                sheet = _Sheet(strings, styles).read(package, path)
                answer["sheets"].append(
                    {"name": element.get("name", ""), "hidden": state != "visible", **sheet}
                )
    return answer


def _key(element: ET.Element) -> str:
    """The key of the part that an element names."""
    return next((value for name, value in element.attrib.items() if _local(name) == "id"), "")


def _answer_or_fault(answer: Callable[[], Any]) -> Any:
    """The answer, or why there is none."""
    try:
        return answer()
    except Unopened as fault:
        return {"fault": fault.key}
    except (MemoryError, RecursionError):
        return {"fault": "size"}
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, ET.ParseError, LookupError, ValueError, OSError,
        RuntimeError, EOFError,
    ):  # fmt: skip
        return {"fault": "damaged"}


def _main() -> None:
    large = len(sys.argv) > 1
    seconds = _LARGE_SECONDS if large else SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if large:
        fault = _answer_or_fault(lambda: _tell_rows(sys.argv[1]))
        sys.stdout.write(json.dumps(fault) + "\n" if fault else "")
    else:
        sys.stdout.write(json.dumps(_answer_or_fault(lambda: _answer(sys.stdin.buffer.read()))))


if __name__ == "__main__":
    _main()
