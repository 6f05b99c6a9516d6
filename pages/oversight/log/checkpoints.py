"""The checkpoints of the log's tree, and what was added between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from audit import merkle, witnessing
from audit.models import Checkpoint, Entry, Leaf
from audit.note import Checkpoint as Head
from audit.note import NoteError, split
from audit.proofs import making
from committee.offices import AUDITOR
from pages.oversight.log.entry import Signed, signed
from pages.oversight.log.listing import Told, tell
from web import labels, shell
from web.exports import logs
from web.exports.responses import named
from web.log import streams
from web.viewer import Viewer, viewer_of

PER_PAGE = 25
#: entries of one page of a difference
ENTRIES = 50
#: leaves that are counted by stream; of more the first so many are
COUNTED = 200_000
#: streams that are named with their number of entries
NAMED = 20

_COUNTS = """
SELECT stream, count(*) AS many FROM (
    SELECT stream FROM audit_leaf WHERE "index" >= %s AND "index" < %s ORDER BY "index" LIMIT %s
) AS added GROUP BY stream ORDER BY many DESC, stream
"""


@dataclass(frozen=True)
class Listed:
    """A checkpoint, and the size of the one before it; 0 for the first."""

    signed: Signed
    before: int

    @property
    def added(self) -> int:
        """The leaves added since the one before."""
        return self.signed.row.size - self.before


@dataclass(frozen=True, kw_only=True)
class Checkpoints:
    """A page of the checkpoints, the last first."""

    rows: list[Listed]
    #: from the size below which the next page begins; 0 on the last
    older: int
    #: whether it is not the first page
    later: bool
    leaves: int
    fault: str
    not_cosigned: datetime | None
    #: whether the person may export the log of all banks there are
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What was added between two checkpoints, and the proof that the later begins with the earlier."""

    old: Signed
    new: Signed
    added: int
    #: how many of them were counted by stream
    counted: int
    #: kind of stream in words, streams, entries
    kinds: list[tuple[str | Promise, int, int]]
    #: stream, its name, entries
    streams: list[tuple[str, str | Promise, str, int]]
    #: streams that are not named
    further: int
    #: entries of the page with the number of their leaf
    entries: list[tuple[int, Told]]
    #: entries of the page that others audit
    hidden: int
    first: int
    last: int
    page: int
    pages: int
    proof: Sequence[str]
    #: what keeps the proof from being made; empty when there is one
    fault: str
    holds: bool


def _auditor(request: HttpRequest) -> Viewer:
    """The viewer, who audits some bank; for others there is no audit log."""
    who = viewer_of(request)
    if not who.units(AUDITOR):
        raise Http404
    return who


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The checkpoints; two of them can be chosen to be compared."""
    _auditor(request)
    below = _size(request.GET.get("below", ""))
    rows = Checkpoint.objects.order_by("-size")
    found = list((rows.filter(size__lt=below) if below else rows)[: PER_PAGE + 1])
    sizes = [row.size for row in found] + [0]
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    shown = Checkpoints(
        rows=[Listed(signed(row), before) for row, before in zip(found, sizes[1:], strict=True)][:PER_PAGE],
        older=sizes[PER_PAGE - 1] if len(found) > PER_PAGE else 0,
        later=bool(below),
        leaves=0 if last is None else last + 1,
        fault=request.GET.get("fault", ""),
        not_cosigned=witnessing.uncosigned_since(),
        whole=logs.Part("all", 0).is_open_to(viewer_of(request)),
    )
    return shell.page(request, "oversight/log/checkpoints.html", shown, here="streams")


def _size(text: str) -> int:
    """The number of leaves that the text says; 0 for none."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else 0


@require_safe
def differences(request: HttpRequest) -> HttpResponse:
    """What was added between the two checkpoints that the address names, in either order."""
    who = _auditor(request)
    sizes = sorted({_size(request.GET.get("old", "")), _size(request.GET.get("new", ""))})
    found = list(Checkpoint.objects.filter(size__in=sizes).order_by("size"))
    if len(found) != 2:
        fault = "same" if len(sizes) == 1 and found else "none"
        return HttpResponseRedirect(f"{reverse('checkpoints')}?fault={fault}#compare")
    old, new = found
    pages = (new.size - old.size + ENTRIES - 1) // ENTRIES
    page = min(max(_size(request.GET.get("page", "")), 1), pages)
    return shell.page(
        request, "oversight/log/differences.html", _difference(who, old, new, page, pages), here="streams"
    )


