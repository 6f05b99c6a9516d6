"""Who may do what with committees and meetings, and in which states: the table of acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from committee.models import Committee, Meeting, Person
from committee.offices import HEAD_OFFICE, LIAISON, PRESIDING, PROXY, RISK, SEAT, Office, Offices
from regulation.refused import Refused


@dataclass(frozen=True, slots=True)
class Act:
    """Whose office an act is, what others who see the object are told, and in which states it may be done."""

    office: Office | Offices
    code: str
    states: tuple[str, ...] = ()
    verb: str = ""

    def misplaced(self, state: str) -> Refused:
        """The refusal of the act in this state, which is none of its own."""
        return Refused(
            "state/not-allowed", verb=self.verb, state=state, states=[str(each) for each in self.states]
        )


def table(acts: Mapping[str, Act]) -> Mapping[str, Act]:
    """The acts by their verbs, each knowing its own."""
    return {verb: replace(act, verb=verb) for verb, act in acts.items()}


_M = Meeting.State

#: verb → officer, refusal to others, states of the meeting ("" stands for acts on the committee)
ACTS: Mapping[str, Act] = table(
    {
        "send_notice": Act(LIAISON, "12/only-liaison", (_M.CONVENED,)),
        "deliver_notice": Act(LIAISON, "12/only-liaison", (_M.CONVENED,)),
        "acknowledge": Act(SEAT, "20.1/no-seat", (_M.CONVENED,)),
        "revoke_proxy": Act(SEAT, "20.1/no-seat", Meeting.RUNNING),
        "sign_in": Act(SEAT | PROXY, "20.1/no-seat", Meeting.RUNNING),
        "sign_out": Act(SEAT | PROXY, "20.1/no-seat", Meeting.RUNNING),
        "open_meeting": Act(PRESIDING, "9/only-chair", (_M.CONVENED,)),
        "appoint_acting_chair": Act(HEAD_OFFICE, "access/denied", Meeting.RUNNING),
        "vacate_seat": Act(RISK, "access/denied"),
        "fill_seat": Act(RISK, "access/denied"),
        "appoint_liaison": Act(RISK, "access/denied"),
        "appoint_stand_in": Act(RISK, "access/denied"),
        "end_stand_in": Act(RISK, "access/denied"),
        "amend_regulation": Act(RISK, "24/only-risk-department"),
        "publish_interpretation": Act(RISK, "24/only-risk-department"),
    }
)


def permit(act: Act, committee: Committee, by: Person, meeting: Meeting | None = None) -> None:
    """Raise the act's code unless `by` holds its office for the meeting or, without one, the committee."""
    if not act.office.held_by(by, meeting or committee):
        raise Refused(act.code)


def require_state(act: Act, state: str) -> None:
    """Raise `state/not-allowed` unless the act is possible in this state."""
    if state not in act.states:
        raise act.misplaced(state)
