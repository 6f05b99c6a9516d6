"""What an export of the audit log has of a meeting or plan: the streams that tell of it, and its documents.

The settings AUDIT_PARTS and AUDIT_DOCUMENTS name these functions; `audit.exports` calls them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from audit.canonical import payload_bytes
from audit.exports.asked import Document
from committee.models import Meeting
from office.archives.meeting_file import KIND_NAMES
from office.models import Minutes, Report
from office.models.papers import paper_path
from office.models.signing import signed_path
from proposals import storage
from proposals.attachments import stated_attachments
from proposals.models import PlanVersion, Proposal, Tabling

#: the acts on a plan whose entries name the digest of its document
_PLAN = ("draft", "revise", "amend", "submit")
#: the acts on minutes whose entries name the digest of their text
_MINUTES = ("draft_minutes", "amend_minutes", "sign_minutes", "draft_supplement", "sign_supplement")


def streams_of_meeting(pk: int) -> set[str]:
    """The streams of the meeting, of the plans that are or were on its agenda, and of its committee."""
    proposals = Proposal.objects.filter(tablings__item__meeting=pk).distinct()
    return _streams(Meeting.objects.filter(pk=pk), proposals)


def streams_of_proposal(pk: int) -> set[str]:
    """The streams of the plan, of the meetings on whose agenda it is or was, and of its committee."""
    held = Tabling.objects.filter(proposal=pk).values("item__meeting")
    return _streams(Meeting.objects.filter(pk__in=held), Proposal.objects.filter(pk=pk))


def _streams(meetings: QuerySet[Meeting], proposals: QuerySet[Proposal]) -> set[str]:
    committees = {each.committee_id for each in meetings} | {each.committee_id for each in proposals}
    own = {each.stream for each in meetings} | {each.stream for each in proposals}
    return own | {f"committee:{pk}" for pk in committees}


def documents(stream: str, action: str, payload: Mapping[str, Any]) -> Iterator[Document]:
    """The papers, plans, minutes, reports and signed files whose digests the entry holds."""
    if action == "draw_up_papers":
        yield from _papers(payload)
    elif action in _PLAN:
        yield from _plan(_id(stream), payload["digest"])
    elif action in _MINUTES:
        yield from _minutes(_id(stream), payload)
    elif action == "report_decisions":
        report = Report.objects.filter(meeting=_id(stream)).first()
        if report is not None:
            named = payload["report"]
            body = payload_bytes(report.content)
            yield Document(payload["digest"], ".json", f"report {named}", f"决议报告 {named}", body)


def _id(stream: str) -> int:
    return int(stream.partition(":")[2])


def _papers(payload: Mapping[str, Any]) -> Iterator[Document]:
    for row in payload["papers"]:
        en, zh = KIND_NAMES[row["kind"]]
        said = f"{row['number']} ({row['language']})"
        yield Document(row["sha256"], ".pdf", f"{en} {said}", f"{zh} {said}", paper_path(row["sha256"]))


def _plan(proposal: int, digest: str) -> Iterator[Document]:
    """The plan as JSON, and the attachments that it names."""
    version = PlanVersion.objects.filter(proposal=proposal, digest=digest).order_by("pk").first()
    if version is None:
        return
    yield Document(digest, ".json", f"plan {version}", f"方案 {version}", version.plan.canonical.encode())
    for each in stated_attachments(version.document):
        if each.sha256:
            place = storage.place(each.sha256)
            yield Document(
                each.sha256, "", f"attachment: {each.name}", f"附件：{each.name}", place, within=digest
            )


def _minutes(meeting: int, payload: Mapping[str, Any]) -> Iterator[Document]:
    """The text of the minutes, if it still is that of the entry; their signed file."""
    number = payload["minutes"]
    minutes = Minutes.objects.filter(meeting=meeting, digest=payload["digest"]).first()
    if minutes is not None:
        text = payload_bytes({"narrative": minutes.narrative, "record": minutes.record})
        yield Document(minutes.digest, ".json", f"minutes {number}", f"会议纪要 {number}", text)
    if "file" in payload:
        place = signed_path(payload["file"])
        yield Document(
            payload["file"], ".pdf", f"signed minutes {number}", f"已签署的会议纪要 {number}", place
        )
