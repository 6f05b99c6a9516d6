"""The audit log, for auditors: its streams, and the entries of one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import DateTimeField, OuterRef, Q, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from audit.models import Entry, Head
from audit.verification import further_faults, verify_streams
from committee.models import Position
from office import frame, lists, streams, words

PER_PAGE = 50
#: so many entries are verified while one waits; beyond that the nightly run and the command do it
QUICK = 50_000


def _banks(request: HttpRequest) -> frozenset[int]:
    """The banks that the person audits; for others there is no audit log."""
    banks = frame.standing(request).units(Position.Role.AUDITOR)
    if not banks:
        raise Http404
    return banks


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The streams of the bank, the last changed first."""
    banks = _banks(request)
    last = Entry.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))
    rows = (
        streams.of_banks(Head.objects.all(), banks)
        .annotate(
            at=Subquery(last.values("at")[:1], output_field=DateTimeField()),
            action=Subquery(last.values("action")[:1]),
        )
        .order_by("-at", "stream")
    )
    kind = request.GET.get("kind", "")
    if kind in _KINDS:
        rows = rows.filter(Q(stream__startswith=f"{kind}:"))
    page = lists.page_of(request, rows)
    named = streams.names(head.stream for head in page)
    context = {
        "page": page,
        "rows": [
            (
                head,
                words.thing(head.stream),
                named.get(head.stream, ""),
                words.ACTIONS.get(head.action, head.action),
            )
            for head in page
        ],
        "kinds": [(kind, words.THINGS[kind]) for kind in _KINDS],
        "kind": kind,
        "query": lists.query(request, "kind"),
    }
    return frame.page(request, "office/streams.html", context, here="streams")


_KINDS = ("meeting", "proposal", "committee", "office")


@require_safe
def detail(request: HttpRequest, stream: str) -> HttpResponse:
    """A stream's entries in order, each checked against the hash of the one before."""
    head = get_object_or_404(streams.of_banks(Head.objects.all(), _banks(request)), stream=stream)
    page = lists.page_of(request, range(1, head.seq + 1), PER_PAGE)
    first, last = page.start_index(), page.end_index()
    context = {
        "head": head,
        "digest": bytes(head.hash).hex(),
        "page": page,
        "lines": [
            (line, words.ACTIONS.get(line.entry.action, line.entry.action), words.thing(line.entry.subject))
            for line in streams.lines(stream, first, last)
        ],
        "thing": words.thing(stream),
        "name": streams.names([stream]).get(stream, ""),
        "query": "",
    }
    return frame.page(request, "office/stream.html", context, here="streams")


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """A stream, or all of the auditor's banks, re-derived now; the result is told in words."""
    heads = streams.of_banks(Head.objects.all(), _banks(request))
    stream = request.POST.get("stream", "")
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
            gettext("The log does not verify: %(thing)s, entry %(seq)d: %(what)s. Report it at once.")
            % {"thing": words.thing(fault.stream), "seq": fault.seq, "what": fault.what},
        )
