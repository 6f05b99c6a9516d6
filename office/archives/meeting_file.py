"""The file of a meeting as papers (Art. 12.6): what it has, in the order of its index (卷内目录)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.db.models import F

from audit import log_keys
from audit.models import Checkpoint, Entry, Leaf
from audit.witnessing import cosignature
from committee.models import Meeting
from documents.archive.files import CHECKPOINT, About, File, Missing
from office import record as meeting_record
from office.models import ArchiveFile, Minutes, MinutesFile, Paper, Report
from office.papers.sources import Source, sources
from proposals import storage
from proposals.attachments import stated_attachments
from proposals.models import Attachment, DocketEntry, Tabling
from regulation import labels

#: kind of a paper → the part of the file that it belongs to
_PART_OF: Mapping[str, str] = {
    Paper.Kind.DOCKET: "docket",
    Paper.Kind.FILING: "docket",
    Paper.Kind.NOTICE: "notice",
    Paper.Kind.PROXY: "proxies",
    Paper.Kind.ATTENDANCE: "attendance",
    Paper.Kind.PLAN: "materials",
    Paper.Kind.BALLOT: "ballots",
    Paper.Kind.TALLY: "tally",
    Paper.Kind.RESOLUTION: "resolution",
    Paper.Kind.MINUTES: "minutes",
    Paper.Kind.DISTRIBUTION: "distribution",
    Paper.Kind.REPORT: "report",
    Paper.Kind.CREDIT: "credit",
    Paper.Kind.INDEX: "index",
}
#: kind of a paper → its name; of its own, since an archive has the same bytes whatever is translated
KIND_NAMES: labels.Words = {
    Paper.Kind.DOCKET: ("Docket", "拟上会名单"),
    Paper.Kind.FILING: ("Filing of the docket", "拟上会名单报备函"),
    Paper.Kind.NOTICE: ("Meeting notice", "会议通知"),
    Paper.Kind.PROXY: ("Proxy authorisation", "授权委托书"),
    Paper.Kind.ATTENDANCE: ("Attendance sheet", "签到表"),
    Paper.Kind.PLAN: ("Plan", "方案"),
    Paper.Kind.BALLOT: ("Ballot paper", "表决票"),
    Paper.Kind.TALLY: ("Tally sheet", "计票表"),
    Paper.Kind.RESOLUTION: ("Resolution", "决议"),
    Paper.Kind.MINUTES: ("Minutes", "会议纪要"),
    Paper.Kind.DISTRIBUTION: ("Distribution list", "印发清单"),
    Paper.Kind.REPORT: ("Decision report", "决议报告"),
    Paper.Kind.CREDIT: ("Credit decision", "审批决定"),
    Paper.Kind.INDEX: ("Archive index", "卷内目录"),
}
#: parts that Art. 12.6 does not ask for, after those that it does
_BEYOND: labels.Words = {
    "credit": ("credit decision", "审批决定"),
    "index": ("archive index", "卷内目录"),
    "checkpoint": ("checkpoint of the audit log", "审计日志检查点"),
}
_NAMES: labels.Words = {**labels.PARTS, **_BEYOND}
_ORDER = list(_NAMES)
#: what supplements the minutes, in English and Chinese
SUPPLEMENT = ("supplementary minutes", "补充纪要")


def kept_until(archived_at: datetime, years: int) -> date:
    """The last day on which a file must be kept: whole years, counted from the year after the archiving."""
    return date(archived_at.year + years, 12, 31)


def about(archive: ArchiveFile) -> About:
    """What the index says of the file as a whole."""
    meeting = archive.meeting
    zone = meeting.committee.tz
    return About(
        bank=str(meeting.committee.branch.bank),
        committee=meeting.committee.name,
        number=meeting.written_number,
        at=meeting.at.astimezone(zone).isoformat(),
        archived_at=archive.archived_at.astimezone(zone).isoformat(),
        archived_by=archive.archived_by.display_name,
        years=settings.ARCHIVE_YEARS,
        kept_until=kept_until(archive.archived_at.astimezone(zone), settings.ARCHIVE_YEARS).isoformat(),
        digest=archive.digest,
        missing=missing(meeting),
    )


def archived(meeting: Meeting) -> ArchiveFile | None:
    """The archived file of the meeting; None while it has none."""
    rows = ArchiveFile.objects.select_related("meeting__committee__branch__bank", "archived_by")
    return rows.filter(meeting=meeting).first()


def contents(meeting: Meeting, papers: Iterable[File] = ()) -> list[File]:
    """Every paper of the file, with those given, by part and then in the order in which they are made."""
    minutes = Minutes.objects.originals().select_related("signed_by", "drafted_by").get(meeting=meeting)
    made = [
        *_record(meeting, minutes),
        *_notices(meeting),
        *_materials(meeting),
        *_sent(meeting, minutes),
        *drawn_up(meeting),
        *_covering(meeting),
        *papers,
    ]
    return sorted(made, key=lambda file: _ORDER.index(file.part))


def drawn_up(meeting: Meeting) -> Iterator[File]:
    """The papers that were drawn up of the meeting and of its plans, as PDF, and the signed files."""
    keys = [source.key for source in sources(meeting)]
    rows = Paper.objects.filter(committee=meeting.committee_id, source__in=keys, kind__in=_PART_OF)
    rows = rows.exclude(Paper.SIGNED)  # these come with what is signed, drawn up or not
    for row in rows.select_related("committee").order_by("drawn_up_at", "pk"):
        yield paper(row, folder="papers/")
    yield from signed(meeting, folder="papers/")


def paper(row: Paper, *, folder: str = "") -> File:
    """A paper as it is on file, by its own title in its language."""
    part = _PART_OF[row.kind]
    english, chinese = _NAMES[part]
    title = str(row.data["title"])
    is_chinese = row.language != "en"
    return File(
        name=f"{folder}{row.kind}-{row.year}-{row.number:04}-{row.language}.pdf",
        part=part,
        title=f"{english}, in Chinese" if is_chinese else title,
        title_zh=title if is_chinese else f"{chinese}（英文本）",
        content=row.path,
        number=row.written_number,
        by=row.committee.name,
        date=row.drawn_up_at.astimezone(row.committee.tz).date().isoformat(),
        pages=row.pages,
        sha256=row.sha256,
    )


def signed(meeting: Meeting, *, folder: str = "", of: Minutes | None = None) -> Iterator[File]:
    """The files with electronic signatures, where they were signed so: of the minutes and what supplements
    them, or of one of these.
    """
    rows = MinutesFile.objects.filter(minutes__meeting=meeting, effective_at__isnull=False)
    if of is not None:
        rows = rows.filter(minutes=of)
    rows = rows.order_by(F("minutes__supplements").asc(nulls_first=True), "minutes")
    supplements = count(1)
    for row in rows.select_related("minutes__meeting__committee"):
        english, chinese = labels.PARTS["minutes"]
        name = "minutes-signed.pdf"
        if row.minutes.supplements_id:
            english, chinese = SUPPLEMENT
            name = f"minutes-supplement-{next(supplements):02}-signed.pdf"
        yield File(
            name=f"{folder}{name}",
            part="minutes",
            title=f"{english}, with electronic signatures",
            title_zh=f"{chinese}（电子签名件）",
            content=row.path,
            number=str(row.minutes),
            by=meeting.committee.name,
            date=_day(row.effective_at, meeting),
            sha256=row.sha256,
        )


def missing(meeting: Meeting, parts: Container[str] = _ORDER) -> list[Missing]:
    """What the file could have and has not, of these parts: papers that were not drawn up, by their kind;
    electronic signatures; files that a plan names and its institution did not give in.
    """
    possible = (source for source in sources(meeting) if _PART_OF.get(source.kind) in parts)
    found = list(not_drawn_up(meeting, possible))
    if "minutes" in parts and not any(signed(meeting, of=Minutes.objects.originals().get(meeting=meeting))):
        found.append(_NOT_SIGNED)
    if "materials" in parts:
        found += _not_given_in(meeting)
    if "checkpoint" in parts and not any(_covering(meeting)):
        found.append(_NOT_SEALED)
    return found


_NOT_SIGNED = Missing(
    "Minutes with electronic signatures: none; they were signed in the system",
    "电子签名的会议纪要：无，纪要已在系统内签发",
)


_NOT_SEALED = Missing(
    "Checkpoint of the audit log with a cosignature: none yet that covers the archiving",
    "审计日志检查点及共同签名：尚无覆盖本次归档的检查点",
)


def checkpoint(row: Checkpoint, meeting: Meeting) -> File:
    """The signed note of a checkpoint of the log, with its cosignature if it has one by now."""
    english, chinese = _BEYOND["checkpoint"]
    return File(
        name=CHECKPOINT,
        part="checkpoint",
        title=english,
        title_zh=chinese,
        content=row.note.encode(),
        number=str(row.size),
        by=meeting.committee.name,
        date=_day(row.made_at, meeting),
    )


def _covering(meeting: Meeting) -> Iterator[File]:
    """The first checkpoint that covers the archiving, and that the witness has cosigned where there is one:
    the same from then on.
    """
    archiving = Leaf.objects.filter(
        stream=meeting.stream,
        seq__in=Entry.objects.filter(stream=meeting.stream, action="archive").values("seq"),
    ).first()
    if archiving is None:
        return
    witness = log_keys.witness()
    rows = Checkpoint.objects.filter(size__gt=archiving.index).order_by("size")
    for row in rows.iterator(chunk_size=10):
        if witness is None or cosignature(row, witness) is not None:
            yield checkpoint(row, meeting)
            return


def papers_missing(meeting: Meeting) -> list[Missing]:
    """The papers of the meeting that the archive asks for and that were not drawn up, by kind, in the order
    of the file. The index is not among them: it is of what is archived already.
    """
    asked = (source for source in sources(meeting) if source.kind != Paper.Kind.INDEX)
    return list(not_drawn_up(meeting, asked))


def not_drawn_up(meeting: Meeting, possible: Iterable[Source]) -> Iterator[Missing]:
    """What of these papers was not drawn up, by kind."""
    possible = list(possible)
    keys = [source.key for source in possible]
    rows = Paper.objects.filter(committee=meeting.committee_id, source__in=keys)
    there = set(rows.values_list("source", flat=True))
    for kind, number in Counter(each.kind for each in possible if each.key not in there).items():
        english, chinese = KIND_NAMES[kind]
        yield Missing(f"{english}: {number} not drawn up", f"{chinese}：{number}件未制作")


def _not_given_in(meeting: Meeting) -> Iterator[Missing]:
    for row in _tabled(meeting):
        given, number = _given(row), row.proposal.written_number
        for stated in stated_attachments(row.version.document):
            if stated.sha256 not in given:
                yield Missing(
                    f"Attachment of {number}: {stated.name} was not given in",
                    f"{number}附件：{stated.name}未提交",
                )


@dataclass(frozen=True)
class _Maker:
    """Makes the files of one meeting that are JSON."""

    meeting: Meeting

    def file(self, part: str, data: object, *, at: Any = None, number: str = "") -> File:
        """The part as JSON."""
        english, chinese = labels.PARTS[part]
        return File(
            name=f"record/{_ORDER.index(part) + 1:02}-{part}.json",
            part=part,
            title=english,
            title_zh=chinese,
            content=as_json(data),
            number=number,
            by=self.meeting.committee.name,
            date=_day(at or self.meeting.closed_at, self.meeting),
        )


def as_json(data: object) -> bytes:
    """The data as readable JSON, the same for the same data."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _day(moment: datetime | None, meeting: Meeting) -> str:
    return "" if moment is None else moment.astimezone(meeting.committee.tz).date().isoformat()


