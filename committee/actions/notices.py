"""Notices and their receipts (Art. 12.2, 15, 16)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from audit import clock
from audit.recording import action, record
from committee.beginning import begin_for_own_seat, begin_on_meeting
from committee.messages import announce, settle, standing_in
from committee.models import AgendaItem, Delivery, Meeting, Notice, NoticeItem, Person, Seat
from committee.period import first_day, last_day, long_enough
from committee.permissions import ACTS
from committee.reminding import settle_reminder
from regulation.refused import Refused
from regulation.text import has_content


@action
def send_notice(
    meeting: Meeting,
    *,
    by: Person,
    paper: Collection[int] = (),
    posted: Collection[int] = (),
    text: str = "",
) -> Notice:
    """The current notice has reached every filled seat, on paper those in `paper`; to those in `posted` it is
    under way.

    Paper under way counts as delivered once `deliver_notice` records it. The notice goes to the seats that
    lack it and to those that changed hands, whose former receipt becomes void; the others keep theirs. `text`
    is added to the wording of a new notice; one that is sent again keeps its own.
    `12/only-liaison`; `state/not-allowed` outside of convened, and when there is no such seat;
    `15/notice-too-short`.
    """
    meeting = begin_on_meeting(ACTS["send_notice"], meeting, by)
    notice = meeting.notices.filter(superseded_at=None).first()
    reached = seats_to_reach(meeting, notice)
    if notice is not None and not reached:
        raise Refused("state/not-allowed", cause="notice/all-have-it")
    now = clock.now()
    items = list(meeting.items.filter(left_at=None).order_by("number"))
    require_period(meeting, at=meeting.at, item_ids={item.pk for item in items}, now=now)
    anew = notice is None
    if notice is None:
        notice = _issue(meeting, items, text, now)
    replaced = _send(notice, reached, paper, posted, now)
    numbers = [seat.number for seat in reached]
    payload = {
        **_stated(notice, items),
        "seats": numbers,
        "paper": sorted({*numbers} & {*paper}),
        "posted": sorted({*numbers} & {*posted}),
        "again": replaced,
    }
    record(meeting.stream, "send_notice", meeting.subject, by=by, payload=payload)
    settle("convene", "change_meeting", about=meeting.subject)
    _notify_of_notice(
        notice, [seat for seat in reached if seat.number not in (*paper, *posted)], len(items), by
    )
    if anew:
        _notify_proxies(notice, by)
    return notice


def _stated(notice: Notice, items: Iterable[AgendaItem]) -> dict[str, object]:
    """The content of the notice for the audit log."""
    planned = {str(item.number): item.minutes for item in items if item.minutes}
    return {
        "notice": notice.number,
        "at": notice.at.isoformat(),
        "place": notice.place,
        "items": {str(item.number): item.digest for item in items},
        **({"minutes": planned} if planned else {}),
        **({"text": notice.text} if notice.text else {}),
    }


def _issue(meeting: Meeting, items: Sequence[AgendaItem], text: str, now: datetime) -> Notice:
    """Create a numbered notice of the meeting's present time, place and items, without deliveries."""
    notice = Notice.objects.create(
        meeting=meeting,
        number=meeting.notices.count() + 1,
        at=meeting.at,
        place=meeting.place,
        sent_at=now,
        text=text.strip(),
    )
    NoticeItem.objects.bulk_create(
        [NoticeItem(notice=notice, item=item, digest=item.digest, minutes=item.minutes) for item in items]
    )
    return notice


def _send(
    notice: Notice, reached: Sequence[Seat], paper: Collection[int], posted: Collection[int], now: datetime
) -> list[int]:
    """Create the deliveries to these seats; return the numbers of those whose former one becomes void."""
    again = notice.deliveries.standing().filter(seat__in=reached)
    replaced = sorted(again.values_list("seat__number", flat=True))
    again.update(replaced_at=now)
    Delivery.objects.bulk_create(
        [
            Delivery(
                notice=notice,
                seat=seat,
                recipient_id=seat.holder_id,
                paper=seat.number in (*paper, *posted),
                delivered_at=None if seat.number in posted else now,
                receipt_at=now if seat.number in paper and seat.number not in posted else None,
            )
            for seat in reached
            if seat.holder_id is not None
        ]
    )
    return replaced


def _notify_of_notice(notice: Notice, electronic: Iterable[Seat], count: int, by: Person) -> None:
    """Ask those who received the notice electronically to acknowledge it."""
    meeting = notice.meeting
    announce(
        "send_notice",
        [seat.holder_id for seat in electronic],
        by=by,
        about=meeting.subject,
        at=notice.at.isoformat(),
        place=notice.place,
        emergency=meeting.emergency,
        count=count,
        committee=meeting.committee_id,
    )


