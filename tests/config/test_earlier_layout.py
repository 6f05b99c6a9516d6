"""A database from before the migrations were folded is told of in one line, and stays as it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.database.embedded_postgres import ROOT, packaged_binaries
from rehearsal.running import NotReady, make_ready

#: some of the migrations before they were folded
EARLIER = (
    ("audit", "0002_seal"), ("audit", "0003_by_actor_and_time"), ("audit", "0004_vouched"),
    ("audit", "0005_readable"), ("committee", "0018_guards"), ("office", "0016_signed_once"),
)  # fmt: skip


def dump(database: Any) -> list[str]:
    """Tables, rights and rows of the database, without the key that is another in each dump."""
    program = packaged_binaries() / "bin" / "pg_dump"
    told = subprocess.run([program, database.owner_dsn], capture_output=True, check=True, text=True).stdout
    return [line for line in told.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


@pytest.fixture
def earlier(fresh_db: Any) -> Iterator[Any]:
    """A database with migrations that no file has any more; it is the same after the test."""
    with fresh_db.owner(autocommit=True) as owner:
        owner.execute("DELETE FROM django_migrations WHERE app IN ('web', 'accounts', 'pages')")
        owner.execute("DELETE FROM django_migrations WHERE app = 'audit' AND name = '0002_guards'")
        for app, name in EARLIER:
            owner.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [app, name]
            )
        owner.execute("ALTER TABLE web_submission RENAME TO office_submission")
    before = dump(fresh_db)
    yield fresh_db
    assert dump(fresh_db) == before


def test_it_is_not_migrated(earlier: Any) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("migrate", verbosity=0)
    line = str(refused.value)
    assert "earlier layout" in line
    assert "`make demo-reset`" in line
    assert "\n" not in line


def test_nor_rehearsed_in(earlier: Any) -> None:
    with pytest.raises(NotReady, match=r"earlier layout.*`make demo-reset`"):
        make_ready()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["migrate"], 1), (["rehearse", "rehearsal/cases/05-not-non-performing.json"], 3)],
)
def test_the_command_ends_with_one_line(earlier: Any, arguments: list[str], status: int) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=earlier.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (status, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("CommandError: The data")


def test_a_database_of_a_later_version_is_no_earlier_one(fresh_db: Any) -> None:
    with fresh_db.owner(autocommit=True) as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '0003_later', now())"
        )
    call_command("migrate", verbosity=0)
    make_ready()
