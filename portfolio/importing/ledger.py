"""What a tape's good rows do to households, borrowers, loans and balances: a statement for all rows each.

The keys come from joins with the rows that they name. A tape of the latest day of its scope says what is so
now; one of an earlier day changes of borrowers and loans that are known only since when they are.
"""

from __future__ import annotations

from typing import Final

NEW_HOUSEHOLDS: Final = """
INSERT INTO portfolio_household (bank_id, number, key, institution_id)
SELECT DISTINCT ON (row.household_key) %(bank)s, row.household_no, row.household_key, row.institution_id
FROM {rows} AS row LEFT JOIN portfolio_household AS known
    ON known.bank_id = %(bank)s AND known.key = row.household_key
WHERE known.id IS NULL ORDER BY row.household_key, row.line
"""
NEW_BORROWERS: Final = """
INSERT INTO portfolio_borrower (bank_id, household_id, name, id_no, id_key, kind, insider, employer)
SELECT DISTINCT ON (row.id_key) %(bank)s, household.id, row.borrower, row.id_no, row.id_key, row.kind,
    row.insider, row.employer
FROM {rows} AS row
    LEFT JOIN portfolio_borrower AS known ON known.bank_id = %(bank)s AND known.id_key = row.id_key
    JOIN portfolio_household AS household
        ON household.bank_id = %(bank)s AND household.key = row.household_key
WHERE known.id IS NULL ORDER BY row.id_key, row.line
"""
# Of several rows of a borrower that differ the first one says what the borrower is.
CHANGED_BORROWERS: Final = """
WITH differing AS (
    SELECT DISTINCT row.id_key
    FROM {rows} AS row
        JOIN portfolio_borrower AS known ON known.bank_id = %(bank)s AND known.id_key = row.id_key
        JOIN portfolio_household AS household ON household.id = known.household_id
    WHERE (household.key, known.name, known.kind, known.insider, known.employer)
        IS DISTINCT FROM (row.household_key, row.borrower, row.kind, row.insider, row.employer)
), first AS (
    SELECT DISTINCT ON (row.id_key) row.id_key, row.borrower, row.kind, row.insider, row.employer,
        household.id AS household_id
    FROM {rows} AS row JOIN differing ON differing.id_key = row.id_key
        JOIN portfolio_household AS household
            ON household.bank_id = %(bank)s AND household.key = row.household_key
    ORDER BY row.id_key, row.line
)
UPDATE portfolio_borrower AS known
SET household_id = first.household_id, name = first.borrower, kind = first.kind, insider = first.insider,
    employer = first.employer
FROM first WHERE known.bank_id = %(bank)s AND known.id_key = first.id_key
    AND (known.household_id, known.name, known.kind, known.insider, known.employer)
        IS DISTINCT FROM (first.household_id, first.borrower, first.kind, first.insider, first.employer)
"""

_SAID = (
    "contract_no", "note_no", "institution_id", "product", "purpose", "origin", "guarantee", "issued_on",
    "due_on", "original_due_on", "amount", "rate", "period_months", "registered", "agency",
    "other_banks_debt", "other_banks_over90",
    "allowance", "collection_staff_no", "state", "loan_class", "sub_grade", "principal",
    "principal_unpaid_since", "interest_unpaid_since",
)  # fmt: skip
_COLUMNS: Final = ", ".join(_SAID)
# The first staff numbers of lending and approval stand.
_NOW: Final = ", ".join(f"row.{name}" for name in _SAID) + (
    ", borrower.id, coalesce(nullif(known.lending_staff_no, ''), row.lending_staff_no),"
    " coalesce(nullif(known.approver_staff_no, ''), row.approver_staff_no),"
    " CASE WHEN row.state <> 'open' THEN least(known.ended_on, %(as_of)s) END,"
    " CASE WHEN row.state = 'open' THEN %(next)s::date END"
)
_THEN: Final = ", ".join(f"known.{name}" for name in _SAID) + (
    ", known.borrower_id, known.lending_staff_no, known.approver_staff_no, known.ended_on, known.gone_on"
)
# By a tape of an earlier day only those that no later one has.
CHANGED_LOANS: Final = f"""
UPDATE portfolio_loan AS known
SET ({_COLUMNS}, borrower_id, lending_staff_no, approver_staff_no, ended_on, gone_on, first_npl_on)
    = ROW({_NOW}, CASE
        WHEN row.loan_class >= 3 AND known.loan_class < 3 THEN %(as_of)s ELSE known.first_npl_on
    END)
FROM {{rows}} AS row
    JOIN portfolio_borrower AS borrower ON borrower.bank_id = %(bank)s AND borrower.id_key = row.id_key
WHERE known.bank_id = %(bank)s AND known.contract_key = row.contract_key
    AND ({_THEN}) IS DISTINCT FROM ({_NOW})
    AND (%(next)s::date IS NULL OR known.gone_on <= %(next)s OR known.ended_on = %(as_of)s)
"""  # noqa: S608  constants
NEW_LOANS: Final = f"""
INSERT INTO portfolio_loan (
    bank_id, contract_key, {_COLUMNS}, borrower_id, lending_staff_no, approver_staff_no, first_seen_on,
    first_npl_on, ended_on, gone_on
)
SELECT %(bank)s, row.contract_key, {", ".join(f"row.{name}" for name in _SAID)}, borrower.id,
    row.lending_staff_no, row.approver_staff_no, %(as_of)s, CASE WHEN row.loan_class >= 3 THEN %(as_of)s END,
    CASE WHEN row.state <> 'open' THEN %(as_of)s END,
    CASE WHEN row.state = 'open' THEN %(next)s::date END
FROM {{rows}} AS row
    LEFT JOIN portfolio_loan AS known ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key
    JOIN portfolio_borrower AS borrower ON borrower.bank_id = %(bank)s AND borrower.id_key = row.id_key
WHERE known.id IS NULL
ORDER BY row.line
"""  # noqa: S608  constants
# Open loans of the scope that the latest tape lacks.
GONE: Final = """
UPDATE portfolio_loan AS known SET gone_on = %(as_of)s
FROM portfolio_institution AS institution
WHERE institution.id = known.institution_id AND institution.bank_id = %(bank)s
    AND institution.lft BETWEEN %(lft)s AND %(rgt)s AND known.state = 'open' AND known.gone_on IS NULL
    AND known.first_seen_on <= %(as_of)s
    AND NOT EXISTS (SELECT FROM {rows} AS row WHERE row.contract_key = known.contract_key)
"""
VANISHED: Final = """
INSERT INTO {faults} (line, place, col, value, code, only_warns)
SELECT 0, 2, 'contract_no', known.contract_no, 'tape/vanished', true
FROM portfolio_loan AS known
    JOIN portfolio_institution AS institution ON institution.id = known.institution_id
    JOIN LATERAL (
        SELECT change.to_class FROM portfolio_classchange AS change
        WHERE change.loan_id = known.id AND change.on < %(as_of)s ORDER BY change.on DESC LIMIT 1
    ) AS before ON before.to_class >= 3
WHERE institution.bank_id = %(bank)s AND institution.lft BETWEEN %(lft)s AND %(rgt)s
    AND known.bank_id = %(bank)s AND known.first_npl_on IS NOT NULL AND known.first_seen_on <= %(before)s
    AND coalesce(known.ended_on, 'infinity') > %(before)s AND coalesce(known.gone_on, 'infinity') > %(before)s
    AND NOT EXISTS (SELECT FROM {rows} AS row WHERE row.contract_key = known.contract_key)
ORDER BY known.id
"""

