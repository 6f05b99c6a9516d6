"""The papers of a meeting, readable and printable by whom the rules say: notice, minutes, report, file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Meeting
from office.models import ArchiveFile, Copy, Report
from office.permissions import extracts_visible_to
from pages.meetings import notice as notices
from pages.meetings import page
from pages.meetings.minutes import page as minutes_page
from web import labels, offers, shell
from web.viewer import viewer_of

#: the acts that belong to each paper
_NOTICE = frozenset({"acknowledge", "send_notice", "deliver_notice", "change_meeting", "cancel_meeting"})
_MINUTES = frozenset({"sign_minutes", "amend_minutes", "draft_minutes", "distribute"})
_REPORT = frozenset({"receive_report"})
_FILE = frozenset({"distribute", "report_decisions", "archive"})


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice, seat by seat, and what still keeps the meeting from opening."""
    meeting = _whole(request, pk)
    return _paper(request, meeting, "notice", notices.notice_context(meeting, viewer_of(request)), _NOTICE)


@require_safe
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as a paper."""
    who, meeting = viewer_of(request), _whole(request, pk)
    found = minutes_page.minutes_shown(meeting)
    if found is None:
        raise Http404
    copies = Copy.objects.filter(minutes=found).select_related("unit").order_by("-full", "unit__name")
    context = {
        "minutes": found,
        "record": found.record,
        "digest": minutes_page.digest(found),
        "copies": list(copies),
        "extracts": set(copies.filter(extracts_visible_to(who.person)).values_list("pk", flat=True)),
    }
    return _paper(request, meeting, "minutes", context, _MINUTES)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report to head office as a paper."""
    meeting = _whole(request, pk)
    rows = Report.objects.filter(meeting=meeting).select_related("sent_by", "received_by")
    found = get_object_or_404(rows)
    found.meeting = meeting
    return _paper(request, meeting, "report", {"report": found, "record": found.content}, _REPORT)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting's file: the checklist until it is archived, its parts with their digests afterwards."""
    meeting = _whole(request, pk)
    if meeting.closed_at is None:
        raise Http404
    archived = ArchiveFile.objects.filter(meeting=meeting).select_related("archived_by").first()
    context = {
        **minutes_page.checklist(meeting, viewer_of(request)),
        "archive": archived,
        "contents": [(labels.PARTS.get(row["part"], row["part"]), row["digest"]) for row in archived.contents]
        if archived
        else [],
    }
    return _paper(request, meeting, "archive", context, _FILE)


def _whole(request: HttpRequest, pk: int) -> Meeting:
    """The meeting, for whoever sees the whole of it."""
    who = viewer_of(request)
    rows = Meeting.objects.visible_to(who.person).select_related(
        "committee__branch", "committee__liaison", "regulation", "acting_seat__holder", "convened_by"
    )
    meeting = get_object_or_404(rows, pk=pk)
    if not page.sees_all(meeting, who):
        raise Http404
    return meeting


def _paper(
    request: HttpRequest, meeting: Meeting, name: str, context: Mapping[str, Any], verbs: frozenset[str]
) -> HttpResponse:
    """The page of the paper in its committee's zone, with the acts that belong to it."""
    who = viewer_of(request)
    with timezone.override(meeting.committee.tz):
        shown = {"meeting": meeting, "offers": offers.offered(meeting, who, only=verbs), **context}
        return shell.page(request, f"meetings/minutes/{name}.html", shown, here="meetings")
