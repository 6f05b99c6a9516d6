"""An export is written: one state of the log, entry by entry, in constant memory."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from django.db import connection

from audit import merkle
from audit.canonical import microseconds, payload_bytes
from audit.clock import now
from audit.exports import readme
from audit.exports.asked import Asked, CannotExport, Document, Progress, State, documents_of, state_of
from audit.exports.target import Put, target
from audit.note import encode
from audit.proofs.file import Proof
from audit.recording import Actor, action, record

FORMAT = "lianxi-export/1"
RANGE = "lianxi-range/1"
#: what the bytes are made with: another one would be another value here, and another verifier
ALGORITHMS: Mapping[str, str] = {
    "hash": "SHA-256",
    "tree": "RFC 9162",
    "entry": "lianxi/audit/entry/1",
    "payload": "lianxi/audit/payload/1",
    "ballot": "lianxi-ballot-1",
    "signature": "C2SP signed-note 01 (Ed25519)",
    "cosignature": "C2SP signed-note 04 (cosignature/v1)",
}
#: where exports of more than one thing are told of
STREAM = "system"
#: the parameters of the statements below
Given: TypeAlias = dict[str, int | list[str] | None]
#: bytes of a manifest; the verifier reads no longer one
MOST_MANIFEST = 64 << 20
_CHUNK = 1 << 20
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: entries between two calls of the progress
_STEP = 500

_LEAVES = """
FROM audit_leaf AS leaf
WHERE leaf."index" >= %(first)s AND leaf."index" < %(size)s
    AND (%(streams)s::text[] IS NULL OR leaf.stream = ANY(%(streams)s))
"""
_MANY = f"SELECT count(*), count(DISTINCT leaf.stream) {_LEAVES}"
_ENTRIES = f"""
SELECT leaf."index", leaf.stream, leaf.seq, entry.at, entry.recorded_at, entry.actor, entry.action,
    entry.subject, entry.commitment, entry.prev, entry.hash, payload.salt, payload.body
FROM (SELECT leaf."index", leaf.stream, leaf.seq {_LEAVES}) AS leaf
    LEFT JOIN audit_entry AS entry ON entry.stream = leaf.stream AND entry.seq = leaf.seq
    LEFT JOIN audit_payload AS payload ON payload.commitment = entry.commitment
ORDER BY leaf."index"
"""  # noqa: S608 - put together from constants
_INDEXES = f'SELECT leaf."index" {_LEAVES} ORDER BY leaf."index"'
# how many entries there are in all of these streams, leaves of this tree or not
_THERE = """
SELECT coalesce(sum(head.seq), 0) FROM audit_head AS head
WHERE %(streams)s::text[] IS NULL OR head.stream = ANY(%(streams)s)
"""

# an erasure of one of these entries that is not below the checkpoint, where no other erasure of it is
_ERASED_LATER = """
SELECT entry.stream, entry.subject
FROM unnest(%(streams)s::text[], %(subjects)s::text[]) AS gone(stream, subject)
    JOIN audit_entry AS entry USING (stream, subject)
    LEFT JOIN audit_leaf AS leaf ON leaf.stream = entry.stream AND leaf.seq = entry.seq
