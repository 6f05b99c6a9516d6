"""The parts of the room that a socket brings: those that all who see the whole meeting have alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone, translation

from committee.models import Meeting
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
    last = rows_of.read(row).story.entries[-_LAST:]
    if not room.is_shown_as_room(row) or not last or last[-1].action != "cast":
        return None
    with timezone.override(row.committee.tz):
        made = {language: _in(language, row) for language in languages}
    closers = _closers(next(page for page, _parts in made.values()))
    acts = [
        (each.seq, frozenset({int(each.actor)}) | closers if each.action == "cast" else None) for each in last
    ]
    return Shared(row.version, {language: told for language, (_page, told) in made.items()}, acts)


def _in(language: str, meeting: Meeting) -> tuple[meeting_page.MeetingPage, Parts]:
    """The page as it is read in the language, for it has words, and its parts."""
    with translation.override(language):
        page = meeting_page.read_page(meeting, None)
        page.next = next_act(page)
        made = parts.alike(room.room_page(page, None))
    return page, {name: (part.tag, str(part.html)) for name, part in made.items()}


def _closers(page: meeting_page.MeetingPage) -> frozenset[int]:
    """The people (ids) who may close the vote, if it waits for that: all ballots are in."""
    if any(each.cast < len(each.voted) for item in page.items for each in item.rounds):
        return frozenset()
    committee = page.meeting.committee
    presiding = (seat.seat.holder_id for seat in page.seats if seat.acting or seat.place == "head")
    return frozenset(each for each in (committee.liaison_id, *presiding) if each)
