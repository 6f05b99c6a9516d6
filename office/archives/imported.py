"""Archives that were brought back: checked, kept below MEDIA_ROOT by their digest, and never changed.

archives/<SHA-256 over its SHA256SUMS>/
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from audit.note import NoteError, split
from documents import checksums
from documents.archive import reading
from documents.archive.files import CHECKPOINT, INDEX, PAGE
from documents.archive.page import agrees
from documents.archive.plain_page import is_plain
from documents.checksums import Unsound
from proposals import filetypes

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Imported:
    """An archive that was brought back."""

    digest: str
    index: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return _root() / self.digest

    @property
    def files(self) -> list[Mapping[str, Any]]:
        """Its files as the index names them."""
        found: list[Mapping[str, Any]] = self.index["files"]
        return found

    def file(self, number: int) -> tuple[Mapping[str, Any], bytes]:
        """The file with that number of the index, counted from 1, and its bytes.

        IndexError without one; Unsound when the bytes are not what they were when it was brought.
        """
        if number < 1:
            raise IndexError(number)
        entry = self.files[number - 1]
        path = checksums.below(self.folder, entry["name"])
        content = path.read_bytes() if path.is_file() else b""
        if checksums.of_bytes(content) != entry["sha256"]:
            raise Unsound(f"{entry['name']} was changed after the archive was imported.", "import it again.")
        return entry, content


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "archives"


def take(path: Path) -> Imported:
    """The archive is kept, once every checksum and the kind of every file was checked.

    Unsound for what is wrong with it, and nothing is kept. One that is there already stays as it is.
    """
    partial = _root() / f".{os.urandom(8).hex()}"
    try:
        read = reading.unpack(path, partial)
        for entry in read.index["files"]:
            _require_kind(partial / entry["name"], entry["name"])
        shown = _text(partial / PAGE, PAGE)
        if not is_plain(shown, {entry["name"] for entry in read.index["files"]}):
            raise Unsound(f"{PAGE} has more than text and links to the files: a script, a picture.", _ANOTHER)
        if not agrees(shown, read.index):
            raise Unsound(f"{PAGE} and {INDEX} do not list the same.", _ANOTHER)
        target = _root() / read.digest
        if not target.is_dir():
            partial.rename(target)
            checksums.sync(_root())
        return Imported(read.digest, read.index)
    except OSError as error:
        raise Unsound(f"{path.name} cannot be kept: {error}.", "free space, or see to the rights.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


_ANOTHER = "ask for another copy; `export_archive` makes none such."


def _text(path: Path, name: str) -> bytes:
    """The bytes of a file that is text. Unsound for more than an archive has of it: a ZIP may grow a lot."""
    if path.stat().st_size > reading.MOST_INDEX:
        raise Unsound(f"{name} is larger than {reading.MOST_INDEX} bytes.", _ANOTHER)
    return path.read_bytes()


def _require_kind(path: Path, name: str) -> None:
    """Unsound unless the file is what its name says: JSON, or a kind that plans may have attached."""
    if name == CHECKPOINT:
        try:
            split(_text(path, name))
        except NoteError as error:
            raise Unsound(f"{name} is no checkpoint: {error}.", _ANOTHER) from None
        return
    if name.endswith(".json"):
        try:
            json.loads(_text(path, name))
        except (ValueError, RecursionError):
            raise Unsound(f"{name} is not JSON, as its name says.", _ANOTHER) from None
        return
    try:
        filetypes.recognise(path, name)
    except filetypes.Unfit as unfit:
        raise Unsound(
            f"{name} is no file that an archive may have, or not what its name says ({unfit.key}).", _ANOTHER
        ) from None


def every(bank: str) -> Iterator[Imported]:
    """The archives of the bank of that name, the latest meeting first."""
    if not _root().is_dir():
        return
    found = [each for path in _root().iterdir() if (each := _read(path.name)) is not None]
    yield from sorted(
        (each for each in found if each.index["bank"] == bank),
        key=lambda each: (str(each.index["at"]), each.digest),
        reverse=True,
    )


def one(bank: str, digest: str) -> Imported | None:
    """The bank's archive with that digest; None without one."""
    found = _read(digest)
    return found if found is not None and found.index["bank"] == bank else None


def _read(digest: str) -> Imported | None:
    path = _root() / digest / INDEX
    if not _DIGEST.fullmatch(digest) or not path.is_file():
        return None
    index = json.loads(path.read_bytes())
    index.setdefault("missing", [])
    return Imported(digest, index)
