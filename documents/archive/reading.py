"""Reading an archive that somebody brings: nothing in it is trusted.

An `Unsound` says what is wrong. Nothing is left of an archive that is refused.
"""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from audit import private
from documents import checksums
from documents.archive.files import FORMAT, INDEX, PAGE
from documents.checksums import Unsound

MOST_FILES = 10_000
#: bytes: of all files together, and of the index
MOST_BYTES, MOST_INDEX = 4 << 30, 20 << 20
#: how many times a ZIP may be larger when it is unpacked, beyond a first mebibyte
MOST_RATIO = 200
_ANOTHER = "ask for another copy; this one was changed, damaged or made by something else."
_TEXTS = ("name", "part", "title", "title_zh", "number", "by", "date", "sha256")
_ABOUT = ("bank", "committee", "number", "at", "archived_at", "archived_by", "kept_until", "digest")


@dataclass(frozen=True)
class Read:
    """An archive that was checked: its index, and the digest by which it is known."""

    index: Mapping[str, Any]
    #: SHA-256 over SHA256SUMS, and so over every file
    digest: str


def unpack(path: Path, to: Path) -> Read:
    """The archive's files are in the new folder `to`, every checksum is right and the index agrees."""
    try:
        private.folder(to.parent)
        to.mkdir(0o700)
        _take(path, to)
        return check(to)
    except BaseException as error:
        shutil.rmtree(to, ignore_errors=True)
        if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
            raise Unsound("It has a file and a folder of one name.", _ANOTHER) from error
        raise


def _take(path: Path, to: Path) -> None:
    """Copy or unpack the archive."""
    if path.is_dir():
        _copy(path, to)
    elif path.is_file():
        _extract(path, to)
    else:
        raise Unsound(f"{path} is not there.", "name a folder or a ZIP that `export_archive` made.")


def check(folder: Path) -> Read:
    """The folder is whole: files, checksums, and an index that names them all."""
    sums = checksums.verify(folder)
    if INDEX not in sums or PAGE not in sums:
        raise Unsound(f"{INDEX} or {PAGE} is missing.", _ANOTHER)
    found = _index(folder / INDEX)
    named = {file["name"]: file for file in found["files"]}
    if named.keys() != sums.keys() - {INDEX, PAGE} or len(named) != len(found["files"]):
        differing = sorted(named.keys() ^ (sums.keys() - {INDEX, PAGE}))
        raise Unsound(f"{INDEX} and {checksums.SUMS} do not name the same files: {differing[:3]}.", _ANOTHER)
    for name, file in named.items():
        if file["sha256"] != sums[name] or file["size"] != (folder / name).stat().st_size:
            raise Unsound(f"{INDEX} says another checksum or size of {name}.", _ANOTHER)
    return Read(found, checksums.of_file(folder / checksums.SUMS))


def _index(path: Path) -> dict[str, Any]:
    """The index, with each of its values of the kind that it should be."""
    if path.stat().st_size > MOST_INDEX:
        raise Unsound(f"{INDEX} is larger than {MOST_INDEX} bytes.", _ANOTHER)
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise Unsound(f"{INDEX} is not JSON.", _ANOTHER) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Unsound(f"{INDEX} is not of the format {FORMAT}.", "read it with the version that wrote it.")
    files = found.get("files")
    if not isinstance(files, list) or not all(map(_is_entry, files)):
        raise Unsound(f"{INDEX} has no list of files as it should be.", _ANOTHER)
    _require_about(found)
    return found


def _require_about(found: dict[str, Any]) -> None:
    """Unsound unless what the index says of the archive as a whole is of the kinds that it should be."""
    if not all(isinstance(found.get(key), str) for key in _ABOUT) or type(found.get("years")) is not int:
        raise Unsound(f"{INDEX} lacks one of {', '.join((*_ABOUT, 'years'))}.", _ANOTHER)
    lacking = found.setdefault("missing", [])
    if not isinstance(lacking, list) or not all(map(_is_missing, lacking)):
        raise Unsound(f"{INDEX} does not say as it should what is missing.", _ANOTHER)


def _is_missing(entry: object) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("text", "text_zh"))


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(key), str) for key in _TEXTS)
        and type(entry.get("size")) is int
        and (entry.get("pages") is None or type(entry["pages"]) is int)
        and checksums.is_safe(entry["name"])
    )


def _copy(folder: Path, to: Path) -> None:
    """Copy the folder's files; links and devices are refused."""
    left = _Left()
    for number, name in enumerate(checksums.members(folder), 1):
        _require_few(number)
        with (folder / name).open("rb") as file:
            _write(checksums.below(to, name), file, left)


def _extract(path: Path, to: Path) -> None:
    """Unpack the ZIP, never more of it than an archive may have."""
    try:
        with closing(zipfile.ZipFile(path)) as archive:
            entries = archive.infolist()
            _require_few(len(entries))
            _require_plain(entries)
            left = _Left((1 << 20) + path.stat().st_size * MOST_RATIO)
            for entry in entries:
                if not entry.is_dir():
                    with archive.open(entry) as file:
                        _write(checksums.below(to, entry.filename), file, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unsound(f"{path.name} is no ZIP that can be read: {error}.", _ANOTHER) from error


def _require_few(number: int) -> None:
    if number > MOST_FILES:
        raise Unsound(f"It has more than {MOST_FILES} files.", _ANOTHER)


def _require_plain(entries: list[zipfile.ZipInfo]) -> None:
    """Unsound for a name that leads out or is there twice, a link, and what is encrypted."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename.removesuffix("/")
        if not checksums.is_safe(name):
            raise Unsound(f"{name!r} leads out of the archive, or is no name of a file.", _ANOTHER)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise Unsound(f"{name} is a link or a device, not a file.", _ANOTHER)
        if entry.flag_bits & 0x1:
            raise Unsound(f"{name} is encrypted.", "ask for a copy without a password.")
        if name.casefold() in seen:
            raise Unsound(f"{name} is there twice.", _ANOTHER)
        seen.add(name.casefold())


class _Left:
    """How many bytes may still be unpacked."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.bytes = min(most, MOST_BYTES)

    def take(self, size: int) -> None:
        """Unsound when more is unpacked than the archive may have."""
        self.bytes -= size
        if self.bytes < 0:
            raise Unsound("It grows beyond all measure when it is unpacked.", _ANOTHER)


def _write(path: Path, file: BinaryIO | Any, left: _Left) -> None:
    private.folder(path.parent)
    with private.opened(path) as written:
        for chunk in _chunks(file):
            left.take(len(chunk))
            written.write(chunk)
    path.chmod(0o400)


def _chunks(file: BinaryIO | Any) -> Iterator[bytes]:
    while chunk := file.read(checksums.CHUNK):
        yield chunk
