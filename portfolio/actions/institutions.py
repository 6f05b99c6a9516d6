"""Institutions of the ledger: founded for units of the bank."""

from __future__ import annotations

from audit.recording import Actor, action, record
from committee.models import Unit
from portfolio.models import Institution


@action
def found_institution(unit: Unit, *, by: Actor, code: str, level: str, ranked: bool = False) -> Institution:
    """The unit is an institution of the ledger, by its number with the core system; it has its place in the
    tree.

    The system's, and an administrator's, as units are.
    """
    row = Institution.objects.create(unit=unit, bank_id=unit.bank_id, code=code, level=level, ranked=ranked)
    Institution.objects.renumber(row.bank_id)
    row.refresh_from_db()
    record(
        row.stream,
        "found_institution",
        row.subject,
        by=by,
        payload={"unit": str(unit.pk), "code": code, "level": str(level), "ranked": ranked},
    )
    return row
