"""Reminders to members who have not acknowledged the notice or read its papers (Art. 10, 12)."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee.actions.notices import require_current_notice
from committee.beginning import begin_on_meeting
from committee.messages import announce, settle
from committee.models import Meeting, Person, Reminder
from committee.permissions import ACTS
from committee.reminding import lacking, reminded_on, today
from regulation.refused import Refused


@action
def remind_members(meeting: Meeting, *, by: Person) -> list[Reminder]:
    """Each member who has not acknowledged the current notice, or not read its papers, is told so; nobody
    twice on a day.

    Seats that have the notice on paper are left out. `12/only-liaison`; `state/not-allowed` outside of
    convened; `16/no-notice`, `16/notice-superseded`; `state/not-allowed` when nobody lacks anything, and when
    all who do were reminded today.
    """
    meeting = begin_on_meeting(ACTS["remind_members"], meeting, by)
    found = lacking(meeting, require_current_notice(meeting))
    if not found:
        raise Refused("state/not-allowed", cause="remind/nobody")
    told = reminded_on(meeting, today(meeting))
    found = [each for each in found if each.person.pk not in told]
    if not found:
        raise Refused("state/not-allowed", cause="remind/today")
    now = clock.now()
    rows = Reminder.objects.bulk_create(
        [
            Reminder(
                meeting=meeting,
                seat=each.seat,
                person=each.person,
                day=today(meeting),
                receipt=each.receipt,
                unread=each.unread,
                by=by,
                at=now,
            )
            for each in found
        ]
    )
    settle("remind_members", about=meeting.subject, people=[each.person for each in found])
    for receipt, unread in sorted({(each.receipt, each.unread) for each in found}):
        announce(
            "remind_members",
            [each.person for each in found if (each.receipt, each.unread) == (receipt, unread)],
            by=by,
            about=meeting.subject,
            at=meeting.at.isoformat(),
            place=meeting.place,
            committee=meeting.committee_id,
            lacks={"receipt": receipt, "unread": unread},
        )
    record(
        meeting.stream,
        "remind_members",
        meeting.subject,
        by=by,
        payload={
            "seats": {
                str(each.seat.number): {"receipt_missing": each.receipt, "unread": each.unread}
                for each in found
            }
        },
    )
    return rows
