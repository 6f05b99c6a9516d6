"""The audit log as a paper prints it: size, root and cosignature of its checkpoint at the drawing up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from audit import log_keys
from audit.models import Checkpoint
from audit.note import Checkpoint as Head
from audit.note import Signed, encode, split
from audit.witnessing import cosignature
from documents.content import Note
from office.papers.wording import Voice


@dataclass(frozen=True, slots=True)
class Seal:
    """A checkpoint of the log, with the witness's cosignature if it had one; neither where there is none."""

    head: Head | None
    cosigned: Signed | None

    def told(self, say: Voice) -> Note:
        """The checkpoint as a remark: what is compared with the log, the archive or the witness later."""
        if self.head is None:
            return Note(
                text=say(
                    "Audit log: there was no checkpoint yet when this was drawn up; the archive has it.",
                    "审计日志：本件制作时尚无检查点，检查点随档案保存。",
                )
            )
        stated = say(
            "Audit log: checkpoint of {size} entries, root {root} ({origin}).",
            "审计日志检查点：共{size}条记录，根值{root}（{origin}）。",
            size=self.head.size,
            root=encode(self.head.root),
            origin=self.head.origin,
        )
        return Note(text=stated + self._cosignature(say))

    def _cosignature(self, say: Voice) -> str:
        if self.cosigned is None or self.cosigned.at is None:
            return say(
                " It had no cosignature yet when this was drawn up; the archive has it.",
                "本件制作时尚无见证方共同签名，共同签名随档案保存。",
            )
        at = datetime.fromtimestamp(self.cosigned.at, UTC)
        return say(
            " Cosigned by {name} on {moment}: {line}",
            "见证方{name}于{moment}共同签名：{line}",
            name=self.cosigned.key.name,
            moment=say.moment(at),
            line=self.cosigned.line.split(" ")[-1].strip(),
        )


def last_seal() -> Seal:
    """The log's last checkpoint that the witness has cosigned; the last of all where it has cosigned none.

    A cosignature covers all smaller trees, and the last checkpoint is often seconds old and not cosigned yet.
    """
    rows = Checkpoint.objects.order_by("-size")
    witness = log_keys.witness()
    if witness is not None:
        for row in rows.filter(note__contains=f"\n— {witness.name} ").iterator(chunk_size=10):
            found = cosignature(row, witness)
            if found is not None:
                return Seal(_head(row), found)
    last = rows.first()
    return Seal(None if last is None else _head(last), None)


def _head(row: Checkpoint) -> Head:
    return Head.parse(split(row.note)[0])
