"""Papers above twenty pages are made by the worker: drawn up, or put together in one file.

What is asked for twice is made once. A file is kept for a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from audit.canonical import payload_bytes
from committee.models import Meeting, Person, Resolution
from documents import bundle, render
from documents.content import read as read_content
from office.actions.papers import draw_up_some, waiting
from office.dossier import paper as dossier_paper
from office.dossier.judging import Dossier, judge
from office.dossier.reading import with_meeting
from office.models import Paper, Preparation
from office.papers.pictures import drawn
from office.papers.wording import CHINESE, LANGUAGES

KEPT = timedelta(days=1)
#: the job's name (`office.tasks`)
PREPARE = "office.tasks.prepare"
#: papers drawn up in one transaction
_AT_ONCE = 4

_K, _S = Preparation.Kind, Preparation.State


def key_of(kind: str, language: str, made_of: Sequence[str]) -> str:
    """Return the key of what is made of these papers, by their checksums or sources, as it is made now."""
    told = [kind, language, render.template_digest(), *made_of]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def found(kind: str, papers: Sequence[Paper], language: str) -> Preparation | None:
    """Return what is or was made of these papers; none whose file is gone, or that was asked a day ago."""
    key = key_of(kind, language, [paper.sha256 for paper in papers])
    row = Preparation.objects.filter(key=key, asked_at__gt=timezone.now() - KEPT).order_by("-pk").first()
    return None if row is None or (row.state == _S.DONE and not row.path.is_file()) else row


def put_together(
    kind: str, meeting: Meeting, papers: Sequence[Paper], language: str, *, by: Person
) -> Preparation:
    """The papers are put together by the worker, unless they are already."""
    key = key_of(kind, language, [paper.sha256 for paper in papers])
    row = Preparation(
        kind=kind, meeting=meeting, key=key, language=language, papers=[paper.pk for paper in papers]
    )
    return _asked(row, total=len(papers), by=by)


def dossier(found: Dossier, language: str) -> Preparation | None:
    """Return the worker's file of the dossier as it is judged now; none before it is asked for."""
    key = dossier_paper.key_of(found, language)
    row = Preparation.objects.filter(key=key, asked_at__gt=timezone.now() - KEPT).order_by("-pk").first()
    return None if row is None or (row.state == _S.DONE and not row.path.is_file()) else row


def put_together_dossier(found: Dossier, language: str, *, by: Person) -> Preparation:
    """The dossier is made by the worker, unless it is already."""
    case = found.case
    row = Preparation(
        kind=_K.DOSSIER,
        meeting=case.meeting,
        resolution=case.resolution,
        key=dossier_paper.key_of(found, language),
        language=language,
    )
    return _asked(row, total=1, by=by)


def is_long(meeting: Meeting) -> bool:
    """Whether a paper that can be drawn up now may have more than twenty pages."""
    return any(render.is_long(source.worded(meeting, "", CHINESE)) for source in waiting(meeting))


def under_way(meeting: Meeting) -> Preparation | None:
    """Return the drawing up of the meeting's papers that the worker is at, or that failed last."""
    row = Preparation.objects.filter(kind=_K.DRAWING, meeting=meeting).order_by("-pk").first()
    return None if row is None or row.state == _S.DONE else row


def draw_up(meeting: Meeting, *, by: Person) -> Preparation:
    """The papers that can be drawn up now are, by the worker, in the person's name."""
    keys = [source.key for source in waiting(meeting)]
    key = key_of(_K.DRAWING, str(meeting.pk), keys)
    row = Preparation(kind=_K.DRAWING, meeting=meeting, key=key, language=CHINESE)
    return _asked(row, total=len(keys) * len(LANGUAGES), by=by)


def _asked(row: Preparation, *, total: int, by: Person) -> Preparation:
    """The row, with its job in the same transaction; that of another who asked at the same time."""
    row.total, row.person = total, by
    try:
        with transaction.atomic():
            _forget(row.key)
            row.save()
            app.configure_task(PREPARE).defer(pk=row.pk)
    except IntegrityError:
        return Preparation.objects.exclude(state=_S.FAILED).get(key=row.key)
    return row


