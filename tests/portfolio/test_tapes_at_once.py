"""Tapes at once, beside a hand-over, and killed at each stage: all of a tape or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from audit.models import Entry
from committee.actions import founding
from portfolio.actions import duties
from portfolio.models import (
    Arrival,
    Assignment,
    Balance,
    ClassChange,
    DayFigure,
    Household,
    Loan,
    RowFault,
    Tape,
)
from portfolio.retention import kept
from tests.portfolio.tape_files import DAY, Bank, loans, written

STAGES = ("reading", "judging", "loans", "balances", "figures")


@pytest.fixture
def bank(fresh_db, settings, tmp_path) -> Bank:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Bank()


def at_once(*acts: Any) -> list[BaseException | None]:
    """Each act in a thread of its own, begun together; what each raised."""
    barrier, raised = Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        barrier.wait()
        try:
            acts[place]()
        except BaseException as error:  # noqa: BLE001  told to the test
            raised[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_tapes_of_one_day_come_one_after_the_other(bank):
    rows = loans(200)
    others = [cells | {"principal": "1.00"} for cells in rows]
    raised = at_once(lambda: bank.hand_in(written(rows)), lambda: bank.hand_in(written(others)))
    assert raised == [None, None]
    first, second = Tape.objects.order_by("id")
    assert (first.state, second.state, second.supersedes) == ("replaced", "loaded", first)
    assert Balance.objects.count() == 200
    assert set(Balance.objects.values_list("principal", flat=True)) == {second.principal // 200}
    assert set(DayFigure.objects.values_list("tape", "loans")) == {(second.pk, 200)}
    assert ClassChange.objects.count() == 200


def test_the_same_tape_twice_at_once_is_one_tape(bank):
    content = written(loans(100))
    assert at_once(*[lambda: bank.hand_in(content)] * 3) == [None] * 3
    assert (Tape.objects.count(), Balance.objects.count()) == (1, 100)


def test_a_hand_over_beside_a_tape_loses_neither(bank):
    head, taker = founding.employ(
        by="system",
        bank=bank.bank,
        people=[
            founding.Employee("head", "S002", "主任", bank.one.unit, positions=(("head", bank.one.unit),)),
            founding.Employee("taker", "S003", "清收", bank.one.unit),
        ],
    )
    rows = loans(200, collection_staff_no="S001")
    bank.hand_in(written(rows))
    held = list(Loan.objects.all())
    next_day = [cells | {"as_of": "2011-08-10", "dpd": "1136", "principal": "2.00"} for cells in rows]
    raised = at_once(
        lambda: bank.hand_in(written(next_day), as_of=date(2011, 8, 10)),
        lambda: duties.hand_over(
            bank.one, by=head, loans=held, to=taker, on=date(2011, 8, 10), reason="调岗"
        ),
    )
    assert raised == [None, None]
    assert Loan.objects.filter(principal=200).count() == 200
    found = Assignment.objects.order_by("from_on").values_list("staff_no", "from_on", "to_on")
    assert set(found) == {("S001", DAY, date(2011, 8, 9)), ("S003", date(2011, 8, 10), None)}
    assert Assignment.objects.count() == 400
    assert Entry.objects.filter(action="hand_over_loans").count() == 1


def nothing_left(fresh: Any) -> None:
    """No row, no table and no partition of the tape."""
    for model in (Tape, Loan, Household, ClassChange, DayFigure, RowFault, Arrival, Balance):
        assert not model.objects.exists(), model
    assert kept() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relname ~ '^portfolio_(cells|rows|faults|moves|balance)_[0-9]'"
        )
        assert cursor.fetchall() == []


#: hands a tape in and stops at a stage until it is killed
STOPPING = """
import sys, time, django
django.setup()
from datetime import date
from pathlib import Path
from django.conf import settings
from portfolio import storage
from portfolio.actions import tapes
from portfolio.models import Institution
settings.MEDIA_ROOT = Path(sys.argv[2])
def tell(stage):
    if stage == sys.argv[3]:
        print("there", flush=True)
        time.sleep(120)
with storage.received(storage.chunks(Path(sys.argv[1]))) as file:
    scope = Institution.objects.get(code="3700")
    tapes.hand_in(scope, by="system", file=file, as_of=date(2011, 8, 9), tell=tell)
"""


def stopping(database: Any, tmp_path: Path, stage: str) -> subprocess.Popen[str]:
    path = tmp_path / "tape.csv"
    path.write_bytes(written(loans(100)))
    child = subprocess.Popen(
        [sys.executable, "-c", STOPPING, str(path), str(tmp_path / "media"), stage],
        env=database.env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "there\n"
    return child


@pytest.mark.parametrize("stage", STAGES)
def test_an_import_that_is_killed_leaves_nothing_and_the_tape_goes_in_again(bank, fresh_db, tmp_path, stage):
    child = stopping(fresh_db, tmp_path, stage)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    for _wait in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 5160001")
            if cursor.fetchone() == (0,):
                break
        time.sleep(0.1)
    nothing_left(fresh_db)
    assert bank.hand_in(written(loans(100))).state == "loaded"


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_is_killed_leaves_nothing_and_the_tape_goes_in_again(
    private_cluster, settings, tmp_path, stage
):
    settings.MEDIA_ROOT = tmp_path / "media"
    bank = Bank()
    child = stopping(private_cluster, tmp_path, stage)
    private_cluster.kill()
    child.kill()
    child.communicate()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()
    private_cluster.start()
    nothing_left(private_cluster)
    assert bank.hand_in(written(loans(100))).state == "loaded"
