"""An entry of the audit log: what it says, its neighbours, and its way into a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from audit import log_keys, merkle
from audit.checking.verification import APART
from audit.models import Checkpoint, Entry, Leaf, Payload
from audit.note import Checkpoint as Head
from audit.note import Key, NoteError, read, split
from audit.proofs import making
from audit.proofs.file import Proof
from audit.proofs.path import Step, steps
from committee.offices import AUDITOR
from pages.oversight.log.drawing import Drawing, draw
from pages.oversight.log.listing import Told, tell
from web import shell
from web.exports.responses import named
from web.log import exported, payloads, streams
from web.viewer import viewer_of


@dataclass(frozen=True)
class Erased:
    """That the payload was erased by law: by which role of the database, on what ground, when."""

    role: str
    reason: str
    at: datetime
    seq: int


@dataclass(frozen=True)
class Signature:
    """A signature under a checkpoint: whose, whether it is true, when for a witness."""

    name: str
    known: bool
    at: datetime | None = None


@dataclass(frozen=True)
class Signed:
    """A checkpoint with its signatures; `fault` says why it cannot be believed."""

    row: Checkpoint
    root: str
    signatures: list[Signature]
    cosigned: datetime | None
    #: whether a witness is set, so that a cosignature is to be expected
    witnessed: bool
    fault: str = ""


@dataclass(frozen=True)
class Path:
    """The way of the entry's leaf to the root of a checkpoint."""

    index: int
    leaf: str
    steps: Sequence[Step]
    drawing: Drawing
    signed: Signed
    #: whether the root that the steps lead to is the checkpoint's
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """An entry, as its page shows it."""

    told: Told
    hash: str
    prev: str
    commitment: str
    #: whether hash and link to the entry before are right
    verified: bool
    #: whether the payload is not the one that the entry committed to
    altered: bool
    before: Told | None
    after: Told | None
    #: whether its time is further from the database's than usual (rehearsals set the clock), and whether it
    #: goes back behind the entry before
    apart: bool
    back: bool
    payload: payloads.Shown | None
    erased: Erased | None
    #: the exports that hold what was erased
    left: list[exported.Left]
    #: the leaf's number, if the entry is sealed
    leaf: int | None
    path: Path | None
    #: why there is no way into the checkpoint that covers the entry
    fault: str


@require_safe
def detail(request: HttpRequest, stream: str, seq: str) -> HttpResponse:
    """The page of an entry."""
    entry = _visible(request, stream, seq)
    lines = {line.entry.seq: line for line in streams.checked_lines(stream, entry.seq - 1, entry.seq + 1)}
    told = {each.entry.seq: each for each in tell([line.entry for line in lines.values()])}
    before = told.get(entry.seq - 1)
    payload = Payload.objects.filter(commitment=entry.commitment).first()
    said = payloads.read(payload) if payload else None
    erased = None if payload else _erasure(entry)
    leaf = Leaf.objects.filter(stream=stream, seq=entry.seq).values_list("index", flat=True).first()
    path, fault = _path(entry, leaf) if leaf is not None else (None, "")
    shown = Page(
        told=told[entry.seq],
        hash=bytes(entry.hash).hex(),
        prev=bytes(entry.prev).hex(),
        commitment=bytes(entry.commitment).hex(),
        verified=lines[entry.seq].verified,
        altered=payload is not None and not payloads.is_kept(payload),
        before=before,
        after=told.get(entry.seq + 1),
        apart=_is_apart(entry, said),
        back=before is not None and entry.at < before.entry.at - APART,
        payload=None if said is None else payloads.shown(said),
        erased=erased,
        left=_left(request, entry, leaf, erased),
        leaf=leaf,
        path=path,
        fault=fault,
    )
    return shell.page(request, "oversight/log/entry.html", shown, here="streams")


def _is_apart(entry: Entry, said: Mapping[str, object] | None) -> bool:
    """Whether the entry's time is not the database's; of a rehearsal, or erased, it may be any."""
    return abs(entry.at - entry.recorded_at) > APART and said is not None and "rehearsed" not in said


