"""Helpers of several actions on a meeting's items: observer, floor, opinions, leaving the agenda."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from audit import clock
from audit.recording import record
from committee.models import AgendaItem, Meeting, Observer, Opinion, OpinionDraft, Person, Proxy, Seat, Speech
from regulation.refused import Refused
from regulation.text import has_content


def leave_agenda(items: Iterable[AgendaItem], why: AgendaItem.Left) -> None:
    """Take the items off their meeting's agenda and clear their floor. Needs the meeting's lock."""
    items = list(items)
    AgendaItem.objects.filter(pk__in=[item.pk for item in items]).update(left_at=clock.now(), left_why=why)
    clear_floor(items)


def clear_floor(items: Iterable[AgendaItem]) -> None:
    """End all speeches, requests to speak and unconfirmed drafts on the items. Needs the meeting's lock."""
    items = list(items)
    Speech.objects.filter(item__in=items, ended_at=None).update(ended_at=clock.now())
    OpinionDraft.objects.filter(item__in=items).delete()


def expected_end(at: datetime, minutes: Iterable[int | None]) -> datetime | None:
    """When a meeting that begins `at` ends by the minutes planned; None where an item has none."""
    planned = list(minutes)
    return at + timedelta(minutes=sum(filter(None, planned))) if planned and all(planned) else None


def vote_open(meeting: Meeting) -> Refused:
    """The refusal of an act while a vote of the meeting is open; it names the vote's item."""
    item = meeting.items.filter(voting=True).first()
    return Refused("state/not-allowed", cause="meeting/vote-open", item=item.number if item else None)


def require_taken_up(item: AgendaItem) -> None:
    """Raise `18/not-deliberated` unless the item was taken up."""
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
    """Raise `text/required` for a text without content."""
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
    """Create the opinion and the verb's audit entry, whose payload also has `said`. Performs no checks."""
    opinion = Opinion.objects.create(item=item, seat=seat, person=by, proxy=proxy, text=text, at=clock.now())
    record(
        meeting.stream,
        verb,
        item.subject,
        by=by,
        payload={"seat": seat.number, "proxy": proxy is not None, "text": text, **said},
    )
    return opinion