def _difference(who: Viewer, old: Checkpoint, new: Checkpoint, page: int, pages: int) -> Difference:
    counts = _counts(old.size, new.size)
    mine = streams.streams_of_banks([stream for stream, _ in counts[:COUNTED]], who.units(AUDITOR))
    largest = [(stream, many) for stream, many in counts if stream in mine][:NAMED]
    names = streams.names_of_streams(stream for stream, _ in largest)
    first = old.size + (page - 1) * ENTRIES
    last = min(first + ENTRIES, new.size) - 1
    entries = _entries(who, first, last)
    proof, fault, holds = _proof(old, new)
    return Difference(
        old=signed(old),
        new=signed(new),
        added=new.size - old.size,
        counted=min(new.size - old.size, COUNTED),
        kinds=_by_kind(counts),
        streams=[
            (stream, labels.stream_label(stream), names.get(stream, ""), many) for stream, many in largest
        ],
        further=len(counts) - len(largest),
        entries=entries,
        hidden=last - first + 1 - len(entries),
        first=first,
        last=last,
        page=page,
        pages=pages,
        proof=[each.hex() for each in proof],
        fault=fault,
        holds=holds,
    )


def _counts(old: int, new: int) -> list[tuple[str, int]]:
    """How many of these leaves each stream has, the most first."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [old, new, COUNTED])
        return [(stream, many) for stream, many in cursor.fetchall()]


def _by_kind(counts: Sequence[tuple[str, int]]) -> list[tuple[str | Promise, int, int]]:
    """Streams and entries of each kind, the most entries first."""
    found: dict[str, tuple[int, int]] = {}
    for stream, many in counts:
        kind = stream.partition(":")[0]
        streams_, entries = found.get(kind, (0, 0))
        found[kind] = streams_ + 1, entries + many
    rows = [(labels.THINGS.get(kind, kind), *numbers) for kind, numbers in found.items()]
    return sorted(rows, key=lambda row: -row[2])


def _entries(who: Viewer, first: int, last: int) -> list[tuple[int, Told]]:
    """The entries of these leaves that the person may read."""
    of_page = Leaf.objects.filter(index__gte=first, index__lte=last)
    leaves = {(stream, seq): place for place, stream, seq in of_page.values_list("index", "stream", "seq")}
    rows: list[Entry] = list(streams.visible_to(who).filter(pk__in=list(leaves)))
    rows.sort(key=lambda row: leaves[row.stream, row.seq])
    return [(leaves[told.entry.stream, told.entry.seq], told) for told in tell(rows)]


def _proof(old: Checkpoint, new: Checkpoint) -> tuple[list[bytes], str, bool]:
    """The proof that the later tree begins with the earlier, why there is none, and whether it holds."""
    try:
        proof = making.make(merkle.consistency, old.size, new.size)
        before, after = (Head.parse(split(row.note)[0]) for row in (old, new))
    except (merkle.Incomplete, NoteError) as error:
        return [], str(error), False
    return proof, "", merkle.check_consistency(before.size, after.size, before.root, after.root, proof)


@require_safe
def note(request: HttpRequest, size: int) -> HttpResponseBase:
    """The checkpoint as a file: the signed note (C2SP tlog-checkpoint)."""
    _auditor(request)
    row = get_object_or_404(Checkpoint, size=size)
    return named(_text(row.note), f"checkpoint-{size}.txt")


@require_safe
def consistency(request: HttpRequest, old: int, new: int) -> HttpResponseBase:
    """The proof as a file, in the form in which a witness is asked (C2SP tlog-witness)."""
    _auditor(request)
    get_object_or_404(Checkpoint, size=old)
    row = get_object_or_404(Checkpoint, size=new)
    if old >= new:
        raise Http404
    try:
        proof = making.make(merkle.consistency, old, new)
    except merkle.Incomplete:
        raise Http404 from None
    return named(_text(witnessing.written(old, proof, row.note)), f"consistency-{old}-{new}.txt")


def _text(written: str) -> HttpResponse:
    return HttpResponse(written, content_type="text/plain; charset=utf-8")
