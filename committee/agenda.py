"""What several verbs do about the items of a meeting: observer, floor, opinions, leaving the agenda."""

from __future__ import annotations

from collections.abc import Iterable

from audit import clock
from audit.recording import record
from committee.models import AgendaItem, Meeting, Observer, Opinion, OpinionDraft, Person, Proxy, Seat, Speech
from regulation.refused import Refused
from regulation.text import has_content


def leave_agenda(items: Iterable[AgendaItem], why: AgendaItem.Left) -> None:
    """The items are no longer on their meeting's agenda, nor has anybody the floor there; meeting's lock
    held.
    """
    items = list(items)
    AgendaItem.objects.filter(pk__in=[item.pk for item in items]).update(left_at=clock.now(), left_why=why)
    clear_floor(items)


def clear_floor(items: Iterable[AgendaItem]) -> None:
    """Nobody waits or speaks on the items any more, and nothing taken down waits to be confirmed; meeting's
    lock held.
    """
    items = list(items)
    Speech.objects.filter(item__in=items, ended_at=None).update(ended_at=clock.now())
    OpinionDraft.objects.filter(item__in=items).delete()


def vote_open(meeting: Meeting) -> Refused:
    """The refusal of what is not done beside the open vote of the meeting, which names its item."""
    item = meeting.items.filter(voting=True).first()
    return Refused("state/not-allowed", cause="meeting/vote-open", item=item.number if item else None)


def require_taken_up(item: AgendaItem) -> None:
    """Raise `18/not-deliberated` before the item is taken up."""
    if item.taken_up_at is None:
        raise Refused("18/not-deliberated")


def present_observer(item: AgendaItem) -> Observer | None:
    """The observer who is attending the item now, if any."""
    return Observer.objects.filter(item=item, withdrew_at=None).first()


def require_no_observer(item: AgendaItem) -> None:
    """Raise `19/observer-present` while an observer attends the item."""
    if present_observer(item) is not None:
        raise Refused("19/observer-present")


def require_text(text: str) -> None:
    """Raise `text/required` unless the text says something."""
    if not has_content(text):
        raise Refused("text/required")


def enter_opinion(
    verb: str,
    item: AgendaItem,
    meeting: Meeting,
    by: Person,
    *,
    seat: Seat,
    proxy: Proxy | None,
    text: str,
    **said: object,
) -> Opinion:
    """The opinion and the verb's entry, which says besides what is `said`; what it takes was checked."""
    opinion = Opinion.objects.create(item=item, seat=seat, person=by, proxy=proxy, text=text, at=clock.now())
    record(
        meeting.stream,
        verb,
        item.subject,
        by=by,
        payload={"seat": seat.number, "proxy": proxy is not None, "text": text, **said},
    )
    return opinion
