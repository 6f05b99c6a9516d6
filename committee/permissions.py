"""Who may do what with committees and meetings, and in which states: the table of acts."""

from __future__ import annotations

from collections.abc import Mapping

from committee.acts import Act, Kind, table
from committee.models import Committee, Meeting, Person
from committee.offices import HEAD_OFFICE, LIAISON, PRESIDING, PROXY, RISK, SEAT
from regulation.refused import Refused

_M = Meeting.State

_SEAT = {"seat": Kind.SEAT}

#: every act of the package by its verb
ACTS: Mapping[str, Act] = table(
    "committee",
    {
        "send_notice": Act(
            Meeting,
            LIAISON,
            "12/only-liaison",
            "notices.send_notice",
            (_M.CONVENED,),
            optional={"paper": Kind.SEATS, "posted": Kind.SEATS, "text": Kind.TEXT},
        ),
        "deliver_notice": Act(
            Meeting,
            LIAISON,
            "12/only-liaison",
            "notices.deliver_notice",
            (_M.CONVENED,),
            {"seat": Kind.SEAT, "received_by": Kind.LINE},
            optional={"received_at": Kind.MOMENT, "handed_by": Kind.LINE},
        ),
        "remind_members": Act(
            Meeting, LIAISON, "12/only-liaison", "reminders.remind_members", (_M.CONVENED,)
        ),
        "acknowledge": Act(Meeting, SEAT, "20.1/no-seat", "notices.acknowledge", (_M.CONVENED,)),
        "revoke_proxy": Act(Meeting, SEAT, "20.1/no-seat", "proxies.revoke_proxy", Meeting.RUNNING),
        "sign_in": Act(
            Meeting,
            SEAT | PROXY,
            "20.1/no-seat",
            "attendance.sign_in",
            Meeting.RUNNING,
            optional={"mode": Kind.MODE},
        ),
        "sign_out": Act(Meeting, SEAT | PROXY, "20.1/no-seat", "attendance.sign_out", Meeting.RUNNING),
        "open_meeting": Act(Meeting, PRESIDING, "9/only-chair", "meetings.open_meeting", (_M.CONVENED,)),
        "appoint_acting_chair": Act(
            Meeting, HEAD_OFFICE, "access/denied", "meetings.appoint_acting_chair", Meeting.RUNNING, _SEAT
        ),
        "vacate_seat": Act(Committee, RISK, "access/denied", "roster.vacate_seat", takes=_SEAT),
        "fill_seat": Act(
            Committee,
            RISK,
            "access/denied",
            "roster.fill_seat",
            takes={"seat": Kind.SEAT, "holder": Kind.PERSON},
        ),
        "replace_holder": Act(
            Committee,
            RISK,
            "access/denied",
            "roster.replace_holder",
            takes={"seat": Kind.SEAT, "holder": Kind.PERSON},
        ),
        "appoint_liaison": Act(
            Committee, RISK, "access/denied", "liaison.appoint_liaison", takes={"person": Kind.PERSON}
        ),
        "appoint_stand_in": Act(
            Committee,
            RISK,
            "access/denied",
            "liaison.appoint_stand_in",
            takes={"person": Kind.PERSON, "since": Kind.DATE, "until": Kind.DATE},
        ),
        "end_stand_in": Act(Committee, RISK, "access/denied", "liaison.end_stand_in"),
        "amend_regulation": Act(
            Committee,
            RISK,
            "24/only-risk-department",
            "regulation.amend_regulation",
            takes={"changes": Kind.NUMBERS, "effective_from": Kind.DATE},
        ),
        "publish_interpretation": Act(
            Committee,
            RISK,
            "24/only-risk-department",
            "regulation.publish_interpretation",
            takes={"article": Kind.NUMBER, "text_zh": Kind.TEXT},
            optional={"text_en": Kind.TEXT, "replaces": Kind.NUMBER},
        ),
    },
)


def permit(act: Act, committee: Committee, by: Person, meeting: Meeting | None = None) -> None:
    """Raise the act's code unless `by` holds its office for the meeting, or else for the committee."""
    if not act.office.held_by(by, meeting or committee):
        raise Refused(act.code)


def require_state(act: Act, state: str) -> None:
    """Raise `state/not-allowed` unless the act, if it has states, is possible in this one."""
    if act.states and state not in act.states:
        raise act.misplaced(state)
