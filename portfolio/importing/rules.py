"""The rules of a tape's rows in SQL, as `portfolio/tape.py` has them in Python.

Nearly all rows are good and plainly written, and one condition tells so at once. Only rows that it does not
tell good are looked at cell by cell.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from portfolio.classes import BY_NAME
from portfolio.tape import (
    BY_COLUMN,
    COLUMNS,
    DAMAGED,
    DATE,
    IDENTIFIERS,
    IDENTITY,
    LONGEST,
    MONEY,
    MOST_DAYS,
    PERCENT,
    STAFF,
    VALUES,
    WHOLE,
    Column,
)

# -- Rows that are good at the first look -------------------------------------------------------------
# Comparisons and one simple class of characters for many cells together: a pattern of a whole row takes a
# hundred times as long. Amounts have two decimals here, and days are written as the tape's first one is.

_DIGITS: Final = "'0123456789'"


def _cells(*names: str) -> str:
    return ", ".join(f'c."{name}"' for name in names)


def _names(kind: str, *, required: bool | None = None) -> list[str]:
    return [column.name for column in COLUMNS if column.type == kind and required in (None, column.required)]


def _plain_day(name: str) -> str:
    cell = f"c.{name}"
    good = (
        f"translate({cell}, {_DIGITS}, '9999999999') = %(shape)s AND left({cell}, 2) IN ('19', '20', '21')"
        f" AND substr({cell}, %(month)s, 2) BETWEEN '01' AND '12' AND CASE WHEN right({cell}, 2) > '28'"
        f" THEN pg_input_is_valid({cell}, 'date') ELSE right({cell}, 2) >= '01' END"
    )
    return f"({good})" if BY_COLUMN[name].required else f"CASE WHEN {cell} = '' THEN true ELSE {good} END"


def _plain_amount(name: str) -> str:
    cell = f"c.{name}"
    good = f"length({cell}) BETWEEN 4 AND 16 AND substr({cell}, length({cell}) - 2, 1) = '.'"
    if BY_COLUMN[name].required:
        return good
    return f"({cell} = '' OR ({good} AND translate({cell}, {_DIGITS}, '') = '.'))"


def _plain_code(name: str) -> str:
    known = ", ".join(f"'{value}'" for value in VALUES[name])
    return f'c."{name}" IN ({known})' if BY_COLUMN[name].required else f"c.{name} IN ('', {known})"


_AMOUNTS = _names("money", required=True)
_POINTS = "|".join("." for _name in _AMOUNTS)
_TEXTS = [name for name in _names("text") if name not in IDENTIFIERS]
_LONG = _cells(*_TEXTS, *(name for name in IDENTIFIERS if name != "id_no"))
_NOT_EMPTY = " AND ".join(f"c.{name} <> ''" for name in IDENTIFIERS if BY_COLUMN[name].required)
#: `day` is the tape's day, written as its dates are; texts of such dates are ordered as the days are
PLAIN: Final = f"""
    c.as_of = %(day)s
    AND concat({_cells(*IDENTIFIERS)}) ~ '^[0-9A-Za-z-]*$' AND {_NOT_EMPTY}
    AND length(c.id_no) = 18 AND position('-' IN c.id_no) = 0 AND c.id_no = upper(c.id_no)
    AND concat({_cells(*_TEXTS)}) !~ E'[\\x01-\\x1f\\x7f-\\u009f]' AND ltrim(c.borrower, ' ') <> ''
    AND length(concat({_LONG})) <= {LONGEST}
    AND {" AND ".join(_plain_code(name) for name in _names("code"))}
    AND {" AND ".join(_plain_day(name) for name in _names("date") if name != "as_of")}
    AND translate(concat_ws('|', {_cells(*_AMOUNTS)}), {_DIGITS}, '') = '{_POINTS}'
    AND {" AND ".join(_plain_amount(name) for name in _names("money"))}
    AND c.rate ~ '^{PERCENT}$'
    AND translate(concat(c.period_months, c.dpd), {_DIGITS}, '') = '' AND length(c.period_months) <= 3
    AND length(c.dpd) BETWEEN 1 AND 4 AND (left(c.dpd, 1) <> '0' OR c.dpd = '0')
    AND c.sub_grade IN ('', '1', '2', '3', '4') AND c.registered IN ('', '0', '1')
    AND c.issued_on < c.due_on AND c.issued_on <= c.as_of AND c.original_due_on <= c.due_on
    AND c.principal_unpaid_since <= c.as_of AND c.interest_unpaid_since <= c.as_of
    AND (c.sub_grade = '' OR c."class" IN ('special_mention', '关注'))
    AND (c.state <> 'closed' OR c.principal ~ '^[0.]+$')
