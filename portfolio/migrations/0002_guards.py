"""The balances by day, the tables on which a tape is read, and what never changes.

The application's role creates no table: the functions here do, as their owner. The rows of a day are one
partition, which is filled before it is attached, so that nobody sees half a day.
"""

from django.conf import settings
from django.db import migrations
from psycopg import sql

from committee.migrations._guards import never_changes, stays
from portfolio.tape import COLUMNS

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
-- The tables on which a tape of the bank is read, in the transaction of its import: its cells as texts, and what
-- its good rows say.
CREATE FUNCTION public.portfolio_stage(bank integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.%I (line integer GENERATED ALWAYS AS IDENTITY (START 2), {cells})'
        ' WITH (autovacuum_enabled = false)', 'portfolio_cells_' || bank
    );
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.%I (line integer NOT NULL, contract_key text NOT NULL, id_key text NOT NULL,'
        ' household_key text NOT NULL, institution_id integer NOT NULL, loan_class smallint NOT NULL)'
        ' WITH (autovacuum_enabled = false)', 'portfolio_rows_' || bank
    );
    EXECUTE format(
        'REVOKE ALL ON public.%1$I, public.%2$I FROM PUBLIC, {app};'
        ' GRANT SELECT, INSERT ON public.%1$I, public.%2$I TO {app}',
        'portfolio_cells_' || bank, 'portfolio_rows_' || bank
    );
END
$$;
CREATE FUNCTION public.portfolio_staged(bank integer, which text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF which NOT IN ('cells', 'rows') THEN
        RAISE EXCEPTION 'no such table: %', which;
    END IF;
    EXECUTE format('ANALYZE public.%I', 'portfolio_' || which || '_' || bank);
END
$$;
CREATE FUNCTION public.portfolio_unstage(bank integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE public.%I, public.%I', 'portfolio_cells_' || bank, 'portfolio_rows_' || bank);
END
$$;
"""
RIGHTS = """
REVOKE ALL ON FUNCTION public.portfolio_open_day(date), public.portfolio_close_day(date),
    public.portfolio_drop_day(date), public.portfolio_stage(integer), public.portfolio_staged(integer, text),
    public.portfolio_unstage(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.portfolio_open_day(date), public.portfolio_close_day(date),
    public.portfolio_drop_day(date), public.portfolio_stage(integer), public.portfolio_staged(integer, text),
    public.portfolio_unstage(integer) TO {app};
"""
NO_FUNCTIONS = """
DROP FUNCTION public.portfolio_unstage(integer);
DROP FUNCTION public.portfolio_staged(integer, text);
DROP FUNCTION public.portfolio_stage(integer);
DROP FUNCTION public.portfolio_drop_day(date);
DROP FUNCTION public.portfolio_close_day(date);
DROP FUNCTION public.portfolio_open_day(date);
"""


def _functions():
    app = sql.Identifier(settings.APP_ROLE).as_string()
    cells = ", ".join(
        f"{sql.Identifier(column.name).as_string()} text NOT NULL DEFAULT ''''" for column in COLUMNS
    )
    return (DAYS + STAGES + RIGHTS).replace("{app}", app).replace("{cells}", cells)


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
