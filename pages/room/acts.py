"""A meeting in session: presence, items, words, requests to the chair, votes (Art. 9–11, 18–20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import clock
from committee.actions import attendance, meetings
from committee.actions.notices import require_current_notice, seats_lacking
from committee.agenda import vote_open
from committee.models import Answer, Meeting, Person, Proxy
from committee.offices import HEAD_OFFICE, LIAISON, PRESIDING
from pages.meetings import item_in_session
from pages.room import not_now
from pages.room.forms import (
    AnswerForm,
    BallotForm,
    CommitteeReasonForm,
    DecideForm,
    DraftForm,
    FloorForm,
    ObserverForm,
    OpenVoteForm,
    OpinionForm,
    PresenceForm,
    QuestionForm,
    SignInHereForm,
    TakenDownForm,
)
from proposals.models import Proposal
from regulation.refused import Refused
from web.forms import ActForm
from web.offers import Offer
from web.viewer import Viewer

_M = Meeting.State


def _back(proposal: Proposal, _result: Any = None) -> str:
    """To the item on the page of its meeting; to the plan while it is on no agenda."""
    if proposal.item is None:
        return reverse("proposal", args=[proposal.pk])
    return reverse("meeting", args=[proposal.item.meeting_id]) + f"#item-{proposal.item_id}"


def _to_vote(proposal: Proposal, _result: Any = None) -> str:
    """To what the meeting is at, on its page: the vote with one's receipt, or its result; to the plan while
    it is on no agenda.
    """
    if proposal.item is None:
        return reverse("proposal", args=[proposal.pk])
    return reverse("meeting", args=[proposal.item.meeting_id]) + "#now"


def _in(meeting: Meeting, who: Viewer) -> bool:
    return any(each.present for each in item_in_session.read_meeting(meeting, who).mandates)


def _out(meeting: Meeting, who: Viewer) -> bool:
    """Not there yet, and it is time."""
    if not item_in_session.begins(meeting):
        return False
    return any(
        not each.present and not each.displaced
        for each in item_in_session.read_meeting(meeting, who).mandates
    )


def _somebody_is_to_come(meeting: Meeting, who: Viewer) -> bool:
    return item_in_session.begins(meeting) and bool(item_in_session.read_meeting(meeting, who).absent)


def _sign_in_here(meeting: Meeting, *, by: Person, person: Person, mode: str) -> None:
    """The person, whose password the form has checked, signs in at the liaison's device."""
    attendance.sign_in(meeting, by=person, mode=mode, device_of=by)


def _not_yet(meeting: Meeting, who: Viewer) -> Refused | None:
    """What still keeps the meeting from opening, in the order in which the engine checks (Art. 16, 20.1)."""
    if clock.now() < meeting.at and not meeting.emergency:
        return meetings.not_begun(meeting)
    try:
        lacking = seats_lacking(meeting, require_current_notice(meeting))
    except Refused as missing:
        return missing
    if lacking:
        return Refused("16/no-notice", seats=[seat.number for seat in lacking])
    absent = item_in_session.read_meeting(meeting, who).absent
    return Refused("20.1/not-all-present", seats=absent) if absent else None


def _vote_open(meeting: Meeting, who: Viewer) -> Refused | None:
    return vote_open(meeting) if item_in_session.read_meeting(meeting, who).voting else None


def _next(proposal: Proposal, who: Viewer) -> bool:
    """The item is in session and not taken up, and no vote is open beside it."""
    item = proposal.item
    if item is None or item.taken_up_at is not None or item.meeting.state != _M.IN_SESSION:
        return False
    return not item_in_session.read_meeting(item.meeting, who).voting


def _on_item(found: Callable[[item_in_session.ItemInSession], bool]) -> Callable[[Proposal, Viewer], bool]:
    """Offered on an item in session of which this holds."""

    def applies(proposal: Proposal, who: Viewer) -> bool:
        here = item_in_session.read_item(proposal, who)
        return here.item is not None and found(here)

    return applies


def _speaks(here: item_in_session.ItemInSession) -> bool:
    return here.acts(Proxy.Power.SPEAK) and here.observer is None


def _may_ask_to_abstain(here: item_in_session.ItemInSession) -> bool:
    return here.may_vote and here.asked is None and not here.conflicted


def _ends_speech(here: item_in_session.ItemInSession) -> bool:
    """Whether a speech is being held that the person may end: their own, or as presiding or liaison."""
    speaking = here.speeches.speaking
    if speaking is None:
        return False
    officer = here.who.acts_as(PRESIDING | LIAISON, here.proposal)
    return officer or speaking.attendance.person_id == here.who.person.pk


