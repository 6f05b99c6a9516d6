"""The seats of a meeting, as the pages draw them: holders, who represents them, whether they have voted."""

from __future__ import annotations

from dataclasses import dataclass

from committee.models import Attendance, Meeting, Seat
from pages.meetings.rows_of import MeetingRows


@dataclass
class SeatView:
    """A seat in the picture of the room: its holder, who represents it, whether it has voted."""

    seat: Seat
    number: int
    post: str
    holder: str
    acting: bool
    present: str = ""
    proxy: str = ""
    mode: str = ""
    voted: bool = False
    #: how it voted, shown with the result in the room
    choice: str = ""

    @property
    def place(self) -> str:
        """Its position in the horseshoe: at the head, left or right."""
        if self.number == Seat.CHAIR:
            return "head"
        return "left" if self.number % 2 == 0 else "right"

    @property
    def fingerprint(self) -> str:
        """What tells how it is drawn."""
        who = self.seat.pk, self.number, self.post, self.holder, self.acting
        return repr((*who, self.present, self.proxy, self.mode, self.voted, self.choice))

    @property
    def there(self) -> bool:
        """Whether it is, or was, represented."""
        return bool(self.present)


def seats(meeting: Meeting, voted: frozenset[int], rows: MeetingRows) -> list[SeatView]:
    """The seats of the meeting with their holders of that time, and who is or was there for each."""
    known = {
        seat.number: SeatView(
            seat, seat.number, seat.post, seat.held_by or "", seat.pk == meeting.acting_seat_id,
            voted=seat.pk in voted,
        )
        for seat in rows.seats
        if seat.number <= meeting.regulation.seat_count
    }  # fmt: skip
    for row in rows.attendances:
        view = known.get(row.seat.number)
        if view is not None and (row.signed_out_at is None or meeting.state not in Meeting.RUNNING):
            _seat_person(view, row)
    return list(known.values())


def _seat_person(view: SeatView, row: Attendance) -> None:
    """Who is there for the seat: its holder, or else the holder of a proxy."""
    if row.proxy_id is None or not view.present:
        view.present = row.person.display_name
        view.proxy = row.person.display_name if row.proxy_id else ""
        view.mode = row.get_mode_display()
