"""What is sent as one package: a copy of the minutes, or the report with minutes, tally and resolutions.

A package has the papers that are drawn up when it is made, and its index names those that are not.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.models import Checkpoint
from documents.archive.files import About, File, Missing
from office import record as meeting_record
from office.archives.meeting_file import (
    SUPPLEMENT,
    as_json,
    checkpoint,
    contents,
    missing,
    not_drawn_up,
    paper,
    signed,
)
from office.models import Copy, Dispatch, Paper
from office.papers.files import rendered
from office.papers.minutes import extract
from office.papers.sources import Source, sources
from office.papers.wording import LANGUAGES, Sheet, voice_of
from office.permissions import OF_A_PLAN
from regulation import labels

#: the parts of the file that a report to head office has, with their papers; beside them it has the last
#: checkpoint of the audit log
REPORTED = ("minutes", "tally", "resolution", "report")


def about(dispatch: Dispatch) -> About:
    """What the package's index says of it."""
    committee = dispatch.meeting.committee
    made_at = dispatch.made_at.astimezone(committee.tz).isoformat()
    is_report = dispatch.kind == Dispatch.Kind.REPORT
    return About(
        bank=str(committee.branch.bank),
        committee=committee.name,
        number=dispatch.meeting.written_number,
        at=dispatch.meeting.at.astimezone(committee.tz).isoformat(),
        archived_at=made_at,
        archived_by=dispatch.made_by.display_name,
        kept_until="",
        years=0,
        digest="",
        title="Report to head office" if is_report else "Copy of the minutes",
        title_zh="决议报告" if is_report else "会议纪要印发稿",
        to=dispatch.unit.name,
        missing=_missing(dispatch),
    )


def _missing(dispatch: Dispatch) -> list[Missing]:
    """What the package could have and has not."""
    if dispatch.copy is None:
        return missing(dispatch.meeting, REPORTED)
    if not dispatch.copy.full:
        return list(not_drawn_up(dispatch.meeting, _own_papers(dispatch)))
    return [] if dispatch.copy.minutes.supplements_id else missing(dispatch.meeting, ("minutes",))


def _own_papers(dispatch: Dispatch) -> list[Source]:
    """Papers of the handling institution's plans that name no voter: plan, resolution, credit decision."""
    return [
        source
        for source in sources(dispatch.meeting)
        if source.kind in OF_A_PLAN and source.proposal and source.proposal.unit_id == dispatch.unit_id
    ]


def files(dispatch: Dispatch) -> list[File]:
    """The papers that are sent; of a report those parts of the meeting's file that head office has."""
    if dispatch.report is not None:
        reported = [file for file in contents(dispatch.meeting) if file.part in REPORTED]
        return [*reported, *_checkpoint(dispatch)]
    assert dispatch.copy is not None  # by the constraint
    return list(_of_copy(dispatch.copy, dispatch))


def _checkpoint(dispatch: Dispatch) -> Iterator[File]:
    """The last signed note on the audit log, with its cosignature if it has one by now; none without a key
    of the log.
    """
    row = Checkpoint.objects.order_by("-size").first()
    if row is not None:
        yield checkpoint(row, dispatch.meeting)


def _of_copy(copy: Copy, dispatch: Dispatch) -> Iterator[File]:
    """The copy as it was made, with its papers: in full those of the minutes.

    An institution's own copy names nobody; with it go the papers of its plans that name no voter.
    """
    committee, minutes = dispatch.meeting.committee, copy.minutes
    english, chinese = SUPPLEMENT if minutes.supplements_id else labels.PARTS["minutes"]
    yield File(
        name="minutes.json",
        part="minutes",
        title=english if copy.full else "own items of the minutes, without names",
        title_zh=chinese if copy.full else "会议纪要摘录（本机构议题，不具名）",
        content=as_json({"content": copy.content, "digest": meeting_record.digest(copy.content)}),
        number=str(minutes),
        by=committee.name,
        date=copy.sent_at.astimezone(committee.tz).date().isoformat(),
    )
    if not copy.full:
        yield from _extracts(copy, dispatch)
    keys = [f"minutes:{minutes.pk}"] if copy.full else [source.key for source in _own_papers(dispatch)]
    kinds = (Paper.Kind.MINUTES,) if copy.full else OF_A_PLAN
    papers = Paper.objects.filter(committee=committee, kind__in=kinds, source__in=keys)
    for row in papers.exclude(Paper.SIGNED).select_related("committee").order_by("pk"):
        yield paper(row)
    if copy.full:
        yield from signed(dispatch.meeting, of=minutes)


def _extracts(copy: Copy, dispatch: Dispatch) -> Iterator[File]:
    """An institution's own copy as a paper, in both languages; it has the number of its minutes."""
    committee, minutes = dispatch.meeting.committee, copy.minutes
    sheets = (
        Sheet(
            kind=Paper.Kind.MINUTES,
            say=voice_of(committee, language),
            committee=committee,
            number=str(minutes),
            at=copy.sent_at,
        )
        for language in LANGUAGES
    )
    for sheet in sheets:
        made = rendered(extract(sheet, minutes, copy.content), {})
        english, chinese = "extract of the minutes", "会议纪要摘录"
        yield File(
            name=f"extract-{sheet.say.language}.pdf",
            part="minutes",
            title=f"{english}, in Chinese" if sheet.say.chinese else english,
            title_zh=chinese if sheet.say.chinese else f"{chinese}（英文本）",
            content=made.pdf,
            number=str(minutes),
            by=committee.name,
            date=copy.sent_at.astimezone(committee.tz).date().isoformat(),
            pages=made.pages,
        )
