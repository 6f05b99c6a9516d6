"""The tables of the tree are only added to, in order, and by the sealer's role alone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.databases import Database

FULL = bytes(8192)
ONE = bytes(range(32))


@pytest.fixture
def sealer(fresh_db: Database) -> Any:
    with psycopg.connect(fresh_db.sealer_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def filled(sealer: Any) -> Any:
    """Two leaves, a full tile and one that is begun, a mark and a checkpoint."""
    sealer.execute("INSERT INTO audit_leaf VALUES (0, 'meeting:1', 1), (1, 'meeting:1', 2)")
    sealer.execute("INSERT INTO audit_tile VALUES (0, 0, %s), (0, 1, %s)", [FULL, ONE])
    sealer.execute("INSERT INTO audit_sealed VALUES ('meeting:1', 2)")
    sealer.execute("INSERT INTO audit_checkpoint (size, note) VALUES (2, 'note')")
    return sealer


GROWS = [
    ("INSERT INTO audit_leaf VALUES (2, 'meeting:1', 3), (3, 'meeting:2', 1)", ()),
    ("UPDATE audit_tile SET hashes = %s WHERE index = 1", (ONE * 2,)),
    ("INSERT INTO audit_tile VALUES (1, 0, %s)", (ONE,)),
    ("UPDATE audit_sealed SET seq = 3", ()),
    ("UPDATE audit_checkpoint SET note = 'note and another'", ()),
    ("INSERT INTO audit_checkpoint (size, note) VALUES (3, 'later')", ()),
]
REFUSED = [
    ("INSERT INTO audit_leaf VALUES (3, 'meeting:1', 3)", ()),
    ("INSERT INTO audit_leaf VALUES (2, 'meeting:1', 3), (4, 'meeting:1', 4)", ()),
    ("INSERT INTO audit_leaf VALUES (-1, 'meeting:1', 3)", ()),
    ("INSERT INTO audit_leaf VALUES (1, 'meeting:1', 3)", ()),
    ("INSERT INTO audit_leaf VALUES (2, 'meeting:1', 2)", ()),
    ("UPDATE audit_tile SET hashes = %s WHERE index = 1", (bytes(32) * 2,)),
    ("UPDATE audit_tile SET hashes = %s WHERE index = 1", (ONE,)),
    ("UPDATE audit_tile SET hashes = %s WHERE index = 1", (ONE * 2 + b"x",)),
    ("UPDATE audit_tile SET hashes = %s WHERE index = 0", (FULL + ONE,)),
    ("INSERT INTO audit_tile VALUES (0, 2, %s)", (ONE,)),
    ("INSERT INTO audit_tile VALUES (0, 3, %s)", (ONE,)),
    ("INSERT INTO audit_tile VALUES (2, 1, %s)", (ONE,)),
    ("INSERT INTO audit_tile VALUES (1, 0, '')", ()),
    ("UPDATE audit_sealed SET seq = 2", ()),
    ("UPDATE audit_sealed SET seq = 1", ()),
    ("UPDATE audit_checkpoint SET note = 'other'", ()),
    ("INSERT INTO audit_checkpoint (size, note) VALUES (1, 'smaller')", ()),
    ("INSERT INTO audit_checkpoint (size, note) VALUES (2, 'again')", ()),
]


def tried(connection: Any, statement: str, given: Any) -> str:
    """What became of the statement: its error's name, or nothing. It is undone."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement, given)
    except psycopg.Error as error:
        return type(error).__name__
    return ""


def test_the_tree_grows_at_its_right_edge(filled: Any) -> None:
    assert [tried(filled, *each) for each in GROWS] == [""] * len(GROWS)


def test_what_is_no_growth_is_refused(filled: Any) -> None:
    for statement, given in REFUSED:
        assert tried(filled, statement, given) in {"CheckViolation", "UniqueViolation"}, statement


def test_nothing_is_removed_or_changed_even_by_the_owner_or_in_replica_mode(
    filled: Any, fresh_db: Database
) -> None:
    with fresh_db.cluster.connect(fresh_db.name) as superuser:
        superuser.execute("SET session_replication_role = 'replica'")
        for table in ("leaf", "tile", "sealed", "checkpoint"):
            for verb in ("DELETE FROM", "TRUNCATE"):
                statement = f"{verb} audit_{table}"
                assert tried(superuser, statement, ()) == "InsufficientPrivilege", statement
                with fresh_db.owner() as owner:
                    assert tried(owner, statement, ()) == "InsufficientPrivilege", statement
        assert tried(superuser, "UPDATE audit_leaf SET seq = 9", ()) == "InsufficientPrivilege"
        for statement, given in REFUSED:
            assert tried(superuser, statement, given), statement


def test_the_application_reads_the_tree_and_the_sealer_alone_writes_it(
    filled: Any, fresh_db: Database
) -> None:
    with fresh_db.connect(autocommit=True) as application:
        assert application.execute("SELECT count(*) FROM audit_leaf").fetchone() == (2,)
        for statement, given in GROWS:
            assert tried(application, statement, given) == "InsufficientPrivilege", statement


def test_the_sealer_has_no_other_right(sealer: Any) -> None:
    found = sealer.execute(
        "SELECT relname, has_any_column_privilege(oid, 'SELECT'),"
        " has_any_column_privilege(oid, 'INSERT, UPDATE')"
        " FROM pg_class WHERE relkind IN ('r', 'p', 'v') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for name, reads, _ in found if reads} == {
        "audit_entry", "audit_head", "audit_leaf", "audit_tile", "audit_sealed", "audit_checkpoint",
    }  # fmt: skip
    assert {name for name, _, writes in found if writes} == {
        "audit_leaf", "audit_tile", "audit_sealed", "audit_checkpoint",
    }  # fmt: skip
    assert tried(sealer, "SELECT actor FROM audit_entry", ()) == "InsufficientPrivilege"


def test_tiles_are_stored_beside_their_table_uncompressed(sealer: Any) -> None:
    found = sealer.execute(
        "SELECT attstorage FROM pg_attribute WHERE attrelid = 'audit_tile'::regclass AND attname = 'hashes'"
    ).fetchone()
    assert found == ("e",)


def test_without_the_role_of_the_sealer_the_migration_says_what_to_do(fresh_db: Database) -> None:
    from importlib import import_module  # the name of a migration begins with a digit

    role = (
        import_module("audit.migrations.0003_tree")
        .ROLE.as_string()
        .replace("'lianxi_sealer'", "'nobody_here'")
    )
    with fresh_db.owner() as owner, pytest.raises(psycopg.errors.RaiseException, match="nobody_here") as told:
        owner.execute(sql.SQL(role))
    assert "docs/operations.md" in str(told.value.diag.message_hint)
