"""The desk."""

from __future__ import annotations

from collections.abc import Iterable
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
    shown = _of_kind(found, chosen)
    coming = None if chosen else next_meeting(who, found)
    page = DeskPage(
        waits=ordering.anything_waits(found),
        coming=coming,
        groups=ordering.grouped(ordering.unlike(shown, coming.rows if coming else ())),
        kinds=kinds,
        chosen=chosen,
        acts=_acts(shown),
        quiet=ordering.without_rows(found),
        lately=recent.lately(who),
        touring=bool(who.offices) and request.COOKIES.get("tour") != "ended",
        now=clock.now(),
        begin=offers.plans_to_begin(who),
    )
    return shell.page(request, "desk/desk.html", page, here="desk")


def _of_kind(found: list[Section], chosen: ordering.Kind | None) -> list[Section]:
    """The sections of the chosen kind; all of them without one."""
    return [section for section in found if chosen is None or section.kind == chosen.name]


def _acts(shown: Iterable[Section]) -> list[tuple[str | Promise, str]]:
    """What is done with all rows of a kind together, where there are any."""
    return [section.act for section in shown if section.act and section.rows]
