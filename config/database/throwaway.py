"""Databases that are thrown away: without data, with the tables of the database in use, which stays as it is.

Whoever may make databases on the server makes them: the superuser of the embedded one; on a server of one's
own the owner's role, which needs CREATEDB for it. They are gone when the block ends, however it ends. What a
killed process left is gone at the next start: its maker no longer holds the lock by which it is known.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.database import roles
from config.database.base import DatabaseWrapper, cluster
from config.database.embedded_postgres import packaged_binaries

PREFIX = "lianxi_throwaway_"
_LOCKS = 5_120_312  # the first of two numbers; nobody else locks with it
#: filled by the migrations, the same in every database of one version
_FILLED = ("django_content_type", "auth_permission", "django_migrations")
#: what PostgreSQL's own programs need to know of a connection
_CONNECTION = frozenset(
    {"dbname", "user", "host", "port", "service", "passfile"}
    | {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}
)


class CannotMake(Exception):
    """No database can be made here; the text says why, with the remedy."""


@contextlib.contextmanager
def databases(count: int) -> Iterator[list[str]]:
    """The names of so many databases without data, which are gone when the block ends.

    The database in use is migrated. CannotMake where nobody may make one.
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
    """In this process the database of that name is the one in use, by both roles, until the block ends."""
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    use(name)
    try:
        yield
    finally:
        for alias, former in before.items():
            _lead(alias, former)


def use(name: str) -> None:
    """In this process the database of that name is the one in use from now on, by both roles."""
    for alias in ("default", "owner"):
        _lead(alias, name)


def _lead(alias: str, name: str) -> None:
    found: Any = connections[alias]
    found.close()
    found.close_pool()
    found.settings_dict["NAME"] = name


def _maker() -> psycopg.Connection[Any]:
    """A connection, in autocommit, of whoever may make databases."""
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
    """The database in which the maker's locks are known, so that no other's databases are taken for ours."""
    found = maker.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert found is not None
    return int(found[0])


def _make(maker: psycopg.Connection[Any], mark: str, source: str | None) -> str:
    """A new database, without tables or with those of the source; known as ours while the maker lives."""
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
    """The database has every table, function and right of the one in use, and nothing that anybody did."""
    filled = [f"--table=public.{table}" for table in _FILLED]
    source = str(connections["owner"].settings_dict["NAME"])
    for what in (["--schema-only"], ["--data-only", *filled]):
        dump = _run("pg_dump", source, what)
        _run("psql", name, ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"], dump)


def _run(program: str, name: str, options: list[str], given: bytes | None = None) -> bytes:
    """What the program of PostgreSQL says, called on the database as the owner's role."""
    owner: Any = connections["owner"]
    wanted = owner.get_connection_params() | {"dbname": name}
    password = wanted.pop("password", None)  # not for everybody who lists processes
    told = make_conninfo(**{key: wanted[key] for key in wanted if key in _CONNECTION})
    try:
        ended = subprocess.run(
            [packaged_binaries() / "bin" / program, *options, f"--dbname={told}"],
            env=os.environ | ({"PGPASSWORD": password} if password else {}),
            input=given,
            capture_output=True,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise CannotMake(
            f"The tables of the database cannot be copied: {error.stderr.decode(errors='replace').strip()}\n"
            "Remedy: unset DATABASE_URL to use the embedded server."
        ) from error
    return ended.stdout


def _drop_left_over(maker: psycopg.Connection[Any], mark: str) -> None:
    """Databases whose makers no longer live are gone."""
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
    """The database is gone; only the embedded server's superuser may end another role's connections to it."""
    forced = " WITH (FORCE)" if isinstance(connections["owner"], DatabaseWrapper) else ""
    maker.execute(sql.SQL("DROP DATABASE IF EXISTS {}" + forced).format(sql.Identifier(name)))
