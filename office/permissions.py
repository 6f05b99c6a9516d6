"""The table of acts on minutes, reports and the archive."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from committee.acts import Act, Kind, table
from committee.models import Meeting, Person
from committee.offices import AUDITOR, HEAD_OFFICE, LIAISON, PRESIDING, Scope, held_in, which
from office.models import Dispatch
from regulation.refused import Refused

_M = Meeting.State

_NARRATIVE = {"narrative": Kind.TEXT}

#: every act of the package by its verb
ACTS: Mapping[str, Act] = table(
    "office",
    {
        "draft_minutes": Act(
            Meeting, LIAISON, "12/only-liaison", "minutes.draft_minutes", (_M.CLOSED,), _NARRATIVE
        ),
        "amend_minutes": Act(
            Meeting,
            LIAISON,
            "12/only-liaison",
            "minutes.amend_minutes",
            (_M.MINUTED,),
            _NARRATIVE,
            {"over": Kind.NUMBER},
        ),
        "sign_minutes": Act(Meeting, PRESIDING, "9/only-chair", "minutes.sign_minutes", (_M.MINUTED,)),
        "distribute": Act(Meeting, LIAISON, "12/only-liaison", "minutes.distribute", (_M.SIGNED,)),
        "report_decisions": Act(
            Meeting, LIAISON, "12/only-liaison", "archive.report_decisions", (_M.SIGNED,)
        ),
        "receive_report": Act(
            Meeting, HEAD_OFFICE, "access/denied", "archive.receive_report", Meeting.EFFECTIVE
        ),
        "archive": Act(Meeting, LIAISON, "12/only-liaison", "archive.archive", (_M.SIGNED,)),
    },
)


def require_not_effective(meeting: Meeting) -> None:
    """Raise `21/already-effective` once the minutes are signed."""
    if meeting.state in Meeting.EFFECTIVE:
        raise Refused("21/already-effective")


def require_signed_minutes(meeting: Meeting) -> None:
    """Raise `21/minutes-not-signed` while the minutes of a closed meeting are not signed."""
    if meeting.state in (_M.CLOSED, _M.MINUTED):
        raise Refused("21/minutes-not-signed")


def dispatches_addressed_to(person: Person) -> Q:
    """The condition for what is addressed to the person.

    Complete minutes to the staff of the department, a handling institution's own items to its handlers and
    head, the report to head office's officers (Art. 12.5, 21).
    """
    department = Q(kind=Dispatch.Kind.COPY, copy__full=True, unit=person.unit_id)
    institution = held_in(
        which(lambda office: office.drafts and office.scope == Scope.INSTITUTION).offices,
        person,
        {Scope.INSTITUTION: "unit"},
    )
    report = held_in([HEAD_OFFICE], person, {Scope.BANK: "meeting__committee"})
    return (
        department
        | (Q(kind=Dispatch.Kind.COPY, copy__full=False) & institution)
        | (Q(kind=Dispatch.Kind.REPORT) & report)
    )


def dispatches_visible_to(person: Person) -> Q:
    """The condition for what the person may see: addressee, liaison who sends, auditor."""
    return dispatches_addressed_to(person) | dispatches_overseen_by(person)


def dispatches_overseen_by(person: Person) -> Q:
    """The condition for what the person's committees send, for liaison and auditor."""
    committees = dict.fromkeys((Scope.COMMITTEE, Scope.BANK), "meeting__committee")
    return held_in([LIAISON, AUDITOR], person, committees)


def extracts_visible_to(person: Person) -> Q:
    """The condition for copies of a handling institution's own items that the person may read (Art. 21).

    They may be read by the institution, the liaison who sent them, and the auditor.
    """
    own = held_in(
        which(lambda office: office.drafts).offices,
        person,
        {
            Scope.INSTITUTION: "unit",
            **dict.fromkeys((Scope.COMMITTEE, Scope.BRANCH, Scope.BANK), "minutes__meeting__committee"),
        },
    )
    return Q(full=False) & (own | Q(minutes__meeting__committee__liaison=person))
