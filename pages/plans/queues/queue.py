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

from audit import clock
from audit.models import Entry
from committee.models import Committee, Unit
from proposals.models import Proposal
from web.lists.paging import page_of, query
from web.offers import offer_for


@dataclass(frozen=True)
class Waiting:
    """A plan that waits: since when, how many days, what it owes (yuan), what one should know of it."""

    proposal: Proposal
    since: datetime
    days: int
    owed: Decimal
    #: where it is read and decided
    url: str
    #: (tone, word, sentence)
    marks: list[tuple[str, str | Promise, str | Promise]]


def days_since(moment: datetime, committee: Committee) -> int:
    """How many days ago the moment was, by the calendar of the committee's zone."""
    tz = committee.tz
    return max((clock.now().astimezone(tz).date() - moment.astimezone(tz).date()).days, 0)


def queue_page(
    request: HttpRequest,
    rows: QuerySet[Proposal],
    verb: str,
    marks: Callable[[Any], list[tuple[str, str | Promise, str | Promise]]],
    *,
    since: str = "submitted_at",
    first: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The page of the queue that is asked for, of one institution or of all; each row leads to the verb.

    The oldest stand first by their moment `since`, the first submission (Art. 1), after what `first` sorts.
    """
    units = list(Unit.objects.filter(pk__in=rows.order_by().values("unit")).order_by("name", "pk"))
    chosen = next((unit for unit in units if str(unit.pk) == request.GET.get("unit", "")), None)
    if chosen is not None:
        rows = rows.filter(unit=chosen)
    page: Page[Any] = page_of(request, rows.select_related("committee", "unit").order_by(*first, since, "pk"))
    offer = offer_for(Proposal, verb)
    assert offer is not None
    return {
        "page": page,
        "rows": [
            Waiting(
                row,
                getattr(row, since),
                days_since(getattr(row, since), row.committee),
                row.owed,
                offer.address(row),
                marks(row),
            )
            for row in page
        ],
        "units": units,
        "chosen": chosen,
        "query": query(request, "unit"),
    }


def with_returns(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """The proposals, each with whether it was ever returned for completion."""
    stream = Concat(Value("proposal:"), Cast(OuterRef("pk"), TextField()))
    return rows.annotate(was_returned=Exists(Entry.objects.filter(stream=stream, action="return")))


def marks_at_screening(proposal: Any) -> list[tuple[str, str | Promise, str | Promise]]:
    """Whether the plan (of `with_returns`) comes back: to the committee (Art. 23), or completed (Art. 14)."""
    found: list[tuple[str, str | Promise, str | Promise]] = []
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
