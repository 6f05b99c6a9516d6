"""A tape of many loans into the ledger, in T: what a bare COPY of the same file takes in the same run.

    python -m benchmarks.ledger [ROWS] [--institutions 100]

Measured are the first load, the next day's tape, the same file again, and a file that replaces the day, with
the most memory that the importing process held. What is wanted of 2,000,000 rows stands beside.
`pages(addresses)` measures addresses over the stock that was loaded.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg
from django.conf import settings
from psycopg import sql

from audit.recording import SYSTEM
from benchmarks.serving import own_database
from committee.actions import founding
from portfolio import storage
from portfolio.actions import tapes
from portfolio.importing.files import opened
from portfolio.models import Institution, Tape
from portfolio.tape import COLUMNS
from tests import databases

DAY = date(2026, 11, 26)
#: what each step may take, in T
WANTED = {"first load": 12.0, "daily": 6.0, "unchanged": 0.1, "replaced": 7.0}
CLASSES = ("normal",) * 88 + ("special_mention",) * 5 + ("substandard",) * 3 + ("doubtful",) * 3 + ("loss",)
NAMES = [column.name for column in COLUMNS]


def row(
    number: int, day: date, institutions: int, draw: random.Random, moved: float
) -> tuple[list[str], int]:
    """The cells of a loan on a day, and its principal in fen; `moved` is the share that has moved."""
    own = random.Random(number)
    grade = own.choice(CLASSES)
    amount = own.randrange(1_000_000, 90_000_000)
    principal = amount
    issued = DAY - timedelta(days=own.randrange(400, 2000))
    due = issued + timedelta(days=own.choice((365, 730, 1095)))
    since = DAY - timedelta(days=own.randrange(2, 900)) if grade != "normal" else None
    if moved and draw.random() < moved:
        principal = draw.randrange(1, amount)
        if draw.random() < 0.02:
            grade = draw.choice(CLASSES)
    unpaid = since.isoformat() if since else ""
    cells = {
        "as_of": day.isoformat(),
        "institution": f"37{number % institutions:04d}",
        "contract_no": f"LS-2020-{number:09d}",
        "note_no": f"J{number:010d}",
        "borrower": f"示范借款人{number // 2}",
        "id_no": f"99{number // 2:016d}",
        "household_no": f"H{number // 3:09d}",
        "kind": own.choice(("household", "household", "enterprise", "public_employee")),
        "product": "农户联保贷款",
        "purpose": "种植",
        "origin": "new",
        "guarantee": own.choice(("credit", "guarantor", "mortgage")),
        "issued_on": issued.isoformat(),
        "due_on": due.isoformat(),
        "amount": f"{amount // 100}.{amount % 100:02d}",
        "rate": "8.40",
        "period_months": "12",
        "principal": f"{principal // 100}.{principal % 100:02d}",
        "interest_on": f"{2 + (day - DAY).days + own.randrange(900)}.50",
        "interest_off": "0.00",
        "penalty": "0.00",
        "principal_unpaid_since": unpaid,
        "dpd": str((day - since).days) if since else "0",
        "class": grade,
        "sub_grade": "1" if grade == "special_mention" else "",
        "state": "open",
        "lending_staff_no": f"S{number % 997:04d}",
        "collection_staff_no": f"S{number % 997:04d}",
        "registered": "1",
    }
    return [cells.get(name, "") for name in NAMES], principal


def write(path: Path, rows: int, day: date, institutions: int, *, seed: int, moved: float = 0.0) -> int:
    """The tape of the day; return the bytes of its rows."""
    draw = random.Random(seed)
    total = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(NAMES) + "\n")
        for number in range(rows):
            cells, principal = row(number, day, institutions, draw, moved)
            total += principal
            file.write(",".join(cells) + "\n")
        file.write(f"#{rows},{total // 100}.{total % 100:02d}\n")
    return path.stat().st_size


def bare_copy(owner: psycopg.Connection[object], path: Path) -> float:
    """T: the seconds of a COPY of the file's rows into an unlogged table without indexes."""
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in NAMES)
    owner.execute(sql.SQL("CREATE UNLOGGED TABLE bare ({})").format(columns))
    began = time.perf_counter()
    with owner.cursor() as cursor, cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
        for chunk in _without_total(path):
            copy.write(chunk)
    owner.commit()
    took = time.perf_counter() - began
    owner.execute("DROP TABLE bare")
    owner.commit()
    return took


