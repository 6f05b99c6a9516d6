"""The application's role may do with each table what `config/tables.py` says, and nothing more."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from config.database.roles import APP_ROLE
from config.tables import ALL, LOG, TABLES, VOUCHED

#: what the migration of the log gives: table → may insert into these columns
OF_THE_LOG = {
    "audit_entry": {"stream", "at", "actor", "action", "subject", "commitment"},
    "audit_payload": {"commitment", "salt", "body"},
    "audit_head": set(),
    "audit_leaf": set(),
    "audit_tile": set(),
    "audit_sealed": set(),
    "audit_checkpoint": set(),
}
NEVER = ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")


def run(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def tables() -> dict[str, list[str]]:
    """Every table, with its columns."""
    rows = run(
        "SELECT relname, array_agg(attname::text ORDER BY attnum)"
        " FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND attnum > 0"
        " AND NOT attisdropped GROUP BY 1 ORDER BY 1"
    )
    return dict(rows)


#: tries each statement and undoes it; tells those for which the role does not lack the right
TRIED = """
DO $$
DECLARE attempt text; told text[] := '{}';
BEGIN
    FOR attempt IN SELECT jsonb_array_elements_text(current_setting('test.attempts')::jsonb) LOOP
        BEGIN
            EXECUTE attempt;
            RAISE EXCEPTION USING ERRCODE = 'P0099';
        EXCEPTION
            WHEN insufficient_privilege THEN NULL;
            WHEN OTHERS THEN told := told || attempt;
        END;
    END LOOP;
    PERFORM set_config('test.allowed', to_jsonb(told)::text, true);
END $$
"""


def not_refused(attempts: list[str]) -> list[str]:
    """Those of the statements for which the application's role does not lack the right, in one round trip."""
    run("SELECT set_config('test.attempts', %s, true)", [json.dumps(attempts)])
    run(TRIED)
    ((told,),) = run("SELECT current_setting('test.allowed')")
    return list(json.loads(told))


@pytest.mark.django_db
def test_what_is_tried_and_not_refused_is_told():
    fine, wrong, lacking = "SELECT 1", "SELECT 1/0", "UPDATE audit_entry SET actor = actor"
    assert not_refused([fine, lacking, wrong]) == [fine, wrong]


@pytest.mark.django_db
def test_every_table_has_its_line():
    missing = set(tables()) - set(TABLES) - LOG
    assert not missing, f"give these tables their lines in config/tables.py: {sorted(missing)}"
    assert set(TABLES) <= set(tables())


def read_by_rules() -> set[str]:
    """The tables of the models that actions, transitions and the judges of dossiers import."""
    named = {model.__name__: model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    root = Path(settings.BASE_DIR)
    found = set()
    for pattern in ("*/actions/*.py", "*/transitions.py", "office/dossier/*.py"):
        for file in root.glob(pattern):
            if file.parts[-2:] == ("dossier", "verdicts.py"):
                continue  # which keeps what the judges found
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and ".models" in (node.module or ""):
                    found |= {named[each.name] for each in node.names if each.name in named}
    return found


def test_every_table_is_vouched_for_or_made_again_or_says_why_not():
    """A rule reads no table of which the log's checks know nothing."""
    for name, table in TABLES.items():
        assert (name in VOUCHED) != bool(table.apart), name
        assert not table.made_again or (table.apart and table.made_again in settings.AUDIT_CHECKS), name
        assert table.apart or not set(table.unvouched) - set(table.update.split()), name
    rules = read_by_rules()
    assert {"proposals_plancontract", "proposals_livecontract", "voting_ballot"} <= rules
    ours = {name for name in rules & {*TABLES} if TABLES[name].apart != "a library's"}
    unknown = {name for name in ours if name not in VOUCHED and not TABLES[name].made_again}
    assert unknown == set(), f"vouch for these, or name the check that makes them again: {sorted(unknown)}"


@pytest.mark.django_db
def test_the_rights_are_exactly_those_of_the_lines():
    for name, columns in tables().items():
        line = TABLES.get(name)
        updated = set(columns if line and line.update == ALL else line.update.split() if line else ())
        inserted = OF_THE_LOG.get(name, set(columns) if line and line.insert else set())
        (given,) = run(
            "SELECT has_table_privilege(%s, 'SELECT'), has_table_privilege(%s, 'DELETE'),"
            " has_table_privilege(%s, 'UPDATE')",
            [name] * 3,
        )
        assert given == (True, bool(line and line.delete), False), name
        by_column = run(
            "SELECT name, has_column_privilege(%s, name, 'INSERT'), has_column_privilege(%s, name, 'UPDATE')"
            " FROM unnest(%s::text[]) AS name",
            [name, name, columns],
        )
        assert {column for column, insert, _ in by_column if insert} == inserted, name
        assert {column for column, _, update in by_column if update} == updated, name
        assert not any(run("SELECT has_table_privilege(%s, %s)", [name, right])[0][0] for right in NEVER), (
            name
        )


@pytest.mark.django_db
def test_what_no_line_gives_is_refused():
    attempts = []
    for name, columns in tables().items():
        line = TABLES.get(name)
        may = set(columns if line and line.update == ALL else line.update.split() if line else ())
        attempts += [
            f'UPDATE {name} SET "{column}" = "{column}" WHERE false' for column in set(columns) - may
        ]
        attempts += [f"TRUNCATE {name} CASCADE"]
        if not (line and line.delete):
            attempts += [f"DELETE FROM {name} WHERE false"]
            # a lock stronger than what an insert takes asks for UPDATE or DELETE on the whole table
            attempts += [f"LOCK TABLE {name} IN {mode} MODE NOWAIT" for mode in ("SHARE", "ACCESS EXCLUSIVE")]
    assert len(attempts) > len(tables())
    assert not_refused(attempts) == []


def test_a_new_table_gives_select_and_insert_until_it_has_a_line(fresh_db):
    with fresh_db.owner(autocommit=True) as owner:
        owner.execute("CREATE TABLE fresh (id int)")
        (given,) = owner.execute(
            "SELECT array_agg(privilege_type::text ORDER BY 1) FROM information_schema.role_table_grants"
            " WHERE table_name = 'fresh' AND grantee = %s",
            [APP_ROLE],
        ).fetchall()
    assert given == (["INSERT", "SELECT"],)
