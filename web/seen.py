"""The object of an address, and which of several, for a person who sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import Http404

from committee.models import Meeting, Person
from committee.prepared import AnyOf, Prepared
from committee.seen import PreparedFor
from proposals.models import Proposal

Row = TypeVar("Row", bound=Model)


class SeenRow(Generic[Row]):
    """The row of a model that a person sees, read by its key with these related rows.

    `extra` adds to the queryset what does not depend on the person.
    """

    def __init__(
        self,
        model: type[Row],
        *related: str,
        extra: Callable[[QuerySet[Any, Any]], QuerySet[Any, Any]] = lambda rows: rows,
    ) -> None:
        def build(person: Person, pk: int) -> QuerySet[Row, Row]:
            rows = cast("Any", model)._default_manager.visible_to(person).filter(pk=pk).order_by()
            return cast("QuerySet[Row, Row]", extra(rows.select_related(*related) if related else rows))

        self._rows: PreparedFor[Row] = PreparedFor(build, int)

    def get_or_404(self, person: Person, pk: int) -> Row:
        """The row with this key; Http404 unless the person sees it."""
        found = self._rows(person, pk)
        if not found:
            raise Http404
        return found[0]

    def get_with(self, person: Person, pk: int, *beside: Prepared[Any]) -> list[Any]:
        """The row, None unless the person sees it, and the rows of statements that take its key."""
        (row, *others) = self._rows.beside(person, pk, others=[(each, [pk]) for each in beside])
        return [next(iter(row), None), *others]


_AMONG: dict[type[Model], PreparedFor[int]] = {
    model: PreparedFor(
        lambda person, pks, rows=rows: (
            rows.visible_to(person).filter(AnyOf("pk", pks)).order_by().values_list("pk", flat=True)
        ),
        list,
    )
    for model, rows in ((Proposal, Proposal.objects), (Meeting, Meeting.objects))
}


def seen_among(model: type[Model], pks: Iterable[int], person: Person) -> set[int]:
    """The keys of the plans or meetings among these that the person sees."""
    asked = list(pks)
    return set(_AMONG[model](person, asked)) if asked else set()