def _record(meeting: Meeting, minutes: Minutes) -> Iterator[File]:
    """The parts that the record of the signed minutes has, and the minutes themselves."""
    record, make = minutes.record, _Maker(meeting)
    items = record["items"]
    yield make.file("attendance", record["attendance"])
    yield make.file("proxies", record["proxies"])
    said = ("number", "title", "opinions", "questions", "observer", "conflicts", "abstention_requests")
    yield make.file("opinions", [{key: item[key] for key in said} for item in items])
    for part, keys in _OF_A_VOTE.items():
        yield make.file(part, [_votes(item, keys) for item in items])
    data = {
        "number": str(minutes),
        "narrative": minutes.narrative,
        "record": record,
        "digest": minutes.digest,
        "signed_by": minutes.signed_by.display_name if minutes.signed_by else None,
        "signed_at": minutes.signed_at.isoformat() if minutes.signed_at else None,
    }
    yield make.file("minutes", data, at=minutes.signed_at, number=str(minutes))
    yield from _supplementary(minutes, make)


def _supplementary(minutes: Minutes, make: _Maker) -> Iterator[File]:
    """What corrects the minutes, once it is signed."""
    signed = minutes.supplementary.filter(state=Minutes.State.SIGNED).select_related("signed_by")
    for place, row in enumerate(signed.order_by("pk"), 1):
        row.meeting = make.meeting
        assert row.signed_by is not None
        assert row.signed_at is not None
        data = {
            "number": str(row),
            "narrative": row.narrative,
            "record": row.record,
            "digest": row.digest,
            "signed_by": row.signed_by.display_name,
            "signed_at": row.signed_at.isoformat(),
        }
        made = make.file("minutes", data, at=row.signed_at, number=str(row))
        yield replace(
            made,
            name=made.name.replace("minutes.json", f"minutes-supplement-{place:02}.json"),
            title=SUPPLEMENT[0],
            title_zh=SUPPLEMENT[1],
        )


