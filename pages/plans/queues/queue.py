"""Queues of plans that wait for one office: the oldest first, with their age in days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit import clock
from audit.models import Entry
from committee.models import Committee, Unit
from proposals.contradictions.rules import find_contradictions
from proposals.models import Proposal
from web.lists.paging import page_of, query
from web.offers import Offer, offer_for

#: a remark on a waiting plan: tone, label, sentence
Mark = tuple[str, str | Promise, str | Promise]


@dataclass(frozen=True)
class Waiting:
    """A waiting plan: since when, for how many days, what it owes (yuan), and remarks."""

    proposal: Proposal
    since: datetime
    days: int
    owed: Decimal
    #: where it is read and decided
    url: str
    marks: list[Mark]


def days_since(moment: datetime, committee: Committee) -> int:
    """How many days ago the moment was, by the calendar of the committee's zone."""
    tz = committee.tz
    return max((clock.now().astimezone(tz).date() - moment.astimezone(tz).date()).days, 0)


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """A page of a queue, of one institution or of all."""

    page: Page[Any]
    rows: list[Waiting]
    units: list[Unit]
    chosen: Unit | None
    query: str


def queue_page(
    request: HttpRequest,
    rows: QuerySet[Proposal],
    verb: str,
    marks: Callable[[Any], list[Mark]],
    *,
    since: str = "submitted_at",
    first: tuple[str, ...] = (),
) -> QueuePage:
    """The requested page of the queue; each row leads to the verb.

    The oldest come first by `since`, such as the first submission (Art. 1), after what `first` sorts.
    """
    units = list(Unit.objects.filter(pk__in=rows.order_by().values("unit")).order_by("name", "pk"))
    chosen = next((unit for unit in units if str(unit.pk) == request.GET.get("unit", "")), None)
    if chosen is not None:
        rows = rows.filter(unit=chosen)
    page: Page[Any] = page_of(request, rows.select_related("committee", "unit").order_by(*first, since, "pk"))
    offer = offer_for(Proposal, verb)
    assert offer is not None
    return QueuePage(
        page=page,
        rows=[_waiting(row, getattr(row, since), offer, marks(row)) for row in page],
        units=units,
        chosen=chosen,
        query=query(request, "unit"),
    )


def _waiting(row: Any, since: datetime, offer: Offer, marks: list[Mark]) -> Waiting:
    return Waiting(row, since, days_since(since, row.committee), row.owed, offer.address(row), marks)


def with_returns(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """The proposals, each with whether it was ever returned for completion."""
    stream = Concat(Value("proposal:"), Cast(OuterRef("pk"), TextField()))
    return rows.annotate(was_returned=Exists(Entry.objects.filter(stream=stream, action="return")))


def marks_at_screening(proposal: Any) -> list[Mark]:
    """Contradictions in the plan (`with_returns`), and whether it comes back: to the committee (Art. 23), or
    completed (Art. 14).
    """
    found: list[Mark] = []
    if number := len(find_contradictions(proposal.present_version.plan)):
        told = ngettext("%(number)s contradiction", "%(number)s contradictions", number)
        found.append(("waiting", told % {"number": number}, ""))
    if proposal.resubmission:
        found.append(
            ("waiting", _("Resubmission"), _("A ruling on its change in substance is needed (Art. 23)"))
        )
    if proposal.was_returned:
        found.append(
            (
                "information",
                _("Completed after a return"),
                _("Returned before, and submitted again (Art. 14)"),
            )
        )
    return found