WHERE entry.action = 'audit.erased'
GROUP BY entry.stream, entry.subject
HAVING bool_and(leaf."index" IS NULL OR leaf."index" >= %(size)s)
ORDER BY entry.stream, entry.subject LIMIT 1
"""


class Lacking(NamedTuple):
    """A document that the log names and that could not be put in."""

    sha256: str
    what: str
    what_zh: str
    why: str


@dataclass
class Exported:
    """What was written: numbers of entries, of documents, of entries that are younger than the checkpoint.

    `manifest` is the SHA-256 of manifest.json, which the log's entry of this export names.
    """

    path: Path
    size: int
    cosigned: bool
    entries: int = 0
    streams: int = 0
    younger: int = 0
    documents: int = 0
    erased: int = 0
    manifest: str = ""
    #: the first leaf that may be in it, and the streams of a part; both say later what has left
    first: int = 0
    named: list[str] | None = None
    lacking: list[Lacking] = field(default_factory=list)


@dataclass
class _Found:
    """What is gathered while the entries are written."""

    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    erased: list[dict[str, object]] = field(default_factory=list)
    #: checksum → the document, with the entry that names it
    documents: dict[str, tuple[Document, str, int]] = field(default_factory=dict)


def export(
    asked: Asked,
    to: Path,
    *,
    by: Actor,
    progress: Progress | None = None,
    documents: bool = True,
    stream: str | None = None,
) -> Exported:
    """What is asked for is written to `to`, a new folder or, where the name ends in .zip, a new ZIP.

    It is complete, or nothing is there. Only entries below the exported checkpoint are in it: the last that
    the witness has cosigned, or the last one where none is. The log has an entry of it, by `by`, with the
    digest of the manifest: in the stream of the meeting or proposal, else in `stream` (by default that of the
    system).

    `progress(done, total)` is called now and then, with 0 first and with `done == total` at the end; an
    exception that it raises ends the export. Without `documents` no files are put in, and the manifest says
    so.

    Not inside a transaction: it needs a snapshot of its own, and the entry is committed at the end.
    CannotExport when there is nothing to export, or the log is not whole; FileExistsError, OSError.
    """
    tell = progress or (lambda _done, _total: None)
    with target(to) as put:
        with state_of(asked) as state:
            exported, manifest = _written(asked, state, put, to, tell, documents=documents)
        body = _json(manifest)
        if len(body) > MOST_MANIFEST:
            raise CannotExport(
                f"It has too many documents for one export ({exported.documents}): make several (--since)"
                " or leave them out (--no-documents)."
            )
        exported.manifest = hashlib.sha256(body).hexdigest()
        with put("manifest.json") as file:
            file.write(body)
        with put("README.txt") as file:
            file.write(readme.text(manifest).encode())
        _told(asked=asked, exported=exported, stream=stream or asked.stream or STREAM, by=by)
    return exported


def _written(
    asked: Asked, state: State, put: Put, to: Path, tell: Progress, *, documents: bool
) -> tuple[Exported, dict[str, object]]:
    """The files beside the manifest are written; return what they hold, and the manifest."""
    exported = Exported(to, state.head.size, state.cosigned)
    streams = None if state.streams is None else list(state.streams)
    given: Given = {"first": state.first, "size": state.head.size, "streams": streams}
    with connection.cursor() as cursor:
        cursor.execute(_MANY, given)
        exported.entries, exported.streams = cursor.fetchone()
        exported.first, exported.named = state.first, streams
        cursor.execute(_THERE, given)
        exported.younger = int(cursor.fetchone()[0]) - exported.entries - state.first
    if not exported.entries and asked.since is None:
        raise CannotExport("Nothing of it is below a checkpoint yet; `manage.py audit checkpoint` makes one.")
    proofs = exported.entries if state.streams is not None else 0
    tell(0, exported.entries + proofs)
    with put("checkpoint") as file:
        file.write(state.note.encode())
    found = _entries(
        state, given, put, lambda done: tell(done, exported.entries + proofs), documents=documents
    )
    _require_told(found, state.head.size)
    if asked.since is not None:
        _prove_beginning(state, put)
    elif proofs:
        _prove_each(state, given, put, lambda done: tell(exported.entries + done, exported.entries + proofs))
    listed = list(_documents(found, put, exported))
    exported.erased, exported.documents = len(found.erased), len(listed)
    tell(exported.entries + proofs, exported.entries + proofs)
    return exported, _manifest(asked, state, exported, found, listed, documents=documents)


def _entries(state: State, given: Given, put: Put, tell: Callable[[int], None], *, documents: bool) -> _Found:
    """entries.jsonl is written."""
    found = _Found()
    with put("entries.jsonl") as file:
        for done, row in enumerate(_rows(_ENTRIES, given), 1):
            file.write(_json(_line(row, found, heads=state.streams is not None, documents=documents)))
            if done % _STEP == 0:
                tell(done)
    return found


def _require_told(found: _Found, size: int) -> None:
    """CannotExport when a payload was erased after the checkpoint: nothing below that says so.

    Of one that is gone without an entry of its erasure the verifier says that it was lost.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ERASED_LATER,
            {
                "size": size,
                "streams": [each["stream"] for each in found.erased],
                "subjects": [f"entry:{each['seq']}" for each in found.erased],
            },
        )
        later = cursor.fetchone()
    if later is not None:
        raise CannotExport(
            f"What {later[1]} of {later[0]} said was erased after the checkpoint of {size} entries, which is"
            " the one exported: nothing in it would say so. `manage.py audit checkpoint` makes a later one;"
            " where there is a witness, export again once it has cosigned that."
        )


