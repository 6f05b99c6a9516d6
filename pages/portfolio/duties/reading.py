"""Who answers for the collection of which non-performing loans, by the duty here or else by the tape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from committee.models import Person
from committee.offices import COLLECTOR, HANDLER, HEAD
from portfolio.models import Assignment, Institution, Loan
from portfolio.money import yuan
from portfolio.permissions import loans_visible_to
from web.viewer import Viewer


@dataclass(frozen=True)
class Load:
    """What one person, or nobody, answers for at an institution."""

    institution: Institution
    #: folded staff number; empty for nobody
    staff: str
    person: Person | None
    loans: int
    principal: Decimal

    @property
    def has_left(self) -> bool:
        """Whether a person is named who is not employed here any more, or not known."""
        return bool(self.staff) and (self.person is None or not self.person.is_active)


def collected(loans: QuerySet[Loan]) -> QuerySet[Any]:
    """The loans with the folded staff number of who answers for their collection now, as `now_by`."""
    running = Q(duties__kind=Assignment.Kind.COLLECTION, duties__to_on=None, duties__corrected=False)
    return loans.annotate(running=FilteredRelation("duties", condition=running)).annotate(
        now_by=Coalesce(F("running__staff_key"), F("collection_staff_no"))
    )


def loads(who: Viewer, institutions: Iterable[Institution]) -> list[Load]:
    """The non-performing loans that the person sees by institution and collector: first those of nobody,
    then of those who have left, then the largest.
    """
    by_id = {each.pk: each for each in institutions}
    seen = Loan.objects.non_performing().filter(loans_visible_to(who.person), institution__in=list(by_id))
    rows = (
        collected(seen)
        .order_by()
        .values("institution", "now_by")
        .annotate(n=Count("pk"), sum=Sum("principal"))
    )
    found = list(rows)
    people = _people(who, {row["now_by"] for row in found})
    made = [
        Load(
            by_id[row["institution"]],
            row["now_by"],
            people.get(row["now_by"]),
            row["n"],
            yuan(int(row["sum"])),
        )
        for row in found
    ]
    return sorted(made, key=lambda each: (bool(each.staff), not each.has_left, -each.principal, each.staff))


def _people(who: Viewer, keys: set[str]) -> dict[str, Person]:
    rows = Person.objects.filter(bank=who.person.bank_id, staff_key__in=keys)
    return {person.staff_key: person for person in rows}


def takers(institution: Institution) -> QuerySet[Person]:
    """Those who may be given loans of the institution: active collectors, handlers and heads below it."""
    units = Institution.objects.under(institution).values("unit")
    roles = [COLLECTOR.role, HANDLER.role, HEAD.role]
    held = Person.objects.filter(positions__unit__in=units, positions__role__in=roles, is_active=True)
    return held.distinct().order_by("display_name", "staff_no")


def to_hand_over(institution: Institution, staff: str) -> QuerySet[Any]:
    """The non-performing loans at the institution or below it for which this staff number answers; of
    nobody with an empty one.
    """
    below = Institution.objects.under(institution).values_list("pk", flat=True)
    loans = Loan.objects.non_performing().filter(institution__in=list(below))
    return collected(loans).filter(now_by=staff).select_related("borrower", "institution__unit")
