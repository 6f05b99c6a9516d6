"""The acts of one person in the room: the next one, those beside it, the person's own, and all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pages.meetings.page import Item, MeetingPage
from pages.room.steps import Now, Step
from voting.models import AbstentionRequest
from web.offers import Offered

#: the acts that may be the next one, the first that is offered before the rest
_NEXT = (
    *("send_notice", "sign_in", "open_meeting", "sign_in_here", "confirm_opinion", "withdraw_observer"),
    *("close_vote", "open_vote", "take_up", "close_meeting", "record_opinion"),
)
#: those of them that are shown as the next one also while something stands in their way, with what it is
_AWAITED = frozenset({"open_meeting", "open_vote", "close_vote"})
#: those that are next at one step only
_AT: dict[str, frozenset[Step]] = {
    "sign_in_here": frozenset({Step.ROLL_CALL}),
    "take_up": frozenset({Step.BETWEEN, Step.RESULT}),
    "close_meeting": frozenset({Step.BETWEEN, Step.RESULT}),
}
#: what goes with the next act: who speaks, and the other answer to a dictated opinion
_BESIDE = ("decline_opinion", "give_floor", "end_speech")
#: what one does for one's own seat, or writes down for somebody
_OWN = (
    *("record_opinion", "ask_to_speak", "take_back_wish", "ask_observer", "answer_question"),
    *("take_down_opinion", "request_abstention", "declare_conflict", "propose_cancellation"),
    *("acknowledge_notice", "sign_in_here"),
)
_DECISIONS = frozenset({"grant_abstention", "refuse_abstention"})


@dataclass
class Console:
    """What the person may do in the room now, each act in one place."""

    lead: Offered | None = None
    #: the item that the next act takes up
    lead_item: Item | None = None
    beside: list[Offered] = field(default_factory=list)
    own: list[Offered] = field(default_factory=list)
    others: list[Offered] = field(default_factory=list)
    #: the requests to abstain that the person decides, and the addresses of consenting and refusing
    requests: list[AbstentionRequest] = field(default_factory=list)
    decisions: list[Offered] = field(default_factory=list)

    @property
    def leading(self) -> list[Offered]:
        """The next act and those beside it, as buttons in a row."""
        return [self.lead, *self.beside] if self.lead else self.beside


def console(page: MeetingPage, now: Now, others: list[Item]) -> Console:
    """The acts that the meeting, its item and the items to come offer to the person.

    The item at issue, and the one that is taken up next, keep none of them.
    """
    here = now.item if now.step is not Step.RESULT else None
    upcoming = _upcoming(others) if now.step in _AT["take_up"] else None
    offered = [*page.offers, *_offers(here)]
    more = any(_waits(item) for item in others)
    lead = _lead([*offered, *_of(upcoming, "take_up")], now.step, more=more)
    made = Console()
    if lead is not None:
        _put_first(made, lead, upcoming)
    _share(made, (replace(each, primary=False) for each in offered if each is not lead))
    if here is not None:
        here.offers = []
        _take_requests(made, here)
    return made


def _offers(item: Item | None) -> list[Offered]:
    return item.offers if item is not None else []


def _put_first(made: Console, lead: Offered, upcoming: Item | None) -> None:
    """The act is the next one; the item that it takes up offers it no more."""
    made.lead = replace(lead, primary=True)
    if upcoming is not None and lead in upcoming.offers:
        made.lead_item = upcoming
        upcoming.offers = [each for each in upcoming.offers if each is not lead]


def _of(item: Item | None, verb: str) -> list[Offered]:
    return [each for each in _offers(item) if each.offer.verb == verb]


def _lead(offered: Iterable[Offered], step: Step, *, more: bool) -> Offered | None:
    """The next act: the first possible one, or one that is awaited."""
    found = {each.offer.verb: each for each in offered}
    for verb in _NEXT:
        each = found.get(verb)
        if each is None or step not in _AT.get(verb, {step}) or (verb == "close_meeting" and more):
            continue
        if each.refusal is None or verb in _AWAITED:
            return each
    return None


def _upcoming(items: Iterable[Item]) -> Item | None:
    """The first item that the person may take up."""
    return next((item for item in items if _of(item, "take_up")), None)


def _waits(item: Item) -> bool:
    return item.row.left_at is None and item.row.resolved_at is None


def _share(made: Console, rest: Iterable[Offered]) -> None:
    """Each act in its group, those of the first two in the order of their verbs."""
    found = {each.offer.verb: each for each in rest}
    for verbs, group in ((_BESIDE, made.beside), (_OWN, made.own)):
        group += [found.pop(verb) for verb in verbs if verb in found]
    for verb, each in found.items():
        (made.decisions if verb in _DECISIONS else made.others).append(each)


def _take_requests(made: Console, item: Item) -> None:
    """The requests to be decided stand with their two answers, and not among what was said."""
    if item.session is None or not made.decisions:
        return
    made.requests = item.session.to_decide
    decided = {row.pk for row in made.requests}
    item.requests = [row for row in item.requests if row.pk not in decided]