"""


def as_written(day: date, first: str) -> dict[str, object]:
    """What the statement needs of how dates are written, from the first one of the tape."""
    separator = "/" if "/" in first else "-" if "-" in first or not first else ""
    return {
        "day": day.strftime(f"%Y{separator}%m{separator}%d"),
        "shape": f"9999{separator}99{separator}99",
        "month": 6 if separator else 5,
    }


# -- What a good row says -----------------------------------------------------------------------------------

_CLASS = " ".join(f"WHEN '{name}' THEN {number.value}" for name, number in BY_NAME.items())


def _fen(name: str, *, plain: bool) -> str:
    """The amount in fen; without its point where it has two decimals, as in plain rows."""
    if plain:
        return f"nullif(replace(c.{name}, '.', ''), '')::bigint"
    return f"(nullif(c.{name}, '')::numeric * 100)::bigint"


def values(fold: str) -> str:
    """The columns of a row from its cells; `fold` is the function that folds an identifier."""
    fen = {name: _fen(name, plain=fold == "upper") for name in _names("money")}
    id_key = "c.id_no" if fold == "upper" else f"{fold}(c.id_no)"
    staff = ", ".join(f"{fold}(c.{name})" for name in STAFF)
    folded = f"{fold}(c.household_no)"
    household = f"CASE {folded} WHEN '' THEN 'i:' || {id_key} ELSE 'n:' || {folded} END"
    return f"""
    c.line, institution.id, {fold}(c.contract_no), btrim(c.contract_no), btrim(c.note_no), {id_key},
    btrim(c.id_no), btrim(c.borrower), {household}, btrim(c.household_no), c.kind, c.insider,
    btrim(c.employer), btrim(c.product), btrim(c.purpose), c.origin, c.guarantee, c.issued_on::date,
    c.due_on::date, nullif(c.original_due_on, '')::date, {fen["amount"]}, c.rate::numeric,
    nullif(c.period_months, '')::smallint, {fen["principal"]}, {fen["interest_on"]},
    {fen["interest_off"]}, {fen["penalty"]},
    nullif(c.principal_unpaid_since, '')::date, nullif(c.interest_unpaid_since, '')::date,
    c.dpd::smallint, CASE c."class" {_CLASS} END, coalesce(nullif(c.sub_grade, ''), '0')::smallint,
    c.state, {staff},
    nullif(c.registered, '')::boolean, btrim(c.agency), {fen["other_banks_debt"]},
    {fen["other_banks_over90"]}, {fen["allowance"]}"""


_ROWS = """
INSERT INTO {rows} (
    line, institution_id, contract_key, contract_no, note_no, id_key, id_no, borrower, household_key,
    household_no, kind, insider, employer, product, purpose, origin, guarantee, issued_on, due_on,
    original_due_on, amount, rate, period_months, principal, interest_on, interest_off, penalty,
    principal_unpaid_since, interest_unpaid_since, dpd, loan_class, sub_grade, state,
    lending_staff_no, collection_staff_no, approver_staff_no, registered, agency, other_banks_debt,
    other_banks_over90, allowance
)
"""
_HERE = """(
    SELECT institution.id, institution.code_key FROM portfolio_institution AS institution
    WHERE institution.bank_id = %(bank)s AND institution.lft BETWEEN %(lft)s AND %(rgt)s
        AND (institution.closed_on IS NULL OR institution.closed_on > %(as_of)s)
) AS institution"""
TAKE_PLAIN: Final = f"""
{_ROWS} SELECT {values("upper")}
FROM {{cells}} AS c JOIN {_HERE} ON institution.code_key = upper(c.institution)
WHERE {PLAIN}
"""  # noqa: S608  constants
TAKE_OTHERS: Final = f"""
{_ROWS} SELECT {values("portfolio_fold")}
FROM {{cells}} AS c JOIN {_HERE} ON institution.code_key = portfolio_fold(c.institution)
WHERE NOT EXISTS (SELECT FROM {{rows}} AS taken WHERE taken.line = c.line)
    AND NOT EXISTS (SELECT FROM {{faults}} AS fault WHERE fault.line = c.line)
