"""The type of a file by its content, with which its name must agree.

PDF, the Office formats, OFD and pictures are accepted, each by its signature; content that could be read as
two types is refused. Only signatures and the list of a package's parts are read here; drawing.py opens files
in a separate process.
"""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

import puremagic

from regulation.text import without_invisible

#: the greatest size of a file, in bytes
MOST_BYTES: Final = 50 * 1024 * 1024
MOST_NAME: Final = 150
#: limits of an Office file when unpacked: bytes and number of parts
_MOST_UNPACKED: Final = 1024 * 1024 * 1024
_MOST_PARTS: Final = 20_000
_HEAD: Final = 1024
#: bytes read of the part that lists the types of the other parts
_MOST_READ: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file that is accepted; `drawn` is how its pages are drawn, "" for download only."""

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
#: GB/T 33190, the format of electronic invoices, court papers and registers
OFD: Final = FileType("OFD", "application/ofd", ("ofd",))
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
HEIC: Final = FileType("HEIC", "image/heic", ("heic", "heif"), "HEIF")
#: brands of ISO media files with HEVC pictures
_HEVC: Final = frozenset({b"heic", b"heix", b"heim", b"heis"})
TYPES: Final = (PDF, *PACKAGES.values(), OFD, *COMPOUNDS.values(), *PICTURES.values(), HEIC)
EXTENSIONS: Final = tuple(dict.fromkeys(extension for each in TYPES for extension in each.extensions))
DRAWN: Final[Mapping[str, str]] = {each.media_type: each.drawn for each in TYPES if each.drawn}
#: extensions that are refused with a wording of their own: its key
REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("wps", "et", "dps", "wpt", "ett", "dpt"), "wps"),
    **dict.fromkeys(("docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm"), "macros"),
    **dict.fromkeys(("odt", "ods", "odp", "rtf", "pages", "numbers", "key"), "other-office"),
    **dict.fromkeys(("zip", "rar", "7z", "tar", "gz"), "archive"),
}

_ZIP: Final = b"PK\x03\x04"
_SAYS: Final = "[Content_Types].xml"
_MACROS: Final = (b"macroenabled", b"vbaproject", b"macrosheet")
_ZIP_END: Final = b"PK\x05\x06"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: bytes that a browser may take for a page; no accepted type begins with them
_PAGE: Final = (b"<!doctype", b"<html", b"<script", b"<svg", b"<body", b"<iframe")


class Unfit(Exception):
    """Raised for a file that is refused: a stable key, and the values that its wording needs."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key, self.values = key, values


def plain_name(name: str) -> str:
    """The name without path and invisible characters; Unfit when it is empty or too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(
        char
        for char in unicodedata.normalize("NFC", without_invisible(last))
        if unicodedata.category(char)[0] != "C"
    )
    seen = " ".join(seen.split())
    if not seen.rpartition(".")[0].strip(". "):
        raise Unfit("name")
    if len(seen) > MOST_NAME:
        raise Unfit("long-name", most=MOST_NAME)
    return seen


def recognise(path: Path, name: str) -> FileType:
    """The type of the file; Unfit when it is not accepted, or its name disagrees."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS:
        raise Unfit(REFUSED.get(extension, "extension"), extension=extension or name)
    if not path.stat().st_size:
        raise Unfit("empty")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        found = _type_of(path, content)
        if found is None:
            raise Unfit("mismatch", extension=extension, found=_guess(content))
        if extension not in found.extensions:
            raise Unfit("mismatch", extension=extension, found=found.name)
        if _is_ambiguous(found, content):
            raise Unfit("two-things", found=found.name)
    return found


def _is_ambiguous(found: FileType, content: mmap) -> bool:
    """Whether a file of that type may be taken for an archive or for a page as well."""
    if found not in (*PACKAGES.values(), OFD) and _ends_as_archive(content):
        return True
    head = content[:_HEAD].lower()
    return any(sign in head for sign in _PAGE)


def _type_of(path: Path, content: mmap) -> FileType | None:
    head = content[:8]
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(_ZIP):
        return _package(path)
    if head.startswith(_COMPOUND):
        return _compound(content)
    if content[4:8] == b"ftyp":
        return HEIC if _HEVC & _brands(content) else None
    return next((found for sign, found in PICTURES.items() if head.startswith(sign)), None)


