"""Restoring: all is checked before anything is touched, and once more afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from psycopg import sql

from audit.checking.verification import further_faults, verify_streams
from config.backup import facts
from config.database import programs
from documents import checksums

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""
#: what `roles.RIGHTS` gives in a new database; the dump has the rest
_EMPTIED = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION {owner};
GRANT USAGE ON SCHEMA public TO {app};
"""


class CannotRestore(Exception):
    """Nothing was restored, or not what was saved; the text says which and what to do."""


@dataclass(frozen=True)
class Restored:
    """What was restored and verified."""

    entries: int
    streams: int
    head: str
    files: int
    #: certificates and revocation lists that the backup has, which are put into no place by themselves
    public: int


def restore(folder: Path, *, overwrite: bool = False) -> Restored:
    """Database and files are those of the backup, and verified.

    CannotRestore, and nothing is changed, for a folder that is not whole, for a database that has rows unless
    told to overwrite, and while others use the database. CannotRestore too when the verification afterwards
    finds a fault.
    """
    try:
        sums = checksums.verify(folder)
    except checksums.Unsound as unsound:
        raise CannotRestore(f"Nothing was restored: {unsound}") from unsound
    found = _manifest(folder)
    _ready(found, overwrite=overwrite)
    names = [name.removeprefix(f"{facts.MEDIA}/") for name in sums if name.startswith(f"{facts.MEDIA}/")]
    _restore_files(folder, names, sums, overwrite=overwrite)
    _restore_database(folder)
    return _verify(folder, found, names, sums)


def _manifest(folder: Path) -> dict[str, Any]:
    """What was saved, of a format and of roles that are known here."""
    found: dict[str, Any] = json.loads((folder / facts.MANIFEST).read_bytes())
    if found.get("format") != facts.FORMAT:
        raise CannotRestore(
            f"Nothing was restored: the backup has the format {found.get('format')}, and this version reads "
            f"{facts.FORMAT}.\nRemedy: restore with the version that saved it."
        )
    owner = connections["owner"]
    if owner.vendor == "unknown":
        raise CannotRestore("DATABASE_OWNER_URL is not set: only the owner's role can restore.")
    roles = {"app": settings.APP_ROLE, "owner": str(owner.settings_dict["USER"])}
    if found["roles"] != roles:
        raise CannotRestore(
            f"Nothing was restored: the backup is of the roles {_both(found['roles'])}, and here they are "
            f"{_both(roles)}.\nRemedy: make roles of these names on this server (docs/operations.md)."
        )
    return found


def _both(roles: dict[str, str]) -> str:
    return f"{roles['owner']} and {roles['app']}"


def _ready(found: dict[str, Any], *, overwrite: bool) -> None:
    """CannotRestore unless the database may be overwritten and nobody uses it."""
    for alias in ("default", "owner"):
        _leave(alias)
    with _owner() as cursor:
        here = cursor.connection.info.server_version
        if here // 10000 < found["server"] // 10000:
            raise CannotRestore(
                f"Nothing was restored: the backup is of PostgreSQL {found['server'] // 10000}, and the "
                f"server is {here // 10000}.\nRemedy: restore on that version or a later one."
            )
        there = facts.filled(cursor)
        if there and not overwrite:
            raise CannotRestore(
                f"Nothing was restored: the database {cursor.connection.info.dbname} has data, in "
                f"{len(there)} tables ({', '.join(there[:3])} among them).\nRemedy: name an empty database "
                "in DATABASE_URL and DATABASE_OWNER_URL, or --overwrite, which removes what is there."
            )
        (others,) = cursor.execute(_OTHERS).fetchone()
        if others:
            raise CannotRestore(
                f"Nothing was restored: {others} other connections use the database.\nRemedy: stop the site "
                "and its worker, then try again."
            )


@contextlib.contextmanager
def _owner() -> Iterator[Any]:
    owner: Any = connections["owner"]
    with contextlib.closing(owner.get_new_connection(owner.get_connection_params())) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            yield cursor


def _leave(alias: str) -> None:
    """Close what this process has open."""
    found: Any = connections[alias]
    found.close()
    found.close_pool()


