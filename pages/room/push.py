"""The parts of the room that a socket brings: those that all who see the whole meeting have alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone, translation

from audit.models import Entry
from committee.models import Meeting, Seat
from committee.prepared import Prepared
from pages.meetings import page as meeting_page
from pages.meetings import rows_of
from pages.meetings.next_act import next_act
from pages.room import page as room
from pages.room import parts
from voting.live.shared import Parts, Shared

_MEETING = Prepared(
    lambda pk: rows_of.with_heads(Meeting.objects.filter(pk=pk)).select_related(*rows_of.LOADED), int
)
#: the last acts on a meeting of which is told whom they concern
_LAST = 50


def shared(meeting: int, languages: Iterable[str]) -> Shared | None:
    """What the room shows alike to all who see the whole meeting, in the languages.

    None unless the last act is a ballot: any other changes what each person is offered.
    """
    (row,) = _MEETING(meeting)
    rows = rows_of.read(row)
    last = rows.story.entries[-_LAST:]
    if not room.is_shown_as_room(row) or not last or last[-1].action != "cast":
        return None
    with timezone.override(row.committee.tz):
        made = {language: _in(language, row) for language in languages}
    told = {row.committee.liaison_id} | {
        seat.holder_id for seat in rows.seats if seat.number == Seat.CHAIR or seat.pk == row.acting_seat_id
    }
    return Shared(row.version, made, [(each.seq, _concerned(each, told)) for each in last])


def _concerned(act: Entry, told: set[int | None]) -> frozenset[int] | None:
    """The people (ids) whose own parts the act changes: the voter, and the liaison and whoever presides, who
    are `told` who has still to vote; None for everybody.
    """
    if act.action != "cast":
        return None
    return frozenset(each for each in (int(act.actor), *told) if each)


def _in(language: str, meeting: Meeting) -> Parts:
    """The parts; the page is read in the language too, for it has words."""
    with translation.override(language):
        page = meeting_page.read_page(meeting, None)
        page.next = next_act(page)
        made = parts.alike(room.room_page(page, None))
    return {name: (part.tag, str(part.html)) for name, part in made.items()}