def _left(request: HttpRequest, entry: Entry, leaf: int | None, erased: Erased | None) -> list[exported.Left]:
    """The exports that hold what was erased."""
    if erased is None or leaf is None:
        return []
    return exported.exports_of(entry.stream, leaf, erased.at, viewer_of(request).units(AUDITOR))


@require_safe
def proof(request: HttpRequest, stream: str, seq: str) -> HttpResponseBase:
    """The entry's proof as a file (C2SP tlog-proof), for `manage.py audit check-proof` anywhere.

    The entry's page with 409 where there is none: it says why.
    """
    entry = _visible(request, stream, seq)
    try:
        written = making.proved(stream, entry.seq).written()
    except (making.NoProof, merkle.Incomplete):
        why = detail(request, stream, seq)
        why.status_code = 409
        return why
    response = HttpResponse(written, content_type="text/plain; charset=utf-8")
    return named(response, f"{stream.replace(':', '-')}-{entry.seq}.tlog-proof")


def _visible(request: HttpRequest, stream: str, seq: str) -> Entry:
    return get_object_or_404(streams.visible_to(viewer_of(request)), stream=stream, seq=int(seq))


def _erasure(entry: Entry) -> Erased | None:
    """The erasure of the entry's payload, as the entry tells that the database wrote of it."""
    rows = Entry.objects.filter(stream=entry.stream, action="audit.erased", subject=f"entry:{entry.seq}")
    row = rows.order_by("seq").first()
    if row is None:
        return None
    payload = Payload.objects.filter(commitment=row.commitment).first()
    said = (payloads.read(payload) if payload else None) or {}
    return Erased(said.get("role", ""), said.get("reason", ""), row.recorded_at, row.seq)


def _path(entry: Entry, index: int) -> tuple[Path | None, str]:
    """The way to the last cosigned checkpoint, or to the last, and what keeps it from being shown.

    Neither when no checkpoint covers the entry yet.
    """
    if not Checkpoint.objects.filter(size__gt=index).exists():
        return None, ""
    try:
        made: Proof = making.prove(entry.stream, entry.seq)
        head = Head.parse(split(made.checkpoint)[0])
    except (making.NoProof, merkle.Incomplete, NoteError) as error:
        return None, str(error)
    leaf = merkle.leaf_hash(bytes(entry.hash))
    way = steps(made.index, head.size, leaf, made.path)
    path = Path(
        index=made.index,
        leaf=leaf.hex(),
        steps=way,
        drawing=draw(made.index, head.size, leaf, way),
        signed=signed(Checkpoint.objects.get(size=head.size)),
        holds=merkle.check_inclusion(made.index, head.size, leaf, made.path, head.root),
    )
    return path, ""


def signed(row: Checkpoint) -> Signed:
    """The checkpoint with its signatures, each judged by the keys of this installation."""
    witness = log_keys.witness()
    try:
        text, lines = split(row.note)
        head = Head.parse(text)
    except NoteError as error:
        return Signed(row, "", [], None, witness is not None, str(error))
    found, fault = _signatures(row, lines, witness)
    cosigned = next((each.at for each in found if each.at), None)
    return Signed(row, head.root.hex(), found, cosigned, witness is not None, fault)


def _signatures(row: Checkpoint, lines: list[str], witness: Key | None) -> tuple[list[Signature], str]:
    """The signatures on these lines of the note, and why none of them can be believed."""
    known = (*_log_keys(), *((witness,) if witness else ()))
    fault, found = "", []
    try:
        true = read(row.note, known).signatures if known else ()
    except NoteError as error:
        true, fault = (), str(error)
    by_line = {each.line.strip(): each for each in true}
    for line in lines:
        each = by_line.get(line.strip())
        at = datetime.fromtimestamp(each.at).astimezone() if each is not None and each.at else None
        found.append(Signature(line.split(" ")[1], each is not None, at))
    return found, fault


def _log_keys() -> tuple[Key, ...]:
    """The public keys of this log, as far as this process has them."""
    try:
        return tuple(each.key for each in log_keys.signers())
    except ImproperlyConfigured:
        return ()
