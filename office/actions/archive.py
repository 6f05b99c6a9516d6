"""The report to head office and the archive (Art. 12.5, 12.6)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery

from audit import clock
from audit.recording import action, record, rehearsing
from audit.waking import checkpoint_soon
from committee import messages
from committee.beginning import begin_on_meeting
from committee.messages import announce, settle, settle_moved
from committee.models import AgendaItem, Delivery, Meeting, NoticeItem, Person, Series
from documents.archive.files import Missing
from office import record as meeting_record
from office.actions.outgoing import note_receipt, put_out
from office.archives.meeting_file import papers_missing
from office.models import ArchiveFile, Copy, Dispatch, Minutes, Report
from office.permissions import ACTS, require_signed_minutes
from proposals.models import DocketEntry, Tabling
from regulation.refused import Refused
from voting.models import Vote


@action
def report_decisions(meeting: Meeting, *, by: Person) -> Report:
    """What was resolved is reported to head office, numbered.

    `12/only-liaison`; `21/minutes-not-signed`; `state/not-allowed` before the closing and a second time.
    """
    meeting = begin_on_meeting(ACTS["report_decisions"], meeting, by, first=require_signed_minutes)
    if Report.objects.filter(meeting=meeting).exists():
        raise Refused("state/not-allowed", cause="report/sent")
    now = clock.now()
    year, number = Series.objects.take(meeting.committee, Series.Kind.REPORT, now)
    minutes = Minutes.objects.originals().get(meeting=meeting)
    report = Report.objects.create(
        meeting=meeting,
        year=year,
        number=number,
        content=meeting_record.resolutions(minutes.record),
        sent_by=by,
        sent_at=now,
    )
    put_out(meeting, [report], by=by)
    record(
        meeting.stream,
        "report_decisions",
        meeting.subject,
        by=by,
        payload={"report": str(report), "digest": meeting_record.digest(report.content)},
    )
    announce("report_decisions", messages.head_office(meeting.committee), by=by, about=meeting.subject)
    checkpoint_soon()
    return report


@action
def receive_report(meeting: Meeting, *, by: Person) -> Report:
    """Head office has received the report.

    `access/denied` to anyone else; `state/not-allowed` before it was sent, while its package cannot be
    sent, and a second time.
    """
    meeting = begin_on_meeting(ACTS["receive_report"], meeting, by)
    report = Report.objects.filter(meeting=meeting).select_for_update().first()
    if report is None or report.received_at is not None:
        raise Refused("state/not-allowed", cause="report/received" if report else "report/not-sent")
    if Dispatch.objects.filter(report=report, sent_at=None, tries__gt=0).exists():
        raise Refused("state/not-allowed", cause="dispatch/under-way")
    report.received_at, report.received_by = clock.now(), by
    report.save(update_fields=["received_at", "received_by"])
    note_receipt(report, by=by)
    settle("report_decisions", about=meeting.subject)
    record(meeting.stream, "receive_report", meeting.subject, by=by, payload={"report": str(report)})
    announce("receive_report", [meeting.committee.liaison_id], by=by, about=meeting.subject)
    return report


@action
def archive(meeting: Meeting, *, by: Person) -> ArchiveFile:
    """The meeting's file is complete and closed, with a digest of each part.

    `12/only-liaison`; `state/not-allowed` before the closing and a second time; `12.6/archive-incomplete`
    while a part is missing, supplementary minutes wait for their signature, or a paper is not drawn up.
    """
    meeting = begin_on_meeting(ACTS["archive"], meeting, by, first=_require_complete)
    now = clock.now()
    contents = _contents(meeting)
    file = ArchiveFile.objects.create(
        meeting=meeting,
        contents=contents,
        digest=meeting_record.digest({"contents": contents}),
        archived_by=by,
        archived_at=now,
    )
    meeting.archive(now)
    meeting.save(update_fields=["state", "archived_at"])
    settle_moved([meeting.subject], meeting.state)
    record(meeting.stream, "archive", meeting.subject, by=by, payload={"digest": file.digest})
    return file


def _require_complete(meeting: Meeting) -> None:
    """Raise `12.6/archive-incomplete` for a closed meeting while a part or a paper is missing."""
    if meeting.state in (Meeting.State.CLOSED, Meeting.State.MINUTED, Meeting.State.SIGNED):
        refused = incomplete(meeting)
        if refused is not None:
            raise refused


def incomplete(meeting: Meeting) -> Refused | None:
    """The refusal of the archive, naming the parts that are missing, supplementary minutes that wait for a
    signature, and papers not drawn up; None when nothing is. The last two are asked for once all parts are
    there.
    """
    lacking: list[object] = [*missing_parts(meeting)]
    if not lacking:
        asked = [*unsigned_supplement(meeting), *missing_papers(meeting)]
        lacking += [{"en": each.text, "zh-hans": each.text_zh} for each in asked]
    return Refused("12.6/archive-incomplete", missing=lacking) if lacking else None


def unsigned_supplement(meeting: Meeting) -> list[Missing]:
    """The supplementary minutes that are drafted and not signed: what they correct is not settled."""
    rows = Minutes.objects.supplementary().filter(meeting=meeting, state=Minutes.State.DRAFTED)
    return [
        Missing(
            f"the signature of whoever presided on the supplementary minutes {row}",
            f"会议主持人对补充纪要（{row}）的签发",
        )
        for row in rows.select_related("meeting__committee")
    ]


def missing_papers(meeting: Meeting) -> list[Missing]:
    """The papers that are not drawn up, by their kind; none in a rehearsal, which makes no files."""
    return [] if rehearsing() else papers_missing(meeting)


def missing_parts(meeting: Meeting) -> list[str]:
    """The names of the parts missing from the archive (Art. 12.6); empty when it is complete."""
    there: dict[str, Any] = {**Meeting.objects.filter(pk=meeting.pk).values(**_there(meeting)).get()}
    there["receipts"] = (there["receipts"] or 0) >= meeting.regulation.seat_count
    return [part for part, present in there.items() if not present]


def _there(meeting: Meeting) -> dict[str, Any]:
    """Part of the file → the condition that it exists; for receipts their number."""
    tabled = Tabling.objects.filter(item__meeting=meeting.pk)
    notices = meeting.notices.filter(superseded_at=None)
    on_docket = DocketEntry.objects.filter(proposal=OuterRef("proposal"))
    resolved = meeting.items.filter(resolved_at__isnull=False, resolutions=None)
    minutes = Minutes.objects.originals().filter(meeting=meeting.pk)
    standing = Delivery.objects.standing()
    receipts = standing.filter(notice__in=notices, receipt_at__isnull=False).order_by()
    return {
        "docket": ~Exists(tabled.filter(~Exists(on_docket))),
        "notice": Exists(notices),
        "receipts": Subquery(receipts.values("notice").annotate(all=Count("pk")).values("all")),
        "materials": Exists(NoticeItem.objects.filter(notice__in=notices)),
        "attendance": Exists(meeting.attendances.all()),
        "ballots": ~Exists(Vote.objects.filter(item__meeting=meeting.pk, state=Vote.State.OPEN)),
        "resolution": ~Exists(resolved),
        "minutes": Exists(minutes.filter(state=Minutes.State.SIGNED)),
        "distribution": Exists(Copy.objects.filter(minutes__in=minutes)),
        "report": Exists(Report.objects.filter(meeting=meeting.pk)),
    }


def _receipt(row: Delivery) -> dict[str, Any]:
    """The receipt of a delivery; on paper also who received it from whom, if recorded."""
    hands = {"received_by": row.received_by, "handed_by": row.handed_by} if row.received_by else {}
    return {"seat": row.seat.number, "paper": row.paper, "receipt_at": row.receipt_at, **hands}


def _contents(meeting: Meeting) -> list[dict[str, Any]]:
    minutes = Minutes.objects.originals().get(meeting=meeting)
    items = meeting.items.exclude(left_why=AgendaItem.Left.DROPPED).order_by("number", "pk")
    parts: dict[str, Any] = {
        "docket": [
            str(entry.docket)
            for entry in DocketEntry.objects.filter(
                proposal__in=Tabling.objects.filter(item__meeting=meeting).values("proposal")
            ).select_related("docket__committee")
        ],
        "notice": [
            {
                "number": notice.number,
                "sent_at": notice.sent_at.isoformat(),
                "receipts": [
                    _receipt(row)
                    for row in sorted(notice.deliveries.all(), key=lambda delivery: delivery.seat.number)
                    if row.replaced_at is None
                ],
            }
            for notice in meeting.notices.order_by("number").prefetch_related("deliveries__seat")
        ],
        "materials": [{"title": item.title, "digest": item.digest} for item in items],
        "record": minutes.record,
        "minutes": {"number": str(minutes), "digest": minutes.digest},
        "distribution": [
            {"unit": copy.unit.name, "in_full": copy.full} for copy in minutes.copies.select_related("unit")
        ],
        "report": Report.objects.get(meeting=meeting).content,
    }
    return [{"part": name, "digest": meeting_record.digest({name: part})} for name, part in parts.items()]
