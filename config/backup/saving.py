"""Saving: a folder that is whole when it has its name."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connections

from audit import clock, private
from config.backup import facts
from config.database import programs
from documents import checksums


class CannotSave(Exception):
    """Nothing was saved; the text says why and what to do."""


@dataclass
class Saved:
    """What was saved, and what was not."""

    folder: Path
    size: int = 0
    files: int = 0
    #: files that rows name and that are not there
    missing: list[str] = field(default_factory=list)
    #: files that are not what rows name them by
    changed: list[str] = field(default_factory=list)
    #: private keys, which are never saved
    left_out: list[str] = field(default_factory=list)


def save(to: Path) -> Saved:
    """Save database and files into a new folder below `to`. CannotSave leaves nothing of it.

    The folder is made under a name that begins with a dot and gets its own when all of it is on disk.
    """
    name = f"lianxi-{clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
    partial, folder = to / f".{name}.partial", to / name
    if folder.exists():
        raise CannotSave(f"{folder} exists already.\nRemedy: wait a second, or name another folder.")
    try:
        private.folder(to)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        saved = _fill(_Folder(partial), Saved(folder))
        partial.rename(folder)
        checksums.sync(to)
    except OSError as error:
        raise CannotSave(_why(error, to)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return saved


class _Folder:
    """The folder that is being filled, with the checksums of what it has."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sums: dict[str, str] = {}
        self.size = 0

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write the file and wait until it is on disk."""
        path = checksums.below(self.root, name)
        private.folder(path.parent)
        digest = hashlib.sha256()
        with private.opened(path) as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                self.size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        self.sums[name] = digest.hexdigest()


def _fill(folder: _Folder, saved: Saved) -> Saved:
    """Write everything, the list of checksums last."""
    root = Path(settings.MEDIA_ROOT)
    with _snapshot() as (cursor, snapshot):
        found: dict[str, Any] = {
            "format": facts.FORMAT,
            "made_at": clock.now().astimezone(UTC).isoformat(),
            "server": cursor.connection.info.server_version,
            "roles": {
                "app": settings.APP_ROLE,
                "owner": str(connections["owner"].settings_dict["USER"]),
            },
            "rows": facts.rows(cursor),
        }
        named = facts.named_files(cursor)
        folder.add(facts.HEADS, facts.heads(cursor))
        folder.add(facts.DUMP, _dump(snapshot))
    for name, path in facts.media(root):
        if facts.is_private(path):
            saved.left_out.append(name)
        else:
            folder.add(f"{facts.MEDIA}/{name}", _chunks(path))
            saved.files += 1
    for name, path in facts.public_parts():
        folder.add(f"{facts.PUBLIC}/{name}", _chunks(path))
    saved.missing = facts.missing(named, folder.root / facts.MEDIA)
    saved.changed = facts.changed(named, folder.sums, below=f"{facts.MEDIA}/")
    found |= {"missing": saved.missing, "changed": saved.changed, "left_out": saved.left_out}
    folder.add(facts.MANIFEST, [facts.as_json(found)])
    listing = checksums.written(folder.sums)
    folder.add(checksums.SUMS, [listing])
    for each in (*(path for path in folder.root.rglob("*") if path.is_dir()), folder.root):
        checksums.sync(each)
    saved.size = folder.size
    return saved


@contextmanager
def _snapshot() -> Iterator[tuple[Any, str]]:
    """A cursor of the owner's role on a snapshot of the database, and the snapshot's name for pg_dump."""
    owner: Any = connections["owner"]
    if owner.vendor == "unknown":
        raise CannotSave("DATABASE_OWNER_URL is not set, and only the owner's role may read all tables.")
    with closing(owner.get_new_connection(owner.get_connection_params())) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            (name,) = cursor.execute("SELECT pg_export_snapshot()").fetchone()
            yield cursor, name


def _dump(snapshot: str) -> Iterator[bytes]:
    """The dump as pg_dump writes it. CannotSave when it fails."""
    line, environment = programs.command("pg_dump", ["--format=custom", f"--snapshot={snapshot}"])
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield from _read(process.stdout)
            said = process.stderr.read().decode(errors="replace").strip()
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            raise CannotSave(f"pg_dump failed: {said}\nRemedy: see what it says; nothing was saved.")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _read(file)


def _read(file: BinaryIO | Any) -> Iterator[bytes]:
    while chunk := file.read(checksums.CHUNK):
        yield chunk


def _why(error: OSError, to: Path) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"There is no space left in {to}.\nRemedy: free some, or name another folder; nothing was saved."
        )
    return f"{to} cannot be written: {error}\nRemedy: name a folder that can be; nothing was saved."