# -- Balances ----------------------------------------------------------------------------------------

BALANCES: Final = """
INSERT INTO {into} (
    loan_id, principal, interest_on, interest_off, penalty, as_of, institution_id, dpd, loan_class, sub_grade,
    state
)
SELECT known.id, row.principal, row.interest_on, row.interest_off, row.penalty, %(as_of)s, row.institution_id,
    row.dpd, row.loan_class, row.sub_grade,
    CASE row.state WHEN 'open' THEN 0 WHEN 'closed' THEN 1 WHEN 'written_off' THEN 2 ELSE 3 END
FROM {rows} AS row JOIN portfolio_loan AS known
    ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key
"""
TAKE_OUT: Final = """
DELETE FROM portfolio_balance WHERE as_of = %(as_of)s AND institution_id = ANY(%(institutions)s)
"""
# Rows whose loan another tape has on this day.
ELSEWHERE: Final = """
INSERT INTO {faults} (line, place, col, value, code, only_warns)
SELECT row.line, 2, 'contract_no', row.contract_no, 'tape/duplicate', false
FROM {rows} AS row
    JOIN portfolio_loan AS known ON known.bank_id = %(bank)s AND known.contract_key = row.contract_key
    JOIN portfolio_balance AS held ON held.loan_id = known.id AND held.as_of = %(as_of)s
WHERE held.institution_id <> ALL(%(institutions)s)
"""

# -- A day whose rows are replaced ---------------------------------------------------------------------------

# Loans that only the former tape of the day had.
ONLY_FORMER: Final = """
DELETE FROM portfolio_loan AS known
WHERE known.bank_id = %(bank)s AND known.first_seen_on = %(as_of)s
    AND known.institution_id = ANY(%(institutions)s)
    AND NOT EXISTS (SELECT FROM portfolio_classchange AS change WHERE change.loan_id = known.id)
    AND NOT EXISTS (SELECT FROM portfolio_assignment AS duty WHERE duty.loan_id = known.id)
    AND NOT EXISTS (SELECT FROM {rows} AS row WHERE row.contract_key = known.contract_key)
"""
# Loans of the former tape that the new one lacks are what the day before said, but for what a later one has.
AS_BEFORE: Final = """
UPDATE portfolio_loan AS known
SET principal = former.principal, loan_class = former.loan_class, sub_grade = former.sub_grade,
    state = CASE former.state
        WHEN 0 THEN 'open' WHEN 1 THEN 'closed' WHEN 2 THEN 'written_off' ELSE 'transferred'
    END,
    ended_on = CASE WHEN former.state = 0 THEN NULL ELSE known.ended_on END,
    gone_on = CASE WHEN former.state = 0 THEN %(as_of)s END
FROM portfolio_balance AS now, portfolio_balance AS former
WHERE now.as_of = %(as_of)s AND now.institution_id = ANY(%(institutions)s)
    AND former.as_of = %(before)s AND former.loan_id = now.loan_id AND known.id = now.loan_id
    AND (%(next)s::date IS NULL OR known.gone_on = %(next)s OR known.ended_on = %(as_of)s)
    AND NOT EXISTS (SELECT FROM {rows} AS row WHERE row.contract_key = known.contract_key)
"""
