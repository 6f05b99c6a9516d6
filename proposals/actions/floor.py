"""The speaking list and the floor of an item (Art. 9, 10, 18).

Requests and speeches end without an entry when the speaker signs out, the item's vote opens, or the item
leaves the agenda.
"""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee.models import AgendaItem, Attendance, Meeting, Person, Speech
from committee.models.floor import LONGEST
from committee.offices import LIAISON, PRESIDING
from committee.presence import require_signed_in
from proposals.beginning import begin_as_speaker, begin_for_seat_in_session, begin_on_item
from proposals.models import Proposal
from proposals.permissions import ACTS
from regulation.refused import Refused


@action
def ask_to_speak(proposal: Proposal, *, by: Person) -> Speech:
    """The person waits on the speaking list, also while an observer is there.

    `20.1/no-seat`; `state/not-allowed` outside of a session and while a vote on it is open;
    `18/not-deliberated`; `10/not-present`; `11/out-of-scope` (without `speak`), `11/principal-present`;
    `state/not-allowed` when waiting or speaking already.
    """
    item, meeting, acting = begin_as_speaker(ACTS["ask_to_speak"], proposal, by)
    there = Attendance.objects.get(meeting=meeting, seat=acting.seat, person=by, signed_out_at=None)
    if item.speeches.live().filter(attendance=there).exists():
        raise Refused("state/not-allowed", cause="floor/asked")
    speech = Speech.objects.create(item=item, attendance=there, asked_at=clock.now())
    record(
        meeting.stream,
        "ask_to_speak",
        item.subject,
        by=by,
        payload={"seat": acting.seat.number, "proxy": acting.proxy is not None},
    )
    return speech


@action
def withdraw_request_to_speak(proposal: Proposal, *, by: Person) -> Speech:
    """The person waits on the speaking list no more.

    `20.1/no-seat`; `state/not-allowed` outside of a session; `11/principal-present`; `state/not-allowed` when
    not waiting.
    """
    _proposal, item, meeting, acting = begin_for_seat_in_session(ACTS["take_back_wish"], proposal, by)
    acting.require_not_displaced()
    wish = item.speeches.waiting().filter(attendance__person=by).select_related("attendance__seat").first()
    if wish is None:
        raise Refused("state/not-allowed", cause="floor/not-asked")
    wish.ended_at = clock.now()
    wish.save(update_fields=["ended_at"])
    record(
        meeting.stream,
        "take_back_wish",
        item.subject,
        by=by,
        payload={"seat": wish.attendance.seat.number},
    )
    return wish


@action
def give_floor(proposal: Proposal, *, by: Person, seat: int, minutes: int | None = None) -> Speech:
    """The waiting seat speaks, for so many minutes if any are said; whoever spoke in the meeting has ended.

    `9/only-chair`; `state/not-allowed` outside of a session, and when the seat does not wait;
    `9/chair-absent`. ValueError for minutes other than 1 to 60.
    """
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise ValueError(f"a speech of {minutes} minutes")
    _proposal, item, meeting = begin_on_item(ACTS["give_floor"], proposal, by)
    speech = item.speeches.waiting().filter(attendance__seat__number=seat).first()
    if speech is None:
        raise Refused("state/not-allowed", cause="floor/seat-not-waiting", seat=seat)
    require_signed_in(meeting, by)
    now = clock.now()
    Speech.objects.speaking().filter(item__meeting=meeting).update(ended_at=now)
    speech.began_at, speech.minutes = now, minutes
    speech.save(update_fields=["began_at", "minutes"])
    record(meeting.stream, "give_floor", item.subject, by=by, payload={"seat": seat, "minutes": minutes})
    return speech


@action
def end_speech(proposal: Proposal, *, by: Person) -> Speech:
    """Nobody speaks on the item: the speaker, the liaison or whoever presides has ended it.

    `9/only-chair` to everybody else; `state/not-allowed` outside of a session, and when nobody speaks;
    `9/chair-absent`.
    """

    def permit(proposal: Proposal, meeting: Meeting | None) -> None:
        own = _speaks(_speaking(proposal.item), by)
        if not own and not (PRESIDING | LIAISON).held_by(by, meeting or proposal):
            raise Refused(ACTS["end_speech"].code)

    _proposal, item, meeting = begin_on_item(ACTS["end_speech"], proposal, by, permit=permit)
    speech = _speaking(item)
    if speech is None:
        raise Refused("state/not-allowed", cause="floor/nobody-speaks")
    if PRESIDING.held_by(by, meeting) and not _speaks(speech, by):
        require_signed_in(meeting, by)
    speech.ended_at = clock.now()
    speech.save(update_fields=["ended_at"])
    record(meeting.stream, "end_speech", item.subject, by=by, payload={"seat": speech.attendance.seat.number})
    return speech


def _speaking(item: AgendaItem | None) -> Speech | None:
    """The speech being held on the item; None without one."""
    if item is None:
        return None
    return item.speeches.speaking().select_related("attendance__seat").first()


def _speaks(speech: Speech | None, by: Person) -> bool:
    return speech is not None and speech.attendance.person_id == by.pk
