"""What is stored is compared with what the log tells, column by column, with every guard out of the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit import clock, watching
from audit.watching import stored
from config.database.roles import OWNER_ROLE
from config.packages import PACKAGES
from config.tables import LOG, TABLES, VOUCHED
from tests import databases
from tests.stage import MEETING, START, Stage

#: type → another value of the column, and one to begin with
VALUES = {
    "boolean": ("NOT coalesce({0}, false)", "false"),
    "smallint": ("coalesce({0}, 0) + 1", "1"),
    "integer": ("coalesce({0}, 0) + 1", "1"),
    "bigint": ("coalesce({0}, 0) + 1000000", "1"),
    "numeric": ("coalesce({0}, 0) + 1", "1"),
    "text": ("CASE left({0}, 1) WHEN 'x' THEN 'y' ELSE 'x' END || coalesce(substr({0}, 2), '')", "'a'"),
    "character varying": (
        "CASE left({0}, 1) WHEN 'x' THEN 'y' ELSE 'x' END || coalesce(substr({0}, 2), '')",
        "'a'",
    ),
    "jsonb": ("jsonb_build_array({0})", "'{}'"),
    "timestamp with time zone": ("coalesce({0}, now()) + interval '1 microsecond'", "now()"),
    "date": ("coalesce({0}, current_date) + 1", "current_date"),
    "bytea": ("sha256({0})", r"'\x01'"),
    "_varchar": ("array_append({0}, 'x')", "'{a}'"),
    "_int4": ("array_append({0}, 9)", "'{1}'"),
}


def run(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def columns(table: str) -> list[tuple[str, str, bool]]:
    """Name, type, and whether it may be null, of each column."""
    return run(
        "SELECT column_name, CASE data_type WHEN 'ARRAY' THEN udt_name ELSE data_type END,"
        " is_nullable = 'YES'"
        " FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        [table],
    )


def loosen() -> None:
    """Nothing but the watching itself is in the way of a change: no constraint, no index, no trigger."""
    for table, name in run(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('p', 'n', 't') AND conrelid <> 0"
        " AND conrelid::regclass::text = ANY(%s) ORDER BY contype <> 'f'",
        [list(VOUCHED)],
    ):
        run(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
    for (name,) in run(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisprimary AND indisunique"
        " AND indrelid::regclass::text = ANY(%s)",
        [list(VOUCHED)],
    ):
        run(f"DROP INDEX IF EXISTS {name}")
    for table in VOUCHED:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_touched_insert")


def row_of(table: str) -> int:
    """The id of the table's newest row, which is made, and vouched for, where there is none."""
    (newest,) = run(f"SELECT max(id) FROM {table}")[0]
    if newest is None:
        needed = [(name, kind) for name, kind, null in columns(table) if not null and name != "id"]
        names = ", ".join(f'"{name}"' for name, _ in needed)
        values = ", ".join(VALUES[kind][1] for _, kind in needed)
        with transaction.atomic():
            run(f"INSERT INTO {table} ({names}) VALUES ({values})")
            run("SELECT audit_vouch('a row to try')")
        (newest,) = run(f"SELECT max(id) FROM {table}")[0]
    return newest


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker: Any, template: str) -> Iterator[databases.Database]:
    """A database of its own with a case from the founding to the last receipt, under its owner's role."""
    own = databases.clone(template)
    default = connections["default"]
    with django_db_blocker.unblock(), databases.django_on(own), clock.frozen(START):
        stage = Stage().to("noticed")
        stage.proxy()
        stage.travel(MEETING)
        stage.sign_in("chair", "seat2", "deputy3")
        stage.do("open_meeting")
        stage.do("take_up")
        stage.do("record_opinion", text="Sound")
        stage.do("open_vote")
        for seat in ("chair", "seat2", "deputy3"):
            stage.do("cast", seat, choice="for")
        stage.step = "voted"
        stage.to("completed")
        assert list(stored(None)) == []
        default.close()
        default.close_pool()
        default.settings_dict["USER"] = OWNER_ROLE
        yield own
    databases.drop(own)


