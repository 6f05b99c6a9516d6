"""Dockets (拟上会名单): which a person sees, and the list of plans on one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from committee.models import Person
from proposals import finance
from proposals.models import Docket, DocketEntry, PlanVersion, Proposal
from proposals.permissions import filed_visible_apart, filed_visible_whole
from web import labels


@dataclass(frozen=True)
class Line:
    """A plan as the docket names it: its number on the list, what is owed (yuan), the measures in words."""

    number: int
    proposal: Proposal
    title: str
    borrower: str
    owed: Decimal
    measures: str


def entries_visible_to(person: Person) -> QuerySet[DocketEntry]:
    """The entries whose plans the person may see."""
    return DocketEntry.objects.filter(proposal__in=Proposal.objects.visible_to(person))


def visible_to(person: Person) -> QuerySet[Docket]:
    """The dockets with a plan that the person may see, the last first."""
    # plans of a docket are queried where some of them may be hidden
    apart = Proposal.objects.filter(filed_visible_apart(person))
    some = Q(Exists(DocketEntry.objects.filter(docket=OuterRef("pk"), proposal__in=apart)))
    return (
        Docket.objects.filter(filed_visible_whole(person) | some)
        .select_related("committee", "filed_by")
        .order_by("-filed_at", "-pk")
    )


def lines(plans: Iterable[tuple[Proposal, PlanVersion]]) -> list[Line]:
    """The plans as a docket lists them, in this order."""
    return [_line(number, *plan) for number, plan in enumerate(plans, start=1)]


def _line(number: int, proposal: Proposal, version: PlanVersion) -> Line:
    document = version.document
    return Line(
        number,
        proposal,
        document.get("title", ""),
        document.get("borrower", {}).get("name", ""),
        finance.exposure(version.plan),
        gettext(", ").join(labels.measure(code) for code in document.get("measures", ())),
    )


def total(rows: Iterable[Line]) -> Decimal:
    """What the plans owe together, in yuan."""
    return sum((row.owed for row in rows), Decimal("0.00"))
