"""Institutions of the ledger: founded over a unit, closed, merged into another."""

from __future__ import annotations

from datetime import date

from audit.recording import Actor, action, record
from committee.models import Unit
from portfolio.importing.run import lock_bank
from portfolio.models import Institution
from regulation.refused import Refused


@action
def found_institution(unit: Unit, *, by: Actor, code: str, level: str, ranked: bool = False) -> Institution:
    """The unit is an institution of the ledger, at its place in the tree.

    Called where units are made: by the administrator's pages, the demo, rehearsals.
    """
    assert unit.bank_id is not None
    lock_bank(unit.bank_id)
    made = Institution.objects.create(unit=unit, bank_id=unit.bank_id, code=code, level=level, ranked=ranked)
    Institution.objects.all().renumber(unit.bank_id)
    made.refresh_from_db()
    payload = {"code": code, "level": str(level), "ranked": ranked, "unit": str(unit.pk)}
    record(made.stream, "found_institution", made.subject, by=by, payload=payload)
    return made


@action
def close_institution(
    institution: Institution, *, by: Actor, on: date, into: Institution | None = None
) -> Institution:
    """No tape of the day or a later one may name the institution; `into` is the one that has its loans since.

    `state/not-allowed` for one that is closed already; `access/not-found` for another bank's to merge into.
    """
    lock_bank(institution.bank_id)
    locked = Institution.objects.get(pk=institution.pk)
    if locked.closed_on is not None:
        raise Refused("state/not-allowed", cause="institution/closed")
    if into is not None and (into.bank_id != locked.bank_id or into.pk == locked.pk):
        raise Refused("access/not-found")
    locked.closed_on, locked.merged_into = on, into
    locked.save(update_fields=["closed_on", "merged_into"])
    payload = {"on": on.isoformat(), "into": str(into.pk) if into else None}
    record(locked.stream, "close_institution", locked.subject, by=by, payload=payload)
    return locked
