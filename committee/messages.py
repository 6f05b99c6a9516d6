"""Messages to people, created in the transaction of the action that causes them.

A message has a kind, an object and facts; its text is composed for each reader in
`pages/inbox/message_texts.py`. The person who acts gets no message of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from audit import clock
from audit.recording import Actor, rehearsing
from committee.models import Committee, Delivery, Meeting, Message, Person, Position, Proxy, Seat

#: the job that mails one message, by its id
MAIL = "mail_message"
#: kinds that ask for an act → the states of their object in which the act can still be done
ASKS: Mapping[str, tuple[str, ...]] = {
    "submit": ("submitted",),
    "return": ("returned",),
    "comment": (),  # until the plan moves, back or on
    "convene": ("convened",),
    "change_meeting": ("convened",),
    "send_notice": ("convened",),
    "remind_members": ("convened",),
    "authorise_proxy": ("convened", "in_session"),
    "admit_observer": ("tabled",),
    "request_abstention": ("tabled", "voting"),
    "propose_cancellation": ("voting",),
    "draft_minutes": ("minuted",),
    # of supplementary minutes too
    "countersign_minutes": ("minuted", "signed", "archived"),
    "sign_minutes": ("signed",),
    "report_decisions": ("signed", "archived"),
    "send_dispatch": ("signed", "archived"),
    "decide_credit": ("carried",),
    **dict.fromkeys(("instalment_due", "instalment_late"), ("credit_approved", "executing")),
    **dict.fromkeys(
        ("assign_follow_up", "return_follow_up", "report_follow_up"),
        ("carried", "credit_approved", "credit_declined", "executing", "completed", "terminated"),
    ),
}
#: the job that mails to a person's former address, by person, kind and address
MAIL_FORMER = "mail_former_address"

People: TypeAlias = "Iterable[Person | int | None]"


def announce(kind: str, people: People, *, by: Actor, about: str, **facts: object) -> None:
    """Create a message on the object for each of the people except `by`, mailed after the commit.

    Two statements, for any number of people. Facts must be JSON values. Messages of a rehearsal are not
    mailed.
    """
    announce_each(kind, {about: people}, by=by, **facts)


def announce_each(kind: str, recipients: Mapping[str, People], *, by: Actor, **facts: object) -> None:
    """Create messages on several objects, each with its own recipients."""
    now, mailed, actor = clock.now(), not rehearsing(), getattr(by, "pk", None)
    rows = Message.objects.bulk_create(
        [
            Message(person_id=pk, kind=kind, about=about, context=facts, at=now, to_mail=mailed)
            for about, people in recipients.items()
            for pk in dict.fromkeys(map(_pk, people))
            if pk is not None and pk != actor
        ]
    )
    if rows and mailed:
        jobs: list[JSONDict] = [{"message": row.pk} for row in rows]
        app.configure_task(MAIL).batch_defer(*jobs)


def mail_former_address(person: Person, kind: str, address: str) -> None:
    """Mail a notice to the person's former address after the commit."""
    if not rehearsing():
        app.configure_task(MAIL_FORMER).defer(person=person.pk, kind=kind, address=address)


def _pk(person: Person | int | None) -> int | None:
    return person.pk if isinstance(person, Person) else person


# -- What was asked for is done ---------------------------------------------------------------------------


def settle(
    *kinds: str, about: str = "", people: Iterable[Person | int | None] | None = None, **facts: object
) -> None:
    """Mark messages of these kinds on the object as done, of all people or of these, and with these facts.
    One statement.
    """
    rows = Message.objects.filter(kind__in=kinds, done_at=None)
    if about:
        rows = rows.filter(about=about)
    if people is not None:
        rows = rows.filter(person__in=[pk for pk in map(_pk, people) if pk is not None])
    rows = rows.filter(**{f"context__{name}": value for name, value in facts.items()})
    rows.in_turn().update(done_at=clock.now())


