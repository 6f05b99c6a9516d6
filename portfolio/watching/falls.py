"""Falls of principal of non-performing loans from one tape to the next: what came in, as far as tapes say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from portfolio.models import Tape

# States 0 and 1 are open and closed: what was written off or transferred was not paid.
FALLS = """
SELECT later.loan_id, later.as_of, earlier.institution_id, earlier.principal - later.principal AS amount,
    coalesce(duty.staff_key, loan.collection_staff_no, '') AS staff_key
FROM portfolio_balance AS earlier
    JOIN portfolio_balance AS later ON later.loan_id = earlier.loan_id
    JOIN portfolio_institution AS place ON place.id = earlier.institution_id
    JOIN portfolio_institution AS scope ON scope.id = %(scope)s AND scope.bank_id = place.bank_id
        AND place.lft BETWEEN scope.lft AND scope.rgt
    JOIN portfolio_loan AS loan ON loan.id = later.loan_id
    LEFT JOIN portfolio_assignment AS duty ON duty.loan_id = later.loan_id AND duty.kind = 'collection'
        AND NOT duty.corrected AND duty.from_on <= later.as_of
        AND (duty.to_on IS NULL OR duty.to_on >= later.as_of)
WHERE earlier.as_of = %(before)s AND later.as_of = %(day)s AND earlier.loan_class >= 3
    AND later.principal < earlier.principal AND later.state IN (0, 1)
"""
_FORGET = """
DELETE FROM portfolio_fall AS fall USING portfolio_institution AS place, portfolio_institution AS scope
WHERE fall.as_of = %(day)s AND place.id = fall.institution_id AND scope.id = %(scope)s
    AND scope.bank_id = place.bank_id AND place.lft BETWEEN scope.lft AND scope.rgt
"""
_WRITE = "INSERT INTO portfolio_fall (loan_id, as_of, institution_id, amount, staff_key) " + FALLS
_HELD = "SELECT 1 FROM portfolio_balance WHERE as_of = %(day)s LIMIT 1"


def steps(tape_scope: int, as_of: date) -> Iterator[tuple[date, date | None]]:
    """The day and the one after it with a tape of the scope, each with the day before it."""
    taped = Tape.objects.loaded().filter(scope=tape_scope)
    before = taped.filter(as_of__lt=as_of).order_by("-as_of").values_list("as_of", flat=True).first()
    yield as_of, before
    after = taped.filter(as_of__gt=as_of).order_by("as_of").values_list("as_of", flat=True).first()
    if after is not None:
        yield after, as_of


def write_falls(tape_scope: int, as_of: date) -> None:
    """The falls of the day and of the next one with a tape of the scope are as the balances say.

    Those of a day stay as they are once its balances, or those of the day before, are no longer kept.
    """
    with connection.cursor() as cursor:
        for day, before in steps(tape_scope, as_of):
            given: dict[str, Any] = {"scope": tape_scope, "day": day, "before": before}
            if before is None or not kept(day) or not kept(before):
                continue
            cursor.execute(_FORGET, given)
            cursor.execute(_WRITE, given)


def kept(day: date) -> bool:
    """Whether the balances of the day are kept."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"day": day})
        return cursor.fetchone() is not None
