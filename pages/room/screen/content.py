"""The content of the room screen: item, stage, seats, clock and, of a closed vote, the counts.

Of the item under deliberation it names borrower, debt and measures, who speaks and who is to speak next. No
choice is shown with a name; reasons, requests, conflicts and receipts are not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import clock
from committee.models import Meeting
from pages.meetings import page, rows_of
from pages.meetings.item_in_session import Speeches
from pages.meetings.seating import SeatView, seats
from pages.room import steps
from pages.room.brief import PlanInBrief, plan_in_brief
from voting.models import Vote
from web import labels


@dataclass(frozen=True, kw_only=True)
class Screen:
    """All that the room screen shows of a meeting."""

    meeting: Meeting
    #: the entries in the streams of the meeting and of its committee's roster
    version: int
    roster: int
    #: the hour at the committee
    moment: datetime
    now: steps.Now
    speeches: Speeches
    seats: list[SeatView]
    #: how many seats have voted in the open vote
    cast: int
    open_vote: page.Round | None
    #: number of seats represented
    represented: int
    over: bool
    #: the plan under deliberation
    brief: PlanInBrief | None
    #: the items of the agenda
    items: list[page.Item]


def screen_page(meeting: Any) -> Screen:
    """All that the room screen shows; nothing of it is older than its version."""
    rows_of.read_heads(meeting)
    rows = rows_of.read(meeting)
    items = _items(rows)
    opened = _open_round(items)
    voted = frozenset(seat for vote, seat in rows.cast if opened and vote == opened.vote.pk)
    drawn = seats(meeting, voted, rows)
    now = steps.current_step(meeting, items, drawn)
    deliberated = now.item.row if now.step is steps.Step.DELIBERATION and now.item else None
    return Screen(
        meeting=meeting,
        version=meeting.version,
        roster=meeting.roster,
        moment=clock.now().astimezone(meeting.committee.tz),
        now=now,
        speeches=Speeches.of(deliberated) if deliberated else Speeches(),
        seats=drawn,
        cast=len(voted),
        open_vote=opened,
        represented=sum(seat.there for seat in drawn),
        over=meeting.state not in Meeting.RUNNING,
        brief=plan_in_brief(now.item.version) if deliberated and now.item else None,
        items=items,
    )


def _open_round(items: Iterable[page.Item]) -> page.Round | None:
    """The open vote; None without one."""
    rounds = (each for item in items for each in item.rounds)
    return next((each for each in rounds if each.vote.state == Vote.State.OPEN), None)


def _items(rows: rows_of.MeetingRows) -> list[page.Item]:
    """The items with their votes; of a closed one the outcome alone."""
    items = {row.item_id: page.Item(row.item, row.proposal, row.version_id) for row in rows.tabled}
    for vote in rows.votes:
        if vote.item_id in items:
            resolution = page.outcome(vote)
            text = labels.resolved(resolution) if resolution else ""
            items[vote.item_id].rounds.append(page.Round(vote, words=text))
    return list(items.values())
