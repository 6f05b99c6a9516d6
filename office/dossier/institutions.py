"""To which institution a person belonged at a moment, and for which the person held positions, by the log.

The rows have both as they are today; the entries of the bank on its people have them as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from office.dossier.case import Case, LogEntry


class Belonging(NamedTuple):
    """Where a person belonged; the unit, by its id, is None where no entry tells of it."""

    unit: str | None
    #: (role, unit) of each position held
    positions: frozenset[tuple[str, str]]

    def is_of(self, unit: int) -> bool:
        """Whether the person was of the institution, or held a position for it (Art. 11)."""
        return self.unit == str(unit) or any(each == str(unit) for _role, each in self.positions)


def belonging(case: Case, person: int, at: datetime) -> Belonging:
    """Where the person belonged at that moment."""
    unit, positions = None, set[tuple[str, str]]()
    for entry in case.people_log:
        if entry.row.at > at:
            continue
        told = case.told(entry)
        if entry.action == "employ":
            for row in _employed(case, entry, person):
                unit = row["unit"]
                positions |= {(str(role), str(of)) for role, of in row["positions"]}
        elif entry.row.subject != f"person:{person}":
            continue
        elif entry.action == "give_position":
            positions.add((told["role"], told["unit"]))
        elif entry.action == "end_position":
            positions.discard((told["role"], told["unit"]))
        else:
            unit = told.get("unit", unit)
    return Belonging(unit, frozenset(positions))


def _employed(case: Case, entry: LogEntry, person: int) -> Iterator[Mapping[str, Any]]:
    """What the entry tells of this person, if it is of those employed."""
    return (row for row in case.told(entry).get("people", ()) if row["person"] == str(person))
