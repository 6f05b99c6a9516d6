"""What the page of a meeting reads of it: one prepared statement a kind of row, by the id of the meeting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When

from committee.models import (
    AgendaItem,
    Attendance,
    Conflict,
    Delivery,
    Meeting,
    Notice,
    Opinion,
    Proxy,
    Question,
    Seat,
    SeatTerm,
)
from committee.prepared import Prepared
from proposals.models import Tabling
from voting.models import AbstentionRequest, Ballot, CancellationProposal, Vote, VoteSeat


def tabled(meeting: Meeting | int) -> QuerySet[Tabling]:
    """What was put to the meeting (a row or an id) and not dropped from it, in the order of the agenda."""
    rows = Tabling.objects.filter(item__meeting=meeting).exclude(item__left_why=AgendaItem.Left.DROPPED)
    return rows.select_related("item", "proposal").order_by("item__number", "item__pk")


def _seats(committee: int, at: datetime) -> QuerySet[Any]:
    held = SeatTerm.objects.filter(Q(until=None) | Q(until__gt=at), seat=OuterRef("pk"), since__lte=at)
    holder = Subquery(held.order_by("-since").values("holder__display_name")[:1])
    return Seat.objects.filter(committee=committee).annotate(held_by=holder).order_by("number")


def _proxies_of(meeting: int) -> QuerySet[Any]:
    covers = Proxy.items.through.objects.filter(proxy=OuterRef("pk")).values("agendaitem")
    rows = Proxy.objects.filter(meeting=meeting).select_related("seat", "principal", "holder")
    return rows.annotate(covered=ArraySubquery(covers)).order_by("seat__number", "authorised_at")


def _ballots(vote: int, person: int) -> QuerySet[Any, Any]:
    """Vote and seat of each ballot, and of the person's own the commitment; nothing else of a ballot."""
    mine = Q(person=person, entered=False)
    receipt = Case(When(mine, then="commitment"), default=Value(""))
    return Ballot.objects.filter(vote=vote).values_list("vote", "seat", "seat__number", receipt)


NOTICES = Prepared(lambda meeting: Notice.objects.filter(meeting=meeting).order_by("number"), int)
ATTENDANCES = Prepared(
    lambda meeting: (
        Attendance.objects.filter(meeting=meeting)
        .select_related("seat", "person")
        .order_by("seat__number", "signed_in_at", "pk")
    ),
    int,
)
TABLED = Prepared(
    lambda meeting: tabled(meeting).select_related(
        "item__unit", "item__observer__person", "proposal__committee"
    ),
    int,
)
OPINIONS = Prepared(
    lambda meeting: Opinion.objects.filter(item__meeting=meeting).select_related(
        "seat", "person", "proxy__principal"
    ),
    int,
)
QUESTIONS = Prepared(
    lambda meeting: Question.objects.filter(item__meeting=meeting).select_related(
        "seat", "person", "answer__person"
    ),
    int,
)
CONFLICTS = Prepared(
    lambda meeting: Conflict.objects.filter(item__meeting=meeting).select_related("seat", "person"), int
)
REQUESTS = Prepared(
    lambda meeting: (
        AbstentionRequest.objects.filter(item__meeting=meeting)
        .select_related("seat", "person", "decided_by")
        .order_by("requested_at", "pk")
    ),
    int,
)
VOTES = Prepared(
    lambda meeting: (
        Vote.objects.filter(item__meeting=meeting)
        .select_related("resolution", "version", "regulation", "cancelled_by")
        .order_by("opened_at", "pk")
    ),
    int,
)
CANCELLATIONS = Prepared(
    lambda meeting: CancellationProposal.objects.filter(vote__item__meeting=meeting).select_related(
        "seat", "person"
    ),
    int,
)
BALLOTS = Prepared(_ballots, int, int)
VOTE_SEATS = Prepared(
    lambda vote: VoteSeat.objects.filter(vote=vote).values_list("vote", "seat", "number"), int
)
SEATS = Prepared(_seats, int, datetime)
DELIVERIES = Prepared(
    lambda notice: (
        Delivery.objects.filter(notice=notice)
        .standing()
        .select_related("seat", "recipient", "acknowledged_by")
        .order_by("seat__number")
    ),
    int,
)
PROXIES = Prepared(_proxies_of, int)
