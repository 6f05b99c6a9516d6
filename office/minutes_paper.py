"""The minutes as the paper that is signed: narrative, record, and a line for each signature (Art. 21).

What is signed is the paper on file: the same data and, once it is in effect, the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from audit.canonical import payload_bytes
from documents import fields, render
from documents.attached import attached
from documents.content import Content, SignatureLine, Signatures, read
from documents.fields import Field
from office.models import Minutes, MinutesFile
from office.papers import minutes as papers
from office.papers.files import DATA
from office.papers.log_state import last_seal
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
    paper = content(minutes, signers)
    made = render.render(paper, attached={ATTACHED: statement(minutes), DATA: payload_bytes(paper.as_json())})
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
    worded = papers.supplement if minutes.supplements_id else papers.minutes
    paper = worded(sheet, minutes, copies_to=[], seal=last_seal())
    lines = Signatures(rows=[SignatureLine(label=each["label"]) for each in signers])
    # who signs and when stands in the fields; a frozen text is no draft
    return paper.model_copy(
        update={"blocks": [*paper.blocks, lines], "mark": "", "signature": None, "issued": None}
    )


def signed_content(file: MinutesFile, pdf: bytes) -> Content:
    """What the signed file says: the data that it was made of, with who signed on which line, and when.

    `pdf` has the bytes of the file.
    """
    stated = attached(pdf, DATA)
    paper = read(json.loads(stated)) if stated else content(file.minutes, file.fields)
    say = voice_of(file.minutes.meeting.committee, CHINESE)
    rows = {row.field: row for row in file.signatures.select_related("person")}
    lines = [
        SignatureLine(
            label=each["label"],
            name=f"{row.person.display_name}，{say.day(row.signed_at)}" if row else "",
        )
        for each in file.fields
        for row in [rows.get(each["field"])]
    ]
    blocks = [Signatures(rows=lines) if isinstance(each, Signatures) else each for each in paper.blocks]
    return paper.model_copy(update={"blocks": blocks})
