"""What is sent as one package: a copy of the minutes, or the report with minutes, tally and resolutions."""

from __future__ import annotations

from collections.abc import Iterator

from documents.archive.files import About, File, Missing
from office import record as meeting_record
from office.meeting_file import as_json, contents, missing, paper, signed
from office.models import Copy, Dispatch, Paper
from regulation import labels

#: the parts of the file that a report to head office has, with their papers; a checkpoint of the audit log,
#: where the file has one, is a part of its own beside them
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
    """What the package could have and has not; an institution's own copy has none of the papers."""
    if dispatch.copy is None:
        return missing(dispatch.meeting, REPORTED)
    return missing(dispatch.meeting, ("minutes",)) if dispatch.copy.full else []


def files(dispatch: Dispatch) -> list[File]:
    """The papers that are sent; of a report those parts of the meeting's file that head office has."""
    if dispatch.report is not None:
        return [file for file in contents(dispatch.meeting) if file.part in REPORTED]
    assert dispatch.copy is not None  # by the constraint
    return list(_of_copy(dispatch.copy, dispatch))


def _of_copy(copy: Copy, dispatch: Dispatch) -> Iterator[File]:
    """The copy as it was made; in full, the papers of the minutes too.

    An institution's own copy has no names, so none of the papers goes with it.
    """
    committee = dispatch.meeting.committee
    english, chinese = labels.PARTS["minutes"]
    yield File(
        name="minutes.json",
        part="minutes",
        title=english if copy.full else "own items of the minutes, without names",
        title_zh=chinese if copy.full else "会议纪要摘录（本机构议题，不具名）",
        content=as_json({"content": copy.content, "digest": meeting_record.digest(copy.content)}),
        number=str(copy.minutes),
        by=committee.name,
        date=copy.sent_at.astimezone(committee.tz).date().isoformat(),
    )
    if copy.full:
        papers = Paper.objects.filter(kind=Paper.Kind.MINUTES, meeting=dispatch.meeting)
        for row in papers.select_related("committee").order_by("pk"):
            yield paper(row)
        yield from signed(dispatch.meeting)