#: part → what it has of each vote; a vote that was cancelled has no digest of a resolution
_OF_A_VOTE: Mapping[str, tuple[str, ...]] = {
    "ballots": ("question", "round", "state", "ballots"),
    "tally": ("question", "round", "state", "counts", "carried", "opened_at", "ended_at"),
    "resolution": ("question", "round", "carried", "counts", "digest"),
}


def _votes(item: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """What was voted on the item in the version of the plan that it had, with these keys of each vote."""
    votes = [vote for vote in item["votes"] if "digest" not in keys or vote["digest"]]
    found = {"number": item["number"], "title": item["title"], "plan": item["digest"]}
    return found | {"votes": [{key: vote[key] for key in keys} for vote in votes]}


def _notices(meeting: Meeting) -> Iterator[File]:
    """The notices as sent, and the receipts of each seat."""
    make = _Maker(meeting)
    sent, receipts = [], []
    for notice in meeting.notices.order_by("number").prefetch_related("deliveries__seat"):
        head = {"number": notice.number, "sent_at": notice.sent_at.isoformat()}
        ended = notice.superseded_at
        sent.append(head | {"superseded_at": ended.isoformat() if ended else None})
        rows = sorted(notice.deliveries.all(), key=lambda row: (row.seat.number, row.pk))
        receipts.append(
            head
            | {
                "seats": [
                    {
                        "seat": row.seat.number,
                        "paper": row.paper,
                        "receipt_at": row.receipt_at.isoformat() if row.receipt_at else None,
                        "received_by": row.received_by,
                        "handed_by": row.handed_by,
                        "replaced": row.replaced_at is not None,
                    }
                    for row in rows
                ]
            }
        )
    facts = {"at": meeting.at.isoformat(), "place": meeting.place, "emergency": meeting.emergency}
    yield make.file("notice", facts | {"notices": sent}, at=meeting.convened_at)
    yield make.file("receipts", receipts, at=meeting.opened_at)


def _materials(meeting: Meeting) -> Iterator[File]:
    """The dockets, each plan in the version that the committee had, and its attachments."""
    tablings = _tabled(meeting)
    entries = DocketEntry.objects.filter(proposal__in=[row.proposal_id for row in tablings])
    dockets = [
        {
            "docket": str(entry.docket),
            "filed_at": entry.docket.filed_at.isoformat(),
            "proposal": str(entry.proposal),
            "plan": entry.version.digest,
        }
        for entry in entries.select_related("docket__committee", "proposal__committee", "version").order_by(
            "pk"
        )
    ]
    yield _Maker(meeting).file("docket", dockets, at=meeting.convened_at)
    for place, row in enumerate(tablings, 1):
        plan = File(
            name=f"materials/{place:02}/plan.json",
            part="materials",
            title=row.item.title,
            title_zh=row.item.title,
            content=as_json({"digest": row.version.digest, "plan": row.version.document}),
            number=row.proposal.written_number,
            by=row.proposal.unit.name,
            date=_day(row.version.made_at, meeting),
        )
        yield plan
        yield from _attachments(row, plan)


def _tabled(meeting: Meeting) -> list[Tabling]:
    return list(
        Tabling.objects.filter(item__meeting=meeting)
        .select_related("proposal__committee", "proposal__unit", "version", "item")
        .order_by("item__number", "pk")
    )


def _given(row: Tabling) -> set[str]:
    """The checksums of the files that the plan's institution gave in."""
    return set(Attachment.objects.filter(unit=row.proposal.unit_id).values_list("sha256", flat=True))


def _attachments(row: Tabling, plan: File) -> Iterator[File]:
    """The files that the version names and that its institution gave in; `missing` names the others."""
    given = _given(row)
    for nth, stated in enumerate(stated_attachments(row.version.document), 1):
        if stated.sha256 in given:
            yield replace(
                plan,
                name=f"{plan.name.removesuffix('plan.json')}{nth:02}.{stated.extension.lower()}",
                title=f"{plan.title}: {stated.name}",
                title_zh=f"{plan.title}：{stated.name}",
                content=storage.place(stated.sha256),
                pages=stated.pages,
                sha256=stated.sha256,
            )


def _sent(meeting: Meeting, minutes: Minutes) -> Iterator[File]:
    """The distribution and the report."""
    make = _Maker(meeting)
    copies = [
        {
            "unit": copy.unit.name,
            "in_full": copy.full,
            "sent_at": copy.sent_at.isoformat(),
            "content": None if copy.full else copy.content,
        }
        for copy in minutes.copies.select_related("unit").order_by("pk")
    ]
    yield make.file("distribution", copies, at=minutes.signed_at)
    report = Report.objects.select_related("sent_by", "received_by", "meeting__committee").get(
        meeting=meeting
    )
    data = {
        "number": str(report),
        "content": report.content,
        "digest": meeting_record.digest(report.content),
        "sent_at": report.sent_at.isoformat(),
        "received_at": report.received_at.isoformat() if report.received_at else None,
    }
    yield make.file("report", data, at=report.sent_at, number=str(report))
