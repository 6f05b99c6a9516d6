"""Several papers together: as one PDF to read, and as a ZIP with the files as they are on file."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from documents.content import Content
from documents.render import Rendered, render_set

#: what a file's name may not have on any system
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\s]+')
#: characters of a name; with its ending below 255 bytes in UTF-8
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Filed:
    """A file of a bundle."""

    name: str
    content: bytes


def reading_copy(
    papers: Sequence[Content], *, title: str, mark: str, pictures: Mapping[str, bytes] | None = None
) -> Rendered:
    """Return the papers in one file, a bookmark each, marked on every page; its signatures are those of no
    file. `pictures` has the bytes of each `Picture`.
    """
    marked = [paper.model_copy(update={"mark": mark}) for paper in papers]
    return render_set(marked, title=title, pictures=pictures)


def zipped(files: Iterable[Filed], *, at: datetime) -> bytes:
    """Return a ZIP of the files with SHA256SUMS; the same bytes for the same files and time."""
    found = list(files)
    sums = "".join(f"{hashlib.sha256(each.content).hexdigest()}  {each.name}\n" for each in found)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for each in [*found, Filed("SHA256SUMS", sums.encode())]:
            entry = zipfile.ZipInfo(each.name, at.timetuple()[:6])
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, each.content)
    return target.getvalue()


def safe_name(text: str) -> str:
    """Return the text as part of a file's name on any system."""
    return _NOT_IN_NAMES.sub(" ", text).strip(" .")[:_LONGEST].strip(" .") or "-"


def numbered(files: Sequence[Filed]) -> list[Filed]:
    """Return the files with their place before their names: 01 ….pdf."""
    return [replace(each, name=f"{place:02d} {each.name}") for place, each in enumerate(files, 1)]
