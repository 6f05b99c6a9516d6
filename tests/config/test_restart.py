"""A restart loses no ballot: what is under way is answered first, and sockets are told to come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from committee.models import Person
from config.database.embedded_postgres import ROOT
from tests.config.served import Visitor, free_port, site, until, workers
from tests.databases import Source
from tests.stage import Stage, standing
from voting.models import Ballot

PASSWORD = "a password for restarts"


source = standing("voting")


@pytest.fixture
def voting(fresh_db: Any, source: Source) -> Stage:
    """An open vote, and people who can sign in."""
    Person.objects.update(password=PBKDF2PasswordHasher().encode(PASSWORD, "a salt of twenty-two chars"))
    return source.stage


def waits(database: Any) -> bool:
    """Whether somebody waits for a row of the meeting."""
    with database.connect(autocommit=True) as connection:
        found = connection.execute(
            "SELECT FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'", [database.name]
        )
        return found.fetchone() is not None


def casting_while(stage: Stage, database: Any, visitor: Visitor, told: Callable[[], bool]) -> Any:
    """The answer to a ballot that waited for the meeting's row while `told` ran, and what that returned."""
    assert visitor.sign_in(stage["seat2"].username, PASSWORD)[0] == 302
    answers: list[Any] = []
    path = f"/proposals/{stage.proposal.pk}/cast/"
    ballot = threading.Thread(
        target=lambda: answers.append(visitor.send(path, choice="for", sure="on")), daemon=True
    )
    with database.connect() as holder:
        holder.execute("SELECT FROM committee_meeting WHERE id = %s FOR UPDATE", [stage.meeting.pk])
        ballot.start()
        until(lambda: waits(database), "the ballot does not wait")
        found = told()
        assert answers == []
        holder.rollback()
    ballot.join(timeout=60)
    (answer,) = answers
    return answer, found


def test_a_ballot_under_way_is_answered_before_the_server_ends(
    voting: Stage, fresh_db: Any, tmp_path: Path
) -> None:
    port = free_port()
    visitor = Visitor(f"http://127.0.0.1:{port}")
    log = tmp_path / "log"
    with site("--port", port, log=log, env=fresh_db.env, up=visitor.answers) as process:

        def stopped() -> bool:
            process.send_signal(signal.SIGTERM)
            until(lambda: not Visitor(visitor.address).answers(), "new requests are still taken", log)
            return process.poll() is None

        (status, headers, _), still_there = casting_while(voting, fresh_db, visitor, stopped)
        assert still_there
        assert status == 302, log.read_text()
        assert headers["Location"].startswith(f"/meetings/{voting.meeting.pk}/")
        process.wait(timeout=40)
    assert Ballot.objects.filter(seat__number=2, choice="for").count() == 1


def test_a_reload_brings_new_processes_and_answers_all_the_while(
    voting: Stage, fresh_db: Any, tmp_path: Path
) -> None:
    port = free_port()
    visitor = Visitor(f"http://127.0.0.1:{port}")
    log = tmp_path / "log"
    env = fresh_db.env | {"WEB_PROCESSES": "2"}
    with site("--port", port, log=log, env=env, up=visitor.answers) as process:
        before = workers(process.pid)
        assert len(before) == 2

        def reloaded() -> bool:
            process.send_signal(signal.SIGHUP)
            until(lambda: bool(workers(process.pid) - before), "no new process", log)
            return Visitor(visitor.address).answers()

        (status, _, _), answering = casting_while(voting, fresh_db, visitor, reloaded)
        assert answering
        assert status == 302, log.read_text()

        def replaced() -> bool:
            assert Visitor(visitor.address).answers()
            return not workers(process.pid) & before

        until(replaced, "the old processes are still there", log)
    assert Ballot.objects.filter(seat__number=2, choice="for").count() == 1


STUBBORN = """
import django, os
django.setup()
from django.conf import settings
from rehearsal import serving
async def application(scope, receive, send):
    import asyncio
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "open"})
    await asyncio.sleep(3600)
import sys
sys.modules["stubborn"] = sys.modules["__main__"]
settings.ASGI_APPLICATION = "stubborn.application"
listening = serving.listen(int(os.environ["PORT"]))
serving.serve(listening, ready=lambda: print("ready", flush=True))
"""


def test_the_demo_ends_with_sockets_open_that_do_not_and_tells_them_to_come_back(fresh_db: Any) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        cwd=ROOT,
        env=os.environ | fresh_db.env | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        with connect(f"ws://127.0.0.1:{port}/") as opened:
            assert opened.recv(timeout=20) == "open"
            process.send_signal(signal.SIGINT)
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(timeout=20)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        assert process.wait(timeout=40) == 0
    finally:
        process.kill()
        process.communicate()
