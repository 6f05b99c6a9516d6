"""The audit log, for auditors: its streams, and the entries of one."""

from __future__ import annotations

from django.db.models import DateTimeField, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from audit.models import Entry, Head
from committee.models import Position
from office import frame, lists, streams, words

PER_PAGE = 50


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
