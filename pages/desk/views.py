"""The desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from audit import clock
from committee.models import Committee
from pages.desk import desks, ordering, recent
from pages.desk.next_meeting import NextMeeting, next_meeting
from pages.desk.sections import Section
from web import offers, shell
from web.viewer import viewer_of


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """What the desk shows: the next meeting, all that waits by date, and what was done lately."""

    #: whether anything waits for the person
    waits: bool
    coming: NextMeeting | None
    groups: list[ordering.Group]
    kinds: list[ordering.Kind]
    #: the kind that is shown alone
    chosen: ordering.Kind | None
    #: what is done with all rows of a kind together: words, address
    acts: list[tuple[str | Promise, str]]
    quiet: list[Section]
    lately: list[recent.Done]
    #: whether this browser's first visit is not ended
    touring: bool
    now: datetime
    #: the plans that the person may begin: committee, address, button
    begin: list[tuple[Committee, str, str | Promise]]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, or of it one kind."""
    who = viewer_of(request)
    kind = request.GET.get("kind", "")
    found = desks.sections(who, kind)
    kinds = ordering.kinds(found)
    chosen = next((each for each in kinds if each.name == kind), None)
    shown = [section for section in found if section.kind == kind] if chosen else found
    coming = None if chosen else next_meeting(who, found)
    entries = ordering.unlike(shown, [row for _section, row in coming.left] if coming else [])
    page = DeskPage(
        waits=any(row.waits for section in found for row in section.rows),
        coming=coming,
        groups=ordering.grouped(entries),
        kinds=kinds,
        chosen=chosen,
        acts=[section.act for section in shown if section.act and section.rows],
        quiet=[section for section in found if not section.rows],
        lately=recent.lately(who),
        touring=bool(who.offices) and request.COOKIES.get("tour") != "ended",
        now=clock.now(),
        begin=offers.plans_to_begin(who),
    )
    return shell.page(request, "desk/desk.html", page, here="desk")
