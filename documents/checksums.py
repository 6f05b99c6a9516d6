"""Folders with a list of checksums: `SHA256SUMS`, as `sha256sum --check` reads it, names every other file.

Archives and backups are such folders. What is read is not trusted: names that lead out of the folder, links,
files beside the list and files that are not what it says are each an `Unsound` that says which.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG

SUMS = "SHA256SUMS"
#: bytes read at once
CHUNK = 1 << 20
#: the longest list that is read, in bytes: about 100,000 files
LONGEST = 20_000_000
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
#: one part of a name: no control characters, none that Windows refuses, neither "." nor ".."
_PART = re.compile(r"(?!\.{1,2}\Z)[^\x00-\x1f\x7f<>:\"|?*\\/]{1,200}")


class Unsound(Exception):
    """A folder or file is not what it should be; `problem` says what is wrong, `remedy` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\nRemedy: {remedy}")
        self.problem = problem
        self.remedy = remedy


_ANOTHER = "use another copy; this one was changed or damaged after it was made."


def is_safe(name: str) -> bool:
    """Whether the name, with slashes between its parts, stays below its folder on every system."""
    return len(name) <= 1000 and all(_PART.fullmatch(part) for part in name.split("/"))


def of_bytes(content: bytes) -> str:
    """The SHA-256 of the bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """The SHA-256 of the file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def written(sums: Mapping[str, str]) -> bytes:
    """The list of these checksums by name, sorted."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def read(listing: bytes) -> dict[str, str]:
    """The checksums by name. Unsound for anything that is not such a list."""
    try:
        lines = listing.decode().splitlines()
    except UnicodeDecodeError:
        raise Unsound(f"{SUMS} is not text in UTF-8.", _ANOTHER) from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise Unsound(f"Line {number} of {SUMS} is not a checksum and a name.", _ANOTHER)
        digest, name = parts.groups()
        if not is_safe(name) or name == SUMS:
            raise Unsound(
                f"Line {number} of {SUMS} names {name!r}, which is no name of a file in it.", _ANOTHER
            )
        if name in found:
            raise Unsound(f"{SUMS} names {name} twice.", _ANOTHER)
        found[name] = digest
    return found


def members(folder: Path) -> Iterator[str]:
    """The names of all files below the folder. Unsound for a link or anything else that is no file."""
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        name = path.relative_to(folder).as_posix()
        if S_ISREG(mode):
            yield name
        elif not S_ISDIR(mode):
            raise Unsound(f"{name} is a link or a device, not a file.", _ANOTHER)


def compare(names: Iterable[str], sums: Mapping[str, str]) -> None:
    """Unsound unless the names are those of the list and the list itself."""
    there = {*names}
    if SUMS not in there:
        raise Unsound(
            f"There is no {SUMS}: this was never completed, or is something else.",
            "name the folder or file that the command made; one that was interrupted is made anew.",
        )
    for name in sorted(sums.keys() - there):
        raise Unsound(f"{name} is missing, which {SUMS} names.", _ANOTHER)
    for name in sorted(there - sums.keys() - {SUMS}):
        raise Unsound(f"{name} is there, and {SUMS} does not name it.", _ANOTHER)


def verify(folder: Path) -> dict[str, str]:
    """The checksums by name of a folder whose files are all there, no others, and each what the list says."""
    if not folder.is_dir():
        raise Unsound(f"{folder} is no folder.", "name the folder that the command made.")
    names = list(members(folder))
    sums: dict[str, str] = {}
    if SUMS in names:
        if (folder / SUMS).stat().st_size > LONGEST:
            raise Unsound(f"{SUMS} is longer than {LONGEST} bytes.", _ANOTHER)
        sums = read((folder / SUMS).read_bytes())
    compare(names, sums)
    for name, digest in sums.items():
        if of_file(folder / name) != digest:
            raise Unsound(f"{name} is not what {SUMS} says: its checksum differs.", _ANOTHER)
    return sums


def below(folder: Path, name: str) -> Path:
    """The path of a name below the folder. Unsound for one that would lead out of it."""
    if not is_safe(name):
        raise Unsound(f"{name!r} is no name of a file in it.", _ANOTHER)
    return folder / PurePosixPath(name)


def sync(path: Path) -> None:
    """Wait until the file or folder is on disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
