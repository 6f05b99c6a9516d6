"""A paper as a PDF: typst sets what `content.Content` says by `templates/documents/`.

The file is PDF/A-3a and PDF/UA-1, and the same bytes for the same content, templates and fonts. Text reaches
typst as JSON in `sys.inputs` and nowhere else. One compiler a process keeps what it has read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pypdfium2
import typst
from django.conf import settings

from documents import faces, glyphs
from documents.content import Content
from documents.streams import unambiguous
from regulation.refused import Refused

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
#: pages above which a paper is made in the background
LONG = 20
#: characters of content that make about a page
_A_PAGE = 500
#: one run at a time in a process: the compiler has one state
_ONE_AT_A_TIME = threading.Lock()


class Unsettled(RuntimeError):
    """Typst warned of the file that it made: where a layout does not converge, the page numbers are wrong.

    No content leads to this; where one does, the templates are at fault and the file is not kept.
    """


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file that was made."""

    pdf: bytes
    pages: int

    @property
    def sha256(self) -> str:
        """The checksum of the file, as 64 hexadecimal digits."""
        return hashlib.sha256(self.pdf).hexdigest()


def templates() -> Path:
    """Return the folder of the templates."""
    return Path(settings.BASE_DIR) / "templates" / "documents"


@cache
def template_digest() -> str:
    """Return the SHA-256 over the templates, the fonts and the version of typst: what decides the bytes."""
    found = hashlib.sha256(f"typst {version('typst')}\n{faces.fonts_digest()}\n".encode())
    for path in sorted(templates().glob("*.typ")):
        found.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    found.update(json.dumps(faces.families(), sort_keys=True).encode())
    return found.hexdigest()


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(templates()), font_paths=faces.fonts(), ignore_system_fonts=True)


def warm() -> None:
    """Make the compiler, and set a page with it, so that the first paper does not wait."""
    page = Content(
        kind="notice",
        language="zh-hans",
        organ="联席会议",
        title="会议通知",
        blocks=[],
        at="2026-01-01T00:00:00+00:00",
    )
    render(page)


def render(
    content: Content,
    *,
    pictures: Mapping[str, bytes] | None = None,
    attached: Mapping[str, bytes] | None = None,
) -> Rendered:
    """Return the paper as a file.

    `pictures` has the bytes of each `Picture`, `attached` the JSON files to be attached, by name.
    `document/no-glyph` for a character that no font has. Unsettled for a layout that typst warns of.
    """
    return render_set([content], title=content.title, pictures=pictures, attached=attached)


def render_set(
    contents: Sequence[Content],
    *,
    title: str,
    pictures: Mapping[str, bytes] | None = None,
    attached: Mapping[str, bytes] | None = None,
) -> Rendered:
    """Return several papers as one file, with a bookmark for each; ValueError without a paper.

    `document/no-glyph` for a character that no font has. Unsettled for a layout that typst warns of.
    """
    if not contents:
        raise ValueError("a file needs at least one paper")
    papers = [content.as_json() for content in contents]
    first = contents[0]
    data = {
        "title": title,
        "author": first.organ,
        "keywords": [content.number for content in contents if content.number],
        "papers": papers,
        "attached": [{"name": name, "text": text.decode()} for name, text in (attached or {}).items()],
    }
    inputs = {
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "faces": json.dumps(faces.families(), sort_keys=True),
    }
    require_glyphs("\n".join(_texts(data)))
    timestamp = int(max(content.moment for content in contents).timestamp())
    with _ONE_AT_A_TIME:
        pdf = (
            _with_pictures(inputs, timestamp, pictures) if pictures else _set(inputs, timestamp, templates())
        )
    return Rendered(pdf, pages_of(pdf))


def require_glyphs(text: str) -> None:
    """Raise `document/no-glyph`, with the characters, for a text that no font can show."""
    lacking = glyphs.missing(text)
    if lacking:
        raise Refused("document/no-glyph", characters=glyphs.named(lacking))


def _texts(value: object) -> Iterator[str]:
    """Every text in the JSON; the files attached to it are shown by nobody and may have any character."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != "attached":
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def pages_of(pdf: bytes) -> int:
    """Return the number of pages of the file."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def is_long(content: Content) -> bool:
    """Whether the paper may have more than twenty pages; an estimate from the length of its text."""
    return len(json.dumps(content.as_json(), ensure_ascii=False)) > LONG * _A_PAGE


def _set(inputs: dict[str, str], timestamp: int, root: Path) -> bytes:
    pdf, warnings = _compiler().compile_with_warnings(
        input=str(root / "main.typ"),
        root=str(root),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=STANDARDS,
        timestamp=timestamp,
    )
    if warnings:
        raise Unsettled("; ".join(warning.message for warning in warnings))
    if not isinstance(pdf, bytes):
        raise TypeError("typst made no PDF")
    return unambiguous(pdf)


def _with_pictures(inputs: dict[str, str], timestamp: int, pictures: Mapping[str, bytes]) -> bytes:
    """Typst reads pictures from beside the templates: both lie in a folder of this run."""
    with tempfile.TemporaryDirectory(prefix="lianxi-paper-") as folder:
        root = Path(folder)
        for path in templates().glob("*.typ"):
            shutil.copyfile(path, root / path.name)
        for name, image in pictures.items():
            (root / name).write_bytes(image)
        return _set(inputs, timestamp, root)
