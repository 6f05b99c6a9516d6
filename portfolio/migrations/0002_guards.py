"""The balances by day, the tables on which a tape is read, and what never changes.

The application's role creates no table: the functions here do, as their owner. The rows of a day are one
partition, which is filled before it is attached, so that nobody sees half a day.
"""

from django.conf import settings
from django.db import migrations
from psycopg import sql

from committee.migrations._guards import never_changes, stays
from portfolio.tape import COLUMNS
from regulation.text import DASHES, is_invisible


def _ranges(chars):
    """The characters as the inside of a bracket of a regular expression."""
    found = []
    for code in map(ord, chars):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in found)


INVISIBLE = _ranges(
    char for char in map(chr, (*range(0x20000), *range(0xE0000, 0xE1000))) if is_invisible(char)
)

# Columns by length, so that none is padded: 84 bytes a row.
BALANCE = """
CREATE TABLE public.portfolio_balance (
    loan_id bigint NOT NULL,
    principal bigint NOT NULL,
    interest_on bigint NOT NULL,
    interest_off bigint NOT NULL,
    penalty bigint NOT NULL,
    as_of date NOT NULL,
    institution_id integer NOT NULL,
    dpd smallint NOT NULL,
    loan_class smallint NOT NULL,
    sub_grade smallint NOT NULL,
    state smallint NOT NULL,
    CONSTRAINT portfolio_balance_pkey PRIMARY KEY (loan_id, as_of)
) PARTITION BY RANGE (as_of);
"""

DAYS = """
-- An empty table for the balances of the day; portfolio_close_day makes it the day's partition.
CREATE FUNCTION public.portfolio_open_day(day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made text := 'portfolio_balance_' || to_char(day, 'YYYYMMDD') || '_new';
BEGIN
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.portfolio_balance, CONSTRAINT %I CHECK (as_of >= %L AND as_of < %L))',
        made, made || '_day', day, day + 1
    );
    EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, {app}', made);
    EXECUTE format('GRANT SELECT, INSERT ON public.%I TO {app}', made);
    RETURN made;
END
$$;
CREATE FUNCTION public.portfolio_close_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'portfolio_balance_' || to_char(day, 'YYYYMMDD');
BEGIN
    EXECUTE format('ALTER TABLE public.%I ADD PRIMARY KEY (loan_id, as_of)', name || '_new');
    EXECUTE format('REVOKE ALL ON public.%I FROM {app}', name || '_new');
    EXECUTE format('DROP TABLE IF EXISTS public.%I', name);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', name || '_new', name);
    EXECUTE format('ALTER INDEX public.%I RENAME TO %I', name || '_new_pkey', name || '_pkey');
    EXECUTE format(
        'ALTER TABLE public.portfolio_balance ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, day, day + 1
    );
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT %I', name, name || '_new_day');
    EXECUTE format('ANALYZE public.%I', name);
END
$$;
-- Whatever the setting says, a day of the last month, a 10th, a 20th and the last day of a month stay.
CREATE FUNCTION public.portfolio_drop_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF day > current_date - 31 OR extract(day FROM day) IN (10, 20) OR extract(day FROM day + 1) = 1 THEN
        RAISE EXCEPTION 'the balances of % stay', day USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS public.%I', 'portfolio_balance_' || to_char(day, 'YYYYMMDD'));
END
$$;
"""

