"""Temporary databases with the tables of the database in use and without data; that one is not changed.

They are created by the superuser of the embedded server, or on another server by the owner's role, which
needs CREATEDB. They are dropped when the block ends. Databases left behind by a killed process are dropped at
the next start: their creator no longer holds the advisory lock that marks them.
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from config.database import programs, roles
from config.database.base import DatabaseWrapper, cluster

PREFIX = "lianxi_throwaway_"
_LOCKS = 5_120_312  # the first of two lock numbers; no other code uses it
#: filled by the migrations, with the same rows in every database of one version
_FILLED = ("django_content_type", "auth_permission", "django_migrations")
_ALIASES = ("default", "owner", "sealer")


class CannotMake(Exception):
    """Raised when no database can be created; the text has the reason and the remedy."""


@contextlib.contextmanager
def databases(count: int) -> Iterator[list[str]]:
    """Yield the names of `count` empty databases, dropped when the block ends.

    The database in use must be migrated. CannotMake without the right to create databases.
    """
    with contextlib.ExitStack() as stack:
        maker = stack.enter_context(contextlib.closing(_maker()))
        made: list[str] = []
        stack.callback(_drop_all, maker, made)
        mark = f"{PREFIX}{_number_of_database(maker)}_"
        _drop_left_over(maker, mark)
        for _ in range(count):
            name = _make(maker, mark, made[0] if made else None)
            made.append(name)
            if len(made) == 1:
                _copy_tables(name)
        yield made


@contextlib.contextmanager
def in_use(name: str) -> Iterator[None]:
    """Use the database of that name in this process, for all roles, until the block ends."""
    before = {alias: connections[alias].settings_dict["NAME"] for alias in _ALIASES}
    use(name)
    try:
        yield
    finally:
        for alias, former in before.items():
            _lead(alias, former)


def use(name: str) -> None:
    """Use the database of that name in this process, for all roles, from now on."""
    for alias in _ALIASES:
        _lead(alias, name)


def _lead(alias: str, name: str) -> None:
    found: Any = connections[alias]
    found.close()
    found.close_pool()
    found.settings_dict["NAME"] = name


def _maker() -> psycopg.Connection[Any]:
    """A connection in autocommit with the right to create databases."""
    owner: Any = connections["owner"]
    if isinstance(owner, DatabaseWrapper):
        return cluster().connect("postgres")
    if owner.vendor == "unknown":
        raise CannotMake(
            "DATABASE_OWNER_URL is not set, and only the owner's role could make a throw-away database.\n"
            "Remedy: set it, or unset DATABASE_URL to use the embedded server."
        )
    connection: psycopg.Connection[Any] = owner.get_new_connection(owner.get_connection_params())
    connection.autocommit = True
    return connection


def _number_of_database(maker: psycopg.Connection[Any]) -> int:
    """The database in which the advisory locks are taken, so that databases of others are never dropped."""
    found = maker.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert found is not None
    return int(found[0])


def _make(maker: psycopg.Connection[Any], mark: str, source: str | None) -> str:
    """Create a database, empty or with the tables of the source, marked as ours by a lock."""
    number = secrets.randbits(31)
    name = f"{mark}{number}"
    owner = str(connections["owner"].settings_dict["USER"])
    maker.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, number])
    named = {"database": sql.Identifier(name), "owner": sql.Identifier(owner)}
    if source is None:
        statement = sql.SQL(roles.CREATE_DATABASE).format(**named)
    else:
        named["source"] = sql.Identifier(source)
        statement = sql.SQL("CREATE DATABASE {database} OWNER {owner} TEMPLATE {source}").format(**named)
    try:
        maker.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotMake(
            f"The role {owner} may not make a throw-away database.\n"
            f"Remedy: ALTER ROLE {owner} CREATEDB, as a superuser; or unset DATABASE_URL to use the "
            "embedded server."
        ) from error
    return name


def _copy_tables(name: str) -> None:
    """Copy every table, function and right of the database in use, without rows."""
    filled = [f"--table=public.{table}" for table in _FILLED]
    source = str(connections["owner"].settings_dict["NAME"])
    for what in (["--schema-only"], ["--data-only", *filled]):
        dump = _run("pg_dump", source, what)
        _run("psql", name, ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"], dump)


def _run(program: str, name: str, options: list[str], given: bytes | None = None) -> bytes:
    """Run one of PostgreSQL's programs on the database as the owner's role and return its output."""
    line, environment = programs.command(program, options, name=name)
    try:
        ended = subprocess.run(line, env=environment, input=given, capture_output=True, check=True)
    except subprocess.CalledProcessError as error:
        raise CannotMake(
            f"The tables of the database cannot be copied: {error.stderr.decode(errors='replace').strip()}\n"
            "Remedy: unset DATABASE_URL to use the embedded server."
        ) from error
    return ended.stdout


def _drop_left_over(maker: psycopg.Connection[Any], mark: str) -> None:
    """Drop databases whose creators have ended."""
    names = maker.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [mark]).fetchall()
    for (name,) in names:
        number = int(name.removeprefix(mark))
        if maker.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, number]).fetchone() == (True,):
            _drop(maker, name)
            maker.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, number])


def _drop_all(maker: psycopg.Connection[Any], names: list[str]) -> None:
    for name in names:
        _drop(maker, name)


def _drop(maker: psycopg.Connection[Any], name: str) -> None:
    """Drop the database; only the embedded server's superuser may end connections of another role."""
    forced = " WITH (FORCE)" if isinstance(connections["owner"], DatabaseWrapper) else ""
    maker.execute(sql.SQL("DROP DATABASE IF EXISTS {}" + forced).format(sql.Identifier(name)))
