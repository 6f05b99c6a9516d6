"""Opening a meeting, and its acting chair (Art. 9, 16, 20.1)."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.actions.notices import require_current_notice, seats_lacking
from committee.beginning import begin_on_meeting
from committee.messages import announce, settle, settle_moved
from committee.models import Meeting, Person, Seat
from committee.permissions import ACTS
from committee.presence import require_signed_in, roll_call
from committee.quorum import missing
from regulation.refused import Refused


@action
def open_meeting(meeting: Meeting, *, by: Person) -> Meeting:
    """The meeting is in session; every represented seat has received the notice.

    `9/only-chair`; `state/not-allowed` outside of convened, and before its hour unless an emergency;
    `16/no-notice`, `16/notice-superseded`; `20.1/not-all-present`; `9/chair-absent`.
    """
    meeting = begin_on_meeting(ACTS["open_meeting"], meeting, by)
    now = clock.now()
    if now < meeting.at and not meeting.emergency:
        raise not_begun(meeting)
    notice = require_current_notice(meeting)
    lacking = seats_lacking(meeting, notice)
    if lacking:
        raise Refused("16/no-notice", seats=[seat.number for seat in lacking])
    absent = missing(roll_call(meeting), meeting.regulation.seat_count)
    if absent:
        raise Refused("20.1/not-all-present", seats=list(absent))
    require_signed_in(meeting, by)
    meeting.open(now)
    meeting.save(update_fields=["state", "opened_at"])
    settle_moved([meeting.subject], meeting.state)
    notice.deliveries.standing().filter(receipt_at=None).update(receipt_at=now)
    record(
        meeting.stream,
        "open_meeting",
        meeting.subject,
        by=by,
        payload={"notice": notice.number, "seats": meeting.regulation.seat_count},
    )
    return meeting


def not_begun(meeting: Meeting) -> Refused:
    """The refusal to open the meeting before its hour, which also names a missing notice."""
    noticed = meeting.notices.filter(superseded_at=None).exists()
    return Refused(
        "state/not-allowed",
        cause="meeting/not-begun" if noticed else "meeting/not-begun-nor-noticed",
        opens=meeting.at.astimezone(meeting.committee.tz).strftime("%Y-%m-%d %H:%M"),
    )


@action
def appoint_acting_chair(meeting: Meeting, *, by: Person, seat: int) -> Meeting:
    """The holder of the seat numbered `seat` presides beside the chair, at this meeting (Art. 9).

    `access/denied` to anyone but head office; `state/not-allowed` for the chair's seat, a vacant one,
    and once the session is over.
    """
    meeting = begin_on_meeting(ACTS["appoint_acting_chair"], meeting, by)
    chosen = _filled(meeting, seat)
    if meeting.acting_seat is not None and meeting.acting_seat != chosen:
        former = [meeting.acting_seat.holder_id]
        settle("request_abstention", "propose_cancellation", people=former, meeting=meeting.pk)
    meeting.acting_seat = chosen
    meeting.save(update_fields=["acting_seat"])
    record(
        meeting.stream,
        "appoint_acting_chair",
        meeting.subject,
        by=by,
        payload={"seat": chosen.number, "holder": str(chosen.holder_id)},
    )
    announce(
        "appoint_acting_chair",
        [chosen.holder_id, *messages.chair(meeting.committee)],
        by=by,
        about=meeting.subject,
        at=meeting.at.isoformat(),
        place=meeting.place,
        seat=chosen.number,
        post=chosen.post,
    )
    return meeting


def _filled(meeting: Meeting, number: int) -> Seat:
    """The filled seat with this number; `state/not-allowed` for the chair's seat and a vacant one."""
    chosen = Seat.objects.filter(
        committee=meeting.committee_id,
        number=number,
        number__lte=meeting.regulation.seat_count,
        holder__isnull=False,
    ).first()
    if chosen is None or chosen.is_chair:
        raise Refused("state/not-allowed", cause="acting-chair/seat", seat=number)
    return chosen
