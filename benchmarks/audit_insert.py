"""What sealing costs: audit entries against plain inserts, both durable, on 8 connections over 200 streams.

To reach: 0.55 of the rate of a plain insert into a table of the same columns, payload included, without
triggers. Each insert is a transaction of its own. The connections change between the two every quarter
of a second, so that what else the machine does falls on both alike.
Usage: python -m benchmarks.audit_insert [seconds]
"""

import multiprocessing
import os
import random
import sys
import time
from datetime import UTC, datetime
from multiprocessing.queues import Queue

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg

from audit.canonical import SALT_BYTES, commitment, payload_bytes
from audit.recording import statement_for
from tests import databases

CONNECTIONS, STREAMS, TURN, WARM_UP = 8, 200, 0.25, 4
BODY = payload_bytes({"vote": "vote:17", "seat": 5, "commitment": "ab" * 32})
PLAIN_TABLE = """
CREATE TABLE plain (
    stream text COLLATE "C" NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL, subject text NOT NULL,
    commitment bytea NOT NULL, prev bytea NOT NULL, hash bytea NOT NULL, salt bytea NOT NULL,
    body bytea NOT NULL, PRIMARY KEY (stream, seq)
);
"""
PLAIN = f"INSERT INTO plain VALUES ({', '.join(['%s'] * 12)})"
SEALED = statement_for(1)


def write(dsn: str, begin: float, turns: int, counts: "Queue[list[int]]") -> None:
    """Puts how many plain and how many sealed inserts this connection has had acknowledged."""
    chance = random.Random(os.getpid())
    number, done = chance.getrandbits(40), [0, 0]
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.cursor()
        while (turn := int((time.monotonic() - begin) // TURN)) < turns:
            number += 1
            stream, at, salt = (
                f"meeting:{chance.randrange(STREAMS)}",
                datetime.now(UTC),
                os.urandom(SALT_BYTES),
            )
            digest = commitment(salt, BODY)
            if turn % 2:
                sealed = (digest, salt, BODY, stream, at, "17", "vote.cast", "vote:17", digest)
                cursor.execute(SEALED, sealed)
            else:
                row = (
                    stream,
                    number,
                    at,
                    at,
                    "17",
                    "vote.cast",
                    "vote:17",
                    digest,
                    digest,
                    digest,
                    salt,
                    BODY,
                )
                cursor.execute(PLAIN, row)
            if turn >= WARM_UP:
                done[turn % 2] += 1
    counts.put(done)


def main(seconds: float) -> None:
    """Prints both rates and their ratio."""
    database = databases.clone(databases.template())
    try:
        with database.owner(autocommit=True) as owner:
            owner.execute(PLAIN_TABLE)
            durable = [
                owner.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit")
            ]
            assert durable == ["on", "on"], durable
        turns = WARM_UP + 2 * round(seconds / TURN / 2)
        counts: Queue[list[int]] = multiprocessing.Queue()
        given = (database.dsn, time.monotonic() + 1, turns, counts)
        writers = [multiprocessing.Process(target=write, args=given) for _ in range(CONNECTIONS)]
        for writer in writers:
            writer.start()
        plain, sealed = map(sum, zip(*[counts.get() for _ in writers], strict=True))
        for writer in writers:
            writer.join()
    finally:
        databases.drop(database)
    each = (turns - WARM_UP) / 2 * TURN
    print(f"{CONNECTIONS} connections, {STREAMS} streams, durable\nplain insert: {plain / each:7,.0f}/s")
    print(f"audit entry:  {sealed / each:7,.0f}/s, {sealed / plain:.2f} of the plain insert (to reach: 0.55)")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)
    databases.cluster().release()
