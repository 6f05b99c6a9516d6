"""Opinions that the liaison takes down and the speaker confirms (Art. 10.3, 12.3).

What is not confirmed goes when the item's vote opens or the item leaves; only the entries stay.
"""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee.agenda import enter_opinion, require_no_observer, require_taken_up, require_text
from committee.models import AgendaItem, Attendance, Meeting, Opinion, OpinionDraft, Person, Proxy
from committee.presence import Mandate, mandates
from proposals.beginning import begin_as_speaker, begin_for_seat_in_session, begin_on_item
from proposals.models import Proposal
from proposals.permissions import ACTS
from regulation.refused import Refused


@action
def take_down_opinion(proposal: Proposal, *, by: Person, seat: int, text: str) -> OpinionDraft:
    """The text waits for whoever is present for the seat to confirm it, in place of one that waited before.

    `12/only-liaison`; `state/not-allowed` outside of a session and while a vote on it is open;
    `18/not-deliberated`; `10/not-present` when nobody is there for the seat; `11/out-of-scope` (without
    `speak`); `19/observer-present`; `text/required`.
    """
    _proposal, item, meeting = begin_on_item(ACTS["take_down_opinion"], proposal, by)
    require_taken_up(item)
    person, speaker = _present_for(seat, item, meeting)
    speaker.require_power(Proxy.Power.SPEAK)
    require_no_observer(item)
    require_text(text)
    item.opinion_drafts.filter(seat=speaker.seat).delete()
    draft = OpinionDraft.objects.create(
        item=item,
        seat=speaker.seat,
        person=person,
        proxy=speaker.proxy,
        taken_down_by=by,
        text=text,
        at=clock.now(),
    )
    record(
        meeting.stream,
        "take_down_opinion",
        item.subject,
        by=by,
        payload={
            "seat": seat,
            "proxy": speaker.proxy is not None,
            "speaker": str(person.pk),
            "text": text,
        },
    )
    return draft


@action
def confirm_opinion(proposal: Proposal, *, by: Person, draft: OpinionDraft) -> Opinion:
    """What was taken down stands on the record as the speaker's own opinion.

    As for recording one: `20.1/no-seat`; `state/not-allowed`; `18/not-deliberated`; `10/not-present`;
    `11/out-of-scope`, `11/principal-present`; `19/observer-present`. `state/not-allowed` when it does not
    wait, or waits for somebody else.
    """
    item, meeting, _acting = begin_as_speaker(ACTS["confirm_opinion"], proposal, by)
    require_no_observer(item)
    waiting = _waiting(item, draft, by)
    opinion = enter_opinion(
        "confirm_opinion",
        item,
        meeting,
        by,
        seat=waiting.seat,
        proxy=waiting.proxy,
        text=waiting.text,
        taken_down_by=str(waiting.taken_down_by_id),
    )
    waiting.delete()
    return opinion


@action
def decline_opinion(proposal: Proposal, *, by: Person, draft: OpinionDraft) -> None:
    """What was taken down is not the speaker's opinion, and is gone.

    `20.1/no-seat`; `state/not-allowed` outside of a session; `11/principal-present`; `state/not-allowed` when
    it does not wait, or waits for somebody else.
    """
    _proposal, item, meeting, acting = begin_for_seat_in_session(ACTS["decline_opinion"], proposal, by)
    acting.require_not_displaced()
    waiting = _waiting(item, draft, by)
    waiting.delete()
    record(meeting.stream, "decline_opinion", item.subject, by=by, payload={"seat": waiting.seat.number})


def _present_for(seat: int, item: AgendaItem, meeting: Meeting) -> tuple[Person, Mandate]:
    """The mandate of the person present for the seat on the item.

    `10/not-present` without such a person, `11/out-of-scope` when the proxy does not cover the item.
    """
    there = (
        Attendance.objects.filter(meeting=meeting, seat__number=seat, signed_out_at=None)
        .select_related("person")
        .first()
    )
    if there is None:
        raise Refused("10/not-present", seat=seat)
    for mandate in mandates(meeting, there.person, item):
        if mandate.seat.number == seat:
            return there.person, mandate
    raise Refused("11/out-of-scope", seat=seat)


def _waiting(item: AgendaItem, draft: OpinionDraft, by: Person) -> OpinionDraft:
    """The draft, if it waits on the item for `by`; `state/not-allowed` otherwise."""
    waiting = item.opinion_drafts.filter(pk=draft.pk, person=by).select_related("seat", "proxy").first()
    if waiting is None:
        raise Refused("state/not-allowed", cause="opinion/not-waiting")
    return waiting
