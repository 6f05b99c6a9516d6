"""Whoever finds the database being migrated waits, and goes on when that is done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from config.database.embedded_postgres import ROOT
from rehearsal.running import make_ready
from tests.config.served import until

WAITING = """
SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objid = %s
"""


@pytest.mark.parametrize("begins", [lambda: call_command("migrate", verbosity=0), make_ready])
def test_a_database_that_somebody_migrates_is_waited_for(begins: Any, fresh_db: Any) -> None:
    def begin() -> None:
        try:
            begins()
        finally:
            connections.close_all()

    with fresh_db.connect(autocommit=True) as other, ThreadPoolExecutor(1) as thread:
        other.execute("SELECT pg_advisory_lock(%s)", [settings.MIGRATION_LOCK])
        begun = thread.submit(begin)
        until(
            lambda: begun.done() or other.execute(WAITING, [settings.MIGRATION_LOCK]).fetchone() is not None,
            "nobody waits",
        )
        assert not begun.done()
        other.execute("SELECT pg_advisory_unlock(%s)", [settings.MIGRATION_LOCK])
        begun.result(timeout=60)


def test_the_lock_of_migrations_is_given_up(fresh_db: Any) -> None:
    for _ in range(2):
        call_command("migrate", verbosity=0)
    make_ready()
    with fresh_db.connect(autocommit=True) as other:
        found = other.execute("SELECT pg_try_advisory_lock(%s)", [settings.MIGRATION_LOCK]).fetchone()
    assert found == (True,)


@pytest.mark.slow
def test_all_that_migrates_may_begin_together_in_a_fresh_clone(tmp_path: Path) -> None:
    """Migrating by hand, rehearsing directly and over HTTP: one makes the database, all end well."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    case = "rehearsal/cases/05-not-non-performing.json"
    hermetic = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "LIANXI_DEMO": "false", "SECRET_KEY": ""}
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=tmp_path,
            env=os.environ | hermetic,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for arguments in (["migrate"], ["rehearse", case], ["rehearse", "--over", "http", case])
    ]
    try:
        for process in processes:
            told = process.communicate(timeout=300)
            assert process.returncode == 0, told
    finally:
        for process in processes:
            process.kill()
            process.communicate()
        subprocess.run([sys.executable, "manage.py", "database", "reset", "--yes"], cwd=tmp_path, check=False)
