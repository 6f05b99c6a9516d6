"""The roster: seats with holders and terms, the liaison's terms, and what a change of holder touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import (
    AgendaItem,
    Attendance,
    Committee,
    Conflict,
    Delivery,
    LiaisonTerm,
    Meeting,
    Notice,
    Person,
    Proxy,
    Reading,
    RegulationVersion,
    Seat,
    SeatTerm,
)
from pages.committee.rulebook.articles import today
from proposals.models import Proposal
from regulation.text import folded_identifier
from voting.models import Ballot, Vote

_RUNNING = Meeting.RUNNING
_S = Proposal.State


@dataclass(frozen=True)
class Place:
    """A seat that the regulation in force provides, whether or not it has a row yet, with its terms."""

    number: int
    seat: Seat | None
    terms: list[SeatTerm]
    #: whether it is a seat of the version in force; others are shown for their former holders
    provided: bool = True


@dataclass(frozen=True)
class Touch:
    """One thing that a change touches: where it is, what it is, and what becomes of it."""

    url: str
    name: str
    note: str
    becomes: str | Promise


def places(committee: Committee) -> list[Place]:
    """The seats of the version in force today, in order, with their present and former holders."""
    version = RegulationVersion.objects.in_force(committee, today(committee))
    rows = Seat.objects.filter(committee=committee).select_related("holder__unit", "department")
    seats = {seat.number: seat for seat in rows}
    terms: dict[int, list[SeatTerm]] = {}
    held = SeatTerm.objects.filter(seat__committee=committee).select_related("holder", "seat")
    for term in held.order_by("-since", "-pk"):
        terms.setdefault(term.seat.number, []).append(term)
    provided = range(1, (version.seat_count if version else 0) + 1)
    return [
        Place(number, seats.get(number), terms.get(number, []), number in provided)
        for number in sorted({*provided, *seats})
    ]


def vacant(branches: Iterable[int]) -> list[tuple[Committee, int, Seat | None]]:
    """The seats without a holder that the versions in force today provide, of the branches' committees.

    Two statements, however many committees there are.
    """
    wanted = list(branches)
    if not wanted:
        return []
    begun = RegulationVersion.objects.filter(
        committee__branch__in=wanted, effective_from__lte=(clock.now() + timedelta(days=1)).date()
    ).select_related("committee")
    in_force: dict[int, RegulationVersion] = {}
    for version in begun.order_by("committee", "effective_from", "number"):
        if version.effective_from <= today(version.committee):
            in_force[version.committee_id] = version
    rows = Seat.objects.filter(committee__in=in_force)
    seats = {(seat.committee_id, seat.number): seat for seat in rows}
    found: list[tuple[Committee, int, Seat | None]] = []
    for version in in_force.values():
        for number in range(1, version.seat_count + 1):
            seat = seats.get((version.committee_id, number))
            if seat is None or seat.holder_id is None:
                found.append((version.committee, number, seat))
    return found


def liaison_terms(committee: Committee) -> list[LiaisonTerm]:
    """The terms of liaisons and stand-ins, the latest first."""
    return list(
        LiaisonTerm.objects.filter(committee=committee).select_related("person").order_by("-since", "-pk")
    )


def acting_term(committee: Committee) -> LiaisonTerm | None:
    """The term under which the liaison acts."""
    running = LiaisonTerm.objects.running(clock.now()).filter(committee=committee)
    return running.select_related("person").first()


def touches(committee: Committee, place: Place) -> list[Touch]:
    """What changing the holder touches: vacating a filled seat, or filling a vacant one."""
    if place.seat is not None and place.seat.holder_id is not None:
        return vacating(place.seat)
    return filling(committee, place.number)


# -- A seat that is vacated --------------------------------------------------------------------------


def vacating(seat: Seat) -> list[Touch]:
    """What vacating the seat touches: what ends with it, and what stays with the seat."""
    return [
        touch
        for found in (_presence, _acting_chair, _proxies, _notices, _unread, _requests, _conflicts, _votes)
        for touch in found(seat)
    ]


def _at(meeting: Meeting) -> tuple[str, str]:
    return reverse("meeting", args=[meeting.pk]), meeting.written_number


def _presence(seat: Seat) -> Iterator[Touch]:
    rows = Attendance.objects.filter(seat=seat, meeting__state__in=_RUNNING, signed_out_at=None)
    for row in rows.select_related("meeting__committee", "person"):
        yield Touch(*_at(row.meeting), f"{row.person}", _("is signed in; the seat loses its presence"))


def _acting_chair(seat: Seat) -> Iterator[Touch]:
    rows = Meeting.objects.filter(acting_seat=seat, state__in=_RUNNING)
    for meeting in rows.select_related("committee"):
        yield Touch(*_at(meeting), f"{seat.holder}", _("is acting chair; the meeting has none any more"))


def _proxies(seat: Seat) -> Iterator[Touch]:
    rows = Proxy.objects.running().filter(seat=seat, meeting__state__in=_RUNNING)
    for row in rows.select_related("meeting__committee", "holder"):
        yield Touch(*_at(row.meeting), f"{row.holder}", _("holds a running proxy; it ends"))


def _notices(seat: Seat) -> Iterator[Touch]:
    rows = Delivery.objects.standing().filter(
        seat=seat,
        receipt_at=None,
        paper=False,
        notice__superseded_at=None,
        notice__meeting__state=Meeting.State.CONVENED,
    )
    for row in rows.select_related("notice__meeting__committee", "recipient"):
        yield Touch(
            *_at(row.notice.meeting),
            f"{row.recipient}",
            _("has not acknowledged the notice; a new holder may"),
        )


def _unread(seat: Seat) -> Iterator[Touch]:
    marked = Reading.objects.filter(item=OuterRef("pk"), person=seat.holder_id, digest=OuterRef("digest"))
    rows = AgendaItem.objects.filter(
        ~Exists(marked),
        meeting__committee=seat.committee_id,
        meeting__state__in=_RUNNING,
        meeting__regulation__seat_count__gte=seat.number,
        left_at=None,
        resolved_at=None,
    )
    for row in rows.select_related("meeting__committee").order_by("meeting__at", "number"):
        yield Touch(*_at(row.meeting), row.title, _("is unread; a new holder has the papers to read"))


def _requests(seat: Seat) -> Iterator[Touch]:
    # shown whether or not there is one, since a request to abstain hints at a choice
    rows = Meeting.objects.filter(
        committee=seat.committee_id,
        state=Meeting.State.IN_SESSION,
        regulation__seat_count__gte=seat.number,
    )
    for row in rows.select_related("committee"):
        yield Touch(
            *_at(row),
            _("Seat %(number)d") % {"number": seat.number},
            _("what it may have asked for in the session stays with the seat"),
        )


def _conflicts(seat: Seat) -> Iterator[Touch]:
    rows = Conflict.objects.filter(seat=seat, item__meeting__state__in=_RUNNING, item__left_at=None)
    for row in rows.select_related("item__meeting__committee"):
        yield Touch(
            *_at(row.item.meeting), row.item.title, _("has a conflict of interest; it stays with the seat")
        )


def _votes(seat: Seat) -> Iterator[Touch]:
    cast = Ballot.objects.filter(vote=OuterRef("pk"), seat=seat)
    rows = Vote.objects.filter(
        state=Vote.State.OPEN, meeting__committee=seat.committee_id, regulation__seat_count__gte=seat.number
    )
    for row in rows.annotate(voted=Exists(cast)).select_related("meeting__committee", "item"):
        yield Touch(
            *_at(row.meeting),
            row.item.title,
            _("the seat has voted; the ballot stands")
            if row.voted
            else _("the vote pauses until the seat is represented"),
        )


# -- A seat that is filled ---------------------------------------------------------------------------


def filling(committee: Committee, number: int) -> list[Touch]:
    """What awaits a new holder: meetings whose notice the seat lacks, and open votes."""
    sent = Notice.objects.filter(meeting=OuterRef("pk"), superseded_at=None, deliveries__seat__number=number)
    meetings = Meeting.objects.filter(
        committee=committee, state__in=_RUNNING, regulation__seat_count__gte=number
    )
    votes = Vote.objects.filter(
        state=Vote.State.OPEN, meeting__committee=committee, regulation__seat_count__gte=number
    ).exclude(ballots__seat__number=number)
    coming: QuerySet[Any] = meetings.annotate(noticed=Exists(sent)).select_related("committee").order_by("at")
    return [
        Touch(
            *_at(meeting),
            meeting.place,
            _("the seat lacks the notice; the liaison sends it (Art. 16)")
            if meeting.state == Meeting.State.CONVENED and not meeting.noticed
            else _("the new holder takes part"),
        )
        for meeting in coming
    ] + [
        Touch(*_at(vote.meeting), vote.item.title, _("is being voted on; the new holder votes"))
        for vote in votes.select_related("meeting__committee", "item")
    ]


# -- The liaison -------------------------------------------------------------------------------------


def pending(committee: Committee) -> list[tuple[str | Promise, int, str]]:
    """The liaison's pending work, which passes over whole: what, how many, where."""
    proposals = Proposal.objects.filter(committee=committee)
    meetings = Meeting.objects.filter(committee=committee)
    counted: list[tuple[str | Promise, QuerySet[Proposal] | QuerySet[Meeting], str, str]] = [
        (_("Plans to screen"), proposals.filter(state=_S.SUBMITTED), "proposals", _S.SUBMITTED),
        (_("Plans to file"), proposals.filter(state=_S.SHORTLISTED), "proposals", _S.SHORTLISTED),
        (
            _("Meetings under way"), meetings.filter(state__in=_RUNNING), "meetings", "",
        ),
        (
            _("Minutes to draft"), meetings.filter(state=Meeting.State.CLOSED), "meetings",
            Meeting.State.CLOSED,
        ),
        (
            _("Meetings to report and archive"), meetings.filter(state=Meeting.State.SIGNED), "meetings",
            Meeting.State.SIGNED,
        ),
    ]  # fmt: skip
    return [
        (name, rows.count(), reverse(page) + (f"?state={state}" if state else ""))
        for name, rows, page, state in counted
    ]


def find_people(committee: Committee, text: str, limit: int = 20) -> list[Person]:
    """The active people of the committee's bank whose name, staff number or login the text is part of."""
    text, key = text.strip(), folded_identifier(text)
    if not key:
        return []
    rows = Person.objects.filter(bank=committee.bank_id, is_active=True).select_related("unit")
    exact = rows.filter(Q(staff_key=key) | Q(login_key=key))
    if exact.count() == 1:
        return list(exact)
    rows = rows.filter(
        Q(display_name__icontains=text) | Q(staff_key__startswith=key) | Q(login_key__startswith=key)
    )
    return list(rows.order_by("display_name", "staff_no")[:limit])
