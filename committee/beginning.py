"""How every act on a committee or a meeting begins, in one call and in one order.

The row is locked by its id, fresh; it is visible to `by`, or there is nothing (`access/not-found`); `by` is
the officer whom the table of acts names, or the act's code is raised; the state is one of the table's, or
`state/not-allowed` is. An article whose refusal comes before that of a wrong state is given as `first`. An
action is under way (`audit.recording.action`), whose transaction holds the locks until its end.
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
    """The committee, for its officer; it has no states, and is nobody's secret."""
    committee = lock_committee(committee.pk)
    permit(act, committee, by)
    return committee


def begin_on_meeting(
    act: Act, meeting: Meeting, by: Person, *, first: Callable[[Meeting], None] | None = None
) -> Meeting:
    """The meeting, for the act's officer."""
    meeting = _seen(meeting, by)
    permit(act, meeting.committee, by, meeting)
    if first is not None:
        first(meeting)
    require_state(act, meeting.state)
    return meeting


def begin_for_mandates(act: Act, meeting: Meeting, by: Person) -> tuple[Meeting, list[Mandate]]:
    """The meeting, and all seats for which `by` acts there: their own, or those of proxies."""
    meeting = _seen(meeting, by)
    found = mandates(meeting, by)
    if not found:
        raise Refused(act.code)
    require_state(act, meeting.state)
    return meeting, found


def begin_for_own_seat(
    act: Act, meeting: Meeting, by: Person, *, visible: Callable[[], None] | None = None
) -> tuple[Meeting, Seat]:
    """The meeting, and the seat that `by` holds there, in person; `visible` asks for what else is
    named.
    """
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
