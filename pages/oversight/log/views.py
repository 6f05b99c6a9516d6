"""The audit log, for auditors: its streams, and the entries of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from audit.checking.rows import Fault
from audit.checking.verification import further_faults, verify_streams
from audit.models import Checkpoint, Entry, Head
from audit.witnessing import uncosigned_since
from committee.offices import AUDITOR
from office.labels import ACTIONS
from web import labels, limits, shell
from web.exports import logs
from web.lists import paging
from web.log import faults, streams
from web.viewer import viewer_of

PER_PAGE = 50
#: so many entries are verified while one waits; beyond that the nightly run and the command do it
QUICK = 50_000


Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Streams:
    """The streams of the bank, a page of them."""

    #: the last entry of each, with what the stream is of in words, its name and the action in words
    rows: list[tuple[Entry, Words, str, Words]]
    kind: str
    query: str
    #: the streams by which the pages before and after begin
    earlier: str
    later: str
    kinds: list[tuple[str, Words]]
    #: the last checkpoint of the log's tree, if there is one
    checkpoint: Checkpoint | None
    #: when the first checkpoint was made that head office's witness has not cosigned
    not_cosigned: datetime | None
    #: whether the person may export the whole log: that of all banks there are
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stream with a page of its entries."""

    head: Head
    page: Page[int]
    #: each entry, with its action and its subject in words
    lines: list[tuple[streams.Line, Words, Words]]
    #: what it is a stream of, in words, and its name
    thing: Words
    name: str
    #: the hash of the last entry
    digest: str
    #: what can be exported of it: a meeting or a proposal with all that belongs to it
    part: logs.Part | None
    query: str = ""


def _banks(request: HttpRequest) -> frozenset[int]:
    """The banks that the person audits; for others there is no audit log."""
    banks = viewer_of(request).units(AUDITOR)
    if not banks:
        raise Http404
    return banks


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The streams of the bank, the last changed first."""
    banks = _banks(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in streams.KINDS else ""
    entries, earlier, later = _requested(request.GET, banks, kind)
    shown = Streams(
        rows=_rows(entries),
        kind=kind,
        kinds=[(each, labels.THINGS[each]) for each in streams.KINDS],
        query=paging.query(request, "kind"),
        earlier=earlier,
        later=later,
        checkpoint=Checkpoint.objects.order_by("-size").first(),
        not_cosigned=uncosigned_since(),
        whole=logs.Part("all", 0).is_open_to(viewer_of(request)),
    )
    return shell.page(request, "oversight/log/streams.html", shown, here="streams")


def _requested(given: QueryDict, banks: frozenset[int], kind: str) -> tuple[list[Entry], str, str]:
    """The last entries of a page of streams, and the streams by which the pages before and after begin."""
    backwards = "before" in given or "end" in given
    beyond = _last_of(given.get("before") or given.get("after") or "", banks)
    found = streams.latest_entries(banks, paging.PER_PAGE + 1, kind=kind, beyond=beyond, backwards=backwards)
    more = len(found) > paging.PER_PAGE
    entries = found[-paging.PER_PAGE :] if backwards else found[: paging.PER_PAGE]
    before, after = (more, beyond is not None) if backwards else (beyond is not None, more)
    earlier = entries[0].stream if entries and before else ""
    later = entries[-1].stream if entries and after else ""
    return entries, earlier, later


def _rows(entries: Sequence[Entry]) -> list[tuple[Entry, Words, str, Words]]:
    """The last entry of each stream with the names of the stream and of the action."""
    named = streams.names_of_streams(entry.stream for entry in entries)
    return [
        (
            entry,
            labels.stream_label(entry.stream),
            named.get(entry.stream, ""),
            ACTIONS.get(entry.action, entry.action),
        )
        for entry in entries
    ]


def _last_of(stream: str, banks: frozenset[int]) -> Entry | None:
    """The last entry of a stream of these banks, which marks the position of a page."""
    if stream not in streams.streams_of_banks([stream], banks):
        return None
    return Entry.objects.filter(stream=stream).order_by("-seq").first()


@require_safe
def detail(request: HttpRequest, stream: str) -> HttpResponse:
    """A stream's entries in order, each checked against the hash of the one before."""
    if stream not in streams.streams_of_banks([stream], _banks(request)):
        raise Http404
    head = get_object_or_404(Head, stream=stream)
    page = paging.page_of(request, range(1, head.seq + 1), PER_PAGE)
    first, last = page.start_index(), page.end_index()
    kind, _colon, number = stream.partition(":")
    part = logs.Part(kind, int(number))
    shown = Stream(
        part=part if part.stream else None,
        head=head,
        digest=bytes(head.hash).hex(),
        page=page,
        lines=[
            (
                line,
                ACTIONS.get(line.entry.action, line.entry.action),
                labels.stream_label(line.entry.subject),
            )
            for line in streams.checked_lines(stream, first, last)
        ],
        thing=labels.stream_label(stream),
        name=streams.names_of_streams([stream]).get(stream, ""),
    )
    return shell.page(request, "oversight/log/stream.html", shown, here="streams")


@require_POST
@limits.limited(limits.VERIFY)
def verify(request: HttpRequest) -> HttpResponse:
    """Verify a stream, or all of the auditor's banks, now; the result is shown as a text."""
    heads = streams.of_banks(Head.objects.all(), _banks(request))
    stream = request.POST.get("stream", "")
    if "\0" in stream:  # no text of the database
        raise Http404
    if stream:
        heads = heads.filter(pk=get_object_or_404(heads, stream=stream).pk)
    entries = heads.aggregate(entries=Sum("seq"))["entries"] or 0
    if entries > QUICK:
        messages.warning(
            request,
            gettext(
                "%(entries)d entries are too many to wait for. The worker verifies the whole log each night; "
                "`manage.py audit verify` does so at once."
            )
            % {"entries": entries},
        )
    else:
        _tell(request, list(heads.values_list("stream", flat=True)))
    return HttpResponseRedirect(reverse("stream", args=[stream]) if stream else reverse("streams"))


def _tell(request: HttpRequest, names: list[str]) -> None:
    """What re-deriving these streams came to."""
    report = verify_streams(names)
    fault = report.fault or next(iter(further_faults(names)), None)
    if fault is None:
        messages.success(
            request,
            gettext(
                "Verified: %(entries)d entries in %(streams)d streams. Every hash, sequence number and "
                "commitment was derived anew and agrees; %(erased)d payloads have been erased by law."
            )
            % {"entries": report.entries, "streams": report.streams, "erased": report.erased},
        )
    else:
        messages.error(
            request,
            gettext("The log does not verify: %(fault)s. Report it at once.") % {"fault": _place(fault)},
        )


def _place(fault: Fault) -> str:
    """Where the fault is, if it is at an entry, and what it is."""
    if not fault.stream:
        return faults.in_words(fault)
    return gettext("%(thing)s, entry %(seq)d: %(what)s") % {
        "thing": labels.stream_label(fault.stream),
        "seq": fault.seq,
        "what": faults.in_words(fault),
    }