def _rows(statement: str, given: Given) -> Iterator[tuple[Any, ...]]:
    """The rows of the statement, a few at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, given)
        yield from cursor


def _line(row: tuple[Any, ...], found: _Found, *, heads: bool, documents: bool) -> dict[str, object]:
    """The entry as it is exported; what the manifest says of it is added to `found`."""
    index, stream, seq, at, recorded_at, actor, act, subject, commitment, prev, digest, salt, body = row
    if digest is None:
        missing = f"Leaf {index} is of entry {seq} of {stream}, which is missing"
        raise CannotExport(f"{missing}; `manage.py audit fsck` says more.")
    told: dict[str, object] = {
        "index": index,
        "stream": stream,
        "seq": seq,
        "at": microseconds(at),
        "recorded_at": microseconds(recorded_at),
        "actor": actor,
        "action": act,
        "subject": subject,
        "commitment": bytes(commitment).hex(),
        "prev": bytes(prev).hex(),
        "hash": bytes(digest).hex(),
    }
    if heads:
        found.heads[stream] = seq, bytes(digest).hex()
    if body is None:
        found.erased.append({"index": index, "stream": stream, "seq": seq})
        return told
    text = bytes(body).decode(errors="replace")  # what is not UTF-8 does not fit its commitment either way
    if documents:
        _note_documents(found, stream, seq, act, text)
    return {**told, "salt": bytes(salt).hex(), "payload": text}


def _note_documents(found: _Found, stream: str, seq: int, act: str, text: str) -> None:
    try:
        named = list(documents_of(stream, act, json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # the payload is not what was recorded, which the verifier says
    for document in named:
        if _DIGEST.fullmatch(document.sha256):
            found.documents.setdefault(document.sha256, (document, stream, seq))


def _prove_each(state: State, given: Given, put: Put, tell: Callable[[int], None]) -> None:
    """A proof for each entry stands in proofs/, by the number of its leaf."""
    size = state.head.size
    for done, (index,) in enumerate(_rows(_INDEXES, given), 1):
        path = tuple(merkle.inclusion(index, size, state.get))
        with put(f"proofs/{index}.tlog-proof") as file:
            file.write(Proof(index, path, state.note).written().encode())
        if done % _STEP == 0:
            tell(done)


def _prove_beginning(state: State, put: Put) -> None:
    """The hashes of the tree before are in proofs/before, with its checkpoint: the entries continue it."""
    lines = [
        RANGE,
        f"size {state.first}",
        *map(encode, merkle.peaks(state.first, state.get)),
        "",
        state.since,
    ]
    with put("proofs/before") as file:
        file.write("\n".join(lines).encode())


def _documents(found: _Found, put: Put, exported: Exported) -> Iterator[dict[str, object]]:
    """The documents are written; those that are gone or changed are named as lacking."""
    for sha256, (document, stream, seq) in sorted(found.documents.items()):
        suffix = document.suffix if _SUFFIX.fullmatch(document.suffix) else ""
        name = f"documents/{sha256}{suffix}"
        why = _unsound(document)
        if why:
            exported.lacking.append(Lacking(sha256, document.what, document.what_zh, why))
            continue
        size = 0
        with put(name) as file:
            for chunk in _chunks(document.content):
                file.write(chunk)
                size += len(chunk)
        yield {
            "name": name,
            "sha256": sha256,
            "size": size,
            "what": document.what,
            "what_zh": document.what_zh,
            "stream": stream,
            "seq": seq,
            "within": document.within,
        }


def _unsound(document: Document) -> str:
    """Why the document cannot be put in: `gone` or `changed`; empty when it can."""
    digest = hashlib.sha256()
    try:
        for chunk in _chunks(document.content):
            digest.update(chunk)
    except OSError:
        return "gone"
    return "" if digest.hexdigest() == document.sha256 else "changed"


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _manifest(
    asked: Asked,
    state: State,
    exported: Exported,
    found: _Found,
    listed: list[dict[str, object]],
    *,
    documents: bool,
) -> dict[str, object]:
    return {
        "format": FORMAT,
        "algorithms": dict(ALGORITHMS),
        "origin": state.head.origin,
        "size": state.head.size,
        "root": state.head.root.hex(),
        "asked": {
            "part": asked.part,
            "stream": asked.stream,
            "since": state.first if asked.since is not None else None,
        },
        "made_at": microseconds(now()),
        "entries": exported.entries,
        "streams": exported.streams,
        "heads": {stream: {"seq": seq, "hash": digest} for stream, (seq, digest) in found.heads.items()},
        "younger": exported.younger,
        "erased": found.erased,
        "documents": listed if documents else None,
        "lacking": [each._asdict() for each in exported.lacking],
    }


def _json(document: Mapping[str, object]) -> bytes:
    return payload_bytes(document) + b"\n"


@action
def _told(*, asked: Asked, exported: Exported, stream: str, by: Actor) -> None:
    """The log has an entry of the export: of what it is, from where and up to where, and the digest of its
    manifest.
    """
    payload = {
        "part": asked.part,
        "size": exported.size,
        "entries": exported.entries,
        "documents": exported.documents,
        "manifest": exported.manifest,
        "first": exported.first,
        "streams": exported.named,
    }
    record(stream, "export_log", asked.stream or "log", by=by, payload=payload)