def _answers(here: item_in_session.ItemInSession) -> bool:
    """A question waits, and the person attends as observer or is the liaison."""
    return bool(here.unanswered) and (here.observes or here.who.acts_as(LIAISON, here.proposal))


def _answered(proposal: Proposal, answer: Answer | None) -> str:
    """The observer, who sees no meeting, is back at the questions; the liaison at the item."""
    if proposal.item is None or (answer is not None and answer.taken_down_by_id is not None):
        return _back(proposal)
    return reverse("observed", args=[proposal.item_id])


def _here(proposal: Proposal, who: Viewer) -> dict[str, Any]:
    return {"found": item_in_session.read_item(proposal, who).read()}


def _vote_stopped(proposal: Proposal, who: Viewer) -> Refused | None:
    return item_in_session.read_item(proposal, who).stops_the_vote()


def _ballots_missing(proposal: Proposal, who: Viewer) -> Refused | None:
    return item_in_session.read_item(proposal, who).stops_the_closing()


_ON_MEETINGS = (
    Offer(
        "sign_in", pgettext_lazy("meeting", "Check in to the meeting"), PresenceForm,
        help_text=_(
            "You are present from now until you sign out; losing the connection is no absence (Art. 10)."
        ),
        done=_("You are signed in."),
        applies=_out,
        not_now=not_now.sign_in,
    ),
    Offer(
        "sign_in_here", _("Sign in a member on this device"), SignInHereForm,
        act="sign_in",
        office=LIAISON,
        instead=_sign_in_here,
        help_text=_("Members without a device sign in on yours, with their own password."),
        done=_("The person is signed in."),
        applies=_somebody_is_to_come,
        not_now=not_now.sign_in_here,
    ),
    Offer(
        "open_meeting", _("Open the meeting"),
        done=_("The meeting is in session."),
        blocked=_not_yet,
    ),
    Offer(
        "open_wall", _("Show on the room screen"),
        secondary=True,
        applies=lambda meeting, _who: item_in_session.begins(meeting),
        page="room-screen-link",
    ),
    Offer(
        "close_meeting", _("Close the meeting"),
        help_text=_("The session is over. Items without a vote leave the agenda and stay filed."),
        done=_("The meeting is closed."),
        final=True,
        secondary=True,
        blocked=_vote_open,
    ),
    Offer(
        "sign_out", pgettext_lazy("meeting", "Leave the meeting"),
        help_text=_(
            "Your seat is not represented any more: a vote that is open pauses until it is (Art. 20)."
        ),
        done=_("You are signed out."),
        final=True,
        secondary=True,
        applies=_in,
        not_now=not_now.sign_out,
    ),
)  # fmt: skip


def _live(verb: str, name: Any, form: type[ActForm] = ActForm, **given: Any) -> Offer:
    """An act on an item in session; it leads back to the item on the page of the meeting."""
    more: dict[str, Any] = {"leads_to": _back, "here": "meetings", "not_now": not_now.on_item(verb), **given}
    return Offer(verb, name, form, live=True, **more)


_DECIDES = PRESIDING | HEAD_OFFICE

