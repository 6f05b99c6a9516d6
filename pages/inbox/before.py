"""The mail that sending a notice will cause, before it is sent: to whom, where, and word for word."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import clock
from committee.actions.notices import seats_to_reach
from committee.messages import standing_in
from committee.models import Meeting, Message, Person, Seat
from committee.offices import LIAISON
from pages.inbox import mailing
from web import shell
from web.seen import SeenRow
from web.viewer import viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "regulation")


@dataclass(frozen=True)
class Recipient:
    """Somebody who will be told, with the mail that goes to the address, if there is one."""

    person: Person
    #: of a proxy None
    seat: Seat | None
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class BeforePage:
    """The mail of a notice that is not sent yet."""

    meeting: Meeting
    recipients: list[Recipient]


@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """What sending the notice would mail now, for the liaison; a part of the page of sending."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    if not who.acts_as(LIAISON, meeting):
        raise PermissionDenied
    with timezone.override(meeting.committee.tz):
        shown = BeforePage(meeting=meeting, recipients=_recipients(meeting))
        if request.headers.get("X-Requested-With"):
            return render(request, "inbox/mail_before_rows.html", shell.named(shown))
        return shell.page(request, "inbox/mail_before.html", shown, here="meetings")


def _recipients(meeting: Meeting) -> list[Recipient]:
    """The holders of the seats that the notice goes to, and with a new notice those who stand in."""
    if meeting.state != Meeting.State.CONVENED:
        return []
    notice = meeting.notices.filter(superseded_at=None).first()
    seats = {seat.holder_id: seat for seat in seats_to_reach(meeting, notice) if seat.holder_id is not None}
    proxies = [] if notice is not None else [pk for pk in standing_in(meeting) if pk not in seats]
    people = Person.objects.in_bulk([*seats, *proxies])
    facts = {
        "at": meeting.at.isoformat(),
        "place": meeting.place,
        "emergency": meeting.emergency,
        "count": meeting.items.filter(left_at=None).count(),
    }
    told = {"about": meeting.subject, "context": facts, "at": clock.now()}
    return [
        _recipient(
            Message(person=people[pk], kind="send_notice" if pk in seats else "notice_to_proxy", **told),
            seats.get(pk),
        )
        for pk in dict.fromkeys([*seats, *proxies])
    ]


def _recipient(message: Message, seat: Seat | None) -> Recipient:
    if not message.person.email:
        return Recipient(message.person, seat, "", "")
    subject, body = mailing.written(message)
    return Recipient(message.person, seat, subject, body)
