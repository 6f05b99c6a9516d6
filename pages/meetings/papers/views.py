"""The papers of a meeting in reading order, one page an item."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from committee.models import Meeting
from pages.meetings import mine as my_meetings
from pages.meetings.page import sees_all
from pages.meetings.papers import reading
from pages.plans.annotations import keeping
from pages.plans.annotations.forms import AnnotationForm
from pages.plans.files.attachments import AttachmentView
from pages.plans.follow_ups.reading import FollowUpView, open_at
from pages.plans.notes.forms import NoteForm
from pages.plans.notes.saving import note_of
from pages.plans.sections import plan_sections
from proposals.models import PlanVersion, Proposal
from web import shell
from web.lists.paging import page_of
from web.offers import Offer, offer_for
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "regulation", "acting_seat__holder")


def _meeting(request: HttpRequest, pk: int) -> Meeting:
    return _MEETING.get_or_404(viewer_of(request).person, pk)


@dataclass(frozen=True, kw_only=True)
class PapersPage:
    """The papers of a meeting for one person."""

    meeting: Meeting
    papers: reading.Papers
    #: when the meeting ends by the minutes planned, for whoever sees every item
    ends: datetime | None
    #: whether the person sees who has read, and who has
    watching: bool
    readers: list[reading.Reader]
    #: what earlier resolutions ask for and is not done
    follow_ups: list[FollowUpView]


@dataclass(frozen=True, kw_only=True)
class PaperPage:
    """The papers of one item, beside the parts of its plan."""

    meeting: Meeting
    papers: reading.Papers
    paper: reading.Paper
    before: reading.Paper | None
    after: reading.Paper | None
    #: the offer to declare a conflict of interest
    conflict: Offer | None
    #: the person's own note, for whoever reads for a seat
    note: NoteForm | None
    proposal: Proposal
    #: the one that was delivered
    version: PlanVersion
    #: whether the plan is shown in full
    full: bool
    #: what the person has not opened: the plan in full, and files of it
    plan_unopened: bool
    files_unopened: list[AttachmentView]
    #: the person's own, on this plan
    annotations: list[keeping.Placed]
    annotate: AnnotationForm


@require_safe
def papers(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers in the order of the agenda, with what is read; for some, who has read."""
    who, meeting = viewer_of(request), _meeting(request, pk)
    with timezone.override(meeting.committee.tz):
        watching = reading.watches(meeting, who)
        found = reading.papers(meeting, who)
        shown = PapersPage(
            meeting=meeting,
            papers=found,
            ends=found.ends if sees_all(meeting, who) else None,
            watching=watching,
            readers=reading.readers(meeting) if watching else [],
            follow_ups=open_at(meeting, who),
        )
        return shell.page(request, "meetings/papers/papers.html", shown, here="meetings")


@require_safe
def paper(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The papers of one item: the plan in short, its attachments, the mark, the person's own note."""
    who, meeting = viewer_of(request), _meeting(request, pk)
    found = reading.papers(meeting, who)
    here, before, after = found.around(item)
    if here is None:
        raise Http404
    with timezone.override(meeting.committee.tz):
        proposal, version = here.row.proposal, here.row.version
        full = "full" in request.GET
        if full and request.method == "GET":
            keeping.open_paper(proposal, who.person, version.digest)
        sections = plan_sections(version)
        opened = keeping.opened(proposal, who.person)
        paper = PaperPage(
            meeting=meeting,
            papers=found,
            paper=here,
            proposal=proposal,
            version=version,
            full=full,
            plan_unopened=version.digest not in opened,
            files_unopened=[
                each for each in sections.attached if each.file and each.stated.sha256 not in opened
            ],
            annotations=keeping.placed(keeping.own(proposal, who.person), version),
            annotate=AnnotationForm(),
            before=before,
            after=after,
            conflict=_conflict(proposal, who),
            note=NoteForm(note=note_of(proposal, who.person)) if found.reads else None,
        )
        shown = {**shell.named(sections), **shell.named(paper)}
        return shell.page(request, "meetings/papers/paper.html", shown, here="meetings")


@require_safe
def whole(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The whole plan of an item with its attachments, to be read within the room; 304 for what is known.

    It is noted as opened for the person's own list.
    """
    who, meeting = viewer_of(request), _meeting(request, pk)
    here, _before, _after = reading.papers(meeting, who).around(item)
    if here is None:
        raise Http404
    with timezone.override(meeting.committee.tz):
        proposal, version = here.row.proposal, here.row.version
        if request.method == "GET":
            keeping.open_paper(proposal, who.person, version.digest)
        shown = {**shell.named(plan_sections(version)), "proposal": proposal, "viewer": who, "within": True}
        response = render(request, "meetings/papers/whole.html", shown)
    tag = quote_etag(hashlib.blake2b(response.content, digest_size=12).hexdigest())
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


def _conflict(proposal: Proposal, who: Viewer) -> Offer | None:
    """The offer to declare a conflict of interest, where it would be taken now."""
    offer = offer_for(Proposal, "declare_conflict")
    assert offer is not None
    possible = proposal.state in offer.rule.states and offer.entitled(proposal, who)
    return offer if possible and offer.refusal_now(proposal, who) is None else None


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own meetings, with what is left to do for each."""
    who = viewer_of(request)
    page = page_of(request, my_meetings.past(who))
    there = my_meetings.presence(page, who)
    context = {
        "to_come": my_meetings.to_come(who),
        "page": page,
        "past": [(row, there.get(row.pk, [])) for row in page],
        "by_proxy": my_meetings.by_proxy(who),
    }
    return shell.page(request, "meetings/mine.html", context, here="meetings")
