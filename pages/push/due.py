"""What is due now and for whom: a vote that is open, a notice to acknowledge, minutes to sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Delivery, Meeting, Person, Seat
from pages.models import PushSubscription, PushTold
from pages.push import sending
from voting.permissions import to_cast

_M = Meeting.State
#: kind → its words: nothing of what it is about
WORDS: dict[str, str | Promise] = {
    "vote": _("A vote is open: your ballot is asked for."),
    "notice": _("A notice of a meeting waits for your receipt."),
    "minutes": _("Minutes wait for your signature."),
}


@dataclass(frozen=True)
class Due:
    """Something that waits: its kind, what it is of, and the page."""

    kind: str
    about: str
    url: str


def due_for(person: Person) -> Iterator[Due]:
    """What waits for the person now, as far as the person may see it."""
    for row in to_cast(person).filter(vote__meeting__in=Meeting.objects.visible_to(person)):
        yield Due("vote", f"vote:{row.vote_id}:{row.seat_id}", _meeting(row.vote.meeting_id))
    notices = Delivery.objects.delivered().filter(
        seat__holder=person, paper=False, acknowledged_by=None, notice__superseded_at=None,
        notice__meeting__state=_M.CONVENED,
    )  # fmt: skip
    for delivery in notices.select_related("notice"):
        yield Due("notice", f"delivery:{delivery.pk}", _meeting(delivery.notice.meeting_id))
    chairs = Seat.objects.filter(holder=person, number=Seat.CHAIR).values("committee")
    presides = Q(committee__in=chairs) | Q(acting_seat__holder=person)
    for meeting in Meeting.objects.visible_to(person).filter(presides, state=_M.MINUTED):
        yield Due("minutes", f"minutes:{meeting.pk}", _meeting(meeting.pk))


def _meeting(pk: int) -> str:
    return reverse("meeting", args=[pk])


def tell_all() -> None:
    """Push to everybody with a device what waits and was not pushed before.

    NotSentError after all were tried, where some service did not answer.
    """
    failed = None
    people = Person.objects.filter(is_active=True, pk__in=PushSubscription.objects.values("person"))
    for person in people.order_by("pk"):
        try:
            tell(person)
        except sending.NotSentError as error:
            failed = error
    if failed is not None:
        raise failed


def tell(person: Person) -> None:
    """Push what waits for the person and was not pushed; devices that gave up are forgotten.

    NotSentError where no device was reached; what a service may take later is pushed again by the next call.
    """
    failed = None
    waiting = {each.about: each for each in due_for(person)}
    known = PushTold.objects.filter(person=person, about__in=waiting).values_list("about", flat=True)
    for about in waiting.keys() - set(known):
        # first the row, then the push: a job that runs twice at once tells once
        row, new = PushTold.objects.get_or_create(person=person, about=about, defaults={"at": clock.now()})
        if new:
            try:
                _push(person, waiting[about])
            except sending.NotSentError as error:
                failed = error
                if error.later:
                    row.delete()
    if failed is not None:
        raise failed


def _push(person: Person, what: Due) -> None:
    """Push to each device; NotSentError where some were tried and none was reached."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        told = {"title": gettext("Lianxi"), "body": str(WORDS[what.kind]), "url": what.url}
    reached, failed = False, None
    for row in PushSubscription.objects.filter(person=person).order_by("pk"):
        try:
            if sending.send(row, told):
                reached = True
            else:
                row.delete()
        except sending.NotSentError as error:
            failed = error
    if failed is not None and not reached:
        raise failed
