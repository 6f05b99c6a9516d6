"""The database goes away, by backend or as a whole: who looks notices nothing, an act may be sent again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import OperationalError, connections
from django.test import Client
from psycopg_pool import PoolTimeout

from committee.messages import MAIL, announce
from committee.models import Message, Person
from config.database.embedded_postgres import ROOT
from pages.desk import desks
from tests.config.served import Visitor, free_port, site, until
from tests.conftest import PrivateCluster

PASSWORD = "a password for crashes"


def disconnect() -> None:
    """No connection is kept that a killed server has left behind."""
    connections["default"].close()
    connections["default"].close_pool()


def somebody() -> Person:
    """A person who can sign in, committed."""
    return Person.objects.create(
        username="a",
        staff_no="1",
        display_name="甲",
        email="a@bank.example",
        password=PBKDF2PasswordHasher().encode(PASSWORD, "a salt of twenty-two chars"),
    )


def asked(visitor: Visitor, times: int) -> Counter[int]:
    """The statuses of so many pages, four asked for at a time."""
    with ThreadPoolExecutor(4) as threads:
        return Counter(status for status, _, _ in threads.map(lambda _: visitor.ask("/"), range(times)))


def test_pages_are_answered_after_backends_and_the_whole_server_were_killed(
    private_cluster: PrivateCluster, tmp_path: Path
) -> None:
    somebody()
    port, log = free_port(), tmp_path / "log"
    visitor = Visitor(f"http://127.0.0.1:{port}")
    with site("--port", port, log=log, env=private_cluster.env, up=visitor.answers):
        assert visitor.sign_in("a", PASSWORD)[0] == 302
        assert asked(visitor, 12) == {200: 12}

        with private_cluster.cluster.connect("postgres") as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [private_cluster.name],
            )
        disconnect()
        assert asked(visitor, 12) == {200: 12}, log.read_text()

        private_cluster.kill()
        private_cluster.start()
        assert asked(visitor, 12) == {200: 12}, log.read_text()
        until(lambda: visitor.ask("/ready/")[0] == 200, "it is not ready again", log)
    disconnect()


DEMO = """
import django, os
django.setup()
from rehearsal import serving
serving.FIRST_PAUSE = 0.2
listening = serving.listen(int(os.environ["PORT"]))
serving.serve(listening, ready=lambda: print("ready", flush=True))
"""


def test_the_demo_and_its_worker_go_on_after_the_server_was_killed(private_cluster: PrivateCluster) -> None:
    person, port = somebody(), free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", DEMO],
        cwd=ROOT,
        env=os.environ | private_cluster.env | {"PORT": str(port), "EMAIL_URL": "dummymail://"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

        def mailed() -> None:
            disconnect()
            announce("submit", [person], by="system", about="proposal:1")
            message = Message.objects.latest("pk")
            until(lambda: Message.objects.get(pk=message.pk).mailed_at is not None, f"no {MAIL}")

        mailed()
        disconnect()
        private_cluster.kill()
        private_cluster.start()
        mailed()
        assert process.poll() is None
        assert Visitor(f"http://127.0.0.1:{port}").ask("/ready/")[0] == 200
    finally:
        process.kill()
        process.communicate()
        disconnect()


def breaking(monkeypatch: pytest.MonkeyPatch, *, times: int, cause: Exception | None = None) -> list[int]:
    """The desk loses its connection so many times; the list has a number for each time it was made."""
    made: list[int] = []
    sections = desks.sections

    def lost(who: Any, chosen: str = "") -> Any:
        made.append(len(made))
        if len(made) <= times:
            raise OperationalError("server closed the connection unexpectedly") from cause
        return sections(who, chosen)

    monkeypatch.setattr(desks, "sections", lost)
    return made


@pytest.fixture
def browser(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(somebody(), "django.contrib.auth.backends.ModelBackend")
    return client


def test_a_page_that_loses_its_connection_is_made_once_more(browser: Client, monkeypatch: Any) -> None:
    made = breaking(monkeypatch, times=1)
    assert browser.get("/").status_code == 200
    assert made == [0, 1]


@pytest.mark.parametrize(("cause", "tries"), [(None, 2), (PoolTimeout("couldn't get a connection"), 1)])
def test_a_page_without_a_database_says_when_to_come_back(
    browser: Client, monkeypatch: Any, cause: Exception | None, tries: int
) -> None:
    made = breaking(monkeypatch, times=9, cause=cause)
    answer = browser.get("/")
    assert (answer.status_code, answer["Retry-After"], len(made)) == (503, "5", tries)
    assert "数据库正在恢复" in answer.content.decode()


def test_an_act_without_a_database_is_not_done_again_by_itself(browser: Client, monkeypatch: Any) -> None:
    tried: list[str] = []

    def lost(*_given: Any, **_named: Any) -> None:
        tried.append("tried")
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("api.json_input.document", lost)
    answer = browser.post("/api/submit/", b"{}", content_type="application/json")
    assert (answer.status_code, answer["Retry-After"], len(tried)) == (503, "5", 1)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "site/away"
