"""Who may do what with minutes, reports and the archive: the table."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from committee.models import Meeting, Person, Position
from committee.offices import HEAD_OFFICE, LIAISON, PRESIDING, units_where
from committee.permissions import Act, table
from regulation.refused import Refused

_M = Meeting.State
Role = Position.Role

#: verb → officer, refusal to others, states of the meeting
ACTS: Mapping[str, Act] = table(
    {
        "draft_minutes": Act(LIAISON, "12/only-liaison", (_M.CLOSED,)),
        "amend_minutes": Act(LIAISON, "12/only-liaison", (_M.MINUTED,)),
        "sign_minutes": Act(PRESIDING, "9/only-chair", (_M.MINUTED,)),
        "distribute": Act(LIAISON, "12/only-liaison", (_M.SIGNED,)),
        "report_decisions": Act(LIAISON, "12/only-liaison", (_M.SIGNED,)),
        "receive_report": Act(HEAD_OFFICE, "access/denied", Meeting.EFFECTIVE),
        "archive": Act(LIAISON, "12/only-liaison", (_M.SIGNED,)),
    }
)


def require_not_effective(meeting: Meeting) -> None:
    """Raise `21/already-effective` once the minutes are signed."""
    if meeting.state in Meeting.EFFECTIVE:
        raise Refused("21/already-effective")


def require_signed_minutes(meeting: Meeting) -> None:
    """Raise `21/minutes-not-signed` while the minutes of a closed meeting are not signed."""
    if meeting.state in (_M.CLOSED, _M.MINUTED):
        raise Refused("21/minutes-not-signed")


def extracts_visible_to(person: Person) -> Q:
    """The copies of a handling institution's own items that the person may read, as a condition (Art. 21).

    They are the institution's, the sending liaison's and the audit's to read.
    """
    return Q(full=False) & (
        Q(unit__in=units_where(person, Role.HANDLER, Role.HEAD))
        | Q(minutes__meeting__committee__liaison=person)
        | Q(minutes__meeting__committee__branch__bank__in=units_where(person, Role.AUDITOR))
    )