def test_every_model_has_a_line_that_names_its_columns_and_gives_its_reasons():
    models_of = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    assert set(TABLES) - {"django_migrations"} == set(models_of) - LOG
    for name, model in models_of.items():
        if model._meta.app_label not in PACKAGES or name in LOG:
            continue
        table, there = TABLES[name], {field.column for field in model._meta.concrete_fields}
        assert {*table.unvouched, *table.secret, *table.update.split()} <= there, name
        assert all(reason.strip() for reason in table.unvouched.values()), name
        assert table.apart or "id" in there, name
        assert not (table.apart and (table.unvouched or table.secret)), name


WRONG = {
    "a plan": ("proposals_planversion", """document = document || '{"title": "Another"}'""", "document"),
    "signed minutes": ("office_minutes", "narrative = 'Nothing was said.'", "narrative"),
    "an opinion": ("committee_opinion", "text = 'Unsound'", "text"),
    "a receipt": ("proposals_receipt", "amount = amount + 1", "amount"),
    "a resolution": ("committee_resolution", "digest = repeat('0', 64)", "digest"),
    "a state": ("proposals_proposal", "state = 'rejected'", "state"),
}


def test_the_command_names_what_was_changed(played, subtests):
    call_command("audit", "verify")
    for what, (table, change, column) in WRONG.items():
        with subtests.test(what):
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            run(f"CREATE TABLE sound AS TABLE {table}")
            run(f"UPDATE {table} SET {change}")
            with pytest.raises(CommandError, match=rf"tells of {table} \d+ otherwise .*: {column}"):
                call_command("audit", "verify")
            run(f"UPDATE {table} SET {column} = sound.{column} FROM sound WHERE sound.id = {table}.id")
            run("DROP TABLE sound")
    call_command("audit", "verify")


def test_a_table_that_begins_to_be_watched_is_vouched_for_row_by_row(played, monkeypatch):
    monkeypatch.setattr(watching, "CHUNK", 2)
    ((rows, first),) = run("SELECT count(*), min(id) FROM committee_unit")
    with transaction.atomic(), connection.cursor() as cursor:
        run("ALTER TABLE committee_unit DISABLE TRIGGER USER")
        run("UPDATE committee_unit SET name = name || 'x'")
        assert (len(list(stored(None, tables=["committee_unit"]))), first) == (rows, 1)
        for event in watching.EVENTS:
            run(f"DROP TRIGGER audit_touched_{event.lower()} ON committee_unit")
        assert watching.watch(cursor) == ["committee_unit"]
        assert list(stored(None, tables=["committee_unit"])) == []
        transaction.set_rollback(True)


def named(table: str, pk: int, statement: str) -> list[str]:
    """The faults of the table once the statement was carried out; it is undone."""
    with transaction.atomic():
        run(statement, [pk])
        found = [str(fault) for fault in stored(None, tables=[table])]
        transaction.set_rollback(True)
    return found


def test_every_change_of_every_column_is_named(played, subtests):
    loosen()
    unnamed = []
    for table, (unvouched, secret) in VOUCHED.items():
        pk = row_of(table)
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert list(stored(None, tables=[table])) == [], table
        kinds = {column: kind for column, kind, _ in columns(table) if column not in unvouched}
        # each in a statement of its own would prove no more: every column is compared and named by itself
        for group in (
            [each for each in kinds if each not in ("id", *secret)],
            ["id"],
            *([each] for each in secret),
        ):
            changes = ", ".join(f'"{each}" = ' + VALUES[kinds[each]][0].format(f'"{each}"') for each in group)
            found = named(table, pk, f"UPDATE {table} SET {changes} WHERE id = %s")
            about = [each for each in found if f"{table} {pk}" in each]
            told = {name.strip() for each in about for name in each.rpartition(": ")[2].split(",")}
            if not about or (group[0] not in ("id", *secret) and set(group) != told):
                unnamed.append((table, set(group) - told, found))
        removed = named(table, pk, f"DELETE FROM {table} WHERE id = %s")
        assert any(each.endswith(f"tells of {table} {pk}, which is gone") for each in removed), table
        given = ", ".join(f'"{name}"' for name, *_ in columns(table) if name != "id")
        added = f"INSERT INTO {table} (id, {given}) SELECT id + 1000000, {given} FROM {table} WHERE id = %s"
        assert named(table, pk, added) == [f"{table} #{pk + 1000000}: is a row that no entry tells of"]
    assert unnamed == []