def settle_moved(abouts: Iterable[str], state: str) -> None:
    """Mark as done the messages on the objects that ask for an act of another state than this one."""
    past = [kind for kind, states in ASKS.items() if state not in states]
    rows = Message.objects.filter(about__in=list(abouts), kind__in=past, done_at=None)
    rows.in_turn().update(done_at=clock.now())


def uninvite(kind: str, people: People, meeting: Meeting, *, by: Actor, **facts: object) -> None:
    """Tell people who were invited by number, time and place that they are no longer invited."""
    announce(
        kind,
        people,
        by=by,
        about=meeting.subject,
        number=meeting.written_number,
        at=meeting.at.isoformat(),
        place=meeting.place,
        **facts,
    )


def notify_of_cancelling(meeting: Meeting, by: Person, reason: str) -> None:
    """Tell the liaison and everybody who was ever invited that the meeting is cancelled."""
    people = [meeting.committee.liaison_id, *ever_invited(meeting)]
    uninvite("cancel_meeting", people, meeting, by=by, reason=reason)


def notify_of_uncovered(meeting: Meeting, *, by: Actor) -> None:
    """Tell holders of running proxies that cover no item any more that they need not come (Art. 11).

    Called after items have left the agenda; nobody is told twice.
    """
    running = Proxy.objects.running().filter(meeting=meeting, principal_came_at=None)
    left = running.exclude(items__in=meeting.items.filter(left_at=None))
    known = Message.objects.filter(kind="uncover_proxy", about=meeting.subject)
    for proxy in left.order_by("pk"):
        if not known.filter(person=proxy.holder_id, at__gte=proxy.authorised_at).exists():
            uninvite("uncover_proxy", [proxy.holder_id], meeting, by=by)


# -- Who it is for ----------------------------------------------------------------------------------------


def officers(role: str, unit_id: int) -> list[int]:
    """The holders of the role for the unit."""
    rows = Position.objects.filter(role=role, unit=unit_id)
    return list(rows.order_by("pk").values_list("person", flat=True))


def handlers(unit_id: int) -> list[int]:
    """The handlers of the institution."""
    return officers(Position.Role.HANDLER, unit_id)


def head_office(committee: Committee) -> list[int]:
    """The people who file and receive for head office."""
    return officers(Position.Role.HEAD_OFFICE, committee.bank_id)


def members(committee: Committee) -> list[int]:
    """The holders of the seats, the chair first."""
    rows = Seat.objects.filter(committee=committee, holder__isnull=False).order_by("number")
    return list(rows.values_list("holder", flat=True))


def chair(committee: Committee) -> list[int]:
    """The chair, unless the seat is vacant."""
    rows = Seat.objects.filter(committee=committee, number=Seat.CHAIR, holder__isnull=False)
    return list(rows.values_list("holder", flat=True))


def presiding(meeting: Meeting) -> list[int]:
    """The chair and the meeting's acting chair (Art. 9)."""
    rows = Seat.objects.filter(
        Q(number=Seat.CHAIR) | Q(pk=meeting.acting_seat_id),
        committee=meeting.committee_id,
        holder__isnull=False,
    )
    return list(rows.order_by("number").values_list("holder", flat=True))


def standing_in(meeting: Meeting) -> list[int]:
    """The holders of the meeting's running proxies whose principals have not come."""
    rows = Proxy.objects.running().filter(meeting=meeting, principal_came_at=None)
    return list(rows.order_by("pk").values_list("holder", flat=True))


def ever_invited(meeting: Meeting) -> list[int]:
    """Everybody with a delivery of the notice, in a seat with one, or authorised as a proxy."""
    had = Delivery.objects.filter(notice__meeting=meeting)
    proxies = Proxy.objects.filter(meeting=meeting)
    told = Person.objects.filter(
        Q(pk__in=had.values("recipient"))
        | Q(seats__in=had.values("seat"))
        | Q(pk__in=proxies.values("holder"))
    )
    return list(told.order_by("pk").values_list("pk", flat=True))
