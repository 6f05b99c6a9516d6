"""Reminders to members who have not acknowledged the notice or read its papers (Art. 10, 12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from audit import clock
from audit.recording import action, record
from committee.actions.notices import require_current_notice
from committee.beginning import begin_on_meeting
from committee.messages import announce, settle
from committee.models import Meeting, Person, Reminder
from committee.permissions import ACTS
from committee.reminding import Lack, lacking, reminded_on, today
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
    rows = _kept(meeting, found, by)
    settle("remind_members", about=meeting.subject, people=[each.person for each in found])
    _notify_lacking(meeting, found, by)
    stated = {
        str(each.seat.number): {"receipt_missing": each.receipt, "unread": each.unread} for each in found
    }
    record(meeting.stream, "remind_members", meeting.subject, by=by, payload={"seats": stated})
    return rows


def _kept(meeting: Meeting, found: Iterable[Lack], by: Person) -> list[Reminder]:
    """The reminders on record."""
    now = clock.now()
    return Reminder.objects.bulk_create(
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


def _notify_lacking(meeting: Meeting, found: Iterable[Lack], by: Person) -> None:
    """Tell each what is lacking; those who lack the same are told together."""
    alike: dict[tuple[bool, int], list[Person]] = defaultdict(list)
    for each in found:
        alike[each.receipt, each.unread].append(each.person)
    for (receipt, unread), people in alike.items():
        announce(
            "remind_members",
            people,
            by=by,
            about=meeting.subject,
            at=meeting.at.isoformat(),
            place=meeting.place,
            committee=meeting.committee_id,
            lacks={"receipt": receipt, "unread": unread},
        )