def _restore_files(folder: Path, names: list[str], sums: dict[str, str], *, overwrite: bool) -> None:
    """Each file lies below MEDIA_ROOT; one that differs is replaced only when told to."""
    root = Path(settings.MEDIA_ROOT)
    differing = [
        name
        for name in names
        if (root / name).is_file() and checksums.of_file(root / name) != sums[f"{facts.MEDIA}/{name}"]
    ]
    if differing and not overwrite:
        raise CannotRestore(
            f"Nothing was restored: {root / differing[0]} is there and differs from the backup's.\nRemedy: "
            "name another MEDIA_ROOT, or --overwrite, which replaces it."
        )
    for name in names:
        target = root / name
        if target.is_file() and name not in differing:
            continue
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = target.with_name(f".{target.name}.restoring")
        shutil.copyfile(folder / facts.MEDIA / name, fresh)
        fresh.chmod(0o400)
        checksums.sync(fresh)
        fresh.replace(target)


def _restore_database(folder: Path) -> None:
    """The database is that of the dump: in one transaction, so that a failure leaves it as it was."""
    line, environment = programs.command(
        "psql", ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}"]
    )
    restoring = [str(Path(line[0]).with_name("pg_restore")), "--file=-", str(folder / facts.DUMP)]
    with tempfile.TemporaryFile() as said:
        with (
            subprocess.Popen(restoring, stdout=subprocess.PIPE, stderr=said) as reading,
            subprocess.Popen(line, env=environment, stdin=subprocess.PIPE, stderr=said) as psql,
        ):
            assert reading.stdout is not None
            assert psql.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # psql has stopped at an error, which it says
                psql.stdin.write(f"BEGIN;{_emptied()}".encode())
                shutil.copyfileobj(reading.stdout, psql.stdin)
                if reading.wait() == 0:
                    psql.stdin.write(b"COMMIT;\n")
                psql.stdin.close()
        if reading.returncode or psql.returncode:
            said.seek(0)
            words = said.read(4000).decode(errors="replace").strip()
            raise CannotRestore(
                f"The database was not restored, and is as it was: {words}\nRemedy: see what PostgreSQL says."
            )


def _emptied() -> str:
    owner = str(connections["owner"].settings_dict["USER"])
    names = {"owner": sql.Identifier(owner), "app": sql.Identifier(settings.APP_ROLE)}
    return sql.SQL(_EMPTIED).format(**names).as_string()


def _verify(folder: Path, found: dict[str, Any], names: list[str], sums: dict[str, str]) -> Restored:
    """What is there now is what was saved. CannotRestore names the first thing that differs."""
    root = Path(settings.MEDIA_ROOT)
    for name in names:
        if checksums.of_file(root / name) != sums[f"{facts.MEDIA}/{name}"]:
            raise _faulty(f"{root / name} is not what the backup has")
    with _owner() as cursor:
        _compare(cursor, folder, found)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        report = verify_streams(None)
        fault = report.fault or next(islice(further_faults(None), 1), None)
    if fault is not None:
        raise _faulty(f"the audit log has a fault: {fault}")
    public = sum(name.startswith(f"{facts.PUBLIC}/") for name in sums)
    return Restored(report.entries, report.streams, report.head, len(names), public)


def _compare(cursor: Any, folder: Path, found: dict[str, Any]) -> None:
    """The rows, the heads of the log and the files that are named are those of the backup."""
    there, saved = facts.rows(cursor), found["rows"]
    for table in sorted({*there, *saved}):
        if there.get(table) != saved.get(table):
            raise _faulty(f"{table} has {there.get(table)} rows, and had {saved.get(table)}")
    if b"".join(facts.heads(cursor)) != (folder / facts.HEADS).read_bytes():
        raise _faulty("the heads of the audit log are not those of the backup")
    root, named = Path(settings.MEDIA_ROOT), facts.named_files(cursor)
    sums = {name: checksums.of_file(root / name) for name in named if (root / name).is_file()}
    for name in facts.changed(named, sums):
        if name not in found.get("changed", ()):
            raise _faulty(f"{root / name} is not the file that the database names")
    for name in facts.missing(named, root):
        if name not in found["missing"]:
            raise _faulty(f"{root / name} is named in the database and is not there")


def _faulty(what: str) -> CannotRestore:
    return CannotRestore(
        f"The backup was restored and is not sound: {what}.\nRemedy: do not use this database; restore "
        "another backup, and have the log looked into (manage.py audit verify)."
    )
