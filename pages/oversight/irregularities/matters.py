"""Exceptions by matter: those of a kind in one meeting, plan or committee, with notes and sign-off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from committee.models import Committee, Meeting
from office.models import ExceptionNote
from pages.oversight.irregularities.listing import EVER, KINDS, Cases, Matter
from proposals.models import Proposal

#: what the list can be narrowed to
STATES = ("open", "signed")


@dataclass(frozen=True)
class Signed:
    """A matter with what its last sign-off covers."""

    matter: Matter
    covered: int
    #: the cases of the matter of whatever time, where one was signed off
    ever: int

    @property
    def remaining(self) -> int:
        """The cases of the matter, of whatever time, that no sign-off covers."""
        return max(self.ever - self.covered, 0)

    @property
    def is_open(self) -> bool:
        """Whether a case is not signed off."""
        return self.remaining > 0


@dataclass(frozen=True)
class Told:
    """A matter as it is shown: whose, its number, its name, and its page."""

    signed: Signed
    committee: str
    number: str
    url: str

    @property
    def kind(self) -> str | Promise:
        """The kind in words."""
        return KINDS[self.signed.matter.kind]

    @property
    def page(self) -> str:
        """The page of the matter with its cases and notes."""
        return reverse("exception", args=[self.signed.matter.kind, self.signed.matter.name])


def signed(banks: Collection[int], found: Iterable[Matter], state: str) -> list[Signed]:
    """The matters with what is signed off of each; those of a state, or all."""
    rows = ExceptionNote.objects.filter(bank__in=banks, kind=ExceptionNote.Kind.SIGN_OFF)
    covered = {(kind, of): cases for kind, of, cases in rows.values_list("of_kind", "matter", "cases")}
    # a period may show fewer cases than were signed off, and among them one that was not
    ever = {(row.kind, row.name): row.number for row in Cases(banks, EVER).matters()} if covered else {}
    each = [
        Signed(matter, covered.get(of, 0), ever.get(of, matter.number))
        for matter in found
        for of in ((matter.kind, matter.name),)
    ]
    return [row for row in each if not state or row.is_open == (state == "open")]


def told(shown: Sequence[Signed]) -> list[Told]:
    """The matters with their numbers and links, a statement for each sort of them."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for each in shown:
        named, _colon, pk = each.matter.name.partition(":")
        ids[named].add(int(pk))
    known = {
        **_meetings(ids["meeting"]),
        **_proposals(ids["proposal"]),
        **_committees(ids["committee"]),
    }
    return [Told(each, *known[each.matter.name]) for each in shown]


_Known = dict[str, tuple[str, str, str]]


def _meetings(pks: Collection[int]) -> _Known:
    rows = Meeting.objects.filter(pk__in=pks).select_related("committee") if pks else ()
    return {
        f"meeting:{row.pk}": (str(row.committee), row.written_number, reverse("meeting", args=[row.pk]))
        for row in rows
    }


def _proposals(pks: Collection[int]) -> _Known:
    rows = Proposal.objects.filter(pk__in=pks).select_related("committee") if pks else ()
    return {
        f"proposal:{row.pk}": (str(row.committee), row.written_number, reverse("proposal", args=[row.pk]))
        for row in rows
    }


def _committees(pks: Collection[int]) -> _Known:
    rows = Committee.objects.filter(pk__in=pks) if pks else ()
    return {
        f"committee:{row.pk}": ("", str(row), f"{reverse('regulation')}?committee={row.pk}") for row in rows
    }
