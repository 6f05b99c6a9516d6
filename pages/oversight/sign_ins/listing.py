"""The register of sign-ins."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SignIn
from committee.models import Person
from committee.offices import AUDITOR
from web.lists.columns import Column
from web.lists.filters import Choice, Choices, DateRange, Flag, ListFilters, Text
from web.lists.listing import Listing
from web.viewer import Viewer

_S = SignIn.Outcome


def who(row: SignIn) -> str:
    """The person, or the digest of an unknown login."""
    if row.person is None:
        return _("unknown login %(digest)s") % {"digest": row.login[:8]} if row.login else _("several logins")
    return f"{row.person.display_name} ({row.person.username})"


def _fitting(text: str) -> Q:
    """Name, login, staff number, digest, address or device."""
    found = Q(person__display_name__icontains=text) | Q(person__username__icontains=text)
    found |= Q(person__staff_no__iexact=text) | Q(device__icontains=text)
    if len(text) >= _DIGEST:
        found |= Q(login__startswith=text.lower())
    return found | Q(address__startswith=text)


#: with so many of its characters a digest is looked for
_DIGEST = 6


#: outcomes with which nobody is let in
REFUSED = (_S.WRONG, _S.UNKNOWN, _S.INACTIVE, _S.LOCKED, _S.PAUSED)


class SignInFilters(ListFilters):
    """The filters of the register of sign-ins."""

    q = Text(label=gettext_lazy("Name, login, address or device"), method="fitting")
    outcome = Choices(label=gettext_lazy("Outcome"), choices=_S.choices)
    asked = Choice(label=gettext_lazy("Where asked"), choices=SignIn.Asked.choices)
    at = DateRange(label=gettext_lazy("Time"))
    refused = Flag(label=gettext_lazy("What was not let in"), condition=Q(outcome__in=REFUSED))
    new = Flag(
        label=gettext_lazy("Signed in in a browser not known before"),
        condition=Q(outcome=_S.SIGNED_IN, known=False),
    )

    def fitting(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """The sign-ins that the text finds."""
        return rows.filter(_fitting(text))


class SignIns(Listing):
    """The register's lines on the bank's people, for its auditor and administrator, the latest first.

    Unknown logins belong to no bank and are in the list of each.
    """

    name = "sign-ins"
    filters_class = SignInFilters
    order = "-at"
    columns = (
        Column("at", gettext_lazy("Time"), lambda row: row.at, "at"),
        Column("person", gettext_lazy("Who"), who),
        Column(
            "staff_no",
            gettext_lazy("Staff number"),
            lambda row: row.person.staff_no if row.person else "",
            shown=False,
        ),
        Column("outcome", gettext_lazy("Outcome"), lambda row: row.get_outcome_display()),
        Column("asked", gettext_lazy("Where asked"), lambda row: row.get_asked_display(), shown=False),
        Column("address", gettext_lazy("Address"), lambda row: row.address or ""),
        Column("device", gettext_lazy("Device"), lambda row: row.device),
        Column(
            "known",
            gettext_lazy("Known browser"),
            lambda row: _("yes") if row.known else _("no"),
            shown=False,
        ),
        Column("times", gettext_lazy("Times"), lambda row: row.times, shown=False),
    )

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list."""
        return viewer.audits or viewer.administers

    def get_queryset(self) -> QuerySet[Any]:
        if not self.open_to(self.viewer):
            return SignIn.objects.none()
        everybody = SignIn.objects.all()
        people = self.people(self.viewer)
        return (
            everybody
            if not people
            else everybody.filter(Q(person=None) | Q(person__in=Person.objects.filter(people)))
        )

    @staticmethod
    def people(who: Viewer) -> Q:
        """Whose lines these are: of the bank that one audits or administers, or of every bank."""
        if who.administers and who.person.bank_id is None:
            return Q()
        banks = {each.unit.bank_id for each in who.positions if each.role == AUDITOR.role}
        return Q(bank__in=banks | ({who.person.bank_id} if who.administers else set()))

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("person")