"""  # noqa: S608  constants

# -- The faults of all others, cell by cell ------------------------------------------------------------------


def _full(pattern: str) -> str:
    """The pattern of a whole cell, as a text of SQL."""
    return "'^(" + pattern.replace("'", "''") + ")$'"


_DAYS: Final = tuple(column.name for column in COLUMNS if column.type == "date")
_DATED = ", ".join(
    f"CASE WHEN c.{name} ~ {_full(DATE)} AND pg_input_is_valid(c.{name}, 'date') THEN c.{name}::date END"
    f" AS {name}"
    for name in _DAYS
)
_EMPTY: Final = {
    "date": "tape/date",
    "money": "tape/money",
    "percent": "tape/number",
    "integer": "tape/number",
}
_ACROSS: Final = {
    "as_of": [("d.as_of <> %(as_of)s", "tape/date")],
    "institution": [("institution.id IS NULL", "tape/institution")],
    "issued_on": [("d.issued_on > %(as_of)s", "tape/dates-crossed")],
    "due_on": [("d.issued_on >= d.due_on", "tape/dates-crossed")],
    "original_due_on": [("d.original_due_on > d.due_on", "tape/dates-crossed")],
    "principal_unpaid_since": [("d.principal_unpaid_since > %(as_of)s", "tape/dates-crossed")],
    "interest_unpaid_since": [("d.interest_unpaid_since > %(as_of)s", "tape/dates-crossed")],
    "sub_grade": [
        (
            "c.\"class\" NOT IN ('special_mention', '关注') AND c.\"class\" IN ("
            + ", ".join(f"'{name}'" for name in BY_NAME)
            + ")",
            "tape/class",
        )
    ],
    "state": [
        (
            f"c.state = 'closed' AND c.principal ~ {_full(MONEY)} AND c.principal !~ '^[0.]+$'",
            "tape/closed-with-balance",
        )
    ],
}


def _conditions(column: Column) -> list[tuple[str, str]]:
    """The conditions and codes of a column in the order in which they are asked; an empty code: no fault."""
    cell, found = f'c."{column.name}"', []
    if column.name in IDENTIFIERS:
        found.append((f"left({cell}, 1) = E'\\x02' OR {cell} ~ {_full(DAMAGED)}", "tape/number-damaged"))
    blank = f"btrim({cell}, ' ') = ''" if column.type == "text" else f"{cell} = ''"
    found.append((blank, _EMPTY.get(column.type, "tape/missing") if column.required else ""))
    return [*found, *_of_type(column, cell), *_ACROSS.get(column.name, [])]


def _of_type(column: Column, cell: str) -> list[tuple[str, str]]:
    if column.type == "text":
        unfit = f"length({cell}) > {LONGEST} OR {cell} ~ E'[\\x01-\\x1f\\x7f-\\u009f]'"
        folded = f"portfolio_fold({cell})"
        return [
            (unfit, "tape/text"),
            *([(f"{folded} !~ {_full(IDENTITY)}", "tape/number-damaged")] if column.name == "id_no" else []),
            *([(f"{folded} = ''", "tape/missing")] if column.name in IDENTIFIERS else []),
        ]
    if column.type == "code":
        known = ", ".join(f"'{value}'" for value in VALUES[column.name])
        return [(f"{cell} NOT IN ({known})", "tape/class" if column.name == "class" else "tape/code")]
    if column.type == "date":
        return [(f"d.{column.name} IS NULL", "tape/date")]
    if column.type == "integer":
        pattern = _full(WHOLE[column.name])
        return [
            (f"{cell} !~ {pattern}", "tape/number"),
            (f"{cell}::integer > {MOST_DAYS}", "tape/number"),
        ]
    pattern = {"money": MONEY, "percent": PERCENT, "flag": "[01]"}[column.type]
    return [(f"{cell} !~ {_full(pattern)}", "tape/money" if column.type == "money" else "tape/number")]


def _case(column: Column) -> str:
    whens = " ".join(f"WHEN {condition} THEN nullif('{code}', '')" for condition, code in _conditions(column))
    return f"CASE {whens} END"


_JUDGED = ",\n".join(
    f"    ({place}, '{column.name}', c.\"{column.name}\", {_case(column)})"
    for place, column in enumerate(COLUMNS)
)
FAULTS: Final = f"""
INSERT INTO {{faults}} (line, place, col, value, code, only_warns)
SELECT c.line, judged.place, judged.col, left(ltrim(judged.value, E'\\x02'), {LONGEST}), judged.code, false
FROM {{cells}} AS c CROSS JOIN LATERAL (SELECT {_DATED}) AS d
    LEFT JOIN {_HERE} ON institution.code_key = portfolio_fold(c.institution)
    CROSS JOIN LATERAL (VALUES
{_JUDGED}
    ) AS judged (place, col, value, code)
