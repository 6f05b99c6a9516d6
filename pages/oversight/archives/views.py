"""The archives of the bank that were imported: which there are, what each has, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from documents.checksums import Unsound
from office.archives import imported
from office.archives.imported import Imported
from office.archives.on_record import Known, known
from web import labels, shell
from web.exports.responses import SEALED
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True)
class ArchivePage:
    """An archive with its files, numbered from 1, each with the title in the reader's language."""

    archive: Imported
    known: Known

    @property
    def index(self) -> Mapping[str, Any]:
        """What the archive says of itself."""
        return self.archive.index

    @property
    def lacking(self) -> list[str]:
        """What it could have and has not, in the reader's language."""
        key = "text_zh" if labels.chinese() else "text"
        return [each[key] for each in self.archive.index["missing"]]

    @property
    def files(self) -> list[tuple[int, Mapping[str, Any]]]:
        """The files in the order of the index."""
        return list(enumerate(self.archive.files, 1))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The archives of the reader's bank."""
    archives = [(each, known(each.digest, each.index)) for each in imported.every(_bank(request))]
    found = {"archives": archives}
    return shell.page(request, "oversight/archives/list.html", found, here=_here(viewer_of(request)))


@require_safe
def detail(request: HttpRequest, digest: str) -> HttpResponse:
    """One archive: its index, with a link to each file."""
    archive = _one(request, digest)
    shown = ArchivePage(archive, known(archive.digest, archive.index))
    return shell.page(request, "oversight/archives/detail.html", shown, here=_here(viewer_of(request)))


@require_safe
def part(request: HttpRequest, digest: str, number: int) -> HttpResponse:
    """A file of the archive as it was imported; 404 for one that was changed since."""
    archive = _one(request, digest)
    try:
        entry, content = archive.file(number)
    except (IndexError, Unsound) as error:
        raise Http404(str(error)) from error
    name = f"{number:03}-{entry['name'].rpartition('/')[2]}"
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            **SEALED,
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
        },
    )


def _one(request: HttpRequest, digest: str) -> Imported:
    found = imported.one(_bank(request), digest)
    if found is None:
        raise Http404
    return found


def _bank(request: HttpRequest) -> str:
    """The name of the reader's bank; 404 for whoever is neither its head office nor an auditor."""
    who = viewer_of(request)
    if not who.sees_reports or who.person.bank is None:
        raise Http404
    return who.person.bank.name


def _here(who: Viewer) -> str:
    return "streams" if who.audits else "dockets"
