"""The room: a meeting that is about to begin or in session, as one person has it before oneself.

It shows one thing at a time, whichever the meeting is at: the roll call, the item under deliberation, the
vote with the person's own ballot, the result. The rest of the meeting stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from committee.models import AgendaItem, Meeting
from committee.offices import LIAISON
from pages.meetings import item_in_session, notice
from pages.meetings.page import Item, MeetingPage, Round
from pages.meetings.seating import SeatView
from pages.room.forms import BallotForm
from voting.models import Vote
from web import offers
from web.labels import Refusal
from web.viewer import Viewer


class Step(StrEnum):
    """What the meeting is at."""

    ROLL_CALL = "roll-call"
    BETWEEN = "between"
    DELIBERATION = "deliberation"
    VOTE = "vote"
    RESULT = "result"


#: the acts on the meeting that are due at the roll call, the first that is possible before the rest
_RANK = {verb: place for place, verb in enumerate(("send_notice", "sign_in", "open_meeting", "sign_in_here"))}


@dataclass
class Now:
    """The one thing that is shown first."""

    step: Step
    item: Item | None = None
    #: the open vote, or the one that is over
    round: Round | None = None
    #: what keeps the meeting from opening
    hindrances: list[Refusal] = field(default_factory=list)
    #: the numbers of the seats that are not represented, by which a vote pauses
    absent: list[int] = field(default_factory=list)
    #: the person's ballot, still to come
    ballot: BallotForm | None = None

    @property
    def hold(self) -> str:
        """For which vote, seat and choices the ballot is: what is filled in stays for as long."""
        found = self.item.session if self.item else None
        if self.ballot is None or found is None or found.vote is None or found.acting is None:
            return ""
        field: Any = self.ballot.fields["choice"]
        choices = ",".join(value for value, _label in field.choices)
        return f"{found.vote.pk}-{found.acting.seat.number}-{choices}"


def is_shown_as_room(meeting: Meeting) -> bool:
    """Whether the meeting is shown as the room: from shortly before its hour until it is closed."""
    if meeting.state == Meeting.State.IN_SESSION:
        return True
    return meeting.state == Meeting.State.CONVENED and item_in_session.begins(meeting)


@dataclass(kw_only=True)
class RoomPage(MeetingPage):
    """The page of a meeting as the room."""

    now: Now
    #: the items beside the one that is shown first
    others: list[Item]
    #: whether the person is the committee's liaison
    liaison: bool


def room_page(page: MeetingPage, who: Viewer | None) -> RoomPage:
    """The page of the meeting, read for the same person, as the room.

    Without a person: what all who see the whole meeting have alike.
    """
    if who is not None:
        _attend(page, who)
    now = current_step(page.meeting, page.items, page.seats)
    if now.step is Step.RESULT and now.round is not None:
        _turn(page.seats, now.round)
    others = [item for item in page.items if item is not now.item]
    made = RoomPage(**vars(page), now=now, others=others, liaison=False)
    if who is not None:
        _add_own(made, who)
    return made


def _add_own(page: RoomPage, who: Viewer) -> None:
    """What the person may do, and hears of the opening."""
    now = page.now
    if now.step is Step.ROLL_CALL and page.full:
        now.hindrances = _hindrances(page, who)
    if now.item is not None:
        now.ballot = _ballot(now.item, who)
    _one_primary(page.others, taking_up=now.step in {Step.BETWEEN, Step.RESULT})
    page.offers = _due(offers.offered(page.meeting, who))
    page.liaison = who.acts_as(LIAISON, page.meeting)


def _hindrances(page: MeetingPage, who: Viewer) -> list[Refusal]:
    """The refusals that opening the meeting would meet."""
    sent = {row.seat_id: row for row in page.deliveries}
    return notice.hindrances(
        page.meeting,
        who,
        page.notice,
        [notice.SeatNotice(seat.seat, sent.get(seat.seat.pk)) for seat in page.seats],
        superseded=any(row.superseded_at for row in page.notices),
    )


def _ballot(item: Item, who: Viewer) -> BallotForm | None:
    """The ballot in place of its button, where the person may cast one."""
    others = [each for each in item.offers if each.offer.verb != "cast"]
    if len(others) == len(item.offers):
        return None
    item.offers = others
    return BallotForm(subject=item.proposal, who=who)


def current_step(meeting: Meeting, items: list[Item], seats: list[SeatView]) -> Now:
    """What the meeting is at: the open vote, else the item taken up, else the last vote that is over."""
    if meeting.state == Meeting.State.CONVENED:
        return Now(Step.ROLL_CALL)
    voting = next((item for item in items if item.row.voting), None)
    if voting is not None:
        return _voting(voting, seats)
    deliberated = next((item for item in items if _under_deliberation(item.row)), None)
    if deliberated is not None:
        return Now(Step.DELIBERATION, deliberated)
    return _after_votes(items)


def _voting(item: Item, seats: list[SeatView]) -> Now:
    opened = (each for each in item.rounds if each.vote.state == Vote.State.OPEN)
    absent = [seat.number for seat in seats if not seat.there]
    return Now(Step.VOTE, item, next(opened, None), absent=absent)


def _after_votes(items: list[Item]) -> Now:
    over = [(each.over_at, item, each) for item in items for each in item.rounds if each.over_at]
    if not over:
        return Now(Step.BETWEEN)
    _at, item, last = max(over, key=lambda row: row[0])
    return Now(Step.RESULT, item, last)


def _due(offered: list[offers.Offered]) -> list[offers.Offered]:
    """Put what is due at the roll call first, as the only primary act."""
    ranked = sorted(offered, key=lambda each: _RANK.get(each.offer.verb, len(_RANK)))
    lead = next((each for each in ranked if each.offer.verb in _RANK and each.refusal is None), None)
    return [replace(each, primary=each is lead) for each in ranked]


def _one_primary(others: list[Item], *, taking_up: bool) -> None:
    """Beside the one thing, nothing is primary but taking up the first item, when due.

    A conflict is declared on the item that is taken up, before that on its papers.
    """
    for item in others:
        offered = [each for each in item.offers if each.offer.verb != "declare_conflict"]
        primary = taking_up and bool(offered)
        item.offers = [replace(each, primary=each.primary and primary) for each in offered]
        taking_up = taking_up and not primary


def _under_deliberation(row: AgendaItem) -> bool:
    return row.taken_up_at is not None and row.left_at is None and row.resolved_at is None


def _turn(seats: list[SeatView], closed: Round) -> None:
    """The seats show their choices, which are known with the result and not before."""
    choices = {ballot["seat"]: ballot["choice"] for ballot in closed.ballots}
    for seat in seats:
        seat.choice = choices.get(seat.number, "")


def _attend(page: MeetingPage, who: Viewer) -> None:
    """Each item that the person sees in full has what is offered on it, and how its session stands."""
    meeting = page.meeting
    item_in_session.read_meeting(meeting, who, voting=page.open_vote is not None)
    if meeting.state != Meeting.State.IN_SESSION:
        return
    for item in page.items:
        if item.linked and item.row.left_at is None:
            item.row.meeting, item.proposal.item = meeting, item.row
            item.proposal.committee = meeting.committee
            item.session = item_in_session.read_item(item.proposal, who, _known(item, page)).read()
            item.offers = offers.offered_in_session(item.proposal, who)


def _known(item: Item, page: MeetingPage) -> item_in_session.Known:
    """What the page has read of the item."""
    observer = getattr(item.row, "observer", None)
    return item_in_session.Known(
        observer=observer if observer is not None and observer.withdrew_at is None else None,
        conflicts=frozenset(row.seat_id for row in item.conflicts),
        requests=item.asked,
        questions=item.questions,
        unvoted=[number for each in item.rounds for number, done in each.voted if not done],
        voted=page.voted if item.row.voting else frozenset(),
        vote=page.open_vote if item.row.voting else None,
    )
