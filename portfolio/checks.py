"""The check of the ledger that `audit verify` adds to that of the chains (setting AUDIT_CHECKS).

The log vouches for the tapes: their digests, rows and sums by class. What was read from them is added up
again and compared: the figures of each day, and the balances of the days that are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from audit.checking.rows import Fault

_STATED = """
stated AS (
    SELECT tape.id AS tape, tape.bank_id AS bank, tape.as_of, tape.institutions, class.key::smallint AS class,
        (class.value ->> 'loans')::bigint AS loans, (class.value ->> 'principal')::bigint AS principal
    FROM portfolio_tape AS tape, jsonb_each(tape.figures -> 'classes') AS class
    WHERE tape.state = 'loaded' AND (class.value ->> 'loans')::bigint > 0
        AND (%(streams)s::text[] IS NULL OR 'ledger:' || tape.bank_id = ANY(%(streams)s))
)
"""
_FIGURES = f"""
WITH {_STATED}, figured AS (
    SELECT figure.tape_id AS tape, figure.loan_class AS class, sum(figure.loans) AS loans,
        sum(figure.principal) AS principal
    FROM portfolio_dayfigure AS figure GROUP BY 1, 2
)
SELECT tape.bank_id, tape.id, tape.as_of, coalesce(stated.class, figured.class)
FROM stated FULL JOIN figured ON figured.tape = stated.tape AND figured.class = stated.class
    JOIN portfolio_tape AS tape ON tape.id = coalesce(stated.tape, figured.tape)
WHERE (stated.loans, stated.principal) IS DISTINCT FROM (figured.loans, figured.principal)
    AND (%(streams)s::text[] IS NULL OR 'ledger:' || tape.bank_id = ANY(%(streams)s))
ORDER BY 1, 2, 4
"""  # noqa: S608  constants
_BALANCES = f"""
WITH {_STATED}
SELECT stated.bank, stated.tape, stated.as_of, stated.class
FROM stated LEFT JOIN LATERAL (
    SELECT count(*) AS loans, coalesce(sum(balance.principal), 0) AS principal
    FROM portfolio_balance AS balance
    WHERE balance.as_of = stated.as_of AND balance.institution_id = ANY(stated.institutions)
        AND balance.state = 0 AND balance.loan_class = stated.class
) AS held ON true
WHERE to_regclass('public.portfolio_balance_' || to_char(stated.as_of, 'YYYYMMDD')) IS NOT NULL
    AND (stated.loans, stated.principal) IS DISTINCT FROM (held.loans, held.principal)
ORDER BY 1, 2, 4
"""  # noqa: S608  constants


def ledger(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The days whose figures or balances are not the sums of their tape, by class. Of these streams, or of
    all for None.
    """
    given = {"streams": None if streams is None else list(streams)}
    what = _("has figures of %(day)s, class %(class)s, that are not those of the tape %(tape)s")
    yield from _faults(_FIGURES, given, what)
    what = _("has balances of %(day)s, class %(class)s, that do not add up to the sums of the tape %(tape)s")
    yield from _faults(_BALANCES, given, what)


def _faults(statement: str, given: dict[str, Any], what: str) -> Iterator[Fault]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, given)
        for bank, tape, day, named in cursor:
            yield Fault(f"ledger:{bank}", 1, what, {"day": day.isoformat(), "class": named, "tape": tape})
