"""The files that a plan commits to: an entry of its `attachments` names one by its checksum.

An entry is a name and a text. Where it came with a file, the last line of the text says what the file is:

    application/pdf; 482133 bytes; 12 pages; sha256:9f86d081884c7d65…

So the digest of the plan commits to the bytes of the file, in the schema as it is.
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
    """An attachment as the plan states it; without a checksum it is a text alone."""

    name: str
    text: str
    media_type: str = ""
    size: int = 0
    #: of what has pages
    pages: int | None = None
    sha256: str = ""

    @property
    def extension(self) -> str:
        """How the name ends, in capitals: PDF."""
        return self.name.rpartition(".")[2].upper()

    def entry(self) -> dict[str, str]:
        """The entry of the plan."""
        if not self.sha256:
            return {"name": self.name, "text": self.text}
        pages = f"{self.pages} pages; " if self.pages else ""
        line = f"{self.media_type}; {self.size} bytes; {pages}sha256:{self.sha256}"
        return {"name": self.name, "text": f"{self.text}\n{line}".lstrip("\n")}


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, numbered where it is taken: "scan (2).pdf"."""
    stem, dot, extension = name.rpartition(".")
    candidates = chain([name], (f"{stem} ({number}){dot}{extension}" for number in count(2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def stated_attachments(document: Mapping[str, Any]) -> list[StatedAttachment]:
    """The attachments that the plan states, in its order."""
    return [_stated(row) for row in document.get("attachments", ())]


def _stated(row: Mapping[str, Any]) -> StatedAttachment:
    name, text = row.get("name", ""), row.get("text", "")
    found = _LINE.search(text)
    if found is None:
        return StatedAttachment(name, text)
    pages = int(found["pages"]) if found["pages"] else None
    return StatedAttachment(
        name, text[: found.start()].strip(), found["media_type"], int(found["size"]), pages, found["sha256"]
    )
