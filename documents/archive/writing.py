"""Writing an archive, as a folder or a ZIP: whole under its name, or not there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from audit import private
from documents import checksums
from documents.archive.files import INDEX, PAGE, About, File, index
from documents.archive.page import page


class Why(StrEnum):
    """Why an archive was not written."""

    SPACE = "space"
    #: a file that belongs to it is missing or is not the one on record
    LOST = "lost"
    OTHER = "other"


class CannotWrite(Exception):
    """Nothing was written; the text says why and what to do, `why` it in one word."""

    def __init__(self, text: str, why: Why = Why.OTHER) -> None:
        super().__init__(text)
        self.why = why


class _Target(Protocol):
    def add(self, name: str, content: Iterator[bytes]) -> None:
        """Write a file."""


def write(to: Path, about: About, files: Sequence[File]) -> str:
    """The archive is at `to`: a ZIP if the name ends so, else a folder. CannotWrite leaves nothing.

    Returns its digest, the SHA-256 over its list of checksums. The same papers give the same bytes.
    """
    if to.exists():
        raise CannotWrite(f"{to} exists already.\nRemedy: name another place, or remove it first.")
    partial = to.with_name(f".{to.name}.partial")
    try:
        private.folder(to.parent)
        _remove(partial)
        if to.suffix.lower() == ".zip":
            with _zip(partial, about.archived_at) as target:
                digest = _fill(target, about, files)
            checksums.sync(partial)
        else:
            private.folder(partial)
            digest = _fill(_Folder(partial), about, files)
        partial.rename(to)
        checksums.sync(to.parent)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise CannotWrite(
                f"There is no space left for {to}.\n"
                "Remedy: free some, or name another place; nothing was written.",
                Why.SPACE,
            ) from error
        raise CannotWrite(f"{to} cannot be written: {error}\nRemedy: name another place.") from error
    finally:
        _remove(partial)
    return digest


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fill(target: _Target, about: About, files: Sequence[File]) -> str:
    """Write the papers, the index and the list of checksums, in this order; return the digest of the list."""
    sums: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for file in files:
        _require_fit(file, sums)
        target.add(file.name, _counted(file.name, file.chunks(), sums, sizes))
        if file.sha256 and sums[file.name] != file.sha256:
            raise CannotWrite(
                f"{file.title} is not the file on record: its checksum is {sums[file.name]}, and was "
                f"{file.sha256}.\nRemedy: restore the file from a backup, then try again.",
                Why.LOST,
            )
    found = index(about, files, sums, sizes)
    for name, content in {
        INDEX: json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n",
        PAGE: page(found),
    }.items():
        target.add(name, _counted(name, iter([content]), sums, sizes))
    listed = checksums.written(sums)
    target.add(checksums.SUMS, iter([listed]))
    return checksums.of_bytes(listed)


def _require_fit(file: File, sums: dict[str, str]) -> None:
    if not checksums.is_safe(file.name) or file.name in {*sums, INDEX, PAGE, checksums.SUMS}:
        raise CannotWrite(f"{file.name!r} cannot be the name of a file in an archive, or is there twice.")
    if isinstance(file.content, Path) and not file.content.is_file():
        raise CannotWrite(
            f"{file.title} is missing: {file.content} is not there.\nRemedy: restore it from a backup, then "
            "try again; an archive without it would not be complete.",
            Why.LOST,
        )


def _counted(
    name: str, chunks: Iterator[bytes], sums: dict[str, str], sizes: dict[str, int]
) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    sums[name], sizes[name] = digest.hexdigest(), size


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, name: str, content: Iterator[bytes]) -> None:
        path = checksums.below(self.root, name)
        private.folder(path.parent)
        with private.opened(path) as file:
            for chunk in content:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self.archive = archive
        self.at = at.timetuple()[:6]

    def add(self, name: str, content: Iterator[bytes]) -> None:
        entry = zipfile.ZipInfo(name, self.at)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        entry.create_system = 3
        with self.archive.open(entry, "w", force_zip64=True) as file:
            for chunk in content:
                file.write(chunk)


@contextmanager
def _zip(path: Path, at: str) -> Iterator[_Zip]:
    with private.opened(path) as file, zipfile.ZipFile(file, "w") as archive:
        yield _Zip(archive, datetime.fromisoformat(at).astimezone(UTC))
