"""How fast `audit verify` re-derives a log, on one core, and that its memory does not grow with the log.

Figures to reach: 100,000 entries a second for the chains, 50,000 with the payloads' commitments, at a
million entries. Counted is the time on the processor of the verifier and of the database's backend
together, so that the rate is one core's for all of the work, whatever else the machine does meanwhile.
Usage: python -m benchmarks.audit_verify [entries ...]
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection

from audit.verification import verify_streams
from tests import databases

PER_STREAM = 1000
FILL = r"""
ALTER TABLE audit_entry DISABLE TRIGGER USER;
WITH RECURSIVE given AS MATERIALIZED (
    SELECT 'proposal:' || s AS stream, now() AS at, substr(sha256(int4send(s)), 1, 16) AS salt FROM generate_series(1, %(streams)s) AS s
), body AS (
    SELECT convert_to('{"choice":"for","commitment":"' || repeat('ab', 32) || '","seat":5,"vote":"vote:17"}', 'UTF8') AS text
), entry AS (
    SELECT stream, 0::bigint AS seq, at, ''::bytea AS commitment, salt, ''::bytea AS prev, decode(repeat('00', 32), 'hex') AS hash FROM given
    UNION ALL
    SELECT stream, seq + 1, at, made.commitment, made.salt, hash, sha256(
        array_send(ARRAY[int8send(seq + 1), timestamptz_send(at), timestamptz_send(at), made.commitment, hash,
        convert_to(stream, 'UTF8'), '17'::bytea, 'vote.cast'::bytea, 'vote:17'::bytea]))
    FROM entry, body, LATERAL (
        SELECT fresh.salt, sha256('lianxi/audit/payload/1'::bytea || '\x00'::bytea || fresh.salt || text) AS commitment
        FROM (SELECT substr(sha256(entry.hash || convert_to(entry.stream, 'UTF8')), 1, 16) AS salt OFFSET 0) AS fresh OFFSET 0
    ) AS made
    WHERE seq < %(each)s
), payload AS (
    INSERT INTO audit_payload (commitment, salt, body) SELECT commitment, salt, text FROM entry, body WHERE seq > 0
), head AS (
    INSERT INTO audit_head (stream, seq, prev, hash) SELECT stream, seq, prev, hash FROM entry WHERE seq = %(each)s
)
INSERT INTO audit_entry (stream, seq, at, recorded_at, actor, action, subject, commitment, prev, hash)
    SELECT stream, seq, at, at, '17', 'vote.cast', 'vote:17', commitment, prev, hash FROM entry WHERE seq > 0;
"""  # noqa: E501 - SQL as it runs


def fill(database: databases.Database, entries: int, *, per_stream: int = PER_STREAM) -> None:
    """The log holds this many entries with payloads, in streams of so many; its triggers stay off."""
    numbers = {"streams": str(max(1, entries // per_stream)), "each": str(min(entries, per_stream))}
    statement = FILL
    for name, number in numbers.items():
        statement = statement.replace(f"%({name})s", number)
    with database.owner(autocommit=True) as owner:
        owner.execute(statement)
        owner.execute("VACUUM ANALYZE audit_entry, audit_payload, audit_head")


def on_processor(process: int) -> float:
    """Seconds that a process has spent on a processor."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def measure(name: str) -> None:
    """Prints what one process of its own took to verify the database `name`."""
    with databases.django_on(databases.Database(databases.cluster(), name)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
            cursor.execute("SET max_parallel_workers_per_gather = 0")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        taken = {}
        for payloads in (False, True):
            begun = time.process_time() + on_processor(backend)
            report = verify_streams(None, payloads=payloads)
            ended = time.process_time() + on_processor(backend)
            taken["with payloads" if payloads else "chains"] = ended - begun
            assert report.verified, report.fault
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"entries": report.entries, "taken": taken, "before": before, "peak": peak}))


def main(sizes: list[int]) -> None:
    """Each size is measured in a process of its own, so that its peak memory is its own."""
    template = databases.template()
    for size in sizes:
        database = databases.clone(template)
        try:
            fill(database, size)
            said = subprocess.run(
                [sys.executable, "-m", "benchmarks.audit_verify", "--measure", database.name],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        finally:
            databases.drop(database)
        found = json.loads(said)
        for what, seconds in found["taken"].items():
            target = 50_000 if what == "with payloads" else 100_000
            rate = found["entries"] / seconds
            print(
                f"{size:>9,} entries, {what:13}: {rate:9,.0f}/s, {rate / target:.2f} of {target:,}/s to reach"
            )
        print(f"{'':9} peak memory {found['peak'] / 1024:.1f} MiB ({found['before'] / 1024:.1f} MiB before)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        main([int(size) for size in sys.argv[1:]] or [100_000, 1_000_000])
    databases.cluster().release()