WHERE judged.code IS NOT NULL AND NOT EXISTS (SELECT FROM {{rows}} AS taken WHERE taken.line = c.line)
"""  # noqa: S608  constants

# Of good rows of one contract the first stands.
DUPLICATES: Final = """
INSERT INTO {faults} (line, place, col, value, code, only_warns)
SELECT later.line, 2, 'contract_no', later.contract_no, 'tape/duplicate', false
FROM (
    SELECT contract_key, min(line) AS line FROM {rows} GROUP BY contract_key HAVING count(*) > 1
) AS first JOIN {rows} AS later ON later.contract_key = first.contract_key AND later.line > first.line
"""
LEAVE_OUT: Final = (
    "DELETE FROM {rows} AS row USING {faults} AS fault WHERE fault.line = row.line AND NOT only_warns"
)

# -- What only warns ---------------------------------------------------------------------------------

DAYS_DIFFER: Final = """
INSERT INTO {faults} (line, place, col, value, code, only_warns)
SELECT line, 26, 'dpd', dpd::text, 'tape/days-differ', true FROM {rows}
WHERE dpd <> coalesce(%(as_of)s - least(principal_unpaid_since, interest_unpaid_since), 0)
ORDER BY line LIMIT %(most)s
"""
_NAMED = "\nUNION ALL\n".join(
    f"SELECT min(line) AS line, {place} AS place, '{column.name}' AS col, {column.name} AS staff"  # noqa: S608  constants
    f" FROM {{rows}} WHERE {column.name} <> '' GROUP BY {column.name}"
    for place, column in enumerate(COLUMNS)
    if column.name in STAFF
)
# A staff number is told once for each column, at the first line that has it.
STAFF_UNKNOWN: Final = f"""
INSERT INTO {{faults}} (line, place, col, value, code, only_warns)
SELECT line, place, col, staff, 'tape/staff-unknown', true FROM (
{_NAMED}
) AS named
WHERE NOT EXISTS (
    SELECT FROM committee_person AS person WHERE person.bank_id = %(bank)s AND person.staff_key = named.staff
)
ORDER BY line LIMIT %(most)s
"""  # noqa: S608  constants
_DIFFERING = """
    SELECT row.line, {place} AS place, '{column}' AS col, row.{column} AS staff
    FROM {{rows}} AS row JOIN portfolio_loan AS loan
            ON loan.bank_id = %(bank)s AND loan.contract_key = row.contract_key
        LEFT JOIN portfolio_assignment AS duty ON duty.loan_id = loan.id AND duty.kind = '{kind}'
            AND NOT duty.corrected AND duty.from_on <= %(as_of)s
            AND coalesce(duty.to_on, %(as_of)s) >= %(as_of)s
    WHERE row.{column} <> '' AND {known} NOT IN ('', row.{column})
"""
# The duty here leads; of lending and approval the first number that a tape stated.
_DIFFERINGS = "UNION ALL".join(
    _DIFFERING.format(
        place=[column.name for column in COLUMNS].index(name),
        column=name,
        kind=kind,
        known="coalesce(duty.staff_key, {})".format("''" if kind == "collection" else f"loan.{name}"),
    )
    for name, kind in zip(STAFF, ("lending", "collection", "approval"), strict=True)
)
_OTHER_DUTY = "tape/duty-differs"
DUTY_DIFFERS: Final = f"""
INSERT INTO {{faults}} (line, place, col, value, code, only_warns)
SELECT line, place, col, staff, '{_OTHER_DUTY}', true FROM ({_DIFFERINGS}) AS differing
ORDER BY line LIMIT %(most)s
"""  # noqa: S608  constants
