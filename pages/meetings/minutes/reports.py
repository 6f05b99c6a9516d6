"""The reports of the committees to head office: to receive, and received (Art. 12.5)."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from committee.offices import HEAD_OFFICE, Scope, which
from office.models import Report
from web import shell
from web.lists.paging import page_of, query
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True, kw_only=True)
class Reports:
    """The reports that are to be received, or those that have been, a page of them."""

    received: bool
    #: how many are to be received
    waiting: int
    page: Page[Report]
    #: whether the person receives them
    receives: bool
    query: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The reports of every committee of the bank; those to receive the oldest first."""
    who = viewer_of(request)
    if not who.sees_reports:
        raise PermissionDenied
    received = request.GET.get("kind") == "received"
    waiting = _reports(who).filter(received_at=None).order_by("sent_at", "pk")
    done = _reports(who).filter(received_at__isnull=False).order_by("-received_at", "-pk")
    shown = Reports(
        received=received,
        waiting=waiting.count(),
        page=page_of(request, done if received else waiting),
        receives=HEAD_OFFICE in who.offices,
        query=query(request, "kind"),
    )
    return shell.page(request, "meetings/minutes/reports.html", shown, here="dockets")


def _reports(who: Viewer) -> QuerySet[Report]:
    return Report.objects.filter(
        who.reach(which(lambda office: office.scope == Scope.BANK).offices, "meeting__committee")
    ).select_related("meeting__committee", "sent_by", "received_by")
