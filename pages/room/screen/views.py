"""The link of the room screen, and what it shows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from committee.models import Meeting
from committee.offices import LIAISON, PRESIDING
from pages.meetings import rows_of
from pages.room.screen import content
from regulation.refused import Refused
from voting.actions.room_screen import close_room_screen, open_room_screen, room_screen_of
from voting.models import RoomScreenLink
from web import labels, shell
from web.seen import SeenRow
from web.viewer import viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "acting_seat")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Create the link, in place of an earlier one, or close it; creating redirects to the room screen.

    It is not an idempotent form, whose record would keep the address in the database.
    """
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    if not who.acts_as(PRESIDING | LIAISON, meeting):
        raise PermissionDenied
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if request.POST.get("act") == "close":
                close_room_screen(meeting, by=who.person)
                messages.success(request, _("No link shows the meeting any more."))
                return HttpResponseRedirect(reverse("room-screen-link", args=[meeting.pk]))
            _made, token = open_room_screen(meeting, by=who.person)
            return HttpResponseRedirect(reverse("room-screen", args=[token]))
        except Refused as refused:
            refusal, status = labels.refusal(refused), refused.status
    with timezone.override(meeting.committee.tz):
        running = (
            RoomScreenLink.objects.running(clock.now()).filter(meeting=meeting).select_related("opened_by")
        )
        context = {
            "meeting": meeting,
            "link": running.first(),
            "refusal": refusal,
            "may_open": meeting.state in Meeting.RUNNING,
        }
        return shell.page(request, "room/screen/link.html", context, here="meetings", status=status)


@login_not_required
@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The room screen, in the language of the person who created the link; 404 for a link that is not
    running.
    """
    meeting, language = _shown(token)
    with translation.override(language), timezone.override(meeting.committee.tz):
        context = {
            **shell.named(content.screen_page(meeting)),
            "token": token,
            "socket": f"/ws/wall/{token}/",
        }
        response = shell.with_socket(request, render(request, "room/screen/screen.html", context))
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@never_cache
@require_safe
def version(request: HttpRequest, token: str) -> HttpResponse:
    """How much the meeting and its roster have seen: a page with other numbers is out of date."""
    meeting, _language = _shown(token)
    rows_of.read_heads(meeting)
    return JsonResponse({"version": meeting.version, "roster": meeting.roster})


def _shown(token: str) -> tuple[Any, str | None]:
    found = room_screen_of(token)
    if found is None:
        raise Http404
    return found.meeting, found.opened_by.language or None
