"""What is sent as one package: a copy of the minutes, or the report with minutes, tally and resolutions."""

from __future__ import annotations

from collections.abc import Iterator

from audit.models import Checkpoint
from documents.archive.files import About, File, Missing
from office import record as meeting_record
from office.archives.meeting_file import SUPPLEMENT, as_json, checkpoint, contents, missing, paper, signed
from office.models import Copy, Dispatch, Paper
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
    """What the package could have and has not; an institution's own copy has none of the papers."""
    if dispatch.copy is None:
        return missing(dispatch.meeting, REPORTED)
    whole = dispatch.copy.full and not dispatch.copy.minutes.supplements_id
    return missing(dispatch.meeting, ("minutes",)) if whole else []


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
    """The copy as it was made; in full, the papers of the minutes too.

    An institution's own copy has no names, so none of the papers goes with it.
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
        return
    papers = Paper.objects.filter(
        committee=committee, kind=Paper.Kind.MINUTES, source=f"minutes:{minutes.pk}"
    )
    for row in papers.exclude(Paper.SIGNED).select_related("committee").order_by("pk"):
        yield paper(row)
    yield from signed(dispatch.meeting, of=minutes)
