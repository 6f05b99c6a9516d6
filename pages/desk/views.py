"""The desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from audit import clock
from pages.desk import desks, recent
from pages.desk.pressing import foremost
from web import offers, shell
from web.viewer import viewer_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person."""
    who = viewer_of(request)
    found = desks.sections(who)
    waits = foremost(found)
    context = {
        "waits": bool(waits),
        # of one kind alone, its own tray says it all
        "foremost": waits if len({section.title for section, _row in waits}) > 1 else [],
        "waiting": [section for section in found if section.rows],
        "quiet": [section for section in found if not section.rows],
        "lately": recent.lately(who),
        "now": clock.now(),
        "begin": offers.plans_to_begin(who),
    }
    return shell.page(request, "desk/desk.html", context, here="desk")
