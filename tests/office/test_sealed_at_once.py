"""The end of a meeting, signed minutes and each report ask for a checkpoint in their own transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection

from audit import note
from audit.note import Signer
from audit.recording import rehearsed
from tests.stage import Stage, stages

KEY = Signer.make("lianxi.example/branch", note.ED25519, bytes(32))

carried = stages("carried", lambda: Stage().to("carried"))


def asked() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'audit.tasks.checkpoint_log'"
        )
        (found,) = cursor.fetchone()
        return int(found)


def test_a_checkpoint_is_asked_for_at_the_end_at_the_signature_and_at_the_report(
    carried: Stage, settings: Any
) -> None:
    settings.LOG_KEY = KEY.written()
    found = {}
    for step in ("closed", "minuted", "signed", "distributed", "reported"):
        before = asked()
        carried.to(step)
        found[step] = asked() - before
    assert found == {"closed": 1, "minuted": 0, "signed": 1, "distributed": 0, "reported": 1}


def test_none_is_asked_for_without_a_key_or_in_a_rehearsal(carried: Stage, settings: Any) -> None:
    carried.to("closed")
    settings.LOG_KEY = KEY.written()
    with rehearsed("a rehearsal"):
        carried.to("signed")
    assert asked() == 0
