"""Changes of class, and the figures of a day, from a tape's good rows.

A tape of the latest day is compared with what the loans say. One of an earlier day, or in the place of
another, dates the changes anew: those of its own day and of the next day of its scope, the others stay.
"""

from __future__ import annotations

from typing import Final

CHANGES_NOW: Final = """
INSERT INTO portfolio_classchange (loan_id, "on", from_class, from_sub_grade, to_class, sub_grade, tape_id)
SELECT known.id, %(as_of)s, known.loan_class, known.sub_grade, row.loan_class, row.sub_grade, %(tape)s
FROM {rows} AS row JOIN portfolio_loan AS known
    ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key
WHERE (known.loan_class, known.sub_grade) IS DISTINCT FROM (row.loan_class, row.sub_grade)
"""
#: `last` is the greatest id of a loan before the new ones
FIRST_CHANGES: Final = """
INSERT INTO portfolio_classchange (loan_id, "on", from_class, from_sub_grade, to_class, sub_grade, tape_id)
SELECT known.id, %(as_of)s, NULL, 0, row.loan_class, row.sub_grade, %(tape)s
FROM {rows} AS row JOIN portfolio_loan AS known
    ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key AND known.id > %(last)s
"""

# With p the class before the day, d the day's and n that on the next day, by the changes so far: the changes
# are p to d on the day and d to n on the next day, where they differ and the loan was there.
MOVES: Final = """
INSERT INTO {moves}
SELECT touched.id, before.to_class, coalesce(before.sub_grade, 0), touched.loan_class, touched.sub_grade,
    next.to_class, next.sub_grade, next.tape_id
FROM (
    SELECT known.id, row.loan_class, row.sub_grade FROM {rows} AS row JOIN portfolio_loan AS known
        ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key
    UNION ALL
    SELECT known.id, NULL, 0 FROM portfolio_balance AS former
        JOIN portfolio_loan AS known ON known.id = former.loan_id
    WHERE former.as_of = %(as_of)s AND former.institution_id = ANY(%(institutions)s)
        AND NOT EXISTS (SELECT FROM {rows} AS row WHERE row.contract_key = known.contract_key)
) AS touched
    JOIN portfolio_loan AS known ON known.id = touched.id
    LEFT JOIN LATERAL (
        SELECT change.to_class, change.sub_grade FROM portfolio_classchange AS change
        WHERE change.loan_id = touched.id AND change.on < %(as_of)s ORDER BY change.on DESC LIMIT 1
    ) AS before ON true
    LEFT JOIN LATERAL (
        SELECT change.to_class, change.sub_grade,
            CASE WHEN change.on = %(next)s THEN change.tape_id ELSE %(next_tape)s::integer END AS tape_id
        FROM portfolio_classchange AS change
        WHERE change.loan_id = touched.id AND change.on <= %(next)s ORDER BY change.on DESC LIMIT 1
    ) AS next ON coalesce(known.ended_on, 'infinity') >= %(next)s
        AND coalesce(known.gone_on, 'infinity') > %(next)s
"""
_ENTRY: Final = "change.to_class >= 3 AND coalesce(change.from_class, 1) < 3"
#: which loans become non-performing on one of the two days, as a sum
ENTRIES: Final = f"""
SELECT coalesce(sum(change.loan_id * (change.on - date '1900-01-01')), 0), count(*)
FROM portfolio_classchange AS change JOIN {{moves}} AS moved ON moved.loan_id = change.loan_id
WHERE change.on IN (%(as_of)s, %(next)s) AND {_ENTRY}
"""  # noqa: S608  constants
UNDATED: Final = """
DELETE FROM portfolio_classchange AS change USING {moves} AS moved
WHERE change.loan_id = moved.loan_id AND change.on IN (%(as_of)s, %(next)s)
"""
REDATED: Final = """
INSERT INTO portfolio_classchange (loan_id, "on", from_class, from_sub_grade, to_class, sub_grade, tape_id)
SELECT loan_id, %(as_of)s, before_class, before_sub_grade, day_class, day_sub_grade, %(tape)s
FROM {moves} WHERE day_class IS NOT NULL
    AND (before_class, before_sub_grade) IS DISTINCT FROM (day_class, day_sub_grade)
UNION ALL
SELECT loan_id, %(next)s, coalesce(day_class, before_class),
    CASE WHEN day_class IS NULL THEN before_sub_grade ELSE day_sub_grade END, next_class, next_sub_grade,
    next_tape_id
FROM {moves} WHERE next_class IS NOT NULL AND (
    coalesce(day_class, before_class),
    CASE WHEN day_class IS NULL THEN before_sub_grade ELSE day_sub_grade END
) IS DISTINCT FROM (next_class, next_sub_grade)
"""
# When a loan was first seen, and became non-performing last, by its changes.
SPELLS: Final = f"""
UPDATE portfolio_loan AS known SET first_seen_on = told.seen, first_npl_on = told.npl
FROM (
    SELECT change.loan_id, min(change.on) AS seen, max(change.on) FILTER (WHERE {_ENTRY}) AS npl
    FROM portfolio_classchange AS change JOIN {{moves}} AS moved ON moved.loan_id = change.loan_id
    GROUP BY change.loan_id
) AS told
WHERE known.id = told.loan_id
    AND (known.first_seen_on, known.first_npl_on) IS DISTINCT FROM (told.seen, told.npl)
"""  # noqa: S608  constants

