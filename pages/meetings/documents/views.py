"""Papers on file: the list of a meeting's, each read on its page, downloaded, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.canonical import payload_bytes
from committee.models import Meeting
from documents import bundle as bundles
from documents.content import Content
from documents.content import read as read_content
from documents.word import word as as_word
from office.models import Paper
from office.papers import sources
from office.papers.wording import CHINESE, ENGLISH
from web import labels, offers, shell
from web.seen import SeenRow
from web.viewer import viewer_of

if TYPE_CHECKING:
    from committee.models import Person

_MEETING = SeenRow(
    Meeting, "committee__branch__bank", "committee__liaison", "regulation", "acting_seat__holder"
)
_ACTS = frozenset({"draw_up_papers"})
#: kinds of which there is a Word copy to paste from
_WORD = frozenset({Paper.Kind.NOTICE, Paper.Kind.RESOLUTION, Paper.Kind.MINUTES})
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The papers of a meeting that the person may see."""

    meeting: Meeting
    papers: list[Paper]
    offers: Any


@dataclass(frozen=True, kw_only=True)
class Document:
    """A paper as its page shows it."""

    paper: Paper
    content: Content
    #: the same paper in the other language
    other: Paper | None
    word: bool


@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of the meeting on file, in the order of its file."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    with timezone.override(meeting.committee.tz):
        shown = Documents(
            meeting=meeting,
            papers=_papers(meeting, who.person),
            offers=offers.offered(meeting, who, only=_ACTS),
        )
        return shell.page(request, "meetings/documents/documents.html", shown, here="meetings")


@require_safe
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper as a page, from the data that its file was made of."""
    paper = _paper(request, pk)
    other = _seen(viewer_of(request).person).filter(
        committee=paper.committee_id, kind=paper.kind, year=paper.year, number=paper.number
    )
    shown = Document(
        paper=paper,
        content=read_content(paper.data),
        other=other.exclude(pk=paper.pk).first(),
        word=paper.kind in _WORD,
    )
    with timezone.override(paper.committee.tz):
        return shell.page(request, "meetings/documents/document.html", shown, here="meetings")


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper's file, as it is on file."""
    paper = _paper(request, pk)
    try:
        content = paper.path.read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    return _attached(content, f"{_name(paper)}.pdf", "application/pdf")


@require_safe
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as a Word file to paste from; of notices, resolutions and minutes."""
    paper = _paper(request, pk)
    if paper.kind not in _WORD:
        raise Http404
    return _attached(as_word(read_content(paper.data)), f"{_name(paper)}.docx", _DOCX)


@require_safe
def reading_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of the meeting that the person may see as one PDF, marked as a reading copy."""
    meeting, found = _all(request, pk)
    title = _("Papers of meeting %(number)s") % {"number": meeting.written_number}
    made = bundles.reading_copy(
        [read_content(paper.data) for paper in found], title=title, mark=_("Reading copy")
    )
    return _attached(made.pdf, f"{bundles.safe_name(meeting.written_number)}.pdf", "application/pdf")


@require_safe
def bundle(request: HttpRequest, pk: int) -> HttpResponse:
    """The files of these papers and their data as a ZIP, with checksums."""
    meeting, found = _all(request, pk)
    files = []
    for place, paper in enumerate(found, 1):
        name = f"{place:02d} {_name(paper)}"
        files.append(bundles.Filed(f"{name}.pdf", paper.path.read_bytes()))
        files.append(bundles.Filed(f"{name}.json", payload_bytes(paper.data)))
    zipped = bundles.zipped(files, at=max(paper.drawn_up_at for paper in found))
    return _attached(zipped, f"{bundles.safe_name(meeting.written_number)}.zip", "application/zip")


def _all(request: HttpRequest, pk: int) -> tuple[Meeting, list[Paper]]:
    """The meeting with its papers; 404 without any."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    found = _papers(meeting, who.person)
    if not found:
        raise Http404
    return meeting, found


def _seen(person: Person) -> QuerySet[Paper]:
    return Paper.objects.visible_to(person).select_related(
        "committee__branch", "seat", "proposal", "drawn_up_by"
    )


def _papers(meeting: Meeting, person: Person) -> list[Paper]:
    """The meeting's papers in the reader's language that the person may see."""
    language = CHINESE if labels.chinese() else ENGLISH
    allowed = set(_seen(person).filter(committee=meeting.committee_id).values_list("pk", flat=True))
    return [paper for paper in sources.papers(meeting, language) if paper.pk in allowed]


def _paper(request: HttpRequest, pk: int) -> Paper:
    return get_object_or_404(_seen(viewer_of(request).person), pk=pk)


def _name(paper: Paper) -> str:
    return bundles.safe_name(f"{paper.written_number} {paper.get_kind_display()}")


def _attached(content: bytes, name: str, media_type: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})
