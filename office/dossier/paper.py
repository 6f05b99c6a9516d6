"""The dossier as a paper: PDF/A with its data and the proofs attached, sealed with the system's key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings

from audit import clock
from audit.canonical import payload_bytes
from documents import fields, render, sign
from documents.content import Block, Column, Content, Heading, Note, SignatureLine, Signatures, Table, Text
from documents.content import Fields as Form
from documents.fields import Field
from documents.render import Rendered
from documents.stamp import stamp
from office.dossier import seal_key, sealed_log
from office.dossier.findings import Outcome
from office.dossier.judging import Dossier, Judged
from office.dossier.sealed_log import Sealed
from office.labels import ACTIONS
from office.minutes_paper import HEIGHT, LEFT, WIDTH
from office.papers.files import DATA
from office.papers.votes import counts, question, result
from office.papers.wording import Sheet, Voice, voice_of
from regulation.articles import ARTICLES, citation

#: the name of the attached JSON with findings, entries and proofs
ATTACHED = "dossier.json"
FIELD = "seal"
#: characters of a dossier's content that make about a page, by language
_A_PAGE = {"en": 1_800, "zh-hans": 1_100}
_LABEL = {"en": "Seal of the system:", "zh-hans": "系统印章："}

OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.NOT_APPLIED: ("did not apply", "不适用"),
    Outcome.HELD: ("held", "已遵守"),
    Outcome.NOTED: ("held", "已遵守"),
    Outcome.OPEN: ("not due yet", "尚未到期"),
    Outcome.GAP: ("gap in the evidence", "证据缺失"),
    Outcome.NOT_HELD: ("not held", "未遵守"),
}


def content(found: Dossier, sealed: Sealed, language: str, *, at: datetime, sealing: bool) -> Content:
    """The paper in this language; `sealing` says whether a seal will be put on it."""
    case = found.case
    say = voice_of(case.committee, language)
    sheet = Sheet(
        kind="dossier", say=say, committee=case.committee, number=case.proposal.written_number, at=at
    )
    title = say("Dossier of the decision on “{title}”", "关于“{title}”决议的核查卷宗", title=case.item.title)
    blocks: list[Block] = [
        Form(head=[say("Matter", "项目"), say("Entry", "内容")], rows=_facts(say, found, at)),
        Text(text=summary(say, found)),
        say.heading(1, "The 25 articles", "二十五条逐条核查"),
    ]
    for each in found.articles:
        blocks += _article(say, each)
    blocks += [
        say.heading(2, "Entries of the audit log", "审计日志条目"),
        Text(text=sealing_of(say, found, sealed)),
        _entries(say, found, sealed),
        Note(
            text=say(
                "Findings, entries and the proof of each entry are attached to this file ({name}). Each proof"
                " is checked elsewhere with `manage.py audit check-proof`.",
                "核查结果、日志条目及每条日志的证明附于本文件（{name}）。每项证明可在别处用“manage.py audit"
                " check-proof”核验。",
                name=ATTACHED,
            )
        ),
    ]
    blocks.append(_seal(say, sealing=sealing))
    return sheet.content(title, blocks)


def _facts(say: Voice, found: Dossier, at: datetime) -> list[list[str]]:
    case, resolution = found.case, found.case.resolution
    return [
        [say("Meeting", "会议"), case.meeting.written_number],
        [say("Plan", "方案编号"), case.proposal.written_number],
        [say("Handled by", "经办机构"), case.item.unit.name],
        [say("Question", "表决事项"), question(say, resolution.question)],
        [say("Resolved", "决议时间"), say.moment(resolution.closed_at)],
        [say("Result", "表决结果"), f"{result(say, resolution)}{say('; ', '；')}{counts(say, resolution)}"],
        [say("Digest of the plan", "方案摘要值"), resolution.digest],
        [say("Judged", "核查时间"), say.moment(at)],
    ]


def summary(say: Voice, found: Dossier) -> str:
    """How many articles held, and which did not, in a sentence."""
    words = []
    for outcome in (Outcome.NOT_HELD, Outcome.GAP, Outcome.OPEN):
        numbers = found.numbers(outcome)
        if numbers:
            named = say.joined([citation(str(number), say.language) for number in numbers])
            words.append(f"{say(*OUTCOMES[outcome])}{say(': ', '：')}{named}")
    held, other = len(found.numbers(Outcome.HELD)), len(found.numbers(Outcome.NOT_APPLIED))
    first = say(
        "Of 25 articles {held} held and {other} did not apply",
        "二十五条中，已遵守{held}条，不适用{other}条",
        held=held,
        other=other,
    )
    return say.joined([first, *words], "；") + say(".", "。")


def _article(say: Voice, each: Judged) -> list[Block]:
    """An article: its outcome, what each check found, and what shows it."""
    number = str(each.article)
    heading = f"{citation(number, say.language)}{say(': ', '：')}{say(*OUTCOMES[each.outcome])}"
    blocks: list[Block] = [Heading(text=heading, level=2)]
    blocks += [Text(text=check.said(say)) for check in each.finding.checks]
    blocks.append(Note(text=evidence(say, each)))
    return blocks


def evidence(say: Voice, each: Judged) -> str:
    """What shows the article, in a sentence; what is not there is said."""
    entries = [
        f"{stream} {say.joined([str(entry.row.seq) for entry in rows])}"
        for stream, rows in groupby(each.entries, key=lambda entry: entry.row.stream)
    ]
    papers = [paper.written_number for paper in each.papers if paper.language == say.language]
    ballots = [f"{ballot.seat.number}: {ballot.commitment}" for ballot in each.ballots]
    parts = [
        say("Entries: ", "日志条目：")
        + (say.joined(entries, "；") or say("none of this in the log", "日志中没有相关条目")),
        say("Papers: ", "文书：") + (say.joined(papers) or say("none drawn up", "未制作相关文书")),
    ]
    if ballots:
        parts.append(say("Ballots by seat: ", "表决票（按席位）：") + say.joined(ballots))
    return say.joined(parts, "；") + say(".", "。")


def sealing_of(say: Voice, found: Dossier, sealed: Sealed) -> str:
    """How many of the entries have a proof, and how many a cosigned one, in a sentence."""
    proved = [sealed.of(entry) for entry in found.entries]
    return say(
        "Of {count} entries {proved} have a proof against a signed checkpoint, and {cosigned} against a"
        " cosigned one.",
        "共{count}条日志，其中{proved}条可凭已签名的检查点证明，{cosigned}条可凭已会签的检查点证明。",
        count=len(proved),
        proved=sum(1 for each in proved if each.proof is not None),
        cosigned=sum(1 for each in proved if each.cosigned_at is not None),
    )


def is_long(paper: Content) -> bool:
    """Whether the paper may have more than twenty pages, so that the worker makes it."""
    return estimated_pages(paper) > render.LONG


def estimated_pages(paper: Content) -> float:
    """About how many pages it has, from the length of its text."""
    return len(json.dumps(paper.as_json(), ensure_ascii=False)) / _A_PAGE[paper.language]


def _entries(say: Voice, found: Dossier, sealed: Sealed) -> Table:
    return Table(
        columns=[
            Column(name=say("Entry", "条目"), width=3),
            Column(name=say("Act", "动作"), width=4),
            Column(name=say("When", "时间"), width=4),
            Column(name=say("Hash, seal", "哈希值、封存"), width=5),
        ],
        rows=[
            [
                f"{entry.row.stream} {entry.row.seq}",
                say.label(ACTIONS, entry.row.action),
                say.moment(entry.row.at),
                f"{bytes(entry.row.hash).hex()} {say(*sealed.words(entry))}",
            ]
            for entry in found.entries
        ],
    )


def _seal(say: Voice, *, sealing: bool) -> Block:
    if sealing:
        return Signatures(rows=[SignatureLine(label=_LABEL[say.language])])
    return Note(
        text=say(
            "This paper is not sealed: no seal key is set in this installation (SEAL_KEY_FILE).",
            "本文书未加盖印章：本系统未设置印章密钥（SEAL_KEY_FILE）。",
        )
    )


def data(found: Dossier, sealed: Sealed, *, at: datetime) -> dict[str, Any]:
    """Findings, entries and proofs as they are attached."""
    case = found.case
    voices = {"en": voice_of(case.committee, "en"), "zh": voice_of(case.committee, "zh-hans")}
    return {
        "resolution": str(case.resolution.pk),
        "meeting": case.meeting.written_number,
        "plan": case.proposal.written_number,
        "question": case.resolution.question,
        "digest": case.resolution.digest,
        "judged_at": at,
        "articles": [
            {
                "article": each.article,
                "text": ARTICLES[each.article].text_zh,
                "outcome": str(each.outcome),
                "checks": [
                    {"outcome": str(check.outcome)} | {name: check.said(say) for name, say in voices.items()}
                    for check in each.finding.checks
                ],
                "entries": [f"{entry.row.stream} {entry.row.seq}" for entry in each.entries],
                "papers": [paper.subject for paper in each.papers],
                "ballots": {str(ballot.seat.number): ballot.commitment for ballot in each.ballots},
            }
            for each in found.articles
        ],
        "entries": [_entry(entry, sealed) for entry in found.entries],
    }


def _entry(entry: Any, sealed: Sealed) -> dict[str, Any]:
    proof = sealed.of(entry).proof
    english, chinese = sealed.words(entry)
    return {
        "stream": entry.row.stream,
        "seq": entry.row.seq,
        "actor": entry.row.actor,
        "action": entry.row.action,
        "at": entry.row.at,
        "recorded_at": entry.row.recorded_at,
        "hash": bytes(entry.row.hash).hex(),
        "sealed": {"en": english, "zh": chinese},
        "proof": proof.written() if proof is not None else "",
    }


def made(found: Dossier, language: str) -> Rendered:
    """The paper as a file, sealed where a seal key is set.

    `document/no-glyph`, `document/no-timestamp`; ImproperlyConfigured for a seal key that cannot be used.
    """
    key, sealed, at = seal_key.opened(), sealed_log.of(found), clock.now()
    paper = content(found, sealed, language, at=at, sealing=key is not None)
    attached = {
        DATA: payload_bytes(paper.as_json()),
        ATTACHED: payload_bytes(data(found, sealed, at=at)),
    }
    drawn = render.render(paper, attached=attached)
    if key is None:
        return drawn
    label = _LABEL[paper.language]
    ((page, base),) = fields.places(drawn.pdf, [label])
    box = (LEFT, base, LEFT + WIDTH, base + HEIGHT)
    pdf = fields.add(drawn.pdf, [Field(FIELD, page, box, label)])
    name = str(key.certificate.subject.native.get("common_name", ""))
    here = at.astimezone(found.case.committee.tz)
    seal = stamp(name, here, width=WIDTH, height=HEIGHT, language=paper.language)
    stamps = sign.timestamper(settings.TSA_URL, settings.TSA_TIMEOUT) if settings.TSA_URL else None
    pdf = sign.sign(pdf, field=FIELD, key=key, timestamps=stamps, stamp=seal, certify=True)
    return Rendered(pdf, drawn.pages)


def key_of(found: Dossier, language: str) -> str:
    """What the file is of: it is made again when the log has more, or a finding is another."""
    told = [
        "dossier", language, render.template_digest(), str(found.case.resolution.pk), str(seal_key.is_set()),
        *(f"{each.article} {each.outcome}" for each in found.articles),
        *_marks(found),
    ]  # fmt: skip
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _marks(found: Dossier) -> Iterable[str]:
    sealed = sealed_log.of(found)
    for entry in found.entries:
        proved = sealed.of(entry)
        yield f"{entry.row.stream} {entry.row.seq} {proved.size} {proved.cosigned_at is not None}"
