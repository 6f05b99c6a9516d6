"""The ledger as a person reaches it: what every page of it begins with."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from committee.models import Person
from committee.offices import Office
from portfolio.models import Institution
from portfolio.permissions import Seen, institutions_visible_to, over, seen_by
from web.viewer import Viewer, viewer_of

Row = TypeVar("Row", bound=Model)


def reader(request: HttpRequest) -> tuple[Viewer, Seen]:
    """The viewer with what of the ledger is seen; Http404 for whoever has none of its roles."""
    who = viewer_of(request)
    if not who.has_ledger:
        raise Http404
    return who, seen_by(who.person)


def one(rows: QuerySet[Row, Row], pk: int) -> Row:
    """The row with this key; Http404 unless it is among the rows."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def institutions(person: Person) -> QuerySet[Institution]:
    """The institutions that the person sees, in the order of the tree, with their units."""
    rows = Institution.objects.filter(institutions_visible_to(person))
    return rows.select_related("unit").order_by("bank", "lft")


def acts_for(who: Viewer, subject: Any, *offices: Office) -> bool:
    """Whether the person has one of the offices for the object's institution or one above it."""
    return who.acts_as(over(*offices), subject)
