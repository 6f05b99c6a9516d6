"""The tests' databases on the embedded cluster: one migrated template, clones of it, and clusters of their
own.

The template is named by a hash of every migration, so that it is made once for as long as none changes.
Each xdist worker has one clone for tests that are rolled back; a test that commits takes a fresh one, of the
template or of a database in which a stage stands that many tests begin with.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import os
import pickle
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from audit import watching
from config import rights, tables
from config.database import embedded_postgres, postgres_server, roles
from config.database.base import cluster

TEMPLATE_PREFIX = "test_template_"
CLONE_PREFIX = "test_clone_"
STAGE_PREFIX = "test_stage_"
TEMPLATE_DAYS = 2
#: the tests' server waits for no disk: what is committed is gone with the run. Statistics of tables that are
#: empty between two modules would make the planner loop over thousands of rows: none are kept. With few
#: rows, planning many joins takes far longer than any plan of them.
SERVER_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "join_collapse_limit": "4",
    "from_collapse_limit": "4",
}
LOCK = 5_120_311  # any number that nobody else locks on the cluster


@dataclasses.dataclass(frozen=True)
class Source:
    """What fresh databases are cloned from: a database, and the stage that stands in it, if one does."""

    name: str
    stage: Any = None


@dataclasses.dataclass(frozen=True)
class Database:
    """A database of a test. `dsn` is for the application's role, `owner_dsn` for the owner's,
    `sealer_dsn` for the sealer's."""

    cluster: embedded_postgres.Cluster
    name: str

    @property
    def dsn(self) -> str:
        return self.cluster.url(self.name, roles.APP_ROLE)

    @property
    def owner_dsn(self) -> str:
        return self.cluster.url(self.name, roles.OWNER_ROLE)

    @property
    def sealer_dsn(self) -> str:
        return self.cluster.url(self.name, roles.SEALER_ROLE)

    @property
    def env(self) -> dict[str, str]:
        """The environment for a `manage.py` of its own process that works on this database."""
        return os.environ | {
            "DATABASE_URL": self.dsn,
            "DATABASE_OWNER_URL": self.owner_dsn,
            "DATABASE_SEALER_URL": self.sealer_dsn,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "for-tests-" + "0123456789" * 5,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "HTTPS": "false",
            "LIANXI_DEMO": "1",
        }

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """Return a new connection as the application's role."""
        return psycopg.connect(self.dsn, **options)

    def owner(self, **options: Any) -> psycopg.Connection[Any]:
        """Return a new connection as the owner's role."""
        return psycopg.connect(self.owner_dsn, **options)


def template() -> str:
    """The migrated template exists; its name is returned. One process makes it, the others wait."""
    name = TEMPLATE_PREFIX + _hash_of_migrations()
    with cluster().connect("postgres") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        _drop_stale(connection, name)
        if not _exists(connection, name):
            making = f"{name}_making"
            _drop(connection, making)
            _make(cluster(), making)
            connection.execute(_named("ALTER DATABASE {} RENAME TO {}", making, name))
    return name


def standing(source: str, key: str, build: Callable[[], Any]) -> Source:
    """A database in which `build` was carried out, and what it returned: once in a run, for all workers.

    `key` names what is built, and nothing else in the run has that name.
    """
    process = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    name = f"{STAGE_PREFIX}{process}_{_started(process)}_{digest}"
    with cluster().connect("postgres") as connection:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, int(digest[:7], 16)])
        if not _exists(connection, name):
            making = clone(source)
            with django_on(making):
                ContentType.objects.clear_cache()
                body = base64.b64encode(pickle.dumps(build())).decode()
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(making.name), sql.Literal(body))
            )
            connection.execute(_named("ALTER DATABASE {} RENAME TO {}", making.name, name))
        about = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        (body,) = connection.execute(about, [name]).fetchone() or ("",)
    return Source(name, pickle.loads(base64.b64decode(body)))


def drop_standing() -> None:
    """The databases that `standing` made for the run of this process are gone."""
    if not cluster().is_running():
        return
    prefix = f"{STAGE_PREFIX}{os.getpid()}_{_started(os.getpid())}_"
    with cluster().connect("postgres") as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            if name.startswith(prefix):
                _drop(connection, name)


def clone(source: str) -> Database:
    """A new database with all that the template holds."""
    name = f"{CLONE_PREFIX}{os.getpid()}_{_started(os.getpid())}_{secrets.token_hex(3)}"
    with cluster().connect("postgres") as connection:
        connection.execute(
            _named(
                "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY", name, source, roles.OWNER_ROLE
            )
        )
        for statement in roles.statements(roles.RIGHTS, name)[:2]:
            connection.execute(statement)
    return Database(cluster(), name)


