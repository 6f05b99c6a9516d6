"""How fast a log is re-derived, on one core: by `audit verify` in the database, and by `audit/verify.py` from
an export; and that the memory of neither grows with the entries.

Figures to reach, at a million entries: 100,000 entries a second for the chains and 50,000 with the payloads'
commitments in the database; 50,000 of an export with everything that is checked of it, and with the tree at
most 1.3 times the time without; memory at the greater size at most 1.1 times that at the smaller, with ten
times the streams, and with as many. Counted is the time on the processor of
the verifier and of the database's backend together, so that the rate is one core's for all of the work. What
else the machine does takes its caches, and part of a core where two threads share one: the load is printed,
and how long one SHA-256 of 64 bytes takes.
Usage: python -m benchmarks.audit_verify [entries ...]
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection

from audit import verify
from audit.checking.verification import verify_streams
from benchmarks.made_export import LOG, PLANS, make
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


#: how often an export is verified in each way; the quickest counts
TRIES = 3


def skip_tree(entries: verify.Entries, index: int, *_rest: object) -> None:
    """What stands in for the tree."""
    entries.last = index


def measure_export(folder: str, tree: str) -> None:
    """Prints what one process of its own took to verify the export, with the tree or without."""
    if not tree:
        verify.Entries._place = skip_tree  # noqa: SLF001 - what is measured apart
    begun = time.process_time()
    status, lines = verify.verify(folder, [str(LOG.key)], [])
    taken = time.process_time() - begun
    assert status == 0 or not tree, lines
    print(json.dumps({"taken": taken}))


def exports(sizes: list[int]) -> None:
    """Exports of these sizes are verified, with the tree and without it in turn."""
    peaks = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "export")
            entries = make(folder, size)
            found = {tree: [in_process(str(folder), tree) for _ in range(TRIES)] for tree in ("", "tree")}
            peaks.append(memory(folder))
        taken = {tree: min(each["taken"] for each in tries) for tree, tries in found.items()}
        rate, ratio = entries / taken["tree"], taken["tree"] / taken[""]
        print(f"{entries:>9,} exported     : {rate:9,.0f}/s, {rate / 50_000:.2f} of 50,000/s to reach")
        print(f"{'':9} with the tree {ratio:.2f} times the time without (to reach: 1.3)")
        print(f"{'':9} peak memory {peaks[-1] / 1024:.1f} MiB, in {streams(entries):,.0f} streams")
    print(f"{'':9} the last {peaks[-1] / peaks[0]:.2f} times the first (to reach: 1.1)")
    peaks = []
    cases = sizes[0] // (CASE + 10 * PLANS)
    for size in sizes:  # the same streams, with more entries in each
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "export")
            entries = make(folder, size, receipts=(size // cases - CASE) // PLANS)
            peaks.append(memory(folder))
        print(f"{entries:>9,} in {cases * STREAMS:,} streams: peak memory {peaks[-1] / 1024:.1f} MiB")
    print(f"{'':9} the last {peaks[-1] / peaks[0]:.2f} times the first (to reach: 1.1)")


#: entries and streams of a case of `made_export`
CASE, STREAMS = 143, 7


def streams(entries: int) -> float:
    """How many streams an export of so many entries has."""
    return entries / CASE * STREAMS


def in_process(folder: str, tree: str) -> dict[str, float]:
    """What a process of its own says."""
    command = [sys.executable, "-m", "benchmarks.audit_verify", "--export", folder, tree]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


#: runs a file as a program, then says the most memory that it has had, in KiB: not getrusage, which counts
#: what the process was before it became Python
ALONE = """
import runpy, sys
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert not ended.code
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def memory(folder: Path) -> int:
    """The peak memory of the verifier on its own, as an auditor runs it, in KiB."""
    command = [sys.executable, "-I", "-c", ALONE, verify.__file__, str(folder), "--log", str(LOG.key)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(said.splitlines()[-1])


def say_how_busy() -> None:
    """Print the load, and how long this core takes for one hash."""
    begun = time.process_time()
    for _ in range(200_000):
        hashlib.sha256(bytes(64)).digest()
    taken = (time.process_time() - begun) / 200_000 * 1e6
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, one SHA-256 of 64 bytes {taken:.2f} µs")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
        databases.cluster().release()
    elif sys.argv[1:2] == ["--export"]:
        measure_export(*sys.argv[2:])
    else:
        asked = [int(size) for size in sys.argv[1:]] or [100_000, 1_000_000]
        say_how_busy()
        exports(asked)
        main(asked)
        databases.cluster().release()
