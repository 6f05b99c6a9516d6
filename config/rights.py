"""Grants of the application's role, as `tables.py` lists them."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from config.tables import ALL, LOG, TABLES, Table

# A table's partitions are read and written through it, and need no rights of their own.
_TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
_DEFAULTS = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {app};
"""


def give(cursor: Any, role: str) -> None:
    """Grant the rights of each table's line, as its owner; a table without a line gets SELECT and INSERT.

    The tables of the audit log keep the rights that their migration gave.
    """
    app = sql.Identifier(role)
    cursor.execute(sql.SQL(_DEFAULTS).format(app=app))
    cursor.execute(_TABLES)
    for (name,) in cursor.fetchall():
        if name in LOG:
            continue
        table = sql.Identifier(name)
        cursor.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(table, app))
        for right in _rights(cursor, name, TABLES.get(name, Table())):
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(right, table, app))


def _rights(cursor: Any, name: str, table: Table) -> list[sql.Composable]:
    rights: list[sql.Composable] = [sql.SQL("SELECT")]
    if table.insert:
        rights.append(sql.SQL("INSERT"))
    if table.delete:
        rights.append(sql.SQL("DELETE"))
    cursor.execute(_COLUMNS, [name])
    there = [column for (column,) in cursor.fetchall()]
    wanted = there if table.update == ALL else table.update.split()
    columns = [sql.Identifier(column) for column in wanted if column in there]
    if columns:
        rights.append(sql.SQL("UPDATE ({})").format(sql.SQL(", ").join(columns)))
    return rights
