"""How fast entries are sealed, how long until a leaf and a cosignature, and what a full fsck takes.

To reach: 1,000 entries a second in batches of 1,000; from commit to leaf at most 2 s, to cosignature at
most 5 s with the witness beside, at the median; a full fsck of a million leaves in at most 30 s.
The server waits for the disk. Beside each time stands what this process had of a processor.
With --sweep only what finding new entries takes, in one run and in turn, so that what else the machine does
falls on all alike: a wake for 20 streams, a sweep and a checkpoint, among 1,000 and among 100,000 streams. To
reach: a wake that takes as long among both, a sweep that takes at most 100 times as long.
Usage: python -m benchmarks.seal [entries] | --sweep
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings
from django.db import connection, connections, transaction

from audit import note, sealer
from audit.checking.fsck import Fsck
from audit.models import Checkpoint, Head, Leaf
from audit.note import Signer
from audit.recording import SYSTEM, action, record
from audit.waking import checkpoint_soon
from audit.witness.server import Server
from audit.witness.store import Witness
from benchmarks.audit_verify import fill
from tests import databases

ROOT = Path(__file__).resolve().parents[1]
TRIES = 15
STREAMS, ROUNDS = (1_000, 100_000), 15
LOG = Signer.make("lianxi.benchmark/branch", note.ED25519)
WITNESS = Signer.make("lianxi.benchmark/head-office", note.COSIGNATURE)


def rates(entries: int) -> None:
    """Print the rate of sealing in small and in large batches, and the time of an fsck."""
    database = databases.clone(databases.template())
    fill(database, entries)
    with databases.django_on(database):
        streams = list(Head.objects.values_list("stream", flat=True))
        for batch, many in ((1_000, max(1, len(streams) // 10)), (100_000, None)):
            began, busy = time.perf_counter(), time.process_time()
            sealed = sealer.seal(streams[:many], batch=batch)
            taken, busy = time.perf_counter() - began, time.process_time() - busy
            rate = f"{sealed / taken:9,.0f} entries a second"
            print(f"in batches of {batch:7,}: {rate} ({sealed:,} entries, {busy:.1f} s)")
        began, busy = time.perf_counter(), time.process_time()
        with transaction.atomic(), connection.cursor() as cursor:
            fsck = Fsck(cursor, [LOG.key])
            assert list(fsck.faults()) == []
        taken, busy = time.perf_counter() - began, time.process_time() - busy
        leaves = fsck.checked.leaves
        print(f"fsck of {leaves:,} leaves: {taken:.1f} s ({busy:.1f} s; to reach: 30 s for 1,000,000)")
        sizes = "SELECT pg_total_relation_size('audit_tile'), pg_total_relation_size('audit_leaf')"
        with connection.cursor() as cursor:
            cursor.execute(sizes)
            tiles, rows = cursor.fetchone()
        print(f"tiles {tiles / 1e6:,.0f} MB, leaves {rows / 1e6:,.0f} MB")
    databases.drop(database)


def sweeps() -> None:
    """Print what a wake, a sweep and a checkpoint take among few streams and among many."""
    settings.LOG_KEY, settings.AUDIT_LISTENERS = LOG.written(), []
    of = {many: crowd(many) for many in STREAMS}
    taken: dict[tuple[str, int], list[float]] = {}
    for number in range(ROUNDS):
        for many in STREAMS if number % 2 else reversed(STREAMS):
            with databases.django_on(of[many]):
                for name, seconds in tried().items():
                    taken.setdefault((name, many), []).append(seconds)
    for each in of.values():
        databases.drop(each)
    medians = {key: statistics.median(each) * 1000 for key, each in taken.items()}
    for (name, many), median in sorted(medians.items()):
        print(f"{name:10} among {many:7,} streams: {median:7.1f} ms at the median of {ROUNDS}")
    few, many = STREAMS
    for name in ("wake", "sweep", "checkpoint"):
        against = medians[name, many] / medians[name, few]
        print(f"{name}: {many:,} streams against {few:,}: {against:.1f} times")
    against = medians["sweep", many] / medians["wake", many]
    print(f"a sweep of {many:,} streams against a wake: {against:.1f} times")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def crowd(streams: int) -> databases.Database:
    """A database with so many streams of an entry each, all sealed and signed."""
    database = databases.clone(databases.template())
    fill(database, streams, per_stream=1)
    with database.owner(autocommit=True) as owner:
        owner.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    with databases.django_on(database):
        sealer.seal()
        sealer.checkpoint()
    with database.owner(autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE audit_leaf, audit_tile, audit_sealed, audit_head")
    return database


def tried() -> dict[str, float]:
    """Seconds of a wake and of a sweep, each for twenty new entries, and of a checkpoint of them."""
    found = {}
    for name, streams in (("wake", [f"proposal:{each}" for each in range(1, 21)]), ("sweep", None)):
        add([f"proposal:{each}" for each in range(1, 21)], by=SYSTEM)
        began = time.perf_counter()
        assert sealer.seal(streams) == 20
        found[name] = time.perf_counter() - began
    began = time.perf_counter()
    sealer.checkpoint()
    return found | {"checkpoint": time.perf_counter() - began}


@action
def add(streams: list[str], *, by: str) -> None:
    """An entry in each of these streams."""
    for each in streams:
        record(each, "measured", each, by=by, payload={})


@action
def write(stream: str, *, checkpoint: bool, by: str) -> None:
    """An entry, and a checkpoint of it if asked."""
    record(stream, "measured", stream, by=by, payload={})
    if checkpoint:
        checkpoint_soon()


@contextlib.contextmanager
def working(database: databases.Database, folder: Path) -> Iterator[None]:
    """A worker and a witness run beside."""
    witness = Witness(folder / "store", WITNESS, [LOG.key], silence=3600)
    server = Server(("127.0.0.1", 0), witness)
    settings.LOG_KEY = LOG.written()
    settings.LOG_WITNESS_URL = f"http://127.0.0.1:{server.server_address[1]}"
    settings.LOG_WITNESS_KEY = str(WITNESS.key)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = ("LOG_KEY", "LOG_WITNESS_URL", "LOG_WITNESS_KEY")
    environment = database.env | {name: getattr(settings, name) for name in names}
    command = [sys.executable, "manage.py", "procrastinate", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()
        server.shutdown()


def delays() -> None:
    """Print how long a commit waits for its leaf and for its cosignature."""
    database = databases.clone(databases.template())
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.django_on(database),
        working(database, Path(folder)),
    ):
        write("meeting:1", checkpoint=False, by=SYSTEM)
        wait(Leaf.objects.exists, most=90)  # the worker has begun
        for arrived, what, most in ((sealed, "leaf", 2), (cosigned, "cosignature", 5)):
            taken = []
            for number in range(TRIES):
                stream = f"{what}:{number}"
                write(stream, checkpoint=arrived is cosigned, by=SYSTEM)
                began = time.perf_counter()
                wait(partial(arrived, stream), most=90)
                taken.append(time.perf_counter() - began)
            median, worst = statistics.median(taken), max(taken)
            print(f"from commit to {what}: median {median:.2f} s, {worst:.2f} at most (to reach: {most} s)")
    connections.close_all()
    databases.drop(database)


def sealed(stream: str) -> bool:
    return Leaf.objects.filter(stream=stream).exists()


def cosigned(stream: str) -> bool:
    leaf = Leaf.objects.filter(stream=stream).first()
    return (
        leaf is not None
        and Checkpoint.objects.filter(size__gt=leaf.index, note__contains=f"— {WITNESS.key.name} ").exists()
    )


def wait(until, *, most: float) -> None:
    end = time.perf_counter() + most
    while not until():
        assert time.perf_counter() < end, "it never came"
        time.sleep(0.01)


if __name__ == "__main__":
    if "--sweep" in sys.argv:
        sweeps()
    else:
        rates(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
        delays()
    databases.cluster().release()
