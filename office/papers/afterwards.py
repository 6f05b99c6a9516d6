"""What follows the minutes: distribution list, report to head office, credit decision, archive index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from committee.models import Meeting, Unit
from documents.content import Block, Column, Content, Fields, Note, SignatureLine, Signatures, Table, Text
from office.models import ArchiveFile, Copy, Minutes, Paper, Report
from office.papers.log_state import Seal
from office.papers.minutes import decided_on
from office.papers.terms import sentences
from office.papers.wording import Sheet
from office.record import terms
from proposals.labels import FIELDS
from proposals.models import CreditDecision


def distribution(sheet: Sheet, found: Minutes, copies: Sequence[Copy]) -> Content:
    """Which unit got the minutes, whole or its own items."""
    say = sheet.say
    table = Table(
        columns=[
            Column(name=say("No.", "序号"), width=0, align="center"),
            Column(name=say("Unit", "收文单位"), width=4),
            Column(name=say("Content", "印发内容"), width=4),
            Column(name=say("Issued", "印发时间"), width=3, align="center"),
            Column(name=say("Received by", "签收"), width=2),
        ],
        rows=[
            [
                str(number),
                copy.unit.name,
                say("in full", "全文")
                if copy.full
                else say("own items, without names", "本单位议题（不含姓名）"),
                say.day(copy.sent_at),
                "",
            ]
            for number, copy in enumerate(copies, 1)
        ],
        tall=True,
    )
    sent_by = copies[0].sent_by.display_name
    return sheet.content(
        say("Distribution list of the minutes {number}", "{number}会议纪要印发清单", number=str(found)),
        [
            table,
            Text(text=say("{n} copies in all.", "共印发{n}份。", n=len(copies))),
            Signatures(rows=[SignatureLine(label=say("Distributed by:", "印发人："), name=sent_by)]),
        ],
    )


def report(sheet: Sheet, found: Report, head_office: Unit, seal: Seal) -> Content:
    """What was resolved, to head office, with the state of the audit log."""
    say, content = sheet.say, found.content
    blocks: list[Block] = [
        Text(
            text=say(
                "Under Article 12 of the joint-committee regulation we report what was resolved at"
                " meeting {number} of"
                " {day}.",
                "根据《不良贷款清收化解联席会议制度》第十二条，现将{day}召开的{number}会议决议情况报告如下：",
                number=content["meeting"],
                day=say.weekday(content["at"]),
            )
        )
    ]
    for number, item in enumerate(content["items"], 1):
        mark = f"（{item['proposal']}）" if say.chinese else f" ({item['proposal']})"
        blocks.append(say.heading(number, f"{item['title']}{mark}", f"{item['title']}{mark}"))
        lines = decided_on(say, item) or [
            say("No vote was closed on it.", "本次会议未就该议题形成表决结果。")
        ]
        blocks += [Text(text=line) for line in lines]
    blocks += [Text(text=say("We submit this for your records.", "特此报告。")), seal.told(say)]
    return sheet.content(
        say(
            "Report on the resolutions of meeting {number}",
            "关于{number}会议决议情况的报告",
            number=content["meeting"],
        ),
        blocks,
        to=say("To: {name}", "{name}：", name=head_office.name),
        signature=sheet.signature(sheet.office, on=found.sent_at),
        issued=sheet.issued(found.sent_at),
    )


def credit(sheet: Sheet, decision: CreditDecision) -> Content:
    """The credit department's approval of what was resolved, or its refusal."""
    say, proposal = sheet.say, decision.proposal
    item = decision.resolution.item
    opening = say(
        "We have examined the plan {plan}, “{title}”, on the basis of the resolution of meeting"
        " {meeting} of {day}"
        " (Article 22 of the regulation).",
        "我部依据{meeting}会议{day}形成的决议，对方案“{title}”（{plan}）进行了授信审批（制度第二十二条）。意见如下：",
        plan=proposal.written_number,
        title=item.title,
        meeting=item.meeting.written_number,
        day=say.day(decision.resolution.closed_at),
    )
    blocks: list[Block] = [Text(text=opening)]
    if decision.approved:
        blocks.append(
            Text(
                text=say("Approved, exactly on the terms resolved:", "同意。授信条件与决议完全一致，具体为：")
            )
        )
        lines = sentences(say, terms(proposal.present_version.plan))
        blocks += [Text(text=say.item(number, line)) for number, line in enumerate(lines, 1)]
        if decision.terms:
            stated = say.joined(say.label(FIELDS, key) for key in sorted(decision.terms))
            blocks.append(
                Note(text=say("Terms stated on approval: {all}.", "审批时核对的条件：{all}。", all=stated))
            )
    else:
        blocks.append(
            Text(
                text=say(
                    "Declined. Reason: {reason}",
                    "不予批准。理由：{reason}",
                    reason=say.ended(decision.reason),
                )
            )
        )
    title = (
        say("Credit approval of plan {plan}", "关于{plan}方案授信审批的批复", plan=proposal.written_number)
        if decision.approved
        else say(
            "Credit refusal of plan {plan}", "关于不予批准{plan}方案授信的意见", plan=proposal.written_number
        )
    )
    unit = decision.by.unit.name if decision.by.unit else say("Credit department", "授信审批部门")
    return sheet.content(
        title,
        blocks,
        organ=unit,
        to=say("To: {name}", "{name}：", name=proposal.unit.name),
        signature=sheet.signature(unit, decision.by.display_name, on=decision.at),
        copies_to=say("Copies to: {all}.", "抄送：{all}。", all=sheet.office),
    )


def index(sheet: Sheet, meeting: Meeting, file: ArchiveFile, papers: Iterable[Paper]) -> Content:
    """Every paper of the meeting's file, with its pages and the beginning of its checksum."""
    say = sheet.say
    rows = [
        [
            str(number),
            paper.written_number,
            paper.data["title"],
            say.day(paper.drawn_up_at),
            str(paper.pages),
            paper.sha256[:8],
        ]
        for number, paper in enumerate(papers, 1)
    ]
    return sheet.content(
        say("Index of the file of meeting {number}", "{number}会议卷内目录", number=meeting.written_number),
        [
            Fields(
                head=[say("Matter", "项目"), say("Entry", "内容")],
                rows=[
                    [say("Archived", "归档"), f"{say.day(file.archived_at)} {file.archived_by.display_name}"],
                    [say("Digest of the file", "案卷摘要值"), file.digest],
                ],
            ),
            Table(
                columns=[
                    Column(name=say("No.", "序号"), width=0, align="center"),
                    Column(name=say("Number", "文号"), width=0),
                    Column(name=say("Title", "题名"), width=6),
                    Column(name=say("Date", "日期"), width=0, align="center"),
                    Column(name=say("Pages", "页数"), width=0, align="right"),
                    Column(name="SHA-256", width=0),
                ],
                rows=rows,
            ),
            Text(text=say("{n} papers in all.", "共{n}件。", n=len(rows))),
        ],
    )
