"""The minutes as the paper that is signed: narrative, record, and a line for each signature (Art. 21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audit.canonical import payload_bytes
from documents import fields, render
from documents.content import Block, Content, SignatureLine, Signatures, Text
from documents.fields import Field
from office.models import Minutes
from office.papers import minutes as papers
from office.papers.wording import CHINESE, Sheet, voice_of

#: the name of the attached JSON: the bytes that the digest of the minutes is of
ATTACHED = "minutes.json"
#: where a signature stands on its line: points from the left, and its size
LEFT, WIDTH, HEIGHT = 346.0, 174.0, 16.0


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
    """The paper, with a line for each signer: official minutes are in Chinese."""
    meeting = minutes.meeting
    sheet = Sheet(
        kind="minutes",
        say=voice_of(meeting.committee, CHINESE),
        committee=meeting.committee,
        number=str(minutes),
        at=minutes.drafted_at,
    )
    worded = _supplement if minutes.supplements_id else papers.minutes
    paper = worded(sheet, minutes, copies_to=[])
    lines = Signatures(rows=[SignatureLine(label=each["label"]) for each in signers])
    # who signs and when stands in the fields; a frozen text is no draft
    return paper.model_copy(
        update={"blocks": [*paper.blocks, lines], "mark": "", "signature": None, "issued": None}
    )


def _supplement(sheet: Sheet, minutes: Minutes, *, copies_to: list[str]) -> Content:
    """Supplementary minutes: of which meeting they are, what they correct, and the correction."""
    record = minutes.record
    corrected = record["supplements"]
    blocks: list[Block] = [
        Text(lead="会议：", text=f"{record['meeting']}，{sheet.say.moment(record['at'])}，{record['place']}"),
        Text(
            text=f"本纪要为{corrected['minutes']}的补充纪要，对其中有误或遗漏之处作如下更正、补充；"
            "该纪要原文不作变动。"
        ),
        Text(lead="原纪要摘要（SHA-256）：", text=corrected["digest"]),
        Text(text=minutes.narrative),
    ]
    return sheet.content(f"{record['meeting']}补充会议纪要", blocks, copies_to="、".join(copies_to))