# -- Figures -----------------------------------------------------------------------------------------

SUMS: Final = """
SELECT loan_class, count(*), sum(principal) FROM {rows} WHERE state = 'open'
GROUP BY loan_class ORDER BY loan_class
"""
#: old: non-performing on 1 January and ever since
_FIGURED: Final = f"""
INSERT INTO portfolio_dayfigure (
    as_of, institution_id, cohort, loan_class, sub_grade, kind, loans, principal, tape_id
)
SELECT %(as_of)s, open.institution_id, open.cohort, open.loan_class, open.sub_grade, open.kind, count(*),
    sum(open.principal), %(tape)s
FROM (
    {{performing}}
    UNION ALL
    SELECT bad.institution_id, CASE WHEN (
            SELECT max(change.on) FROM portfolio_classchange AS change
            WHERE change.loan_id = bad.loan_id AND change.on <= %(as_of)s AND {_ENTRY}
        ) <= %(locked)s THEN 'old' ELSE 'new' END, bad.loan_class, bad.sub_grade, bad.kind, bad.principal
    FROM ({{bad}}) AS bad
) AS open (institution_id, cohort, loan_class, sub_grade, kind, principal)
GROUP BY open.institution_id, open.cohort, open.loan_class, open.sub_grade, open.kind
"""  # noqa: S608  constants
FIGURES: Final = _FIGURED.replace(
    "{performing}",
    """SELECT institution_id, '', loan_class, sub_grade, kind, principal FROM {rows}
    WHERE state = 'open' AND loan_class < 3""",
).replace(
    "{bad}",
    """SELECT known.id AS loan_id, row.institution_id, row.loan_class, row.sub_grade, row.kind, row.principal
    FROM {rows} AS row JOIN portfolio_loan AS known
        ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key
    WHERE row.state = 'open' AND row.loan_class >= 3""",
)
_OF_BALANCES: Final = """SELECT {columns}
    FROM portfolio_balance AS held JOIN portfolio_loan AS known ON known.id = held.loan_id
        JOIN portfolio_borrower AS borrower ON borrower.id = known.borrower_id
    WHERE held.as_of = %(as_of)s AND held.institution_id = ANY(%(institutions)s) AND held.state = 0
        AND held.loan_class {compared} 3"""
#: the same from the balances that are kept of the day
FIGURES_AGAIN: Final = _FIGURED.replace(
    "{performing}",
    _OF_BALANCES.replace("{compared}", "<").replace(
        "{columns}",
        "held.institution_id, '', held.loan_class, held.sub_grade, borrower.kind, held.principal",
    ),
).replace(
    "{bad}",
    _OF_BALANCES.replace("{compared}", ">=").replace(
        "{columns}",
        "held.loan_id, held.institution_id, held.loan_class, held.sub_grade, borrower.kind, held.principal",
    ),
)
NO_FIGURES: Final = "DELETE FROM portfolio_dayfigure WHERE as_of = %(as_of)s AND tape_id = %(tape)s"
