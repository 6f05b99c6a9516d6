"""The dossier of a decision: its page, judged anew each time, its sealed PDF, the proofs of its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.witnessing import uncosigned_since
from committee.models import Resolution
from documents.bundle import safe_name
from office import preparing
from office.dossier import paper, seal_key, sealed_log
from office.dossier.case import Case, LogEntry, Unreadable
from office.dossier.findings import Outcome
from office.dossier.judging import Dossier, Judged, judge
from office.dossier.reading import with_meeting
from office.dossier.sealed_log import Sealed
from office.labels import ACTIONS
from office.models import Paper, Preparation
from office.papers.wording import CHINESE, ENGLISH, Language, Voice, voice_of
from office.permissions import dossiers_visible_to
from pages.oversight.dossiers.listing import Dossiers, cited, plan_number
from regulation.articles import ARTICLES, citation
from voting.models import Ballot
from web import idempotent_forms, labels, limits, shell
from web.log import streams
from web.viewer import viewer_of

TONES = {
    Outcome.NOT_APPLIED: "plain",
    Outcome.NOTED: "plain",
    Outcome.HELD: "good",
    Outcome.OPEN: "information",
    Outcome.GAP: "waiting",
    Outcome.NOT_HELD: "stopped",
}
_PDF = "application/pdf"


@dataclass(frozen=True)
class Line:
    """A check of an article in words."""

    tone: str
    word: str
    said: str


@dataclass(frozen=True)
class Row:
    """An entry of the log as the page shows it."""

    entry: LogEntry
    anchor: str
    act: str | Promise
    who: str
    sealed: str
    #: the address of its proof; empty while there is none
    proof: str


@dataclass(frozen=True)
class Article:
    """An article as the page shows it."""

    number: int
    name: str
    text: str
    tone: str
    word: str
    lines: list[Line]
    rows: list[Row]
    papers: list[Paper]
    ballots: tuple[Ballot, ...]


@dataclass(frozen=True, kw_only=True)
class DossierPage:
    """What the page of a dossier shows."""

    case: Case
    articles: list[Article]
    rows: list[Row]
    #: whether the entries are shown, and not the articles
    entries_only: bool
    #: how it came out in all, and how far its entries are sealed, each in a sentence
    summary: str
    sealing: str
    result: str
    judged_at: datetime
    not_cosigned: datetime | None
    #: whether the PDF is sealed
    sealing_key: bool
    #: why the seal key cannot be used; empty where it can
    key_fault: str


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A decision that cannot be judged, since no plan stands under its item."""

    resolution: Resolution


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """How far the worker is with the PDF."""

    case: Case
    name: str
    row: Preparation | None
    file: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All decisions that the person oversees, the worst first."""
    who = viewer_of(request)
    if not Dossiers.open_to(who):
        raise Http404
    listing = Dossiers(who, request.GET).read()
    rows = [
        (row, plan_number(row), labels.resolved(row.resolution), cited(row.not_held), cited(row.gaps))
        for row in listing.page.rows
    ]
    return shell.page(
        request, "oversight/dossiers/list.html", {"list": listing, "rows": rows}, here="dossiers"
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision article by article, judged now; with `show=entries` the entries of the log."""
    resolution = _resolution(request, pk)
    try:
        found = judge(resolution)
    except Unreadable:
        return shell.page(
            request, "oversight/dossiers/unread.html", Unread(resolution=resolution), here="dossiers"
        )
    with timezone.override(found.case.committee.tz):
        shown = _shown(found, entries_only=request.GET.get("show") == "entries")
        return shell.page(request, "oversight/dossiers/dossier.html", shown, here="dossiers")


@require_safe
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier as a sealed PDF; above twenty pages the worker makes it, and a page tells how far it is."""
    found, language = _dossier(request, pk), _language()
    try:
        if _is_long(found, language):
            row = preparing.dossier(found, language)
            if row is None or row.state != Preparation.State.DONE:
                return redirect("dossier-prepared", pk)
            return _attached(row.path.read_bytes(), f"{_name(found)}.pdf", _PDF)
        made = paper.made(found, language)
    except ImproperlyConfigured:
        return redirect("dossier", pk)  # which says what is wrong with the seal key
    return _attached(made.pdf, f"{_name(found)}.pdf", _PDF)


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.EXPORT, "POST")
def prepared(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is with the PDF; a POST asks for it."""
    found, language = _dossier(request, pk), _language()
    if request.method == "POST":

        def ask() -> str:
            preparing.put_together_dossier(found, language, by=viewer_of(request).person)
            return reverse("dossier-prepared", args=[pk])

        return redirect(idempotent_forms.carry_out(request, ask))
    shown = Prepared(
        case=found.case,
        name=_name(found),
        row=preparing.dossier(found, language),
        file=reverse("dossier-pdf", args=[pk]),
    )
    return shell.page(request, "oversight/dossiers/prepared.html", shown, here="dossiers")


