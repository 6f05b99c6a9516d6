"""Who may do what with the ledger: the table of acts."""

from __future__ import annotations

from collections.abc import Mapping

from committee.acts import Act, Kind, table
from committee.models import Person, Position
from committee.offices import RISK
from portfolio.models import Institution, Tape
from regulation.refused import Refused

_S = Tape.State
_REASON = {"reason": Kind.TEXT}

#: every act of the package by its verb
ACTS: Mapping[str, Act] = table(
    "portfolio",
    {
        "release_tape": Act(Tape, RISK, "access/denied", "tapes.release", (_S.HELD,), _REASON),
        "discard_tape": Act(Tape, RISK, "access/denied", "tapes.discard", (_S.HELD,), _REASON),
    },
)


def permit_on(institution: Institution, by: Person) -> None:
    """`access/not-found` to whoever has no role of a bank's risk department at or above the institution."""
    above = Institution.objects.above(institution).values("unit")
    if not Position.objects.filter(person=by, role=RISK.role, unit__in=above).exists():
        raise Refused("access/not-found")
