"""Why an act of a meeting does not apply now, for whoever has its office: what the engine would answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from committee.actions import meetings
from committee.agenda import vote_open
from committee.models import Meeting, Proxy
from pages.meetings import item_in_session
from pages.meetings.item_in_session import ItemInSession
from proposals.models import Proposal
from regulation.refused import Refused
from web.acts import ACTS
from web.viewer import Viewer

_Why = Callable[[ItemInSession], Refused | None]


def sign_in(meeting: Meeting, who: Viewer) -> Refused | None:
    """Why one cannot sign in: it is not time, the principal has come, or one is there already."""
    if not item_in_session.begins(meeting):
        return meetings.not_begun(meeting)
    displaced = [each for each in item_in_session.read_meeting(meeting, who).mandates if each.displaced]
    if displaced:
        return Refused("11/principal-present", seat=displaced[0].seat.number)
    return Refused("state/not-allowed", cause="presence/in")


def sign_in_here(meeting: Meeting, _who: Viewer) -> Refused | None:
    """Why nobody can sign in on the liaison's device: it is not time, or every seat is represented."""
    if not item_in_session.begins(meeting):
        return meetings.not_begun(meeting)
    return Refused("state/not-allowed", cause="presence/all")


def sign_out(_meeting: Meeting, _who: Viewer) -> Refused | None:
    """Why one cannot sign out: one is not signed in."""
    return Refused("state/not-allowed", cause="presence/out")


def on_item(verb: str) -> Callable[[Proposal, Viewer], Refused | None]:
    """Why the act on an item does not apply: the meeting, the item, or what the verb asks for."""
    why = _take_up if verb == "take_up" else _WHY[verb]

    def told(proposal: Proposal, who: Viewer) -> Refused | None:
        item = proposal.item
        if item is None or item.left_at is not None or item.resolved_at is not None:
            return None
        if item.meeting.state != Meeting.State.IN_SESSION:
            return ACTS[verb].misplaced(item.meeting.state)
        if item.taken_up_at is None and verb != "take_up":
            return Refused("18/not-deliberated")
        return why(item_in_session.read_item(proposal, who))

    return told


def _take_up(here: ItemInSession) -> Refused | None:
    item = here.proposal.item
    if item is None or item.taken_up_at is not None:
        return Refused("state/not-allowed", cause="taken-up/done")
    return vote_open(item.meeting)


def _cast(here: ItemInSession) -> Refused | None:
    if not here.voting:
        return Refused("20/vote-not-open")
    if here.acting is not None and here.acting.seat.pk in here.voted:
        return Refused("20.1/already-voted", seat=here.acting.seat.number)
    return _acting(here, Proxy.Power.VOTE)


def _acting(here: ItemInSession, power: str = Proxy.Power.SPEAK) -> Refused | None:
    """The refusal to a seat that is not there, or whose proxy has not the power; None without one."""
    if here.acting is None:
        return Refused("20.1/no-seat")
    try:
        here.acting.require_present()
        here.acting.require_power(power)
        here.acting.require_not_displaced()
    except Refused as refused:
        return refused
    return None


def _no_vote(_here: ItemInSession) -> Refused:
    return Refused("state/not-allowed", cause="vote/none-open")


def _nothing_asked(_here: ItemInSession) -> Refused:
    return Refused("20.3/no-request")


def _no_observer(_here: ItemInSession) -> Refused:
    return Refused("state/not-allowed", cause="observer/none")


def _none_dictated(_here: ItemInSession) -> Refused:
    return Refused("state/not-allowed", cause="opinion/not-waiting")


def _opens_no_vote(here: ItemInSession) -> Refused | None:
    return vote_open(here.item.meeting) if here.item is not None else None


def _may_not_speak(here: ItemInSession) -> Refused | None:
    return Refused("19/observer-present") if here.observer is not None else _acting(here)


def _may_not_ask(here: ItemInSession) -> Refused | None:
    return _acting(here) if here.observer is not None else _no_observer(here)


def _may_not_wish(here: ItemInSession) -> Refused | None:
    return _acting(here) or Refused("state/not-allowed", cause="floor/asked")


def _may_not_abstain(here: ItemInSession) -> Refused | None:
    if here.conflicted:
        return Refused("state/not-allowed", cause="request/in-conflict")
    if here.asked is not None:
        return Refused("state/not-allowed", cause="request/pending")
    if here.acting is not None and here.acting.seat.pk in here.voted:
        return Refused("20.1/already-voted", seat=here.acting.seat.number)
    return _acting(here, Proxy.Power.VOTE)


def _may_not_propose(here: ItemInSession) -> Refused | None:
    return _acting(here) if here.voting else _no_vote(here)


_WHY: Mapping[str, _Why] = {
    "cast": _cast,
    "close_vote": _no_vote,
    "cancel_vote": _no_vote,
    "propose_cancellation": _may_not_propose,
    "grant_abstention": _nothing_asked,
    "refuse_abstention": _nothing_asked,
    "request_abstention": _may_not_abstain,
    "withdraw_observer": _no_observer,
    "admit_observer": lambda _here: Refused("state/not-allowed", cause="observer/admitted"),
    "ask_observer": _may_not_ask,
    "answer_question": lambda _here: Refused("state/not-allowed", cause="question/answered"),
    "confirm_opinion": _none_dictated,
    "decline_opinion": _none_dictated,
    "record_opinion": _may_not_speak,
    "take_down_opinion": lambda _here: Refused("19/observer-present"),
    "open_vote": _opens_no_vote,
    "give_floor": lambda _here: Refused("state/not-allowed", cause="floor/seat-not-waiting"),
    "end_speech": lambda _here: Refused("state/not-allowed", cause="floor/nobody-speaks"),
    "ask_to_speak": _may_not_wish,
    "take_back_wish": lambda _here: Refused("state/not-allowed", cause="floor/not-asked"),
}
