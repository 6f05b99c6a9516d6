"""A proof for one leaf as a file, which can be checked without the log: C2SP's tlog-proof.

Its lines are `c2sp.org/tlog-proof@v1`, `extra` with base64 if there is any (nobody vouches for it), `index`
with the number of the leaf, the hashes of the inclusion proof in base64 from the leaf upwards, an empty line,
and the checkpoint with its signatures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit import merkle
from audit.note import Checkpoint, Key, Malformed, Note, decode, encode, number, read

HEADER = "c2sp.org/tlog-proof@v1"
#: hashes of a path in a tree of at most 2 ** 63 leaves
MOST_HASHES = 63
MOST_BYTES = 2_000_000


class NotProved(ValueError):
    """Raised when a proof does not show that the leaf is in the tree."""


@dataclass(frozen=True)
class Proof:
    """The place of a leaf, its path, and the checkpoint with its signatures as they are written."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def written(self) -> str:
        """The contents of the file."""
        extra = [f"extra {encode(self.extra)}"] if self.extra else []
        lines = [HEADER, *extra, f"index {self.index}", *map(encode, self.path), "", self.checkpoint]
        return "\n".join(lines)

    @classmethod
    def parse(cls, written: bytes) -> Proof:
        """The proof in the file; Malformed when it is none."""
        if len(written) > MOST_BYTES:
            raise Malformed(f"a proof has at most {MOST_BYTES:,} bytes")
        try:
            head, _, checkpoint = written.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise Malformed("the proof is not UTF-8") from None
        first, *lines = head.split("\n")
        if first != HEADER:
            raise Malformed(f"not a proof: its first line is not {HEADER}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise Malformed("the proof does not say the index of its leaf")
        return cls(number(lines[0].removeprefix("index ")), _path(lines[1:]), checkpoint, extra)

    def check(
        self, data: bytes, log: Iterable[Key], witnesses: Iterable[Key] = ()
    ) -> tuple[Checkpoint, Note]:
        """The checkpoint, signed by the log, whose tree holds `data` at this index, and its note.

        NoteError when the log has not signed it, or a signature of a known key is false; NotProved when the
        leaf is not in its tree. Cosignatures of the witnesses are among the note's signatures.
        """
        keys = list(log)
        note = read(self.checkpoint, keys)  # the log's own signature is needed, whoever else has signed
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin not in {key.name for key in keys}:
            raise NotProved(f"the checkpoint is of the log {checkpoint.origin}, not of the one asked about")
        if checkpoint.origin not in {each.key.name for each in note.signatures}:
            # the key of one log vouches for no other, though both are known here
            raise NotProved(f"the checkpoint is of the log {checkpoint.origin}, and signed by another's key")
        leaf = merkle.leaf_hash(data)
        if not merkle.check_inclusion(self.index, checkpoint.size, leaf, self.path, checkpoint.root):
            raise NotProved(f"the leaf is not number {self.index} of the tree of {checkpoint.size} leaves")
        return checkpoint, read(self.checkpoint, [*keys, *witnesses])


def _path(lines: list[str]) -> tuple[bytes, ...]:
    """The hashes of the path; Malformed when they are too many or none."""
    path = tuple(map(decode, lines))
    if len(path) > MOST_HASHES or any(len(each) != merkle.HASH_BYTES for each in path):
        raise Malformed(f"the path of a proof is at most {MOST_HASHES} hashes of 32 bytes")
    return path
