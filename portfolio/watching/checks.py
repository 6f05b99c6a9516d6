"""The check of the falls of principal that `audit verify` adds (setting AUDIT_CHECKS).

They are made again from the balances of their day and of the day before, where both are kept, and compared.
The collector is left out: a duty that was corrected since is another one now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from audit.checking.rows import Fault
from portfolio.models import Tape
from portfolio.watching.falls import FALLS, kept

_COMPARE = f"""
WITH made AS ({FALLS}), held AS (
    SELECT fall.loan_id, fall.amount
    FROM portfolio_fall AS fall
        JOIN portfolio_institution AS place ON place.id = fall.institution_id
        JOIN portfolio_institution AS scope ON scope.id = %(scope)s AND scope.bank_id = place.bank_id
            AND place.lft BETWEEN scope.lft AND scope.rgt
    WHERE fall.as_of = %(day)s
)
SELECT coalesce(made.loan_id, held.loan_id)
FROM made FULL JOIN held ON held.loan_id = made.loan_id
WHERE made.amount IS DISTINCT FROM held.amount
ORDER BY 1
"""  # noqa: S608  constants


def falls(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The falls that are not those of the balances; of the ledgers among these streams, of all for None."""
    loaded = Tape.objects.loaded().order_by("bank", "scope", "as_of")
    if streams is not None:
        banks = [stream.partition(":")[2] for stream in streams if stream.startswith("ledger:")]
        loaded = loaded.filter(bank__in=[bank for bank in banks if bank.isdigit()])
    before: dict[int, Any] = {}
    for tape in loaded:
        earlier = before.get(tape.scope_id)
        before[tape.scope_id] = tape.as_of
        if earlier is None or not kept(earlier) or not kept(tape.as_of):
            continue
        yield from _compared(tape, {"scope": tape.scope_id, "day": tape.as_of, "before": earlier})


def _compared(tape: Tape, given: dict[str, Any]) -> Iterator[Fault]:
    what = _("has a fall of principal of %(day)s of the loan %(loan)s that is not that of its balances")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_COMPARE, given)
        for (loan,) in cursor:
            yield Fault(tape.stream, 1, what, {"day": tape.as_of.isoformat(), "loan": loan})
