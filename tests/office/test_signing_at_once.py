"""Signing minutes from several processes: a kill at each step, two at once, guessing at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections

from audit import clock
from audit.models import Entry
from committee.models import Meeting
from documents import verify
from office import keys as office_keys
from office import signed_files
from office.actions import keys
from office.actions.signing import sign_electronically
from office.models import Minutes
from regulation.refused import Refused
from tests.office import signers
from tests.office.signers import PIN, file_of, sign
from tests.stage import START, Stage

STEPS = (
    "before the signature", "when it is signed", "when it is written", "before it is renamed",
    "when it is renamed", "when the rows are there", "before the log is written", "when the log is written",
)  # fmt: skip


def _settings() -> dict[str, Any]:
    names = ("SIGNING", "TRUST_ANCHORS", "REVOCATION_LISTS", "SIGNER_KEYS", "MEDIA_ROOT", "TSA_URL")
    return {name: _plain(getattr(django_settings, name)) for name in names}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _run(database: Any, meeting: Meeting, person: int, step: str) -> int:
    order = {"meeting": meeting.pk, "person": person, "pin": PIN, "step": step, "settings": _settings()}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.office.signing_once"],
        input=json.dumps(order) + "\n", env=database.env, cwd=django_settings.BASE_DIR, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
    return ran.returncode


def test_a_kill_at_each_step_leaves_a_draft_or_minutes_in_effect(fresh_db: Any, electronic: Path) -> None:
    with clock.frozen(START):
        stage = Stage().to("minuted")
        sign(stage, "liaison")
        signers.key_for(stage["chair"])
    first = file_of(stage)
    for step in STEPS:
        assert _run(fresh_db, stage.meeting, stage["chair"].pk, step) == -signal.SIGKILL, step
        minutes = Minutes.objects.get(meeting=stage.meeting)
        assert (minutes.state, file_of(stage).sha256) == ("drafted", first.sha256), step
        assert not Entry.objects.filter(action="sign_minutes").exists(), step
        assert first.path.exists(), step
        signed_files.sweep(older_than=-1)
        assert [path.stem for path in (electronic / "media" / "signed").rglob("*.*")] == [first.sha256], step
    assert _run(fresh_db, stage.meeting, stage["chair"].pk, "when it is committed") == -signal.SIGKILL
    file = file_of(stage)
    assert (Minutes.objects.get(meeting=stage.meeting).state, file.effective_at is None) == ("signed", False)
    assert verify.check(file.path.read_bytes(), office_keys.trusted()).sound
    assert Entry.objects.filter(action="sign_minutes").count() == 1
    signed_files.sweep(older_than=-1)
    assert [path.stem for path in (electronic / "media" / "signed").rglob("*.*")] == [file.sha256]
    call_command("audit", "verify", stdout=None)


def test_two_signatures_at_once_stand_one_after_the_other(fresh_db: Any, electronic: Path) -> None:
    with clock.frozen(START):
        stage = Stage().to("minuted")
        sign(stage, "liaison", seats=True)
        for handle in ("seat2", "seat3"):
            signers.key_for(stage[handle])
    told: list[Any] = []

    def signing_at_once(handle: str) -> None:
        try:
            told.append(sign_electronically(stage.meeting, by=stage[handle], pin=PIN).state)
        except Refused as refused:
            told.append(refused.code)
        finally:
            connections.close_all()

    with clock.frozen(datetime.fromisoformat("2026-03-06T09:00+08:00")):
        threads = [
            threading.Thread(target=signing_at_once, args=[handle])
            for handle in ("seat2", "seat3", "seat2", "seat3")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(told) == ["document/signed-already"] * 2 + ["drafted"] * 2
    checked = verify.check(file_of(stage).path.read_bytes(), office_keys.trusted())
    assert {each.field for each in checked.signatures} == {"liaison", "seat2", "seat3"}
    assert checked.signed


def test_wrong_pins_at_once_are_five_at_most(fresh_db: Any, electronic: Path) -> None:
    with clock.frozen(START):
        stage = Stage()
        person = stage["liaison"]
        key = signers.key_for(person)
    told: list[str] = []

    def guess(pin: str) -> None:
        try:
            keys.try_pin(by=person, pin=pin)
        except Refused as refused:
            told.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess, args=[f"wrong-{number}"]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("document/wrong-pin") <= 4
    assert told.count("document/key-locked") >= 8
    key.refresh_from_db()
    assert (key.wrong, key.locked_at is not None) == (5, True)
    assert Entry.objects.filter(action="lock_key").count() == 1
