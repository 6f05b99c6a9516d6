"""The minutes as the paper that is signed: narrative, record, and a line for each signature (Art. 21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.canonical import payload_bytes
from documents import fields, render
from documents.content import Block, Content, Heading, SignatureLine, Signatures, Text
from documents.fields import Field
from office.models import Minutes

#: the name of the attached JSON: the bytes that the digest of the minutes is of
ATTACHED = "minutes.json"
#: where a signature stands on its line: points from the left, and its size
LEFT, WIDTH, HEIGHT = 346.0, 174.0, 16.0
_CHOICES = {"for": "同意", "against": "反对", "abstain": "弃权"}


def statement(minutes: Minutes) -> bytes:
    """What the minutes state, as canonical JSON."""
    return payload_bytes({"narrative": minutes.narrative, "record": minutes.record})


def frozen(minutes: Minutes, signers: Sequence[Mapping[str, Any]]) -> tuple[bytes, list[dict[str, Any]]]:
    """Return the paper with an empty field for each signer, and the signers with the place of their field.

    `document/no-glyph` for a character that no font has.
    """
    made = render.render(content(minutes, signers), attached={ATTACHED: statement(minutes)})
    placed = []
    lines = fields.places(made.pdf, [each["label"] for each in signers])
    for signer, (page, base) in zip(signers, lines, strict=True):
        placed.append({**signer, "page": page, "box": [LEFT, base, LEFT + WIDTH, base + HEIGHT]})
    wanted = [Field(each["field"], each["page"], tuple(each["box"]), each["label"]) for each in placed]
    return fields.add(made.pdf, wanted), placed


def content(minutes: Minutes, signers: Sequence[Mapping[str, Any]]) -> Content:
    """The paper: official minutes are in Chinese."""
    meeting, record = minutes.meeting, minutes.record
    at = minutes.drafted_at.astimezone(meeting.committee.tz)
    return Content(
        kind="minutes",
        language="zh-hans",
        number=str(minutes),
        organ=record["committee"],
        title="会议纪要",
        blocks=[
            *_head(minutes),
            *(block for item in record["items"] for block in _item(item)),
            Signatures(rows=[SignatureLine(label=each["label"]) for each in signers]),
        ],
        at=at.isoformat(),
    )


def _head(minutes: Minutes) -> Iterator[Block]:
    meeting, record = minutes.meeting, minutes.record
    at = datetime.fromisoformat(record["at"]).astimezone(meeting.committee.tz)
    yield Text(
        text=f"{at.year}年{at.month}月{at.day}日，在{record['place']}召开会议（{record['meeting']}）。"
    )
    supplements = minutes.record.get("supplements")
    if supplements:
        yield Text(text=f"本纪要为{supplements['minutes']}的补充纪要。{supplements['reason']}")
    present = "；".join(
        f"{row['seat']}号席位{row['post']}{row['person']}{'（受托）' if row['proxy'] else ''}"
        for row in record["attendance"]
    )
    yield Text(lead="出席：", text=f"{present or '无'}。")
    for proxy in record["proxies"]:
        yield Text(lead="委托：", text=f"{proxy['principal']}委托{proxy['holder']}。")
    if minutes.narrative.strip():
        yield Text(text=minutes.narrative)


def _item(item: Mapping[str, Any]) -> Iterator[Block]:
    number = f"{item['number']}. " if item["number"] else ""
    yield Heading(text=f"{number}{item['title']}（{item['proposal']}）")
    for row in item["opinions"]:
        yield Text(lead=f"{row['person']}：", text=row["text"])
    for row in item["questions"]:
        answer = f"答：{row['answer']['text']}" if row["answer"] else ""
        yield Text(lead=f"{row['person']}问：", text=f"{row['text']} {answer}")
    for row in item["conflicts"]:
        yield Text(lead="利益冲突：", text=f"{row['person']}。{row['reason']}")
    for vote in item["votes"]:
        yield from _vote(vote)


def _vote(vote: Mapping[str, Any]) -> Iterator[Block]:
    counts = vote["counts"]
    if counts is None:
        yield Text(lead="表决：", text=f"已取消。{vote['cancel_reason']}")
        return
    result = "通过" if vote["carried"] else "未通过"
    yield Text(
        lead="表决：",
        text=f"同意{counts['for']}票，反对{counts['against']}票，弃权{counts['abstained']}票"
        f"（通过须{counts['votes_to_pass']}票），{result}。",
    )
    for ballot in vote["ballots"]:
        if ballot["reason"]:
            choice = _CHOICES.get(ballot["choice"], ballot["choice"])
            yield Text(text=f"{ballot['seat']}号席位{choice}，理由：{ballot['reason']}")
