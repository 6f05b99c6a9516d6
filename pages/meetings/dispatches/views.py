"""What was sent to one's unit, and what one has sent: under way, received, acknowledged."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.offices import AUDITOR, LIAISON
from office.models import Dispatch
from office.permissions import (
    ADDRESSEE,
    dispatches_addressed_to,
    dispatches_overseen_by,
    dispatches_visible_to,
)
from web import offers, shell
from web.exports.responses import SEALED, OpenedFile
from web.lists.paging import page_of, query
from web.offers import Offered
from web.viewer import viewer_of


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A page of what was sent, to the reader's unit or by the reader's office."""

    page: Page[Dispatch]
    query: str
    #: whether it is the outbox
    out: bool


@dataclass(frozen=True, kw_only=True)
class DispatchPage:
    """Something sent, how far it has come, and what the reader can do."""

    dispatch: Dispatch
    addressed: bool
    sends: bool
    offers: list[Offered]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What was sent to the reader's unit, the latest first."""
    rows = _rows().filter(dispatches_addressed_to(viewer_of(request).person))
    shown = Sent(page=page_of(request, rows), query=query(request), out=False)
    return shell.page(request, "meetings/dispatches/list.html", shown, here="messages")


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What the liaison's committees have sent, what is under way first; of one meeting with `meeting`.

    404 for all but liaison and audit.
    """
    who = viewer_of(request)
    if not who.offices & {LIAISON, AUDITOR}:
        raise Http404
    rows = (
        _rows()
        .filter(dispatches_overseen_by(who.person))
        .order_by(F("sent_at").desc(nulls_first=True), "-pk")
    )
    asked = request.GET.get("meeting", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        rows = rows.filter(meeting=int(asked))
    shown = Sent(page=page_of(request, rows), query=query(request), out=True)
    return shell.page(request, "meetings/dispatches/list.html", shown, here="meetings")


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Something sent, for its addressee, the liaison and the audit."""
    row, who = _dispatch(request, pk), viewer_of(request)
    addressed = ADDRESSEE.is_of(who, row)
    shown = DispatchPage(
        dispatch=row, addressed=addressed, sends=who.acts_as(LIAISON, row), offers=offers.offered(row, who)
    )
    with timezone.override(row.committee.tz):
        here = "messages" if addressed else "meetings"
        return shell.page(request, "meetings/dispatches/detail.html", shown, here=here)


@require_safe
def package(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The package as it was sent; 404 while it is under way."""
    row = _dispatch(request, pk)
    if row.sent_at is None or not row.path.is_file():
        raise Http404
    name = f"{row.key.replace(':', '-')}.zip"
    opened = row.path.open("rb")
    return OpenedFile(
        opened, as_attachment=True, filename=name, content_type="application/zip", headers=SEALED
    )


def _dispatch(request: HttpRequest, pk: int) -> Dispatch:
    return get_object_or_404(_rows().filter(dispatches_visible_to(viewer_of(request).person)), pk=pk)


def _rows() -> QuerySet[Dispatch]:
    return Dispatch.objects.select_related(
        "meeting__committee__branch", "unit", "receipt__received_by", "receipt__acknowledged_by", "made_by",
        "copy__minutes__meeting__committee", "report__meeting__committee",
    ).order_by("-made_at", "-pk")  # fmt: skip
