"""What is known of a database beside its dump, to compare it with after restoring."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from psycopg import sql

FORMAT = 1
MANIFEST, HEADS, DUMP, MEDIA = "manifest.json", "heads.jsonl", "database.dump", "media"
#: folder of the certificates and revocation lists
PUBLIC = "public"
#: folders below MEDIA_ROOT that are not saved: uploads under way, and what can be made again
PASSING = frozenset({"incoming", "drawn"})
#: endings of files with private keys, which are never saved
PRIVATE = (".p12", ".pfx", ".key")
#: what files with private keys say of themselves: PEM, and the keys of the log (C2SP signed notes)
SAID = (b"PRIVATE KEY-----", b"PRIVATE+KEY+")
#: tables that the migrations fill
FILLED = frozenset({"django_content_type", "auth_permission", "django_migrations"})

_TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


def tables(cursor: Any) -> list[str]:
    """The names of all tables."""
    return [name for (name,) in cursor.execute(_TABLES).fetchall()]


def rows(cursor: Any) -> dict[str, int]:
    """The number of rows of each table."""
    counted = {}
    for name in tables(cursor):
        statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", name))
        counted[name] = cursor.execute(statement).fetchone()[0]
    return counted


def filled(cursor: Any) -> list[str]:
    """The names of the tables that have rows, apart from those that the migrations fill."""
    found = []
    for name in tables(cursor):
        statement = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier("public", name))
        if name not in FILLED and cursor.execute(statement).fetchone()[0]:
            found.append(name)
    return found


def heads(cursor: Any) -> Iterator[bytes]:
    """The heads of the audit log, a line each, in the order of the streams."""
    if "audit_head" not in tables(cursor):
        return
    cursor.execute("SELECT stream, seq, encode(hash, 'hex') FROM audit_head ORDER BY stream")
    for row in cursor:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def named_files(cursor: Any) -> dict[str, str]:
    """The files below MEDIA_ROOT that rows name, each with the SHA-256 by which they do: MEDIA_NAMED."""
    there = {*tables(cursor)}
    found: dict[str, str] = {}
    for table, column, where, rows in settings.MEDIA_NAMED:
        if table not in there:
            continue
        place = import_string(where)
        statement = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} <> '' AND {2}").format(
            sql.Identifier(column), sql.Identifier("public", table), sql.SQL(rows)
        )
        for (value,) in cursor.execute(statement).fetchall():
            found[place(value).relative_to(settings.MEDIA_ROOT).as_posix()] = value
    return found


def media(root: Path) -> Iterator[tuple[str, Path]]:
    """The files below MEDIA_ROOT that are saved, by name."""
    if not root.is_dir():
        return
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and not path.is_symlink() and name.parts[0] not in PASSING:
            yield name.as_posix(), path


def is_private(path: Path) -> bool:
    """Whether the file has a private key: by its ending, by where it lies, or by what it says of itself."""
    if path.name.lower().endswith(PRIVATE) or Path(settings.SIGNER_KEYS).resolve() in path.resolve().parents:
        return True
    with path.open("rb") as file:
        begins = file.read(4096)
    return any(words in begins for words in SAID)


def public_parts() -> Iterator[tuple[str, Path]]:
    """The certificates and revocation lists by which signatures are verified, by name; private keys never."""
    for name, root in (("anchors", settings.TRUST_ANCHORS), ("lists", settings.REVOCATION_LISTS)):
        if not root or not Path(root).is_dir():
            continue
        for path in sorted(Path(root).iterdir()):
            if path.is_file() and not path.is_symlink() and not is_private(path):
                yield f"{name}/{path.name}", path


def changed(named: Mapping[str, str], sums: Mapping[str, str], *, below: str = "") -> list[str]:
    """Those of the named files that are not what their rows name."""
    found = ((name, sums.get(f"{below}{name}"), sha256) for name, sha256 in named.items())
    return sorted(name for name, there, sha256 in found if there is not None and there != sha256)


def as_json(facts: dict[str, Any]) -> bytes:
    """The manifest as it is written."""
    return json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def missing(names: Iterable[str], root: Path) -> list[str]:
    """Those of the files that do not lie below the root."""
    return sorted(name for name in names if not (root / name).is_file())
