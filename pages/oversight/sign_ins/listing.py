"""The register of sign-ins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SignIn
from committee.models import Person, Position
from web.lists.columns import Column
from web.lists.filters import Choice, Filter, Flag, Period, Text
from web.lists.listing import Listing
from web.viewer import Viewer

_S = SignIn.Outcome


def who(row: SignIn) -> str:
    """The person, or what a login that is nobody's is known by."""
    if row.person is None:
        return _("unknown login %(digest)s") % {"digest": row.login[:8]} if row.login else _("several logins")
    return f"{row.person.display_name} ({row.person.username})"


def _said(text: str) -> Q:
    """Name, login, staff number, digest, address or device."""
    found = Q(person__display_name__icontains=text) | Q(person__username__icontains=text)
    found |= Q(person__staff_no__iexact=text) | Q(device__icontains=text)
    if len(text) >= _DIGEST:
        found |= Q(login__startswith=text.lower())
    return found | Q(address__startswith=text)


#: with so many of its characters a digest is looked for
_DIGEST = 6


class SignIns(Listing):
    """The lines of the bank's people, for its auditor and administrator, the latest first.

    Logins that are nobody's belong to no bank, and are on the list of each.
    """

    name = "sign-ins"
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
    def open_to(cls, who: Viewer) -> bool:
        """Whether there is such a list for the person."""
        return who.audits or who.administers

    def start(self) -> QuerySet[Any]:
        if not self.open_to(self.who):
            return SignIn.objects.none()
        everybody = SignIn.objects.all()
        people = self.people(self.who)
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
        banks = {each.unit.bank_id for each in who.positions if each.role == Position.Role.AUDITOR}
        return Q(bank__in=banks | ({who.person.bank_id} if who.administers else set()))

    def full(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("person")

    def build_filters(self) -> Iterable[Filter]:
        yield Text("q", gettext_lazy("Name, login, address or device"), _said)
        yield Choice("outcome", gettext_lazy("Outcome"), _S.choices, several=True)
        yield Choice("asked", gettext_lazy("Where asked"), SignIn.Asked.choices)
        yield Period("at", gettext_lazy("Time"), "at")
        refused = (_S.WRONG, _S.UNKNOWN, _S.INACTIVE, _S.LOCKED, _S.PAUSED)
        yield Flag("refused", gettext_lazy("What was not let in"), Q(outcome__in=refused))
        yield Flag(
            "new", gettext_lazy("Signed in in a browser not known before"),
            Q(outcome=_S.SIGNED_IN, known=False),
        )  # fmt: skip
