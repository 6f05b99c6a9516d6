"""Databases that are thrown away have the tables of the one in use, no data, and an end."""

import contextlib

import psycopg
import pytest
from django.db import connections

from committee.models import Unit
from config.database import throwaway
from config.database.base import cluster

#: what stands in a schema: tables with their rights, functions, triggers, and the rights of tables to come
STANDS = """
SELECT 'table', relname::text, relkind::text, coalesce(relacl::text, '') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'function', proname::text, prosrc, coalesce(proacl::text, '') FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname::text, tgenabled::text, tgrelid::regclass::text FROM pg_trigger
    WHERE NOT tgisinternal
UNION ALL SELECT 'default', defaclrole::regrole::text, defaclobjtype::text, defaclacl::text
    FROM pg_default_acl
"""


def names():
    with cluster().connect("postgres") as superuser:
        return {row[0] for row in superuser.execute("SELECT datname FROM pg_database").fetchall()}


def stands(name):
    with cluster().connect(name) as superuser:
        return sorted(superuser.execute(STANDS).fetchall())


def test_they_have_all_that_stands_in_the_database_in_use_and_nothing_that_was_done(fresh_db):
    Unit.objects.create(name="某某银行", kind=Unit.Kind.HEAD_OFFICE)
    with throwaway.databases(2) as made:
        assert len({*made}) == 2
        for name in made:
            assert stands(name) == stands(fresh_db.name)
            assert len(stands(name)) > 300
        with throwaway.in_use(made[1]):
            assert not Unit.objects.exists()
            Unit.objects.create(name="Another", kind=Unit.Kind.HEAD_OFFICE)
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                psycopg.connect(fresh_db.dsn.replace(fresh_db.name, made[1])) as application,
            ):
                application.execute("DELETE FROM audit_entry")
        assert Unit.objects.get().name == "某某银行"
    assert not names() & {*made}


def test_they_are_gone_after_an_interrupt(fresh_db):
    with (
        contextlib.suppress(KeyboardInterrupt),
        throwaway.databases(1) as made,
        throwaway.in_use(made[0]),
    ):
        assert not Unit.objects.exists()
        raise KeyboardInterrupt
    assert not names() & {*made}
    assert connections["default"].settings_dict["NAME"] == fresh_db.name


def test_what_a_killed_process_left_is_gone_at_the_next_start_and_nothing_else(fresh_db):
    with cluster().connect("postgres") as superuser:
        mark = f"{throwaway.PREFIX}{throwaway._number_of_database(superuser)}_"
        left, others = f"{mark}0", f"{throwaway.PREFIX}0_0"
        for name in (left, others):
            superuser.execute(f'DROP DATABASE IF EXISTS "{name}"')  # of a run that was killed
            superuser.execute(f'CREATE DATABASE "{name}"')
        try:
            with throwaway.databases(1) as one:
                assert left not in names()
                with throwaway.databases(1):
                    assert {*one, others} <= names()
        finally:
            superuser.execute(f'DROP DATABASE "{others}"')


def test_an_owner_who_is_not_known_makes_none(monkeypatch):
    monkeypatch.setattr(throwaway, "connections", {"owner": type("Unknown", (), {"vendor": "unknown"})})
    with pytest.raises(throwaway.CannotMake, match="DATABASE_OWNER_URL is not set"), throwaway.databases(1):
        pass