OFFERS = (
    *_ON_MEETINGS,
    _live(
        "cast", _("Cast the ballot"), BallotForm,
        help_text=_("Your seat has one ballot. Until the vote is closed nobody sees your choice."),
        applies=_on_item(lambda here: here.voting and here.may_vote),
        final=True,
        leads_to=_to_vote,
        template="room/ballot.html",
        context=_here,
    ),
    _live(
        "take_up", _("Take up the item"),
        done=_("The item is under deliberation."),
        applies=_next,
    ),
    _live(
        "close_vote", _("Close the vote"),
        help_text=_("The ballots are counted and revealed; everybody sees the result at the same moment."),
        done=_("The vote is closed."),
        final=True,
        leads_to=_to_vote,
        applies=_on_item(lambda here: here.voting),
        blocked=_ballots_missing,
    ),
    _live(
        "grant_abstention", _("Grant the abstention"), DecideForm,
        help_text=_("The seat may abstain on this item in this meeting; it need not (Art. 20)."),
        done=_("The abstention is granted."),
        office=_DECIDES,
        also_on_plan_page=True,
        applies=_on_item(lambda here: bool(here.to_decide)),
    ),
    _live(
        "refuse_abstention", _("Refuse the abstention"), DecideForm,
        help_text=_("The seat votes for or against; it may ask again (Art. 20)."),
        done=_("The abstention is refused."),
        office=_DECIDES,
        also_on_plan_page=True,
        secondary=True,
        applies=_on_item(lambda here: bool(here.to_decide)),
    ),
    _live(
        "withdraw_observer", _("The observer has withdrawn"),
        done=_("The observer has withdrawn."),
        applies=_on_item(lambda here: here.observer is not None),
    ),
    _live(
        "confirm_opinion", _("Confirm the opinion"), DraftForm,
        help_text=_("What the liaison entered stands on record as your own opinion (Art. 10)."),
        done=_("Your opinion is on record."),
        applies=_on_item(lambda here: here.draft is not None),
        template="room/state_opinion.html",
        context=_here,
    ),
    _live(
        "decline_opinion", _("Decline the opinion"), DraftForm,
        help_text=_("What the liaison entered is not what you said; it goes into no minutes."),
        done=_("The dictated opinion is declined."),
        secondary=True,
        applies=_on_item(lambda here: here.draft is not None),
        template="room/state_opinion.html",
        context=_here,
    ),
    _live(
        "answer_question", _("Answer the question"), AnswerForm,
        help_text=_("Question and answer stand on record and go into the minutes (Art. 19)."),
        done=_("The answer is on record."),
        also_on_plan_page=True,
        applies=_on_item(_answers),
        leads_to=_answered,
    ),
    _live(
        "open_vote", _("Open the vote"), OpenVoteForm,
        help_text=_("Seats, plan and regulation are those of this moment; opinions end (Art. 18, 20)."),
        done=_("The vote is open."),
        final=True,
        template="room/open_vote.html",
        leads_to=_to_vote,
        applies=_on_item(lambda here: not here.voting),
        blocked=_vote_stopped,
    ),
    _live(
        "give_floor", _("Give the floor"), FloorForm,
        help_text=_("This ends the speech of whoever speaks now."),
        done=_("The floor is given."),
        applies=_on_item(lambda here: bool(here.speeches.waiting)),
    ),
    _live(
        "end_speech", _("End the speech"),
        done=_("The speech has ended."),
        applies=_on_item(_ends_speech),
    ),
    _live(
        "record_opinion", _("Record an opinion"), OpinionForm,
        help_text=_("Everybody who sees the item reads it at once, and it goes into the minutes."),
        done=_("Your opinion is on record."),
        applies=_on_item(_speaks),
    ),
    _live(
        "take_down_opinion", _("Enter a dictated opinion"), TakenDownForm,
        help_text=_("The speaker reads it and confirms or declines it; until then it is in no minutes."),
        done=_("It waits for the speaker."),
        applies=_on_item(lambda here: here.observer is None),
    ),
    _live(
        "ask_observer", _("Ask the observer"), QuestionForm,
        help_text=_("Question and answer stand on record and go into the minutes (Art. 19)."),
        done=_("Your question is on record."),
        applies=_on_item(lambda here: here.observer is not None and here.acts(Proxy.Power.SPEAK)),
    ),
    _live(
        "ask_to_speak", _("Ask to speak"),
        done=_("You are on the speaking list."),
        applies=_on_item(lambda here: here.acts(Proxy.Power.SPEAK) and here.speech is None),
    ),
    _live(
        "take_back_wish", _("Withdraw the request to speak"),
        done=_("Removed from the speaking list."),
        secondary=True,
        applies=_on_item(lambda here: here.speech is not None and here.speech.began_at is None),
    ),
    _live(
        "admit_observer", _("Admit the observer"), ObserverForm,
        help_text=_(
            "The head attends this item and answers questions, and leaves before the vote (Art. 19)."
        ),
        done=_("The observer is admitted."),
        secondary=True,
        applies=_on_item(lambda here: not hasattr(here.item, "observer")),
    ),
    _live(
        "request_abstention", pgettext_lazy("act", "Request to abstain"),
        CommitteeReasonForm,
        help_text=_(
            "The chair decides; the chair's own and an acting chair's request head office (Art. 20)."
        ),
        done=_("Your request waits for its decision."),
        secondary=True,
        applies=_on_item(_may_ask_to_abstain),
    ),
    _live(
        "propose_cancellation", _("Propose to cancel the vote"),
        CommitteeReasonForm,
        help_text=_("Only the chair cancels a vote; everybody in the meeting reads your reason (Art. 20)."),
        done=_("The chair reads your proposal."),
        secondary=True,
        applies=_on_item(lambda here: here.voting and here.acts(Proxy.Power.SPEAK)),
    ),
    _live(
        "cancel_vote", _("Cancel the vote"), CommitteeReasonForm,
        help_text=_(
            "The ballots are void and never opened; the item is deferred to another meeting (Art. 20)."
        ),
        done=_("The vote is cancelled."),
        final=True,
        secondary=True,
        leads_to=_to_vote,
        applies=_on_item(lambda here: here.voting),
    ),
)  # fmt: skip
