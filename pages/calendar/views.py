"""Meetings for the person's own calendar: one invitation a meeting, and a feed that needs no login."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Meeting, Person
from pages.calendar import invitations
from pages.models import CalendarFeed
from web import idempotent_forms, shell
from web.viewer import viewer_of

_TYPE = "text/calendar; charset=utf-8"


@require_safe
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """The invitation to a meeting that the person sees, as a file."""
    person = viewer_of(request).person
    rows = Meeting.objects.visible_to(person).select_related("committee")
    meeting = get_object_or_404(rows, pk=pk)
    address = request.build_absolute_uri(reverse("meeting", args=[pk]))
    written = invitations.invitation(meeting, reader=person, address=address)
    response = HttpResponse(written, content_type=_TYPE)
    response["Content-Disposition"] = f'attachment; filename="lianxi-{meeting.year}-{meeting.number}.ics"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """The address of the person's feed: made, replaced or withdrawn here."""
    person = viewer_of(request).person
    if request.method == "POST":
        return HttpResponseRedirect(idempotent_forms.carry_out(request, lambda: _changed(request, person)))
    row = CalendarFeed.objects.filter(person=person).first()
    token = invitations.token_of(row) if row else ""
    address = request.build_absolute_uri(reverse("calendar-feed", args=[token])) if token else ""
    return shell.page(request, "calendar/calendar.html", {"row": row, "address": address}, here="meetings")


def _changed(request: HttpRequest, person: Person) -> str:
    """The address is made anew or withdrawn: sent twice, the one just made stands."""
    if request.POST.get("act") == "withdraw":
        invitations.unsubscribe(person)
        messages.success(request, _("The address is withdrawn; it leads nowhere any more."))
    else:
        invitations.subscribe(person)
        messages.success(request, _("The address is ready; an earlier one leads nowhere any more."))
    return reverse("calendar")


@login_not_required
@never_cache
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The meetings of the person to whom the address belongs; nothing for an unknown or withdrawn one."""
    feeds = CalendarFeed.objects.filter(digest=invitations.digest(token), person__is_active=True)
    row = feeds.select_related("person").first()
    if row is None:
        raise Http404
    with translation.override(row.person.language or None):
        meetings = list(invitations.meetings_of(row.person))
        addresses = {
            each.pk: request.build_absolute_uri(reverse("meeting", args=[each.pk])) for each in meetings
        }
        return HttpResponse(invitations.feed(meetings, addresses=addresses), content_type=_TYPE)
