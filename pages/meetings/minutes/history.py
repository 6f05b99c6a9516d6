"""The revisions of a meeting's minutes, each with its difference from the one before."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Meeting
from committee.offices import AUDITOR, LIAISON, PRESIDING
from office.differences import Run, difference
from office.models import Minutes, MinutesRevision
from pages.meetings.minutes import page as minutes_page
from web import shell
from web.lists.paging import page_of, query
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "committee__liaison", "acting_seat")


@dataclass(frozen=True)
class Change:
    """A revision, and what it took out and put in."""

    revision: MinutesRevision
    runs: list[Run]


@dataclass(frozen=True, kw_only=True)
class History:
    """A page of the revisions, the latest first."""

    meeting: Meeting
    minutes: Minutes
    page: Page[MinutesRevision]
    query: str

    @property
    def changes(self) -> list[Change]:
        """Each revision of the page with its difference from the one before."""
        shown = list(self.page.object_list)
        numbers = [row.number - 1 for row in shown]
        before = dict(
            MinutesRevision.objects.filter(minutes=self.minutes, number__in=numbers).values_list(
                "number", "narrative"
            )
        )
        return [Change(row, difference(before.get(row.number - 1, ""), row.narrative)) for row in shown]


def reads(meeting: Meeting, who: Viewer) -> bool:
    """Whether the person may read what the minutes said before: who writes, signs and audits them."""
    return who.acts_as(LIAISON | PRESIDING | AUDITOR, meeting)


@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The revisions, for the liaison, whoever signs, and the audit; 404 for others."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    minutes = minutes_page.minutes_shown(meeting)
    if minutes is None or not reads(meeting, who):
        raise Http404
    rows = minutes.revisions.select_related("saved_by").order_by("-number")
    shown = History(meeting=meeting, minutes=minutes, page=page_of(request, rows), query=query(request))
    with timezone.override(meeting.committee.tz):
        return shell.page(request, "meetings/minutes/history.html", shown, here="meetings")
