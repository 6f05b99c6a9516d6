"""A payload that was changed into what nobody could have recorded: it is named, and hides nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import tasks
from audit.models import Entry, Examination, Payload
from tests import databases
from tests.audit.exports import played_log
from tests.stage import Stage

BODIES = (b"{", b"\xff", b"[]", b"7", b"[" * 100_000, b"")


@pytest.fixture(scope="module")
def stage(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with django_db_blocker.unblock(), played_log(tmp_path_factory.mktemp("media")) as stage:
        yield stage


@contextmanager
def changed(stage: Stage, action: str, body: bytes) -> Iterator[Entry]:
    """The payload of the first entry of this action in the stage's meeting is this, within the block."""
    row = Entry.objects.filter(stream=stage.meeting.stream, action=action).order_by("seq")[0]
    kept = bytes(Payload.objects.get(commitment=row.commitment).body)
    database = databases.Database(databases.cluster(), str(connection.settings_dict["NAME"]))
    statement = "UPDATE audit_payload SET body = %s WHERE commitment = %s"
    with database.owner(autocommit=True) as own:
        own.execute("ALTER TABLE audit_payload DISABLE TRIGGER USER")
        own.execute(statement, [body, row.commitment])
        try:
            yield row
        finally:
            own.execute(statement, [kept, row.commitment])
            own.execute("ALTER TABLE audit_payload ENABLE TRIGGER USER")


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("action", ["convene", "close_vote", "sign_minutes"])
def test_the_command_and_the_night_name_it(
    stage: Stage, caplog: pytest.LogCaptureFixture, action: str, body: bytes
) -> None:
    with changed(stage, action, body) as row:
        with pytest.raises(CommandError, match=f"{row.stream} #{row.seq}: has a payload that"):
            call_command("audit", "verify", stdout=StringIO())
        with caplog.at_level(logging.INFO, "lianxi.audit"):
            tasks.verify_audit_log(0)
    critical = [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]
    assert any(f"{row.stream} #{row.seq}" in each for each in critical), critical
    assert Examination.objects.latest("pk").faults[0][:2] == [row.stream, row.seq]
