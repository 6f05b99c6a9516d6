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
from audit.checking.verification import further_faults
from audit.models import Entry, Examination, Payload
from proposals.models import Proposal
from tests import databases
from tests.audit.exports import played_log
from tests.stage import Stage
from voting.models import Ballot

BODIES = (b"{", b"\xff", b"[]", b"7", b"[" * 100_000, b"")


@pytest.fixture(scope="module")
def stage(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with django_db_blocker.unblock(), played_log(tmp_path_factory.mktemp("media")) as stage:
        yield stage


@contextmanager
def changed(stream: str, action: str, body: bytes) -> Iterator[Entry]:
    """The payload of the first entry of this action in the stream is this, within the block."""
    row = Entry.objects.filter(stream=stream, action=action).order_by("seq")[0]
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


#: bodies of which the checks see that they should tell of rows, and cannot read which
VOUCHING = (
    b'{"stored":{',
    b'{"stored":{"\xff":null}}',
    b'{"stored":{"x:1":"\\u0000"}}',
    b'{"stored":{}}' * 2,
)


@contextmanager
def put(table: str, column: str, value: str, pk: int) -> Iterator[None]:
    """The row has this value, without an entry that tells of it, within the block."""
    database = databases.Database(databases.cluster(), str(connection.settings_dict["NAME"]))
    with database.owner(autocommit=True) as own:
        own.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        (kept,) = own.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk]).fetchone()
        own.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk])
        try:
            yield
        finally:
            own.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [kept, pk])
            own.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.parametrize("body", [*BODIES, *VOUCHING])
@pytest.mark.parametrize(
    ("check", "of", "what"),
    [
        ("audit.watching.stored", "meeting", "cannot be read: which rows it tells of"),
        ("office.checks.states", "proposal", "to a state that cannot be read"),
        ("voting.checks.ballots", "meeting", "in a way that cannot be read"),
    ],
)
def test_each_check_goes_on_after_it(
    stage: Stage, settings: Any, check: str, of: str, what: str, body: bytes
) -> None:
    """It is one fault, at its place, and what else is wrong is named beside."""
    settings.AUDIT_CHECKS = [check]
    assert told() == []
    decided = Proposal.objects.filter(state__in=("carried", "rejected")).latest("pk")  # nothing came after it
    stream = decided.stream if of == "proposal" else stage.meeting.stream
    ballot = Ballot.objects.exclude(vote__meeting=stage.meeting).latest("pk").pk
    wrong = {
        "audit.watching.stored": ("committee_unit", "name", "Elsewhere", stage.bank.committee.branch_id),
        "office.checks.states": ("committee_meeting", "state", "closed", stage.meeting.pk),
        "voting.checks.ballots": ("voting_ballot", "reason", "Else", ballot),
    }
    with changed(stream, "close_vote", body) as row:
        alone = told()
        with put(*wrong[check]):
            both = told()
    named = [each for each in alone if each.startswith(f"{stream} #") and what in each]
    assert len(named) == 1, alone
    assert all(each.startswith(f"{row.stream} #{row.seq}:") for each in named) or check.startswith("voting")
    assert len(set(both) - set(alone)) == 1, both
    assert set(alone) <= set(both)


def told() -> list[str]:
    return [str(each) for each in further_faults(None)]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("action", ["convene", "close_vote", "sign_minutes"])
def test_the_command_and_the_night_name_it(
    stage: Stage, caplog: pytest.LogCaptureFixture, action: str, body: bytes
) -> None:
    with changed(stage.meeting.stream, action, body) as row:
        with pytest.raises(CommandError, match=f"{row.stream} #{row.seq}: has a payload that"):
            call_command("audit", "verify", stdout=StringIO())
        with caplog.at_level(logging.INFO, "lianxi.audit"):
            tasks.verify_audit_log(0)
    critical = [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]
    assert any(f"{row.stream} #{row.seq}" in each for each in critical), critical
    assert Examination.objects.latest("pk").faults[0][:2] == [row.stream, row.seq]
