"""The notice of a meeting seat by seat, and what still keeps the meeting from opening (Art. 15, 16, 20)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from audit import clock
from committee.actions.notices import require_period
from committee.agenda import expected_end
from committee.models import Delivery, Meeting, Notice, Reminder, Seat
from committee.offices import LIAISON, PRESIDING
from committee.reminding import lacking
from pages.meetings.item_in_session import begins, read_meeting
from pages.meetings.papers.reading import watches
from proposals.models import Tabling
from regulation.refused import Refused
from web import labels
from web.viewer import Viewer


@dataclass(frozen=True)
class SeatNotice:
    """A seat of the meeting and how the current notice reached it, if it has."""

    seat: Seat
    delivery: Delivery | None
    #: how many items its holder has not read, and when the holder was last reminded; for the liaison, whoever
    #: presides and the audit
    unread: int = 0
    reminded_at: datetime | None = None

    @property
    def on_its_way(self) -> bool:
        """Whether paper is under way and its delivery is not recorded."""
        return self.delivery is not None and self.delivery.delivered_at is None

    @property
    def reached(self) -> bool:
        """Whether the notice has been delivered to it."""
        return self.delivery is not None and not self.on_its_way

    @property
    def receipt(self) -> bool:
        """Whether there is a receipt of it."""
        return self.delivery is not None and self.delivery.receipt_at is not None

    @property
    def lacks(self) -> bool:
        """Whether the notice has still to go to its holder."""
        return self.seat.holder_id is not None and self.delivery is None

    @property
    def changed_hands(self) -> bool:
        """Whether its holder is not who received the notice, nor has acknowledged it: it may go out again."""
        holder, delivery = self.seat.holder_id, self.delivery
        had = () if delivery is None else (delivery.recipient_id, delivery.acknowledged_by_id)
        return holder is not None and delivery is not None and holder not in had


def current(meeting: Meeting) -> Notice | None:
    """The notice in force, if one was sent since the last change."""
    return meeting.notices.filter(superseded_at=None).first()


def seats(meeting: Meeting, notice: Notice | None) -> list[SeatNotice]:
    """Every seat of the meeting, by number, with the delivery of this notice."""
    rows = Seat.objects.filter(
        committee=meeting.committee_id, number__lte=meeting.regulation.seat_count
    ).select_related("holder")
    known = {}
    if notice is not None:
        deliveries = notice.deliveries.standing().select_related("recipient", "acknowledged_by")
        known = {delivery.seat_id: delivery for delivery in deliveries}
    return [SeatNotice(seat, known.get(seat.pk)) for seat in rows.order_by("number")]


def _seats_for(meeting: Meeting, notice: Notice | None, who: Viewer) -> list[SeatNotice]:
    """The seats, for whoever follows that with what their holders have still to do."""
    found = seats(meeting, notice)
    if notice is not None and meeting.state == Meeting.State.CONVENED and watches(meeting, who):
        return _watched(meeting, notice, found)
    return found


def _watched(meeting: Meeting, notice: Notice, found: list[SeatNotice]) -> list[SeatNotice]:
    """The seats with what their holders have not read and when they were reminded."""
    unread = {each.seat.pk: each.unread for each in lacking(meeting, notice)}
    reminded = {row.seat_id: row.at for row in Reminder.objects.filter(meeting=meeting).order_by("at")}
    return [
        replace(each, unread=unread.get(each.seat.pk, 0), reminded_at=reminded.get(each.seat.pk))
        for each in found
    ]


def agenda(meeting: Meeting) -> list[Tabling]:
    """The items on the agenda, in order, each with its proposal."""
    return list(
        Tabling.objects.filter(item__meeting=meeting, item__left_at=None)
        .select_related("item__unit", "proposal__committee")
        .order_by("item__number", "item__pk")
    )


def _as_stated(rows: list[Tabling], notice: Notice | None) -> list[Tabling]:
    """The items with the minutes that the notice stated, if one is in force."""
    if notice is not None:
        stated = dict(notice.stated.values_list("item", "minutes"))
        for row in rows:
            row.item.minutes = stated.get(row.item_id)
    return rows


def period(meeting: Meeting) -> Refused | None:
    """The refusal that sending the notice of the present time and items would meet now (Art. 15)."""
    items = set(meeting.items.filter(left_at=None).values_list("pk", flat=True))
    try:
        require_period(meeting, at=meeting.at, item_ids=items, now=clock.now())
    except Refused as refused:
        return refused
    return None


@dataclass(frozen=True, kw_only=True)
class NoticePage:
    """What the pages of the notice show: the paper, the seats, and what keeps the meeting from opening."""

    meeting: Meeting
    notice: Notice | None
    #: earlier notices, the last first
    superseded: list[Notice]
    seats: list[SeatNotice]
    agenda: list[Tabling]
    #: when the meeting ends by the minutes planned for its items
    ends: datetime | None
    #: how many seats have received it, have not acknowledged it, are still to get it, have it on its way
    received: int
    waiting: int
    lacking: int
    on_their_way: int
    #: whether the person may ring up the members: telephones are shown
    calls: bool
    hindrances: list[labels.Refusal]


def notice_page(meeting: Meeting, who: Viewer) -> NoticePage:
    """What the pages of the notice show: the paper, the seats, and what keeps the meeting from opening."""
    notice = current(meeting)
    found = _seats_for(meeting, notice, who)
    earlier = list(meeting.notices.exclude(superseded_at=None).order_by("-number"))
    calls = who.acts_as(LIAISON | PRESIDING, meeting)
    on_it = _as_stated(agenda(meeting), notice)
    return NoticePage(
        meeting=meeting,
        notice=notice,
        superseded=earlier,
        seats=found,
        agenda=on_it,
        ends=expected_end(meeting.at, [row.item.minutes for row in on_it]),
        received=sum(each.receipt for each in found),
        waiting=sum(each.reached and not each.receipt for each in found),
        lacking=sum(each.lacks for each in found),
        on_their_way=sum(each.on_its_way for each in found),
        calls=calls and meeting.state in Meeting.RUNNING,
        hindrances=hindrances(meeting, who, notice, found, superseded=bool(earlier)),
    )


def hindrances(
    meeting: Meeting, who: Viewer, notice: Notice | None, found: list[SeatNotice], *, superseded: bool
) -> list[labels.Refusal]:
    """The refusals that opening the meeting would meet, in the engine's order; none once it is open.

    Absent seats are among them only shortly before the meeting, when they are expected.
    """
    if meeting.state != Meeting.State.CONVENED:
        return []
    stops = _without_notice(meeting, superseded=superseded) if notice is None else _not_reached(found)
    absent = read_meeting(meeting, who).absent if begins(meeting) else []
    if absent:
        stops.append(Refused("20.1/not-all-present", seats=absent))
    return [labels.refusal(stop) for stop in stops]


def _without_notice(meeting: Meeting, *, superseded: bool) -> list[Refused]:
    stops = [Refused("16/notice-superseded" if superseded else "16/no-notice")]
    late = period(meeting)
    return stops if late is None else [*stops, late]


def _not_reached(found: list[SeatNotice]) -> list[Refused]:
    lacking = [each.seat.number for each in found if each.seat.holder_id and not each.reached]
    return [Refused("16/no-notice", seats=lacking)] if lacking else []