def _notify_proxies(notice: Notice, by: Person) -> None:
    """Notify the holders of proxies of a new notice."""
    meeting = notice.meeting
    announce(
        "notice_to_proxy",
        standing_in(meeting),
        by=by,
        about=meeting.subject,
        at=notice.at.isoformat(),
        place=notice.place,
    )


@action
def deliver_notice(
    meeting: Meeting,
    *,
    by: Person,
    seat: int,
    received_by: str,
    received_at: datetime | None = None,
    handed_by: str = "",
) -> Delivery:
    """The paper on its way to the seat numbered `seat` was delivered (Art. 12.2), which is its receipt.

    `12/only-liaison`; `state/not-allowed` outside of convened; `16/no-notice` (none sent, or none to this
    seat), `16/notice-superseded`; `state/not-allowed` for an electronic notice and a second time;
    `text/required` where nobody is named; `state/not-allowed` for a time before the sending or to come.
    """
    meeting = begin_on_meeting(ACTS["deliver_notice"], meeting, by)
    notice = require_current_notice(meeting)
    delivery = notice.deliveries.standing().filter(seat__number=seat).first()
    if delivery is None:
        raise Refused("16/no-notice", seats=[seat])
    now = clock.now()
    at = received_at or now
    _require_deliverable(delivery, received_by, in_time=notice.sent_at <= at <= now)
    delivery.delivered_at = delivery.receipt_at = at
    delivery.received_by, delivery.handed_by = received_by.strip(), handed_by.strip()
    delivery.save(update_fields=["delivered_at", "receipt_at", "received_by", "handed_by"])
    record(
        meeting.stream,
        "deliver_notice",
        meeting.subject,
        by=by,
        payload={
            "notice": notice.number,
            "seat": seat,
            "received_by": delivery.received_by,
            "received_at": at.isoformat(),
            "handed_by": delivery.handed_by,
        },
    )
    return delivery


def _require_deliverable(delivery: Delivery, received_by: str, *, in_time: bool) -> None:
    """Raise `state/not-allowed` or `text/required` unless paper is under way, was taken by a named person,
    and in time.
    """
    if not delivery.paper:
        raise Refused("state/not-allowed", cause="deliver/electronic")
    if delivery.delivered_at is not None:
        raise Refused("state/not-allowed", cause="deliver/done")
    if not has_content(received_by):
        raise Refused("text/required", why={"en": "who received the notice", "zh-hans": "签收人"})
    if not in_time:
        raise Refused("state/not-allowed", cause="deliver/time")


@action
def acknowledge(meeting: Meeting, *, by: Person) -> Delivery:
    """The seat's receipt of the current electronic notice is recorded.

    `20.1/no-seat`; `16/no-notice` (none sent, or none to this seat), `16/notice-superseded`;
    `state/not-allowed` for a paper seat, a second time, and after the session.
    """
    meeting, seat = begin_for_own_seat(ACTS["acknowledge"], meeting, by)
    notice = require_current_notice(meeting)
    delivery = notice.deliveries.standing().filter(seat=seat).first()
    if delivery is None:
        raise Refused("16/no-notice", seat=seat.number)
    if delivery.paper or delivery.acknowledged_by_id is not None:
        cause = "acknowledge/paper" if delivery.paper else "acknowledge/done"
        raise Refused("state/not-allowed", cause=cause)
    delivery.acknowledged_by = by
    delivery.receipt_at = delivery.receipt_at or clock.now()
    delivery.save(update_fields=["acknowledged_by", "receipt_at"])
    settle("send_notice", about=meeting.subject, people=[by])
    settle_reminder(meeting, by)
    record(
        meeting.stream,
        "acknowledge",
        meeting.subject,
        by=by,
        payload={"notice": notice.number, "seat": seat.number},
    )
    return delivery


def seats_lacking(meeting: Meeting, notice: Notice | None) -> list[Seat]:
    """The numbers of the filled seats that this notice has not reached; paper under way has not.

    A delivery stays with the seat when its holder changes.
    """
    seats = _filled(meeting)
    if notice is not None:
        seats = seats.exclude(pk__in=notice.deliveries.delivered().values("seat"))
    return list(seats)


def seats_to_reach(meeting: Meeting, notice: Notice | None) -> list[Seat]:
    """The numbers of the filled seats to which this notice can be sent: those that lack it, also with paper
    under way, and those with a new holder who has not acknowledged it.
    """
    seats = _filled(meeting)
    if notice is not None:
        kept = notice.deliveries.delivered().exclude(pk__in=notice.deliveries.changed_hands().values("pk"))
        seats = seats.exclude(pk__in=kept.values("seat"))
    return list(seats)


def _filled(meeting: Meeting) -> QuerySet[Seat]:
    return Seat.objects.filter(
        committee=meeting.committee_id, number__lte=meeting.regulation.seat_count, holder__isnull=False
    ).order_by("number")


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
