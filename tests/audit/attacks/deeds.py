"""What attackers do, and what a person who runs the product's checks then reads."""

from __future__ import annotations

from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
from django.core.management import CommandError, call_command

from audit import merkle
from audit.chain import GENESIS, entry_hash
from tests.audit.test_sealer import alter
from tests.databases import Database

#: streams of entries that tell of no row, and how many each has
NOISE, MANY = [f"other:{each}" for each in range(30)], 12
TREE = ("audit_leaf", "audit_tile", "audit_sealed")


def says(*arguments: object) -> str:
    """What `manage.py audit` prints, and its error if it ends with one."""
    out = StringIO()
    try:
        call_command("audit", *map(str, arguments), stdout=out, stderr=out)
    except CommandError as error:
        return f"{out.getvalue()}CommandError: {error}"
    return out.getvalue()


def holds(*verbs: str) -> bool:
    """Whether these subcommands find nothing."""
    return not any("CommandError" in says(verb) for verb in verbs)


def superuser(database: Database) -> psycopg.Connection[Any]:
    """A connection of the database's administrator, which commits each statement."""
    return database.cluster.connect(database.name)


@contextmanager
def unguarded(database: Database, *tables: str) -> Any:
    """A transaction of the administrator in which no trigger of these tables fires."""
    with superuser(database) as connection, connection.transaction():
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield connection
        for table in tables:
            names = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
            for (name,) in connection.execute(names, [table]).fetchall():
                connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def rehash(connection: psycopg.Connection[Any], stream: str) -> None:
    """Every hash of the stream follows from its entries as they are now, and its head names the last."""
    names = ("stream", "seq", "at", "recorded_at", "actor", "action", "subject", "commitment")
    rows = connection.execute(
        f"SELECT {', '.join(names)} FROM audit_entry WHERE stream = %s ORDER BY seq", [stream]
    ).fetchall()
    prev = before = GENESIS
    for row in rows:
        before, prev = prev, entry_hash(**dict(zip(names, row, strict=True)), prev=prev)
        connection.execute(
            "UPDATE audit_entry SET prev = %s, hash = %s WHERE stream = %s AND seq = %s",
            [before, prev, stream, row[1]],
        )
    connection.execute(
        "UPDATE audit_head SET seq = %s, prev = %s, hash = %s WHERE stream = %s",
        [len(rows), before, prev, stream],
    )


def rewrite(database: Database, stream: str, seq: int) -> None:
    """The entry says that somebody else did it, and the stream is hashed anew: it verifies by itself."""
    with unguarded(database, "audit_entry") as connection:
        connection.execute("UPDATE audit_entry SET actor = '1' WHERE stream = %s AND seq = %s", [stream, seq])
        rehash(connection, stream)


def cut(database: Database, stream: str, many: int) -> None:
    """The last entries of the stream are gone, and its head stands before them."""
    with unguarded(database, "audit_entry") as connection:
        connection.execute(
            "DELETE FROM audit_entry AS entry USING audit_head AS head"
            " WHERE entry.stream = %s AND head.stream = entry.stream AND entry.seq > head.seq - %s",
            [stream, many],
        )
        rehash(connection, stream)


def forget_tree(database: Database, *also: str) -> None:
    """Nothing of the tree is left; what is sealed next begins it anew."""
    for table in (*TREE, *also):
        alter(database, f"DELETE FROM {table}", table=table)


def replant(connection: psycopg.Connection[Any]) -> None:
    """The tiles are those of the leaves as they stand now."""
    rows = connection.execute(
        'SELECT hash FROM audit_leaf JOIN audit_entry USING (stream, seq) ORDER BY "index"'
    ).fetchall()
    tiles = merkle.extend(0, [merkle.leaf_hash(bytes(digest)) for (digest,) in rows], lambda *_: b"")
    connection.execute("DELETE FROM audit_tile")
    for (level, index), hashes in tiles.items():
        connection.execute("INSERT INTO audit_tile VALUES (%s, %s, %s)", [level, index, hashes])
