"""The common beginning of every action on a committee or a meeting.

In this order: the row is locked by its id; it must be visible to `by` (`access/not-found`); `by` must hold
the office in the table of acts (the act's code); the state must be one of the table's (`state/not-allowed`).
A refusal that an article puts before that of a wrong state is raised by `first`. The caller is an action
(`audit.recording.action`), whose transaction holds the locks until its end.
"""

from __future__ import annotations

from collections.abc import Callable

from committee.acts import Act
from committee.locks import lock_committee, lock_meeting
from committee.models import Committee, Meeting, Person, Seat
from committee.permissions import permit, require_state
from committee.presence import Mandate, mandates, own_seat
from committee.visibility import require_visible
from regulation.refused import Refused


def begin_on_committee(act: Act, committee: Committee, by: Person) -> Committee:
    """Lock and return the committee for its officer. A committee has no states and is visible to all."""
    committee = lock_committee(committee.pk)
    permit(act, committee, by)
    return committee


def begin_on_meeting(
    act: Act, meeting: Meeting, by: Person, *, first: Callable[[Meeting], None] | None = None
) -> Meeting:
    """Lock and return the meeting for the act's officer."""
    meeting = _seen(meeting, by)
    permit(act, meeting.committee, by, meeting)
    if first is not None:
        first(meeting)
    require_state(act, meeting.state)
    return meeting


def begin_for_mandates(act: Act, meeting: Meeting, by: Person) -> tuple[Meeting, list[Mandate]]:
    """Lock and return the meeting, with all mandates of `by` in it: the own seat, or those of proxies."""
    meeting = _seen(meeting, by)
    found = mandates(meeting, by)
    if not found:
        raise Refused(act.code)
    require_state(act, meeting.state)
    return meeting, found


def begin_for_own_seat(
    act: Act, meeting: Meeting, by: Person, *, visible: Callable[[], None] | None = None
) -> tuple[Meeting, Seat]:
    """Lock and return the meeting and the seat of `by` in it; `visible` raises for other objects named."""
    meeting = _seen(meeting, by)
    if visible is not None:
        visible()
    seat = own_seat(meeting, by)
    require_state(act, meeting.state)
    return meeting, seat


def _seen(meeting: Meeting, by: Person) -> Meeting:
    meeting = lock_meeting(meeting.pk)
    require_visible(meeting, by)
    return meeting
