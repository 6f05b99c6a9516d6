"""The metrics: what is counted, once each, over all processes, without identifying people."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from prometheus_client import REGISTRY

from audit import clock, metrics
from config.database.embedded_postgres import ROOT
from rehearsal.player import _unlogged
from tests.stage import START, Stage


def number(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_a_ballot_is_counted_once_it_is_committed_and_not_again_when_it_is_repeated(fresh_db: Any) -> None:
    before = number("lianxi_ballots_total")
    with clock.frozen(START):
        stage = Stage().to("voting")
        with transaction.atomic():
            stage.do("cast", "seat2", choice="for", key="one")
            transaction.set_rollback(True)
        assert number("lianxi_ballots_total") == before
        for _ in range(2):
            stage.do("cast", "seat2", choice="for", key="one")
        stage.do("cast", "seat3", choice="for")
    assert number("lianxi_ballots_total") == before + 2


def test_a_refusal_is_counted_by_its_code_unless_a_rehearsal_provoked_it(fresh_db: Any) -> None:
    before = number("lianxi_refusals_total", code="20.1/no-seat")
    with clock.frozen(START):
        stage = Stage().to("voting")
        stage.refused("20.1/no-seat", "cast", "liaison", choice="for")
        with _unlogged():
            stage.refused("20.1/no-seat", "cast", "liaison", choice="for")
    assert number("lianxi_refusals_total", code="20.1/no-seat") == before + 1


def test_a_refusal_is_counted_also_where_the_log_is_silent() -> None:
    ask = """
import django, logging
django.setup()
logging.getLogger("lianxi.refused").warning("no", extra={"code": "20.1/no-seat"})
from audit import metrics
print(metrics.exposition().decode())
"""
    said = python(ask, LOG_LEVEL="CRITICAL")
    assert 'lianxi_refusals_total{code="20.1/no-seat"} 1.0' in said.stdout
    assert said.stderr == ""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "0" * 50, "LIANXI_DEMO": "false"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | settings | environment,
        capture_output=True,
        text=True,
        check=True,
    )


WORKS = """
from audit import metrics
metrics.BALLOTS.inc(2)
metrics.SOCKETS.inc(3)
metrics.PUSH_DELAY.observe(0.02)
metrics.REFUSALS.labels(code="20.1/no-seat").inc()
print("counted", flush=True)
input()
"""


@contextmanager
def working(shared: Any) -> Any:
    """A process of the site that has counted, and runs until the end of the block or until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKS],
        cwd=ROOT,
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(shared)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "counted\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_whichever_process_is_asked_answers_for_all_and_for_the_sockets_of_those_that_live(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    with working(tmp_path):
        with working(tmp_path) as other:
            told = read(metrics.exposition())
            assert told["lianxi_ballots_total"] == 4
            assert told["lianxi_sockets"] == 6
            assert told["lianxi_push_delay_seconds_count"] == 2
            assert told['lianxi_push_delay_seconds_bucket{le="0.025"}'] == 2
            assert told['lianxi_push_delay_seconds_bucket{le="0.01"}'] == 0
            assert told['lianxi_refusals_total{code="20.1/no-seat"}'] == 2
            other.kill()
            other.wait()
        told = read(metrics.exposition())
        assert told["lianxi_sockets"] == 3
        assert told["lianxi_ballots_total"] == 4


def read(exposition: bytes) -> dict[str, float]:
    lines = [line for line in exposition.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_label_is_a_code_or_a_bound_and_never_a_person_or_a_proposal() -> None:
    metrics.REFUSALS.labels(code="20.1/no-seat")
    ours = [name for name in read(metrics.exposition()) if name.startswith("lianxi_")]
    assert {label for name in ours for label in re.findall(r"[{,](\w+)=", name)} == {"code", "le"}
