"""What an archive has: the file as a whole, and each of its papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from documents import checksums

INDEX, PAGE = "index.json", "index.html"
#: a checkpoint of the audit log, a signed note
CHECKPOINT = "checkpoint.txt"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class File:
    """One paper of the archive, from bytes or from a file on disk."""

    #: its path in the archive, with slashes
    name: str
    #: the part of the archive that it belongs to (Art. 12.6)
    part: str
    title: str
    title_zh: str
    content: bytes | Path
    #: its number as filed
    number: str = ""
    #: who answers for it: a committee, an institution
    by: str = ""
    #: the day, as 2026-03-05
    date: str = ""
    pages: int | None = None
    #: the checksum that it is to have, if one is on record
    sha256: str = ""

    def chunks(self) -> Iterator[bytes]:
        """Its bytes."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while chunk := file.read(checksums.CHUNK):
                yield chunk


@dataclass(frozen=True)
class Missing:
    """What the archive could have and has not, in words."""

    text: str
    text_zh: str


@dataclass(frozen=True, kw_only=True)
class About:
    """What the index says of the archive as a whole."""

    bank: str
    committee: str
    #: the meeting's number, and its time as ISO 8601
    number: str
    at: str
    archived_at: str
    archived_by: str
    #: the last day on which it must be kept, as 2036-12-31, and the years
    kept_until: str
    years: int
    #: the digest of the meeting's file in the system
    digest: str
    #: what it is
    title: str = "Archive index"
    title_zh: str = "卷内目录"
    #: the addressee of something sent
    to: str = ""
    #: what it lacks, named in the index
    missing: Sequence[Missing] = ()


def index(about: About, files: Iterable[File], sums: dict[str, str], sizes: dict[str, int]) -> dict[str, Any]:
    """The index, in the order of the files."""
    return {
        "format": FORMAT,
        **asdict(about),
        "files": [
            {
                "name": file.name,
                "part": file.part,
                "title": file.title,
                "title_zh": file.title_zh,
                "number": file.number,
                "by": file.by,
                "date": file.date,
                "pages": file.pages,
                "size": sizes[file.name],
                "sha256": sums[file.name],
            }
            for file in files
        ],
    }
