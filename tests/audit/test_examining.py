"""What the night finds in the log and its tree is kept, and a fault is critical."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from audit import sealer, tasks
from audit.models import Entry, Examination
from tests.audit.test_sealer import OLD, alter, entries
from tests.databases import Database


@pytest.fixture
def sealed(fresh_db: Database, settings: Any) -> Iterator[Database]:
    """A sealed log of three entries and those that the database begins with, in a database of its own."""
    settings.LOG_KEY = OLD.written()
    settings.AUDIT_LISTENERS = []
    entries("meeting:1", "meeting:1", "proposal:2")
    sealer.seal()
    sealer.checkpoint()
    yield fresh_db
    connections[sealer.ALIAS].close()


def last(kind: str) -> Examination:
    return Examination.objects.filter(kind=kind).latest("pk")


def critical(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]


def test_a_log_that_holds_is_kept_as_gone_through(
    sealed: Database, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.AUDIT_CHECKS = []  # of other apps, whose rows these entries do not tell of
    tasks.verify_audit_log(0)
    tasks.fsck_audit_log(0)
    for kind in Examination.Kind:
        assert (last(kind).entries, last(kind).faults) == (Entry.objects.count(), [])
        assert last(kind).began_at <= last(kind).ended_at
    assert critical(caplog) == []


def test_each_fault_is_kept_and_is_critical(
    sealed: Database, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.AUDIT_CHECKS = ["tests.audit.test_examining.two_faults"]
    changed = "UPDATE audit_entry SET subject = 'meeting:9' WHERE stream = 'meeting:1' AND seq = 2"
    alter(sealed, changed, table="audit_entry")
    tasks.verify_audit_log(0)
    found = last("entries")
    places = [(stream, seq) for stream, seq, *_ in found.faults]
    assert places == [("meeting:1", 2), ("meeting:1", 1), ("proposal:2", 1)]
    assert found.told[1] == "meeting:1 #1: is odd"
    said = critical(caplog)
    assert "meeting:1 #2" in said[0]
    assert "3 faults" in said[0]
    assert said[1:] == found.told[1:]
    alter(sealed, "UPDATE audit_tile SET hashes = sha256('other') || substr(hashes, 33)")
    tasks.fsck_audit_log(0)
    assert any("tile 0 of level 0" in each for each in last("tree").told)
    assert any("tile 0 of level 0" in each for each in critical(caplog)[3:])


def test_without_a_key_there_is_no_tree_to_go_through(sealed: Database, settings: Any) -> None:
    settings.LOG_KEY = ""
    tasks.fsck_audit_log(0)
    assert not Examination.objects.exists()


def two_faults(streams: object) -> Iterator[Any]:
    """A check as another app has one."""
    assert streams is None
    for stream in ("meeting:1", "proposal:2"):
        yield tasks.Fault(stream, 1, "is odd")
