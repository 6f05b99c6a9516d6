"""Exports of one played log, for all tests that change copies of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from audit.models import Checkpoint
from audit.recording import SYSTEM, action, record
from tests.audit.exports import Exports, played_log, seal


@action
def _written(stream: str, *, by: str) -> None:
    record(stream, "tested", stream, by=by, payload={"n": 1})


@pytest.fixture(scope="session")
def exports(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Exports:
    """The whole log, one meeting, one plan and what follows a checkpoint, as folders; not to be changed."""
    folder = tmp_path_factory.mktemp("exports")
    with django_db_blocker.unblock(), played_log(tmp_path_factory.mktemp("media")) as stage:
        before = Checkpoint.objects.latest("size")
        for name, asked in (
            ("all", ["--all"]),
            ("meeting", ["--meeting", str(stage.meeting.pk)]),
            ("proposal", ["--proposal", str(stage.proposal.pk)]),
        ):
            call_command("audit", "export", *asked, "--to", str(folder / name), verbosity=0)
        for number in range(3):
            _written(f"meeting:{stage.meeting.pk}" if number else "committee:9", by=SYSTEM)
        seal()
        call_command(
            "audit", "export", "--since", str(before.size), "--to", str(folder / "since"), verbosity=0
        )
        return Exports(folder, stage.meeting.stream, stage.proposal.stream, stage.committee.stream)