def drop(database: Database) -> None:
    """Drop the database, ending its connections."""
    with database.cluster.connect("postgres") as connection:
        _drop(connection, database.name)


class Dropper:
    """Drops databases behind the tests' back, several at a time.

    Each drop waits for a checkpoint, which no test need do; of several in a row only the first has something
    to write.
    """

    AT_ONCE = 8

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._waiting: list[Database] = []
        self._drops: list[Future[None]] = []

    def drop(self, database: Database) -> None:
        """The database will be gone, in a while."""
        self._waiting.append(database)
        if len(self._waiting) == self.AT_ONCE:
            self._start()

    def finish(self) -> None:
        """All are gone; raises what went wrong."""
        self._start()
        for each in self._drops:
            each.result()
        self._thread.shutdown()

    def _start(self) -> None:
        self._drops += [self._thread.submit(drop, each) for each in self._waiting]
        self._waiting = []


@contextlib.contextmanager
def django_on(database: Database) -> Iterator[None]:
    """Django's aliases lead to this database until the block ends, with a new pool."""
    aliases = [connections["default"], connections["owner"], connections["sealer"]]
    before = [dict(alias.settings_dict) for alias in aliases]
    for alias in aliases:
        _disconnect(alias)
        alias.settings_dict.update(
            NAME=database.name,
            HOST="" if database.cluster is cluster() else str(database.cluster.ensure()),
        )
    try:
        yield
    finally:
        for alias, settings in zip(aliases, before, strict=True):
            _disconnect(alias)
            alias.settings_dict.update(settings)


def make_private(base: Path) -> Database:
    """A cluster of its own runs in the folder `base`, with the migrated database lianxi in it."""
    own = embedded_postgres.Cluster(base, prepare=roles.provide)
    own.ensure()
    binaries = embedded_postgres.packaged_binaries() / "bin"
    common = [
        "-h",
        str(cluster().ensure()),
        "-U",
        embedded_postgres.SUPERUSER,
        "-p",
        str(embedded_postgres.PORT),
    ]
    dump = subprocess.run([binaries / "pg_dump", *common, template()], capture_output=True, check=True)
    subprocess.run(
        [
            binaries / "psql",
            *("-h", str(own.ensure())),
            *common[2:],
            "-qXb",
            "-v",
            "ON_ERROR_STOP=1",
            roles.DATABASE,
        ],
        input=dump.stdout,
        capture_output=True,
        check=True,
    )
    return Database(own, roles.DATABASE)


def _make(server: embedded_postgres.Cluster, name: str) -> None:
    with server.connect("postgres") as connection:
        connection.execute(roles.statements(roles.CREATE_DATABASE, name)[0])
    roles.grant(server, name)
    with django_on(Database(server, name)):
        call_command("migrate", verbosity=0, interactive=False)
    with Database(server, name).owner(autocommit=True) as connection:
        connection.execute(_AS_OWNER)


# What the application's role may not write a test may need to begin with, in its own transaction.
_AS_OWNER = """
CREATE FUNCTION test_as_owner(statement text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN EXECUTE statement; END $$
"""


def _hash_of_migrations() -> str:
    digest = hashlib.sha256(
        f"{roles.ROLES}{roles.RIGHTS}{tables.TABLES}{postgres_server.SETTINGS}{_AS_OWNER}".encode()
    )
    for module in (rights, watching):
        digest.update(Path(module.__file__ or "").read_bytes())
    folders = sorted(Path(config.path) / "migrations" for config in apps.get_app_configs())
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix in {".py", ".sql"}:
                digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _drop_stale(connection: psycopg.Connection[Any], current: str) -> None:
    """Databases of runs that have ended without dropping them, and templates long out of date, are gone."""
    names = connection.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
    ).fetchall()
    for name, comment in names:
        if name.startswith((CLONE_PREFIX, STAGE_PREFIX)):
            process, started = name.split("_")[2:4]
            if not _lives(process, started):
                _drop(connection, name)
        elif name.startswith(TEMPLATE_PREFIX) and name != current:
            day = str(comment or "").removeprefix("used on day ")
            if not day.isdigit() or time.time() // 86400 - int(day) > TEMPLATE_DAYS:
                _drop(connection, name)
    if _exists(connection, current):
        _note_use(connection, current)


def _note_use(connection: psycopg.Connection[Any], name: str) -> None:
    words = sql.Literal(f"used on day {int(time.time() // 86400)}")
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), words))


def _started(process: int | str) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]


def _lives(process: str, started: str) -> bool:
    try:
        return _started(process) == started
    except OSError:
        return False


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(_named("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def _named(template_: str, *names: str) -> sql.Composed:
    return sql.SQL(template_).format(*map(sql.Identifier, names))


def _disconnect(alias: Any) -> None:
    alias.close()
    alias.close_pool()