def _forget(key: str) -> None:
    """Delete what was made and is gone, and what was done or failed before: it is made anew."""
    for row in Preparation.objects.filter(key=key).exclude(state=_S.WAITING):
        if row.state == _S.FAILED or not row.path.is_file():
            row.delete()


def make(pk: int) -> None:
    """Make it; FAILED, and the error raised, when it cannot be made."""
    row = Preparation.objects.select_related("meeting__committee", "person").filter(pk=pk).first()
    if row is None or row.state != _S.WAITING:
        return
    try:
        with override(row.language):
            _MAKERS[_K(row.kind)](row)
    except BaseException:
        Preparation.objects.filter(pk=pk).update(state=_S.FAILED)
        raise
    Preparation.objects.filter(pk=pk).update(state=_S.DONE, done=row.total)


def _draw(row: Preparation) -> None:
    """A few at a time, so that the meeting is not locked for long and the page can say how far it is."""
    done = 0
    while drawn := draw_up_some(row.meeting, by=row.person, most=_AT_ONCE):
        done += len(drawn)
        Preparation.objects.filter(pk=row.pk).update(done=min(done, row.total))


def _papers(row: Preparation) -> list[Paper]:
    by_pk = Paper.objects.select_related("committee").in_bulk(row.papers)
    return [by_pk[pk] for pk in row.papers]


def _copy(row: Preparation) -> None:
    made = reading_copy(row.meeting, _papers(row))
    _keep(row.path, lambda path: path.write_bytes(made))


def _bundle(row: Preparation) -> None:
    papers = _papers(row)

    def told(done: int) -> None:
        Preparation.objects.filter(pk=row.pk).update(done=done)

    made = zipped(papers, told=told)
    _keep(row.path, lambda path: path.write_bytes(made))


def _dossier(row: Preparation) -> None:
    if row.resolution_id is None:
        raise TypeError(f"preparation {row.pk} is of no decision")
    decision = with_meeting(Resolution.objects.filter(pk=row.resolution_id)).get()
    made = dossier_paper.made(judge(decision), row.language)
    _keep(row.path, lambda path: path.write_bytes(made.pdf))


_MAKERS: dict[Preparation.Kind, Callable[[Preparation], None]] = {
    _K.DRAWING: _draw,
    _K.COPY: _copy,
    _K.BUNDLE: _bundle,
    _K.DOSSIER: _dossier,
}


def reading_copy(meeting: Meeting, papers: Sequence[Paper]) -> bytes:
    """Return the papers as one PDF with bookmarks, marked on every page as a reading copy."""
    title = _("Papers of meeting %(number)s") % {"number": meeting.written_number}
    contents, pictures = drawn([read_content(paper.data) for paper in papers])
    return bundle.reading_copy(contents, title=title, mark=_("Reading copy"), pictures=pictures).pdf


def zipped(papers: Sequence[Paper], *, told: Callable[[int], None] = lambda _done: None) -> bytes:
    """Return the files of the papers and their data as a ZIP, with checksums; `told` hears how many."""
    files = []
    for place, paper in enumerate(papers, 1):
        name = f"{place:02d} {file_name(paper)}"
        files.append(bundle.Filed(f"{name}.pdf", paper.path.read_bytes()))
        files.append(bundle.Filed(f"{name}.json", payload_bytes(paper.data)))
        told(place)
    return bundle.zipped(files, at=max(paper.drawn_up_at for paper in papers))


def file_name(paper: Paper) -> str:
    """Return the name of the paper's file, without its ending; it says so where the file is signed."""
    kind = paper.get_kind_display()
    if paper.signed:
        kind = _("%(paper)s with electronic signatures") % {"paper": kind}
    return bundle.safe_name(f"{paper.written_number} {kind}")


def _keep(path: Path, write: Callable[[Path], object]) -> None:
    """The file is there whole, or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(0o600)
        write(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def clear() -> None:
    """Delete what was asked for a day ago, and files that belong to no row."""
    Preparation.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()
    kept = {row.path.name for row in Preparation.objects.all()}
    for file in (Path(settings.VAR_DIR) / "prepared").glob("*.*"):
        if file.name not in kept and file.suffix != ".part":
            file.unlink(missing_ok=True)
