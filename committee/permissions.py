"""Who may do what with committees and meetings, and in which states: the table of acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from committee.models import Committee, Meeting, Person
from committee.offices import is_officer
from regulation.refused import Refused


@dataclass(frozen=True, slots=True)
class Act:
    """Who an act is for, what others who see the object are told, and the states in which it is possible."""

    who: str
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
        "send_notice": Act("liaison", "12/only-liaison", (_M.CONVENED,)),
        "deliver_notice": Act("liaison", "12/only-liaison", (_M.CONVENED,)),
        "acknowledge": Act("seat", "20.1/no-seat", (_M.CONVENED,)),
        "revoke_proxy": Act("seat", "20.1/no-seat", Meeting.RUNNING),
        "sign_in": Act("seat or proxy", "20.1/no-seat", Meeting.RUNNING),
        "sign_out": Act("seat or proxy", "20.1/no-seat", Meeting.RUNNING),
        "open_meeting": Act("presiding", "9/only-chair", (_M.CONVENED,)),
        "appoint_acting_chair": Act("head_office", "access/denied", Meeting.RUNNING),
        "vacate_seat": Act("risk", "access/denied"),
        "fill_seat": Act("risk", "access/denied"),
        "appoint_liaison": Act("risk", "access/denied"),
        "appoint_stand_in": Act("risk", "access/denied"),
        "end_stand_in": Act("risk", "access/denied"),
        "amend_regulation": Act("risk", "24/only-risk-department"),
        "publish_interpretation": Act("risk", "24/only-risk-department"),
    }
)


def permit(act: Act, committee: Committee, by: Person, meeting: Meeting | None = None) -> None:
    """Raise the act's code unless `by` is its officer."""
    if not is_officer(act.who, committee, by, meeting):
        raise Refused(act.code)


def require_state(act: Act, state: str) -> None:
    """Raise `state/not-allowed` unless the act is possible in this state."""
    if state not in act.states:
        raise act.misplaced(state)
