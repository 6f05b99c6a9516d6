"""Notices and their receipts (Art. 12.2, 15, 16)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from audit import clock
from audit.recording import action, record
from committee.locks import lock_meeting
from committee.messages import announce
from committee.models import AgendaItem, Delivery, Meeting, Notice, NoticeItem, Person, Seat
from committee.period import first_day, last_day, long_enough
from committee.permissions import ACTS, mandate, permit, require_state, require_visible
from regulation.refused import Refused


@action
def send_notice(meeting: Meeting, *, by: Person, paper: Collection[int] = ()) -> Notice:
    """The current notice has reached every filled seat; the seats numbered in `paper` have it on paper.

    `12/only-liaison`; `state/not-allowed` outside of convened, and when no seat lacks the current notice;
    `15/notice-too-short`.
    """
    act = ACTS["send_notice"]
    meeting = lock_meeting(meeting.pk)
    require_visible(meeting, by)
    permit(act, meeting.committee, by, meeting)
    require_state(act, meeting.state)
    notice = meeting.notices.filter(superseded_at=None).first()
    lacking = seats_lacking(meeting, notice)
    if notice is not None and not lacking:
        raise Refused("state/not-allowed", cause="notice/all-have-it")
    now = clock.now()
    items = list(meeting.items.filter(left_at=None).order_by("number"))
    require_period(meeting, at=meeting.at, item_ids={item.pk for item in items}, now=now)
    if notice is None:
        notice = Notice.objects.create(
            meeting=meeting,
            number=meeting.notices.count() + 1,
            at=meeting.at,
            place=meeting.place,
            sent_at=now,
        )
        NoticeItem.objects.bulk_create(
            [NoticeItem(notice=notice, item=item, digest=item.digest) for item in items]
        )
    Delivery.objects.bulk_create(
        [
            Delivery(
                notice=notice,
                seat=seat,
                recipient_id=seat.holder_id,
                paper=seat.number in paper,
                delivered_at=now,
                receipt_at=now if seat.number in paper else None,
            )
            for seat in lacking
            if seat.holder_id is not None
        ]
    )
    record(
        meeting.stream,
        "send_notice",
        meeting.subject,
        by=by,
        payload={
            "notice": notice.number,
            "at": notice.at.isoformat(),
            "place": notice.place,
            "items": {str(item.number): item.digest for item in items},
            "seats": [seat.number for seat in lacking],
            "paper": [seat.number for seat in lacking if seat.number in paper],
        },
    )
    announce(
        "send_notice",
        [seat.holder_id for seat in lacking if seat.number not in paper],
        by=by,
        about=meeting.subject,
        at=notice.at.isoformat(),
        place=notice.place,
        emergency=meeting.emergency,
        count=len(items),
    )
    return notice


@action
def acknowledge(meeting: Meeting, *, by: Person) -> Delivery:
    """The seat's receipt of the current electronic notice is recorded.

    `20.1/no-seat`; `16/no-notice` (none sent, or none to this seat), `16/notice-superseded`;
    `state/not-allowed` for a paper seat, a second time, and after the session.
    """
    act = ACTS["acknowledge"]
    meeting = lock_meeting(meeting.pk)
    require_visible(meeting, by)
    seat = own_seat(meeting, by)
    require_state(act, meeting.state)
    notice = require_current_notice(meeting)
    delivery = notice.deliveries.filter(seat=seat).first()
    if delivery is None:
        raise Refused("16/no-notice", seat=seat.number)
    if delivery.paper or delivery.acknowledged_by_id is not None:
        cause = "acknowledge/paper" if delivery.paper else "acknowledge/done"
        raise Refused("state/not-allowed", cause=cause)
    delivery.acknowledged_by = by
    delivery.receipt_at = delivery.receipt_at or clock.now()
    delivery.save(update_fields=["acknowledged_by", "receipt_at"])
    record(
        meeting.stream,
        "acknowledge",
        meeting.subject,
        by=by,
        payload={"notice": notice.number, "seat": seat.number},
    )
    return delivery


def own_seat(meeting: Meeting, by: Person) -> Seat:
    """The seat that `by` holds in this meeting; `20.1/no-seat`, also for a proxy."""
    found = mandate(meeting, by)
    if found.proxy is not None:
        raise Refused("20.1/no-seat")
    return found.seat


def seats_lacking(meeting: Meeting, notice: Notice | None) -> list[Seat]:
    """The filled seats of the meeting that this notice has not reached, by number."""
    seats = Seat.objects.filter(
        committee=meeting.committee_id, number__lte=meeting.regulation.seat_count, holder__isnull=False
    ).order_by("number")
    if notice is not None:
        seats = seats.exclude(pk__in=notice.deliveries.values("seat"))
    return list(seats)


def require_current_notice(meeting: Meeting) -> Notice:
    """The current notice; `16/no-notice` when none was ever sent, `16/notice-superseded` when a change
    outdated it.
    """
    notice = meeting.notices.filter(superseded_at=None).first()
    if notice is not None:
        return notice
    if meeting.notices.exists():
        raise Refused("16/notice-superseded")
    raise Refused("16/no-notice")


def require_period(meeting: Meeting, *, at: datetime, item_ids: set[int], now: datetime) -> None:
    """Raise `15/notice-too-short` unless a notice of this time and these items goes, or went, out in time.

    Items withdrawn since leave an earlier notice as it was; any other difference makes it another notice.
    """
    numbers, tz = meeting.regulation.numbers, meeting.committee.tz
    sent = []
    for notice in Notice.objects.filter(meeting_id=meeting.pk, at=at).prefetch_related("stated__item"):
        stated = {
            row.item_id for row in notice.stated.all() if row.item.left_why != AgendaItem.Left.WITHDRAWN
        }
        if stated == item_ids:
            sent.append(notice.sent_at)
    if not long_enough(
        at, now=now, notice_days=numbers.notice_days, tz=tz, emergency=meeting.emergency, sent=sent
    ):
        raise Refused(
            "15/notice-too-short",
            last_day=last_day(at, numbers.notice_days, tz).isoformat(),
            notice_days=numbers.notice_days,
            earliest=first_day(now, numbers.notice_days, tz).isoformat(),
        )