def _brands(content: mmap) -> frozenset[bytes]:
    """The brands of an ISO media file: the major brand and the compatible ones."""
    size = min(int.from_bytes(content[:4], "big"), _HEAD)
    brands = content[8:12] + content[16:size]
    return frozenset(brands[place : place + 4] for place in range(0, len(brands), 4))


def _package(path: Path) -> FileType | None:
    """The type of a package; Unfit when it has macros, is a bomb, or its parts are no plain files."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _require_measure(parts, path.stat().st_size)
            _require_plain(parts)
            names = {part.filename for part in parts}
            _require_local(path, parts)
            if _says_macros(archive, names):
                raise Unfit("macros")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise Unfit("damaged") from None
    types = [found for name, found in PACKAGES.items() if name in names and _SAYS in names]
    types += [OFD] if "OFD.xml" in names else []
    if len(types) > 1:
        raise Unfit("two-things", found=types[0].name)
    return types[0] if types else None


def _require_measure(parts: Sequence[zipfile.ZipInfo], size: int) -> None:
    """Raise Unfit for too many parts, too large a content, or parts that share bytes."""
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise Unfit("bomb")
    begins = sorted((part.header_offset, part.compress_size) for part in parts)
    ends = [*begins, (size, 0)]
    if any(begin + packed > following for (begin, packed), (following, _) in pairwise(ends)):
        raise Unfit("bomb")


def _require_plain(parts: Sequence[zipfile.ZipInfo]) -> None:
    """Raise Unfit for a part that is encrypted, outside of the package, a link, or duplicate."""
    seen: set[str] = set()
    for part in parts:
        if part.flag_bits & 0x1:
            raise Unfit("password")
        if _leads_out(part.orig_filename) or stat.S_ISLNK(part.external_attr >> 16):
            raise Unfit("parts", part=_printable(part.orig_filename))
        if part.filename in seen:
            raise Unfit("parts", part=_printable(part.filename))
        seen.add(part.filename)


def _leads_out(name: str) -> bool:
    """Whether a part's name is absolute, contains "..", or is a path on another system."""
    steps = name.removesuffix("/").split("/")
    return (
        not name
        or any(step in {"", ".", ".."} for step in steps)
        or "\\" in name
        or ":" in steps[0]
        or any(unicodedata.category(char) == "Cc" for char in name)
    )


def _printable(name: str) -> str:
    """The name of a part for a message: short and without invisible characters."""
    return "".join(char if char.isprintable() else "�" for char in name[:60])


def _require_local(path: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Raise Unfit for a part whose local header differs from the package's list, which readers would treat
    differently.
    """
    with path.open("rb") as file:
        for part in parts:
            file.seek(part.header_offset)
            head = file.read(30)
            length = int.from_bytes(head[26:28], "little")
            own = file.read(length)
            coding = "utf-8" if part.flag_bits & 0x800 else "cp437"
            if not head.startswith(_ZIP) or own != part.orig_filename.encode(coding):
                raise Unfit("parts", part=_printable(part.orig_filename))


def _says_macros(archive: zipfile.ZipFile, names: set[str]) -> bool:
    """Whether a part is a program by its name or its stated type."""
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        return True
    if _SAYS not in names:
        return False
    with archive.open(_SAYS) as file:
        listing = file.read(_MOST_READ).replace(b"\0", b"").lower()
    return any(sign in listing for sign in _MACROS)


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
    """Whether the file ends with the end record of a ZIP archive, whatever its comment."""
    place = max(0, len(content) - 70_000)
    while (place := content.find(_ZIP_END, place)) >= 0:
        if place + 22 + int.from_bytes(content[place + 20 : place + 22], "little") == len(content):
            return True
        place += 1
    return False


def _guess(content: mmap) -> str:
    """A guess of the type, for the wording of a refusal; "" without one."""
    try:
        found = puremagic.magic_string(content[: 64 * _HEAD])
    except (puremagic.PureError, ValueError):
        return ""
    return str(found[0].name) if found else ""