def _without_total(path: Path) -> Iterator[bytes]:
    file = opened(path)
    yield (",".join(NAMES) + "\n").encode()
    yield from file.body()


def pages(addresses: Iterable[str], get: Callable[[str], object], times: int = 40) -> dict[str, float]:
    """The 95th percentile of each address, in milliseconds; `get` asks for one as somebody signed in."""
    found = {}
    for address in addresses:
        took = []
        get(address)
        for _time in range(times):
            began = time.perf_counter()
            get(address)
            took.append((time.perf_counter() - began) * 1000)
        found[address] = quantiles(took, n=20)[-1]
    return found


def prepare(institutions: int) -> Institution:
    """A union with so many institutions; the scope of the tapes."""
    bank = founding.found_bank(by=SYSTEM, name="Benchmark")
    union = Institution.objects.create(unit=bank, bank=bank, code="37", level="union")
    for number in range(institutions):
        unit = founding.add_unit(by=SYSTEM, parent=bank, kind="branch", name=f"I{number}")
        Institution.objects.create(
            unit=unit, bank=bank, code=f"37{number:04d}", level="institution", ranked=True
        )
    Institution.objects.all().renumber(bank.pk)
    union.refresh_from_db()
    return union


def hand_in(scope: Institution, path: Path, day: date) -> tuple[float, Tape]:
    """The seconds that a hand-in takes, and its tape."""
    told: list[tuple[str, float]] = []
    began = time.perf_counter()
    with storage.received(storage.chunks(path)) as file:
        tape = tapes.hand_in(
            scope, by=SYSTEM, file=file, as_of=day,
            tell=lambda stage: told.append((stage, time.perf_counter() - began)),
        )  # fmt: skip
    took = time.perf_counter() - began
    ends = [at for _stage, at in told[1:]] + [took]
    print("   ", ", ".join(f"{stage} {end - at:.2f}" for (stage, at), end in zip(told, ends, strict=False)))
    return took, tape


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=20_000)
    parser.add_argument("--institutions", type=int, default=100)
    given = parser.parse_args()
    with own_database() as database, tempfile.TemporaryDirectory() as folder:
        measure(database, Path(folder), given.rows, given.institutions)


def measure(database: databases.Database, folder: Path, rows: int, institutions: int) -> None:
    """Print each step in seconds and in T."""
    settings.MEDIA_ROOT = folder / "media"
    scope = prepare(institutions)
    first, daily, other = folder / "first.csv", folder / "daily.csv", folder / "other.csv"
    size = write(first, rows, DAY - timedelta(days=1), institutions, seed=1)
    write(daily, rows, DAY, institutions, seed=2, moved=0.05)
    write(other, rows, DAY, institutions, seed=3, moved=0.05)
    with database.owner() as owner:
        bare = min(bare_copy(owner, daily) for _time in range(2))
    print(f"{rows:,} rows, {size / 2**20:.0f} MiB; T = {bare:.2f} s")
    for name, path, day in (
        ("first load", first, DAY - timedelta(days=1)),
        ("daily", daily, DAY),
        ("unchanged", daily, DAY),
        ("replaced", other, DAY),
    ):
        took, tape = hand_in(scope, path, day)
        wanted = WANTED[name]
        print(f"{name}: {took:.2f} s = {took / bare:.2f} T (wanted {wanted} T of 2,000,000), {tape.state}")
    print(f"memory of the importing process: {memory(database, daily):.0f} MiB at most (wanted 200)")


def memory(database: databases.Database, path: Path) -> float:
    """The most memory in MiB that `manage.py import_tape --check` of the file holds."""
    command = [sys.executable, "manage.py", "import_tape", str(path), "--as-of", DAY.isoformat(), "--check"]
    env = database.env | {"MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode in (0, 2), child.returncode
    return used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
