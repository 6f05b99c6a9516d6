"""All follow-ups that the reader may see: what is to do, or with what is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from office.models.follow_ups import FollowUpQuerySet
from pages.plans.follow_ups.reading import FollowUpView, visible_to
from web import shell
from web.lists.paging import page_of, query
from web.viewer import Viewer, viewer_of

#: which of them, by the word in the address → what is left of them
_WHICH: Mapping[str, Callable[[FollowUpQuerySet, Viewer], FollowUpQuerySet]] = {
    "open": lambda rows, _who: rows.open(),
    "own": lambda rows, who: rows.open().filter(owner=who.person),
    "done": lambda rows, _who: rows.exclude(confirmed_at=None).order_by("-confirmed_at", "-pk"),
}


@dataclass(frozen=True, kw_only=True)
class FollowUpsPage:
    """A page of them: which, and the rows."""

    which: str
    page: Page[FollowUpView]
    query: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Those that are not done, by due day; the reader's own with `show=own`, those done with `show=done`."""
    who = viewer_of(request)
    asked = request.GET.get("show", "")
    which = asked if asked in _WHICH else "open"
    page = page_of(request, _WHICH[which](visible_to(who), who))
    page.object_list = [FollowUpView(row, [], []) for row in page.object_list]
    shown = FollowUpsPage(which=which, page=page, query=query(request, "show"))
    return shell.page(request, "plans/follow_ups/list.html", shown, here="proposals")
