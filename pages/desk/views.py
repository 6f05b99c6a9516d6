"""The desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from audit import clock
from committee.models import Committee
from pages.desk import desks, recent
from pages.desk.pressing import foremost
from pages.desk.rows import Row
from pages.desk.sections import Section
from web import offers, shell
from web.viewer import viewer_of


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """What the desk shows: its sections with rows, those without, and what happened lately."""

    #: whether anything waits for the person
    waits: bool
    #: the most urgent rows with their sections; empty where they are of one section alone
    foremost: list[tuple[Section, Row]]
    waiting: list[Section]
    quiet: list[Section]
    lately: list[recent.Done]
    now: datetime
    #: the plans that the person may begin: committee, address, button
    begin: list[tuple[Committee, str, str | Promise]]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person."""
    who = viewer_of(request)
    found = desks.sections(who)
    waits = foremost(found)
    shown = DeskPage(
        waits=bool(waits),
        foremost=waits if len({section.title for section, _row in waits}) > 1 else [],
        waiting=[section for section in found if section.rows],
        quiet=[section for section in found if not section.rows],
        lately=recent.lately(who),
        now=clock.now(),
        begin=offers.plans_to_begin(who),
    )
    return shell.page(request, "desk/desk.html", shown, here="desk")
