"""How far the entries of a dossier are sealed, in words, and their proofs as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from audit import log_keys
from audit.proofs.making import NoProof, Proved
from documents import bundle
from office.dossier.case import LogEntry
from office.dossier.findings import Words
from office.dossier.judging import Dossier, prove

#: the ending of a proof's file (C2SP tlog-proof)
ENDING = ".tlog-proof"


@dataclass(frozen=True)
class Sealed:
    """The entries of a dossier with how far each is sealed; `fault` is the first that has no proof for it."""

    proved: Mapping[tuple[str, int], Proved]
    #: whether a witness is set that cosigns
    witnessed: bool

    def of(self, entry: LogEntry) -> Proved:
        """How far the entry is sealed."""
        return self.proved.get(entry.key, Proved(None))

    def words(self, entry: LogEntry) -> Words:
        """The same in words."""
        return in_words(self.of(entry), witnessed=self.witnessed, sound=entry.sound)


def in_words(proved: Proved, *, witnessed: bool, sound: bool = True) -> Words:
    """How far an entry is sealed, in English and Chinese; what it lacks is said."""
    if not sound:
        return "not provable: it is not what its hash was made of", "无法证明：与其哈希值不符"
    if proved.leaf is None:
        return "not sealed yet", "尚未封存"
    if proved.contradicted:
        return (
            f"not provable: leaf {proved.leaf} of checkpoint {proved.size} is another",
            f"无法证明：与检查点{proved.size}的叶{proved.leaf}不符",
        )
    if proved.proof is None:
        return f"leaf {proved.leaf}, in no signed checkpoint yet", f"叶{proved.leaf}，尚无已签名的检查点"
    where = (
        f"leaf {proved.leaf} of checkpoint {proved.size}",
        f"叶{proved.leaf}，检查点{proved.size}",
    )
    if proved.cosigned_at is not None:
        return f"{where[0]}, cosigned", f"{where[1]}，已会签"
    if witnessed:
        return f"{where[0]}, not yet cosigned", f"{where[1]}，尚未会签"
    return f"{where[0]}; no witness is set", f"{where[1]}；未设置见证"


def of(found: Dossier) -> Sealed:
    """How far the entries of the dossier are sealed, as it was found when they were judged."""
    return Sealed(found.proved, log_keys.witness() is not None)


def of_entries(entries: Iterable[LogEntry]) -> Sealed:
    """How far these entries are sealed: three statements."""
    return Sealed(prove(entries), log_keys.witness() is not None)


def file_name(stream: str, seq: int) -> str:
    """The name of an entry's proof as a file."""
    return f"{stream.replace(':', '-')}-{seq}{ENDING}"


def zipped(found: Dossier, sealed: Sealed, *, at: datetime) -> bytes:
    """The proofs of all entries as a ZIP, with a list that says of each what it is and what it lacks."""
    files, listed = [], []
    for entry in found.entries:
        proved = sealed.of(entry)
        english, chinese = sealed.words(entry)
        name = file_name(*entry.key) if proved.proof is not None else ""
        listed.append(
            {
                "stream": entry.row.stream,
                "seq": entry.row.seq,
                "action": entry.row.action,
                "file": name,
                "sealed": {"en": english, "zh": chinese},
            }
        )
        if proved.proof is not None:
            files.append(bundle.Filed(name, proved.proof.written().encode()))
    entries = json.dumps(listed, ensure_ascii=False, indent=1).encode()
    return bundle.zipped([bundle.Filed("entries.json", entries), *files], at=at)


__all__ = ["ENDING", "NoProof", "Sealed", "file_name", "in_words", "of", "of_entries", "zipped"]
