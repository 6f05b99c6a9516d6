"""The room: a meeting that is about to begin or in session, as one person has it before oneself.

It shows one thing at a time, whichever the meeting is at: the roll call, the item under deliberation, the
vote with the person's own ballot, the result. The rest of the meeting stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from committee.models import Delivery, Meeting
from committee.offices import LIAISON, PRESIDING
from pages.meetings import item_in_session, notice
from pages.meetings.page import Item, MeetingPage, Round
from pages.meetings.seating import SeatView
from pages.room.brief import PlanInBrief, plan_in_brief
from pages.room.console import Console, console
from pages.room.forms import BallotForm
from pages.room.steps import Now, Step, current_step
from web import offers
from web.labels import Refusal
from web.viewer import Viewer


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
    #: whether the person runs the meeting: presides, or is the liaison
    runs: bool = False
    #: what the person may do
    console: Console = field(default_factory=Console)
    #: the plan at issue, for whoever may see it
    brief: PlanInBrief | None = None
    #: how many seats have the notice in force
    received: int = 0
    #: whether the person has, or has had, a ballot in the vote that is over
    voted_here: bool = False
    #: the speeches on the item at issue
    speeches: item_in_session.Speeches = field(default_factory=item_in_session.Speeches)


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
        _add_item_at_issue(page, now.item)
    for item in page.others:
        item.offers = _none_primary(item.offers)
    page.offers = offers.offered(page.meeting, who)
    page.console = console(page, now, page.others)
    page.liaison = who.acts_as(LIAISON, page.meeting)
    page.runs = page.liaison or who.acts_as(PRESIDING, page.meeting)
    page.received = sum(_has_it(row) for row in page.deliveries)
    if now.step is Step.RESULT:
        page.voted_here = bool(item_in_session.read_meeting(page.meeting, who).mandates)


def _add_item_at_issue(page: RoomPage, item: Item) -> None:
    """The plan in brief, and who speaks, while the item is deliberated or voted on."""
    if page.now.step is Step.RESULT:
        return
    if item.linked:
        page.brief = plan_in_brief(item.version)
    if item.session is not None:
        page.speeches = item.session.speeches


def _none_primary(offered: list[offers.Offered]) -> list[offers.Offered]:
    """The acts on an item that is not at issue.

    A conflict is declared on the item that is taken up, before that on its papers.
    """
    return [replace(each, primary=False) for each in offered if each.offer.verb != "declare_conflict"]


def _has_it(delivery: Delivery) -> bool:
    """Whether the notice was acknowledged, or delivered on paper."""
    return delivery.acknowledged_by_id is not None or (delivery.paper and delivery.delivered_at is not None)


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
