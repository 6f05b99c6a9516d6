"""Attachments as a plan states them: an entry of its `attachments` names a file by its checksum.

An entry is a name and a text. If a file belongs to it, the last line of the text describes the file:

    application/pdf; 482133 bytes; 12 pages; sha256:9f86d081884c7d65…

So the digest of the plan covers the bytes of the file, without a change of the schema.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

_LINE = re.compile(
    r"(?:\A|\n)(?P<media_type>[a-z]+/[a-z0-9.+-]{1,100}); (?P<size>[0-9]{1,12}) bytes; "
    r"(?:(?P<pages>[0-9]{1,6}) pages; )?sha256:(?P<sha256>[0-9a-f]{64})\s*\Z"
)


@dataclass(frozen=True, slots=True)
class StatedAttachment:
    """An attachment stated in a plan; without a checksum it is a text only."""

    name: str
    text: str
    media_type: str = ""
    size: int = 0
    #: for kinds of files with pages
    pages: int | None = None
    sha256: str = ""

    @property
    def extension(self) -> str:
        """The extension of the name in capitals, such as PDF."""
        return self.name.rpartition(".")[2].upper()

    def entry(self) -> dict[str, str]:
        """The entry in the plan."""
        if not self.sha256:
            return {"name": self.name, "text": self.text}
        pages = f"{self.pages} pages; " if self.pages else ""
        line = f"{self.media_type}; {self.size} bytes; {pages}sha256:{self.sha256}"
        return {"name": self.name, "text": f"{self.text}\n{line}".lstrip("\n")}


def split(text: str) -> tuple[str, str]:
    """What an entry says, and the line that describes its file; empty without a file."""
    found = _LINE.search(text)
    if found is None:
        return text, ""
    return text[: found.start()], text[found.start() :].lstrip("\n")


def joined(words: str, line: str) -> str:
    """The text of an entry of which `split` makes these."""
    return f"{words}\n{line}" if words and line else words or line


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number if it is taken: "scan (2).pdf"."""
    stem, dot, extension = name.rpartition(".")
    candidates = chain([name], (f"{stem} ({number}){dot}{extension}" for number in count(2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def stated_attachments(document: Mapping[str, Any]) -> list[StatedAttachment]:
    """The plan's attachments, in order."""
    return [stated(row) for row in document.get("attachments", ())]


def stated(row: Mapping[str, Any]) -> StatedAttachment:
    """The attachment that an entry states."""
    name, text = row.get("name", ""), row.get("text", "")
    found = _LINE.search(text)
    if found is None:
        return StatedAttachment(name, text)
    pages = int(found["pages"]) if found["pages"] else None
    return StatedAttachment(
        name, text[: found.start()].strip(), found["media_type"], int(found["size"]), pages, found["sha256"]
    )
