"""Drawing up the papers of a meeting: each with its number and file, once (Art. 12)."""

from __future__ import annotations

from django.db.models import QuerySet

from audit import clock
from audit.recording import action, record
from committee.beginning import begin_on_meeting
from committee.models import Meeting, Person, Series
from documents import render
from documents.content import Content
from documents.render import Rendered
from office import signed_files
from office.minutes_paper import signed_content
from office.models import MinutesFile, Paper
from office.papers import files
from office.papers.pictures import drawn
from office.papers.sources import Source, sources
from office.papers.wording import CHINESE, LANGUAGES, Language
from office.permissions import ACTS
from regulation.refused import Refused


@action
def draw_up_papers(meeting: Meeting, *, by: Person) -> list[Paper]:
    """Every paper of the meeting whose facts stand exists, numbered, in both languages; those that were drawn
    up before stay as they are.

    `12/only-liaison`; `state/not-allowed` when nothing is left to draw up; `document/no-glyph`;
    `document/not-valid` for a signed file that is lost or was changed.
    """
    drawn = _drawn(meeting, by, None)
    if not drawn:
        raise Refused("state/not-allowed", cause="papers/drawn-up")
    return drawn


@action
def draw_up_some(meeting: Meeting, *, by: Person, most: int) -> list[Paper]:
    """The next papers exist, of `most` rows at most, as `draw_up_papers` makes them; none when none is left.

    `12/only-liaison`; `state/not-allowed`; `document/no-glyph`.
    """
    return _drawn(meeting, by, most)


def _drawn(meeting: Meeting, by: Person, most: int | None) -> list[Paper]:
    meeting = begin_on_meeting(ACTS["draw_up_papers"], meeting, by)
    drawn = [paper for source in waiting(meeting)[:most] for paper in _draw_up(source, meeting, by)]
    if not drawn:
        return []
    record(
        meeting.stream,
        "draw_up_papers",
        meeting.subject,
        by=by,
        payload={"papers": [_told(paper) for paper in drawn]},
    )
    return drawn


def waiting(meeting: Meeting) -> list[Source]:
    """The papers that can be drawn up and are not, in the order of the file.

    The index, which lists those before it, is the last.
    """
    there = sources(meeting)
    drawn = set(
        Paper.objects.filter(
            committee=meeting.committee_id, source__in=[source.key for source in there]
        ).values_list("kind", "source")
    )
    return [source for source in there if (source.kind, source.key) not in drawn]


def _drawn_up(source: Source, meeting: Meeting) -> QuerySet[Paper]:
    return Paper.objects.filter(committee=meeting.committee_id, kind=source.kind, source=source.key)


def _draw_up(source: Source, meeting: Meeting, by: Person) -> list[Paper]:
    """Draw it up in both languages under one number; nothing if another meeting of the committee just did."""
    series = Series.objects.hold(meeting.committee, Paper.SERIES[source.kind], source.at)
    if _drawn_up(source, meeting).exists():
        return []
    if source.numbered is None:
        series.last += 1
        series.save(update_fields=["last"])
    year, number = source.numbered or (series.year, series.last)
    return [_made(source, meeting, by, (year, number), language) for language in LANGUAGES]


def _made(
    source: Source, meeting: Meeting, by: Person, numbered: tuple[int, int], language: Language
) -> Paper:
    year, number = numbered
    if source.signed is not None and language == CHINESE:
        content, made, template = _of_signed(source.signed)
    else:
        written = Series.written(meeting.committee, Paper.SERIES[source.kind], year, number)
        (content,), pictures = drawn([source.worded(meeting, written, language)])
        made, template = files.rendered(content, pictures), render.template_digest()
    files.keep(made.sha256, made.pdf)
    return Paper.objects.create(
        committee=meeting.committee,
        kind=source.kind,
        year=year,
        number=number,
        language=language,
        meeting=meeting if source.of_meeting else None,
        proposal=source.proposal,
        seat=source.seat,
        data=content.as_json(),
        source=source.key,
        template=template,
        sha256=made.sha256,
        size=len(made.pdf),
        pages=made.pages,
        drawn_up_by=by,
        drawn_up_at=clock.now(),
    )


def _of_signed(file: MinutesFile) -> tuple[Content, Rendered, str]:
    """The paper that was frozen and signed: its data, its file as it is, and no template."""
    pdf = signed_files.read(file)
    return signed_content(file, pdf), Rendered(pdf, render.pages_of(pdf)), ""


def _told(paper: Paper) -> dict[str, object]:
    return {
        "paper": paper.subject,
        "kind": paper.kind,
        "number": paper.written_number,
        "language": paper.language,
        "sha256": paper.sha256,
    }
