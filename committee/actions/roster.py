"""Who holds which seat (Art. 3 to 5)."""

from __future__ import annotations

from collections.abc import Sequence

from audit import clock
from audit.recording import action, record
from committee.beginning import begin_on_committee
from committee.grants import grant, regrant, ungrant
from committee.locks import lock_running
from committee.messages import announce, settle, uninvite
from committee.models import (
    AgendaItem,
    Attendance,
    Committee,
    Delivery,
    Meeting,
    Person,
    Proxy,
    RegulationVersion,
    Seat,
    SeatTerm,
)
from committee.offices import serves_as_liaison
from committee.permissions import ACTS
from regulation.refused import Refused
from regulation.text import plain_line

#: kinds of messages that ask the holder of a seat to act
_OF_A_SEAT = (
    "send_notice", "remind_members", "request_abstention", "propose_cancellation", "draft_minutes",
)  # fmt: skip


@action
def vacate_seat(committee: Committee, *, by: Person, seat: int) -> Seat:
    """The seat has no holder; in running meetings it loses presence, proxy and acting chair. Ballots stay.

    A filled seat can always be vacated. `access/denied` to anyone but the Risk department; of a vacant seat
    `4/too-many-seats`, `state/not-allowed`.
    """
    committee = begin_on_committee(ACTS["vacate_seat"], committee, by)
    meetings = lock_running(committee)
    row = Seat.objects.filter(committee=committee, number=seat, holder__isnull=False).first()
    if row is None:
        _require_number(committee, seat)
        raise Refused("state/not-allowed", cause="seat/vacant", seat=seat)
    former, standing_in = _stand_up(meetings, row)
    payload = {"seat": seat, "holder": str(former)}
    record(committee.stream, "vacate_seat", f"seat:{row.pk}", by=by, payload=payload)
    for meeting in meetings:
        record(meeting.stream, "vacate_seat", meeting.subject, by=by, payload={"seat": seat})
    _notify_former(meetings, row, former, standing_in, by)
    return row


def _stand_up(meetings: Sequence[Meeting], row: Seat) -> tuple[int | None, list[Proxy]]:
    """Leave the seat without a holder; return the former one, and the proxies that ended with it."""
    former = row.holder_id
    row.holder, row.held_since = None, None
    row.save(update_fields=["holder", "held_since"])
    row.terms.filter(until=None).update(until=clock.now())
    standing_in = _leave(meetings, row)
    ungrant(AgendaItem.objects.filter(meeting__in=meetings), people=[former] if former else [])
    return former, standing_in


def _notify_former(
    meetings: Sequence[Meeting], row: Seat, former: int | None, standing_in: Sequence[Proxy], by: Person
) -> None:
    """Nothing is asked of the former holder any more; who held the seat or its proxies is told."""
    settle(*_OF_A_SEAT, people=[former], committee=row.committee_id)
    _notify("vacate_seat", former, row, by)
    for meeting in meetings:
        _uninvite(meeting, former, row.number, standing_in, by)


@action
def fill_seat(committee: Committee, *, by: Person, seat: int, holder: Person) -> Seat:
    """The person holds the seat from now on, and votes on what is open.

    `access/denied` to anyone but the Risk department; `4/too-many-seats` for a number above the seats of the
    version in force, or of one to come; `state/not-allowed` while it is filled; `5/liaison-may-not-sit`;
    `4/one-seat-per-person`; `11/holder-not-eligible` for the holder of a running proxy.
    """
    committee = begin_on_committee(ACTS["fill_seat"], committee, by)
    meetings = lock_running(committee)
    _require_number(committee, seat)
    row = Seat.objects.filter(committee=committee, number=seat).first()
    if row is not None and row.holder_id is not None:
        raise Refused("state/not-allowed", cause="seat/filled", seat=seat)
    _require_eligible(committee, meetings, holder)
    row = _sit(row or _new(committee, seat, holder), holder, meetings)
    payload = {"seat": seat, "holder": str(holder.pk)}
    record(committee.stream, "fill_seat", f"seat:{row.pk}", by=by, payload=payload)
    for meeting in meetings:
        record(meeting.stream, "fill_seat", meeting.subject, by=by, payload=payload)
    _notify("fill_seat", holder.pk, row, by)
    return row


