"""What a file is, by its content; its name must agree.

PDF, the Office formats and pictures are taken, each by its own signs and not by a guess; whatever can be read
as two things at once is not. Nothing here opens a file further than its signs: drawing.py does, in a process
of its own.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

import puremagic

#: what a file may weigh, in bytes
MOST_BYTES: Final = 50 * 1024 * 1024
MOST_NAME: Final = 150
#: what an Office file may weigh unpacked, in bytes, and of how many parts it may be
_MOST_UNPACKED: Final = 1024 * 1024 * 1024
_MOST_PARTS: Final = 20_000
_HEAD: Final = 1024


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken; `drawn` says how its pages are drawn, "" for what is only downloaded."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    drawn: str = ""


PDF: Final = FileType("PDF", "application/pdf", ("pdf",), "PDF")
_OPEN: Final = "application/vnd.openxmlformats-officedocument"
PACKAGES: Final[Mapping[str, FileType]] = {
    "word/document.xml": FileType("Word", f"{_OPEN}.wordprocessingml.document", ("docx",)),
    "xl/workbook.xml": FileType("Excel", f"{_OPEN}.spreadsheetml.sheet", ("xlsx",)),
    "ppt/presentation.xml": FileType("PowerPoint", f"{_OPEN}.presentationml.presentation", ("pptx",)),
}
COMPOUNDS: Final[Mapping[str, FileType]] = {
    "WordDocument": FileType("Word 97", "application/msword", ("doc",)),
    "Workbook": FileType("Excel 97", "application/vnd.ms-excel", ("xls",)),
    "Book": FileType("Excel 95", "application/vnd.ms-excel", ("xls",)),
    "PowerPoint Document": FileType("PowerPoint 97", "application/vnd.ms-powerpoint", ("ppt",)),
}
PICTURES: Final[Mapping[bytes, FileType]] = {
    b"\x89PNG\r\n\x1a\n": FileType("PNG", "image/png", ("png",), "PNG"),
    b"\xff\xd8\xff": FileType("JPEG", "image/jpeg", ("jpg", "jpeg"), "JPEG"),
    b"II*\0": FileType("TIFF", "image/tiff", ("tif", "tiff"), "TIFF"),
    b"MM\0*": FileType("TIFF", "image/tiff", ("tif", "tiff"), "TIFF"),
    b"GIF87a": FileType("GIF", "image/gif", ("gif",), "GIF"),
    b"GIF89a": FileType("GIF", "image/gif", ("gif",), "GIF"),
}
TYPES: Final = (PDF, *PACKAGES.values(), *COMPOUNDS.values(), *PICTURES.values())
EXTENSIONS: Final = tuple(dict.fromkeys(extension for each in TYPES for extension in each.extensions))
DRAWN: Final[Mapping[str, str]] = {each.media_type: each.drawn for each in TYPES if each.drawn}

_ZIP: Final = b"PK\x03\x04"
_ZIP_END: Final = b"PK\x05\x06"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: what a browser may take for a page; none of our types has it at its beginning
_PAGE: Final = (b"<!doctype", b"<html", b"<script", b"<svg", b"<body", b"<iframe")


class Unfit(Exception):
    """The file is not taken: a stable key, and what its wording names."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key, self.values = key, values


def plain_name(name: str) -> str:
    """The name without path and without what cannot be seen; Unfit when nothing is left, or too much."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(
        char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C"
    )
    seen = " ".join(seen.split())
    if not seen.rpartition(".")[0].strip(". "):
        raise Unfit("name")
    if len(seen) > MOST_NAME:
        raise Unfit("long-name", most=MOST_NAME)
    return seen


def recognise(path: Path, name: str) -> FileType:
    """What the file is; Unfit when it is nothing that is taken, or its name says otherwise."""
    extension = name.rpartition(".")[2].lower()
    if "." not in name or extension not in EXTENSIONS:
        raise Unfit("extension", extension=extension)
    if not path.stat().st_size:
        raise Unfit("empty")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        found = _type_of(path, content)
        if found is None:
            raise Unfit("mismatch", extension=extension, found=_guess(content))
        if extension not in found.extensions:
            raise Unfit("mismatch", extension=extension, found=found.name)
        if found not in PACKAGES.values() and _ends_as_archive(content):
            raise Unfit("two-things", found=found.name)
        head = content[:_HEAD].lower()
    if any(sign in head for sign in _PAGE):
        raise Unfit("two-things", found=found.name)
    return found


def _type_of(path: Path, content: mmap) -> FileType | None:
    head = content[:8]
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(_ZIP):
        return _package(path)
    if head.startswith(_COMPOUND):
        return _compound(content)
    return next((found for sign, found in PICTURES.items() if head.startswith(sign)), None)


def _package(path: Path) -> FileType | None:
    """The Office type of a package; Unfit when it has macros or would be a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Unfit("damaged") from None
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise Unfit("bomb")
    names = {part.filename for part in parts}
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        raise Unfit("macros")
    if "[Content_Types].xml" not in names:
        return None
    return next((found for name, found in PACKAGES.items() if name in names), None)


def _compound(content: mmap) -> FileType | None:
    """The Office type of a compound file, by the names of its streams."""

    def holds(stream: str) -> bool:
        return content.find(stream.encode("utf-16-le") + b"\0\0") >= 0

    if holds("EncryptedPackage"):
        raise Unfit("password")
    if holds("_VBA_PROJECT") or holds("Macros"):
        raise Unfit("macros")
    return next((found for stream, found in COMPOUNDS.items() if holds(stream)), None)


def _ends_as_archive(content: mmap) -> bool:
    """Whether the very end of the file is the end of a ZIP archive."""
    place = content.rfind(_ZIP_END, max(0, len(content) - 70_000))
    if place < 0 or place + 22 > len(content):
        return False
    return place + 22 + int.from_bytes(content[place + 20 : place + 22], "little") == len(content)


def _guess(content: mmap) -> str:
    """What the file may be, for the wording of a refusal; "" when nobody knows."""
    try:
        found = puremagic.magic_string(content[: 64 * _HEAD])
    except (puremagic.PureError, ValueError):
        return ""
    return str(found[0].name) if found else ""
