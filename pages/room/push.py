"""The parts of the room that a socket brings: those that all who see the whole meeting have alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    lambda pk: rows_of.with_heads(Meeting.objects.filter(pk=pk)).select_related(
        "committee__branch", "regulation", "acting_seat__holder", "convened_by"
    ),
    int,
)
#: the last acts on a meeting of which is told whom they concern
_LAST = 50


def shared(meeting: int, languages: Iterable[str]) -> Shared | None:
    """What the room shows alike to all who see the whole meeting, in the languages.

    None unless the last act is a ballot: any other changes what each person is offered.
    """
    for row in _MEETING(meeting):
        if not room.is_shown_as_room(row):
            continue
        last = rows_of.read(row).story.entries[-_LAST:]
        if not last or last[-1].action != "cast":
            continue
        page = meeting_page.read_page(row, None)
        closers = _closers(page)
        acts = [
            (each.seq, frozenset({int(each.actor)}) | closers if each.action == "cast" else None)
            for each in last
        ]
        return Shared(row.version, _in_each(languages, page), acts)
    return None


def _in_each(languages: Iterable[str], page: meeting_page.MeetingPage) -> Mapping[str, Parts]:
    """The parts by language."""
    found = {}
    with timezone.override(page.meeting.committee.tz):
        for language in languages:
            with translation.override(language):
                page.next = next_act(page)
                made = parts.alike(room.page_for_all(page))
                found[language] = {name: (part.tag, str(part.html)) for name, part in made.items()}
    return found


def _closers(page: meeting_page.MeetingPage) -> frozenset[int]:
    """The people (ids) who may close the vote, if it waits for that: all ballots are in."""
    if any(each.cast < len(each.voted) for item in page.items for each in item.rounds):
        return frozenset()
    committee = page.meeting.committee
    presiding = (seat.seat.holder_id for seat in page.seats if seat.acting or seat.place == "head")
    return frozenset(each for each in (committee.liaison_id, *presiding) if each)
