"""The common beginning of every action on proposals, in the order of `committee/beginning.py`.

The meeting on whose agenda a proposal stands is locked before the proposal. Where permission depends on more
than an office (who speaks, who observes, whose request is decided), the caller passes `permit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from committee.acts import Act
from committee.agenda import require_taken_up
from committee.locks import lock_meeting
from committee.models import AgendaItem, Committee, Meeting, Person, Proxy
from committee.offices import SEAT
from committee.permissions import permit, require_state
from committee.presence import Mandate
from committee.visibility import require_visible as require_meeting_visible
from proposals.locks import lock_proposal, lock_proposals
from proposals.models import Proposal
from proposals.permissions import acting_in, require_all_visible, require_officer, require_visible
from regulation.refused import Refused

#: raises a refusal, or returns
Check: TypeAlias = "Callable[[Proposal, Meeting | None], None]"


def begin_on_proposal(
    act: Act, proposal: Proposal, by: Person, *, first: Check | None = None, permit: Check | None = None
) -> tuple[Proposal, Meeting | None]:
    """Lock and return the proposal and the meeting of its present or last item, for the act's officer."""
    proposal, meeting = _seen(proposal, by)
    if permit is None:
        require_officer(act, proposal, by, meeting)
    else:
        permit(proposal, meeting)
    if first is not None:
        first(proposal, meeting)
    require_state(act, proposal.state)
    return proposal, meeting


def begin_on_item(
    act: Act, proposal: Proposal, by: Person, *, permit: Check | None = None
) -> tuple[Proposal, AgendaItem, Meeting]:
    """Lock and return the proposal, its item and its meeting, in session, for the act's officer."""
    proposal, meeting = _seen(proposal, by)
    if permit is None:
        require_officer(act, proposal, by, meeting)
    else:
        permit(proposal, meeting)
    return proposal, *require_in_session(act, proposal, meeting)


def begin_for_seat(
    act: Act, proposal: Proposal, by: Person, *, first: Check | None = None
) -> tuple[Proposal, Meeting | None, Mandate]:
    """Lock and return the proposal, its meeting and the seat for which `by` acts; their own seat without a
    meeting.
    """
    proposal, meeting = _seen(proposal, by)
    acting = acting_in(proposal, meeting, by)
    if acting.proxy is not None and act.office is SEAT:
        raise Refused(act.code)
    if first is not None:
        first(proposal, meeting)
    require_state(act, proposal.state)
    return proposal, meeting, acting


def begin_for_seat_in_session(
    act: Act, proposal: Proposal, by: Person, *, voted: Callable[[Proposal], Iterable[int]] = lambda _: ()
) -> tuple[Proposal, AgendaItem, Meeting, Mandate]:
    """Lock and return the proposal, its item and meeting, in session, and the seat for which `by` acts.

    Of several proxies it is the lowest seat without a ballot; `voted` returns the ids of those with one.
    """
    proposal, meeting = _seen(proposal, by)
    acting = acting_in(proposal, meeting, by, voted=voted(proposal))
    return proposal, *require_in_session(act, proposal, meeting), acting


def begin_as_speaker(act: Act, proposal: Proposal, by: Person) -> tuple[AgendaItem, Meeting, Mandate]:
    """Lock and return the item taken up, its meeting, and the seat for which `by` may speak.

    `18/not-deliberated`; `10/not-present`; `11/out-of-scope` (without `speak`), `11/principal-present`.
    """
    _proposal, item, meeting, acting = begin_for_seat_in_session(act, proposal, by)
    require_taken_up(item)
    acting.require_present()
    acting.require_power(Proxy.Power.SPEAK)
    acting.require_not_displaced()
    return item, meeting, acting


def begin_on_plans(
    act: Act, committee: Committee, proposals: Sequence[Proposal], by: Person
) -> list[Proposal]:
    """Lock and return the proposals in the order in which they were named, each once, for the committee's
    officer.

    Their states are checked by the action, whose refusal names the proposal.
    """
    locked, _ = lock_proposals(proposal.pk for proposal in proposals)
    named = in_order(locked, proposals)
    require_all_visible(named, by)
    permit(act, committee, by)
    return named


def begin_on_agenda(act: Act, meeting: Meeting, by: Person) -> tuple[Meeting, list[Proposal]]:
    """Lock and return the meeting and the proposals tabled in it, for the act's officer."""
    meeting = lock_meeting(meeting.pk)
    tabled = Proposal.objects.filter(
        item__meeting=meeting, item__left_at=None, state=Proposal.State.TABLED
    ).values_list("pk", flat=True)
    proposals, _ = lock_proposals(tabled, meetings=[meeting.pk])
    require_meeting_visible(meeting, by)
    permit(act, meeting.committee, by, meeting)
    require_state(act, meeting.state)
    return meeting, proposals


def in_order(locked: Iterable[Proposal], named: Iterable[Proposal]) -> list[Proposal]:
    """The locked rows in the order in which they were named, each once."""
    by_id = {proposal.pk: proposal for proposal in locked}
    return [by_id[pk] for pk in dict.fromkeys(proposal.pk for proposal in named)]


def require_in_session(act: Act, proposal: Proposal, meeting: Meeting | None) -> tuple[AgendaItem, Meeting]:
    """The item and its meeting, in session; `state/not-allowed` otherwise."""
    require_state(act, proposal.state)
    if proposal.item is None or meeting is None or meeting.state != Meeting.State.IN_SESSION:
        raise act.misplaced(proposal.state if meeting is None else meeting.state)
    return proposal.item, meeting


def _seen(proposal: Proposal, by: Person) -> tuple[Proposal, Meeting | None]:
    proposal, meeting = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    return proposal, meeting