@action
def replace_holder(committee: Committee, *, by: Person, seat: int, holder: Person) -> Seat:
    """Another person holds the filled seat from this moment on: vacated and filled in one act, so that the
    committee is complete throughout.

    What ends with a former holder ends as when the seat is vacated. `access/denied` to anyone but the Risk
    department; of a vacant seat `4/too-many-seats`, `state/not-allowed`; otherwise as for filling a seat.
    """
    committee = begin_on_committee(ACTS["replace_holder"], committee, by)
    meetings = lock_running(committee)
    _require_number(committee, seat)
    row = Seat.objects.filter(committee=committee, number=seat, holder__isnull=False).first()
    if row is None:
        raise Refused("state/not-allowed", cause="seat/vacant", seat=seat)
    _require_eligible(committee, meetings, holder)
    former, standing_in = _stand_up(meetings, row)
    _sit(row, holder, meetings)
    payload = {"seat": seat, "holder": str(holder.pk), "former": str(former)}
    record(committee.stream, "replace_holder", f"seat:{row.pk}", by=by, payload=payload)
    for meeting in meetings:
        record(meeting.stream, "replace_holder", meeting.subject, by=by, payload=payload)
    _notify_former(meetings, row, former, standing_in, by)
    _notify("fill_seat", holder.pk, row, by)
    return row


def _require_eligible(committee: Committee, meetings: Sequence[Meeting], holder: Person) -> None:
    """Raise the refusal of a person who cannot have a seat of the committee (Art. 4, 5, 11)."""
    if serves_as_liaison(committee, holder):
        raise Refused("5/liaison-may-not-sit")
    if Seat.objects.filter(committee=committee, holder=holder).exists():
        raise Refused("4/one-seat-per-person")
    if Proxy.objects.running().filter(meeting__in=meetings, holder=holder).exists():
        raise Refused("11/holder-not-eligible")


def _new(committee: Committee, number: int, holder: Person) -> Seat:
    """A new, unsaved seat with the number; post and department are those of the holder's unit."""
    post = plain_line(str(holder.unit or ""))
    return Seat(committee=committee, number=number, post=post, department=holder.unit)


def _sit(seat: Seat, holder: Person, meetings: Sequence[Meeting]) -> Seat:
    """Make the person the holder of the seat, from now on, who votes on what is open."""
    now = clock.now()
    seat.holder, seat.held_since = holder, now
    seat.save(update_fields=["holder", "held_since"] if seat.pk else None)
    SeatTerm.objects.create(seat=seat, holder=holder, since=now)
    open_votes = AgendaItem.objects.filter(
        meeting__in=meetings, voting=True, meeting__regulation__seat_count__gte=seat.number
    )
    grant(open_votes, [holder], ["vote_agendaitem"])
    return seat


def _uninvite(
    meeting: Meeting, former: int | None, seat: int, standing_in: Sequence[Proxy], by: Person
) -> None:
    """Notify the former holder, if a notice was sent, and the holders of the seat's proxies that they are not
    expected.
    """
    if Delivery.objects.filter(notice__meeting=meeting, recipient=former).exists():
        uninvite("leave_meeting", [former], meeting, by=by, seat=seat)
    holders = [proxy.holder_id for proxy in standing_in if proxy.meeting_id == meeting.pk]
    uninvite("end_proxy", holders, meeting, by=by, seat=seat)


def _notify(kind: str, holder: int | None, seat: Seat, by: Person) -> None:
    announce(kind, [holder], by=by, about=f"committee:{seat.committee_id}", seat=seat.number, post=seat.post)


def _require_number(committee: Committee, seat: int) -> None:
    today = clock.now().astimezone(committee.tz).date()
    version = RegulationVersion.objects.in_force(committee, today)
    if version is None:
        raise Refused("25/not-in-force")
    if not 1 <= seat <= version.seat_count:
        raise Refused("4/too-many-seats", seats=version.seat_count, seat=seat)
    smaller = RegulationVersion.objects.to_come(committee, today).filter(seat_count__lt=seat)
    ending = smaller.order_by("effective_from").first()
    if ending is not None:
        since = ending.effective_from.isoformat()
        raise Refused("4/too-many-seats", coming=ending.seat_count, since=since, seat=seat)


def _leave(meetings: Sequence[Meeting], seat: Seat) -> list[Proxy]:
    """End the seat's attendance, proxies and acting chair in these meetings; return the proxies that were
    running. Needs the meetings' locks.
    """
    now = clock.now()
    proxies = Proxy.objects.filter(meeting__in=meetings, seat=seat, revoked_at=None)
    holders = list(Person.objects.filter(pk__in=proxies.values("holder")))
    running = list(proxies.filter(ended_at=None))
    proxies.filter(ended_at=None).update(ended_at=now)
    proxies.update(ended_why=Proxy.Ended.VACATED)
    Attendance.objects.filter(meeting__in=meetings, seat=seat, signed_out_at=None).update(signed_out_at=now)
    regrant(meetings, holders)
    for meeting in meetings:
        settle("authorise_proxy", about=meeting.subject, people=holders, seat=seat.number)
    Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings], acting_seat=seat).update(
        acting_seat=None
    )
    return running