STAGES = """
-- The tables on which a tape of the bank is read, in the transaction of its import: its cells as texts, what its
-- good rows say, and the faults of the others.
CREATE FUNCTION public.portfolio_stage(bank bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.%I (line integer GENERATED ALWAYS AS IDENTITY (START 2), {cells})'
        ' WITH (autovacuum_enabled = false)', 'portfolio_cells_' || bank
    );
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.%I ({rows}) WITH (autovacuum_enabled = false)', 'portfolio_rows_' || bank
    );
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.%I (line integer NOT NULL, place smallint NOT NULL, col text NOT NULL,'
        ' value text NOT NULL, code text NOT NULL, only_warns boolean NOT NULL) WITH (autovacuum_enabled = false)',
        'portfolio_faults_' || bank
    );
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.%I (loan_id bigint NOT NULL, before_class smallint,'
        ' before_sub_grade smallint, day_class smallint, day_sub_grade smallint, next_class smallint,'
        ' next_sub_grade smallint, next_tape_id integer) WITH (autovacuum_enabled = false)',
        'portfolio_moves_' || bank
    );
    EXECUTE format(
        'REVOKE ALL ON public.%1$I, public.%2$I, public.%3$I, public.%4$I FROM PUBLIC, {app};'
        ' GRANT SELECT, INSERT, DELETE ON public.%1$I, public.%2$I, public.%3$I, public.%4$I TO {app}',
        'portfolio_cells_' || bank, 'portfolio_rows_' || bank, 'portfolio_faults_' || bank,
        'portfolio_moves_' || bank
    );
END
$$;
-- The planner knows what was just written.
CREATE FUNCTION public.portfolio_staged(bank bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'ANALYZE public.%I (contract_key, id_key, household_key, institution_id, loan_class, state)',
        'portfolio_rows_' || bank
    );
END
$$;
CREATE FUNCTION public.portfolio_known() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    ANALYZE public.portfolio_household, public.portfolio_borrower, public.portfolio_loan,
        public.portfolio_classchange;
$$;
CREATE FUNCTION public.portfolio_unstage(bank bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'DROP TABLE public.%I, public.%I, public.%I, public.%I',
        'portfolio_cells_' || bank, 'portfolio_rows_' || bank, 'portfolio_faults_' || bank,
        'portfolio_moves_' || bank
    );
END
$$;
-- The comparable form of an identifier, as regulation.text.folded_identifier has it.
CREATE FUNCTION public.portfolio_fold(said text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN said ~ '^[ -~]*$' THEN upper(replace(said, ' ', ''))
    ELSE normalize(upper(regexp_replace(
        translate(normalize(said, NFKC), 'DASHES', 'HYPHENS'), '[[:space:][:cntrl:]INVISIBLE]', '', 'g'
    )), NFKC) END
$$;
"""
for name, stands in {"INVISIBLE": INVISIBLE, "DASHES": DASHES, "HYPHENS": "-" * len(DASHES)}.items():
    STAGES = STAGES.replace(name, stands)
#: what a good row says: money in fen, identifiers folded beside how they are written
ROWS = """
line integer NOT NULL, institution_id integer NOT NULL, contract_key text NOT NULL, contract_no text NOT NULL,
note_no text NOT NULL, id_key text NOT NULL, id_no text NOT NULL, borrower text NOT NULL,
household_key text NOT NULL, household_no text NOT NULL, kind text NOT NULL, insider text NOT NULL,
employer text NOT NULL, product text NOT NULL, purpose text NOT NULL, origin text NOT NULL,
guarantee text NOT NULL, issued_on date NOT NULL, due_on date NOT NULL, original_due_on date,
amount bigint NOT NULL, rate numeric(9, 6) NOT NULL, period_months smallint, principal bigint NOT NULL,
interest_on bigint NOT NULL, interest_off bigint NOT NULL, penalty bigint NOT NULL, principal_unpaid_since date,
interest_unpaid_since date, dpd smallint NOT NULL, loan_class smallint NOT NULL, sub_grade smallint NOT NULL,
state text NOT NULL, lending_staff_no text NOT NULL, collection_staff_no text NOT NULL,
approver_staff_no text NOT NULL, registered boolean, agency text NOT NULL, other_banks_debt bigint,
other_banks_over90 bigint, allowance bigint
"""
RIGHTS = """
REVOKE ALL ON FUNCTION public.portfolio_open_day(date), public.portfolio_close_day(date),
    public.portfolio_drop_day(date), public.portfolio_stage(bigint), public.portfolio_staged(bigint),
    public.portfolio_known(), public.portfolio_unstage(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.portfolio_open_day(date), public.portfolio_close_day(date),
    public.portfolio_drop_day(date), public.portfolio_stage(bigint), public.portfolio_staged(bigint),
    public.portfolio_known(), public.portfolio_unstage(bigint) TO {app};
"""
NO_FUNCTIONS = """
DROP FUNCTION public.portfolio_fold(text);
DROP FUNCTION public.portfolio_unstage(bigint);
DROP FUNCTION public.portfolio_known();
DROP FUNCTION public.portfolio_staged(bigint);
DROP FUNCTION public.portfolio_stage(bigint);
DROP FUNCTION public.portfolio_drop_day(date);
DROP FUNCTION public.portfolio_close_day(date);
DROP FUNCTION public.portfolio_open_day(date);
"""


def _functions():
    app = sql.Identifier(settings.APP_ROLE).as_string()
    cells = ", ".join(
        f"{sql.Identifier(column.name).as_string()} text NOT NULL DEFAULT ''''" for column in COLUMNS
    )
    written = DAYS + STAGES + RIGHTS
    for name, stands in {"app": app, "cells": cells, "rows": ROWS.strip().replace("\n", " ")}.items():
        written = written.replace("{" + name + "}", stands)
    return written


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(BALANCE, "DROP TABLE public.portfolio_balance;"),
        migrations.RunSQL(_functions(), NO_FUNCTIONS),
        never_changes("portfolio_policyversion"),
        stays("portfolio_assignment", "person_id", "to_on", "corrected*"),
        stays("portfolio_tape", "state*", "released_by_id*", "released_at*", "reason*"),
        stays("portfolio_institution", "ranked*", "merged_into_id", "closed_on", "lft*", "rgt*"),
    ]