@require_safe
def proofs(request: HttpRequest, pk: int) -> HttpResponse:
    """The proofs of all its entries as a ZIP, with a list that says what has none."""
    found = _dossier(request, pk)
    made = sealed_log.zipped(found, sealed_log.of(found), at=clock.now())
    return _attached(made, f"{_name(found)}.zip", "application/zip")


@require_safe
def proof(request: HttpRequest, pk: int, stream: str, seq: int) -> HttpResponse:
    """The proof of one of its entries as a file; 404 while there is none."""
    found = _dossier(request, pk)
    entries = tuple(entry for entry in found.entries if entry.key == (stream, seq))
    made = [sealed_log.of(found).of(entry).proof for entry in entries]
    if not made or made[0] is None:
        raise Http404
    return _attached(made[0].written().encode(), sealed_log.file_name(stream, seq), "text/plain")


def _resolution(request: HttpRequest, pk: int) -> Resolution:
    """The resolution, for whoever is shown its dossier; for others there is none."""
    rows = Resolution.objects.filter(dossiers_visible_to(viewer_of(request).person))
    return get_object_or_404(with_meeting(rows), pk=pk)


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    try:
        return judge(_resolution(request, pk))
    except Unreadable:
        raise Http404 from None


def _shown(found: Dossier, *, entries_only: bool) -> DossierPage:
    case, sealed = found.case, sealed_log.of(found)
    say = voice_of(case.committee, _language())
    names = streams.names_of_people(entry.row.actor for entry in found.entries)
    rows = {entry.key: _row(say, case, entry, sealed, names) for entry in found.entries}
    return DossierPage(
        case=case,
        articles=[
            _article(say, each, [rows[entry.key] for entry in each.entries]) for each in found.articles
        ],
        rows=list(rows.values()),
        entries_only=entries_only,
        summary=paper.summary(say, found),
        sealing=paper.sealing_of(say, found, sealed),
        result=labels.resolved(case.resolution),
        judged_at=clock.now(),
        not_cosigned=uncosigned_since(),
        sealing_key=seal_key.is_set(),
        key_fault=_key_fault(),
    )


def _key_fault() -> str:
    """Why the seal key that is set cannot be used."""
    try:
        seal_key.opened()
    except ImproperlyConfigured as error:
        return str(error)
    return ""


def _row(say: Voice, case: Case, entry: LogEntry, sealed: Sealed, names: dict[str, str]) -> Row:
    stream, seq = entry.key
    proved = sealed.of(entry).proof is not None
    address = reverse("dossier-proof", args=[case.resolution.pk, stream, seq]) if proved else ""
    return Row(
        entry,
        f"{stream.replace(':', '-')}-{seq}",
        ACTIONS.get(entry.action, entry.action),
        names.get(entry.row.actor, ""),
        say(*sealed.words(entry)),
        address,
    )


def _article(say: Voice, each: Judged, rows: list[Row]) -> Article:
    article = ARTICLES[each.article]
    return Article(
        each.article,
        citation(str(each.article), say.language),
        article.lead_zh if say.chinese else article.lead_en,
        TONES[each.outcome],
        say(*paper.OUTCOMES[each.outcome]),
        [_line(say, check.outcome, check.said(say)) for check in each.finding.checks],
        rows,
        _in_language(each.papers, say.language),
        each.ballots,
    )


def _line(say: Voice, outcome: Outcome, said: str) -> Line:
    word = say("note", "说明") if outcome == Outcome.NOTED else say(*paper.OUTCOMES[outcome])
    return Line(TONES[outcome], word, said)


def _in_language(papers: Iterable[Paper], language: str) -> list[Paper]:
    return [each for each in papers if each.language == language]


def _is_long(found: Dossier, language: Language) -> bool:
    content = paper.content(found, sealed_log.of(found), language, at=clock.now(), sealing=seal_key.is_set())
    return paper.is_long(content)


def _name(found: Dossier) -> str:
    word = "核查卷宗" if labels.chinese() else "dossier"
    return safe_name(f"{found.case.proposal.written_number} {word} {found.case.resolution.pk}")


def _language() -> Language:
    """The reader's."""
    return CHINESE if labels.chinese() else ENGLISH


def _attached(content: bytes, name: str, media_type: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})
