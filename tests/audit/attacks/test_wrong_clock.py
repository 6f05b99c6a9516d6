"""A clock a day back or a year ahead: that of the site, of the database, or of both on one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit import clock, tasks
from audit.models import Checkpoint, Entry
from audit.witness.store import Witness
from tests import databases
from tests.audit.attacks.deeds import says, superuser
from tests.audit.test_sealer import entries
from tests.databases import Database

DAY, YEAR = timedelta(days=1), timedelta(days=365)
FUNCTIONS = ("audit_seal", "audit_checkpoint_rises")


@pytest.fixture
def source(template: str) -> databases.Source:
    """A log without a past, whose times are all of now."""
    return databases.Source(template)


@contextmanager
def database_clock(database: Database, *, shifted: timedelta) -> Iterator[None]:
    """The clock that the triggers read is set forward by so much."""
    with superuser(database) as own:
        read = "SELECT pg_get_functiondef(%s::regproc)"
        before = [own.execute(read, [name]).fetchone()[0] for name in FUNCTIONS]
        for each in before:
            wrong = f"clock_timestamp() + interval '{shifted.total_seconds()} seconds'"
            own.execute(each.replace("clock_timestamp()", wrong))
        yield
        for each in before:
            own.execute(each)


def anomalies() -> list[str]:
    return [line for line in says("verify").splitlines() if line.startswith("anomaly: ")]


def minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("shifted", [-DAY, YEAR], ids=["a day back", "a year ahead"])
def test_the_sites_clock_is_told_at_each_entry_and_by_the_nightly_job(
    log: Database, caplog: Any, shifted: timedelta
) -> None:
    entries("meeting:1")
    assert anomalies() == []
    wrong = datetime.now(UTC) + shifted
    with clock.frozen(wrong):
        entries("meeting:1")
    (told,) = anomalies()
    assert told.startswith(f"anomaly: meeting:1 #2: says that it was done at {minute(wrong)} UTC")
    tasks.verify_audit_log(0)
    assert [(each.levelname, each.getMessage()) for each in caplog.records if each.levelno >= 30] == [
        ("WARNING", told)
    ]


def test_both_clocks_a_day_back_are_told_by_streams_and_checkpoints(log: Database, witness: Witness) -> None:
    entries("meeting:1")
    tasks.checkpoint_log(0)
    with database_clock(log, shifted=-DAY), clock.frozen(datetime.now(UTC) - DAY):
        entries("meeting:1", "meeting:2")
        tasks.checkpoint_log(0)
    first, second = Entry.objects.filter(stream="meeting:1").order_by("seq")
    size = Checkpoint.objects.order_by("-size")[0].size
    went_back = [line for line in anomalies() if "clock went back" in line]
    assert went_back[0] == (
        f"anomaly: meeting:1 #2: was written at {minute(second.recorded_at)} UTC, "
        f"after one of {minute(first.recorded_at)}: the database's clock went back"
    )
    assert went_back[1].startswith(
        f"anomaly: checkpoint #{size}: was made at {minute(second.recorded_at)} UTC"
    )
    assert len(went_back) == 2


def test_both_clocks_a_year_ahead_are_told_against_the_witnesss(log: Database, witness: Witness) -> None:
    """While they are ahead only another's clock can tell; set right again, they go back."""
    with database_clock(log, shifted=YEAR), clock.frozen(datetime.now(UTC) + YEAR):
        entries("meeting:1")
        tasks.checkpoint_log(0)
    checkpoint = Checkpoint.objects.get()
    (told,) = anomalies()
    what = f"anomaly: checkpoint #{checkpoint.size}: was made at {minute(checkpoint.made_at)} UTC"
    assert told.startswith(f"{what} and cosigned at ")
    assert told.endswith("the clock of the database or the witness is wrong")
    entries("meeting:1")
    assert any("meeting:1 #2" in line and "went back" in line for line in anomalies())


def test_a_slow_witness_and_a_wait_for_a_lock_are_no_anomaly(log: Database, witness: Witness) -> None:
    with database_clock(log, shifted=-timedelta(minutes=4)):
        entries("meeting:1")
        tasks.checkpoint_log(0)  # cosigned four minutes later, as the witness sees it
    with database_clock(log, shifted=-timedelta(minutes=4, seconds=50)):
        entries("meeting:1")
    assert anomalies() == []
