"""The common beginning of every action on an institution of the ledger or on a row of one.

In this order: the row is locked by its id; its institution must be visible to `by` (`access/not-found`); `by`
must hold the office in the table of acts (the act's code); the state must be one of the table's
(`state/not-allowed`). The caller is an action, whose transaction holds the lock until its end.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model

from committee.acts import Act
from committee.models import Person
from portfolio.models import Institution
from portfolio.permissions import require_institution_visible
from regulation.refused import Refused

Row = TypeVar("Row", bound=Model)


def begin_on_institution(act: Act, institution: Institution, by: Person) -> Institution:
    """Lock and return the institution for the act's officer. An institution has no states."""
    return begin_on_row(act, institution, by)


def begin_on_row(act: Act, row: Row, by: Person) -> Row:
    """Lock and return the row, of whatever kind, for the act's officer, in a state of the act."""
    rows = type(row)._default_manager.select_for_update(of=("self",))
    locked = rows.filter(pk=row.pk).first()
    if locked is None:
        raise Refused("access/not-found")
    require_institution_visible(institution_of(locked), by)
    if not act.office.held_by(by, institution_of(locked)):
        raise Refused(act.code)
    state = str(getattr(locked, "state", ""))
    if act.states and state not in act.states:
        raise act.misplaced(state)
    return locked


def institution_of(row: Model) -> Institution:
    """The institution itself, or the one that the row is of."""
    found: Institution = row if isinstance(row, Institution) else row.institution  # type: ignore[attr-defined]  # each kind of row has one
    return found
