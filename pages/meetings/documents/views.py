"""Papers on file: the list of a meeting's, each read on its page, downloaded, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Meeting
from documents.bundle import safe_name
from documents.content import Content
from documents.content import read as read_content
from documents.render import LONG
from documents.word import word as as_word
from office import preparing
from office.models import Paper, Preparation
from office.papers import sources
from office.papers.wording import CHINESE, ENGLISH, Language
from pages.meetings.documents import groups
from web import idempotent_forms, labels, limits, offers, shell
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
#: what is made of all of them → the ending of its file, and its media type
_TOGETHER = {
    Preparation.Kind.COPY: ("pdf", "application/pdf"),
    Preparation.Kind.BUNDLE: ("zip", "application/zip"),
}
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The papers of a meeting that the person may see."""

    meeting: Meeting
    papers: list[Paper]
    groups: list[groups.Group]
    pages: int
    #: the drawing up that the worker is at, or that failed
    drawing: Preparation | None
    offers: Any


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the worker makes of the papers, and how far it is."""

    meeting: Meeting
    name: str
    #: the address of the file
    file: str
    papers: int
    pages: int
    #: none before it is asked for
    row: Preparation | None


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
        papers = _papers(meeting, who.person)
        shown = Documents(
            meeting=meeting,
            papers=papers,
            groups=groups.by_kind(papers),
            pages=sum(paper.pages for paper in papers),
            drawing=preparing.under_way(meeting),
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
    return _attached(content, f"{preparing.file_name(paper)}.pdf", "application/pdf")


@require_safe
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as a Word file to paste from; of notices, resolutions and minutes."""
    paper = _paper(request, pk)
    if paper.kind not in _WORD:
        raise Http404
    return _attached(as_word(read_content(paper.data)), f"{preparing.file_name(paper)}.docx", _DOCX)


@require_safe
def reading_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of the meeting that the person may see as one PDF, marked as a reading copy.

    Above twenty pages the worker makes it.
    """
    return _together(request, pk, Preparation.Kind.COPY)


@require_safe
def bundle(request: HttpRequest, pk: int) -> HttpResponse:
    """The files of these papers and their data as a ZIP, with checksums; above twenty pages by the worker."""
    return _together(request, pk, Preparation.Kind.BUNDLE)


def _together(request: HttpRequest, pk: int, kind: Preparation.Kind) -> HttpResponse:
    meeting, found = _all(request, pk)
    if sum(paper.pages for paper in found) > LONG:
        made = preparing.found(kind, found, _language())
        if made is None or made.state != Preparation.State.DONE:
            return redirect("documents-prepared", meeting.pk, kind)
        content = made.path.read_bytes()
    elif kind == Preparation.Kind.COPY:
        content = preparing.reading_copy(meeting, found)
    else:
        content = preparing.zipped(found)
    ending, media_type = _TOGETHER[kind]
    return _attached(content, f"{safe_name(meeting.written_number)}.{ending}", media_type)


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.EXPORT, "POST")
def prepared(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """How far the worker is with one file of the papers; a POST asks for it."""
    if kind not in _TOGETHER:
        raise Http404
    meeting, found = _all(request, pk)
    here = reverse("documents-prepared", args=[meeting.pk, kind])
    if request.method == "POST":

        def ask() -> str:
            preparing.put_together(kind, meeting, found, _language(), by=viewer_of(request).person)
            return here

        return redirect(idempotent_forms.carry_out(request, ask))
    shown = Prepared(
        meeting=meeting,
        name=str(Preparation.Kind(kind).label),
        file=reverse(f"documents-{_TOGETHER[Preparation.Kind(kind)][0]}", args=[meeting.pk]),
        papers=len(found),
        pages=sum(paper.pages for paper in found),
        row=preparing.found(kind, found, _language()),
    )
    return shell.page(request, "meetings/documents/prepared.html", shown, here="meetings")


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
    language = _language()
    allowed = set(_seen(person).filter(committee=meeting.committee_id).values_list("pk", flat=True))
    return [paper for paper in sources.papers(meeting, language) if paper.pk in allowed]


def _paper(request: HttpRequest, pk: int) -> Paper:
    return get_object_or_404(_seen(viewer_of(request).person), pk=pk)


def _language() -> Language:
    """The reader's."""
    return CHINESE if labels.chinese() else ENGLISH


def _attached(content: bytes, name: str, media_type: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})
