"""The papers of a meeting, readable and printable by whom the rules say: notice, minutes, report, file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from audit.witnessing import uncosigned_entry
from committee.models import Meeting
from committee.offices import AUDITOR, LIAISON
from office.archives.meeting_file import missing
from office.models import ArchiveFile, Copy, Minutes, Report
from office.permissions import extracts_visible_to
from pages.meetings import notice as notices
from pages.meetings import page
from pages.meetings.minutes import archive, history, signing
from pages.meetings.minutes import page as minutes_page
from web import labels, offers, shell
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_MEETING = SeenRow(
    Meeting, "committee__branch", "committee__liaison", "regulation", "acting_seat__holder", "convened_by"
)
#: the acts that belong to each paper
_NOTICE = frozenset(
    {"acknowledge", "send_notice", "deliver_notice", "remind_members", "change_meeting", "cancel_meeting"}
)
_SUPPLEMENT = frozenset({"draft_supplement", "sign_supplement"})
_MINUTES = frozenset({"sign_minutes", "amend_minutes", "draft_minutes", "distribute"}) | _SUPPLEMENT
_REPORT = frozenset({"receive_report"})
_FILE = frozenset({"distribute", "report_decisions", "archive"})


@dataclass(frozen=True, kw_only=True)
class SignedMinutes:
    """The minutes as a paper, and to whom they went."""

    minutes: Minutes
    record: Mapping[str, Any]
    digest: str
    copies: list[Copy]
    signatures: signing.Signatures
    #: those copies (ids) that the person may open
    extracts: set[int]
    #: whether the person may read what they said before
    reads_revisions: bool
    #: what puts them right, in the order of numbers
    supplements: list[Minutes]
    #: whether the outbox is among the person's pages
    reads_outbox: bool
    #: when they were signed, while head office's witness has not cosigned the log since
    not_cosigned: datetime | None


@dataclass(frozen=True)
class File(minutes_page.Checklist):
    """The meeting's file: what it is to have, and once archived what it has."""

    archive: ArchiveFile | None
    #: whether the reader may have the archive
    taken: bool = False
    #: what it could have and has not, in the reader's language
    lacking: Sequence[str] = ()

    @property
    def contents(self) -> list[tuple[str | Promise, str]]:
        """The parts that are archived, with their digests."""
        return labels.archived_parts(self.archive.contents if self.archive else [])


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice, seat by seat, and what still keeps the meeting from opening."""
    meeting = _whole(request, pk)
    return _paper(request, meeting, "notice", notices.notice_page(meeting, viewer_of(request)), _NOTICE)


@require_safe
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as a paper."""
    who, meeting = viewer_of(request), _whole(request, pk)
    found = minutes_page.minutes_shown(meeting)
    if found is None:
        raise Http404
    copies = Copy.objects.filter(minutes=found).select_related("unit").order_by("-full", "unit__name")
    shown = SignedMinutes(
        minutes=found,
        record=found.record,
        digest=minutes_page.digest(found),
        copies=list(copies),
        signatures=signing.signatures_of(found, who),
        extracts=set(copies.filter(extracts_visible_to(who.person)).values_list("pk", flat=True)),
        reads_revisions=history.reads(meeting, who),
        supplements=_supplements(found, who),
        reads_outbox=who.acts_as(LIAISON | AUDITOR, meeting),
        not_cosigned=uncosigned_entry(meeting.stream, "sign_minutes"),
    )
    return _paper(request, meeting, "minutes", shown, _MINUTES)


@require_safe
def supplement(request: HttpRequest, pk: int, supplement: int) -> HttpResponse:
    """Supplementary minutes as a paper."""
    who, meeting = viewer_of(request), _whole(request, pk)
    found = minutes_page.supplement_shown(meeting, supplement, who)
    if found is None:
        raise Http404
    shown = {
        "minutes": found,
        "record": found.record,
        "digest": minutes_page.digest(found),
        "signatures": signing.signatures_of(found, who),
        "copies": list(found.copies.select_related("unit").order_by("unit__name")),
    }
    return _paper(request, meeting, "supplement", shown, _SUPPLEMENT)


def _supplements(minutes: Minutes, who: Viewer) -> list[Minutes]:
    if minutes.state != Minutes.State.SIGNED:
        return []
    seen = minutes_page.supplements_seen(minutes.meeting, who)
    rows = list(seen.select_related("signed_by").order_by("pk"))
    for row in rows:
        row.meeting = minutes.meeting
    return rows


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report to head office as a paper."""
    meeting = _whole(request, pk)
    rows = Report.objects.filter(meeting=meeting).select_related("sent_by", "received_by")
    found = get_object_or_404(rows)
    found.meeting = meeting
    not_cosigned = uncosigned_entry(meeting.stream, "report_decisions")
    shown = {"report": found, "record": found.content, "not_cosigned": not_cosigned}
    return _paper(request, meeting, "report", shown, _REPORT)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting's file: the checklist until it is archived, its parts with their digests afterwards."""
    meeting = _whole(request, pk)
    if meeting.closed_at is None:
        raise Http404
    archived = ArchiveFile.objects.filter(meeting=meeting).select_related("archived_by").first()
    who = viewer_of(request)
    taken = archived is not None and archive.takes(meeting, who)
    lacking = [each.text_zh if labels.chinese() else each.text for each in missing(meeting)] if taken else []
    shown = File(minutes_page.checklist(meeting, who).parts, archived, taken, lacking)
    return _paper(request, meeting, "archive", shown, _FILE)


def _whole(request: HttpRequest, pk: int) -> Meeting:
    """The meeting, for people who see all of it; 404 for others."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    if not page.sees_all(meeting, who):
        raise Http404
    return meeting


def _paper(
    request: HttpRequest,
    meeting: Meeting,
    name: str,
    paper: Mapping[str, Any] | DataclassInstance,
    verbs: frozenset[str],
) -> HttpResponse:
    """The page of the paper in its committee's zone, with the acts that belong to it."""
    who = viewer_of(request)
    with timezone.override(meeting.committee.tz):
        around = {"meeting": meeting, "offers": offers.offered(meeting, who, only=verbs)}
        shown = {**around, **shell.named(paper)}
        return shell.page(request, f"meetings/minutes/{name}.html", shown, here="meetings")
