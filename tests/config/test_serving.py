"""The server: one import for all workers, a killed one is back, and nothing is left when it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from config.database.embedded_postgres import ROOT
from config.serving import generation, options, warming
from config.serving.generation import Place
from tests.config.served import SERVER, Visitor, free_port, generations, runs, until, workers
from tests.config.test_settings import read_settings

#: answers which process it is, and notes at its import which that was
APPLICATION = """
import json, os, random, signal, sys, threading, time
from pathlib import Path
from django.conf import settings

settings.configure(
    WEB_PROCESSES=int(os.environ["WEB_PROCESSES"]), CHANNEL_REDIS_URL="", LARGEST_FRAME=1000,
    LANGUAGES=[], TEMPLATES=[{{"DIRS": []}}],
)
with Path(__file__).with_name("imported").open("a") as file:
    print(os.getpid(), file=file)
{at_import}

async def application(scope, receive, send):
    await receive()
    if scope["type"] == "websocket":
        await send({{"type": "websocket.accept"}})
        await send({{"type": "websocket.send", "text": str(os.getpid())}})
        await receive()
        return
    if scope["path"] == "/hang/":
        time.sleep(3600)
    told = {{"pid": os.getpid(), "parent": os.getppid(), "random": random.random(), "said": SAID}}
    told["handled"] = repr(sys.exc_info()[1])
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": json.dumps(told).encode()}})
"""


class Site(NamedTuple):
    """The master of a small application in the folder, and how to ask it."""

    folder: Path
    address: str
    process: subprocess.Popen[Any]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def imports(self) -> list[int]:
        """The processes that have imported the application."""
        return [int(each) for each in (self.folder / "imported").read_text().split()]

    @property
    def workers(self) -> set[int]:
        return workers(self.process.pid)

    def ask(self, path: str = "/") -> dict[str, Any]:
        """What a worker tells of itself."""
        return dict(json.loads(Visitor(f"http://{self.address}").ask(path)[2]))

    def answers(self, path: str = "/") -> bool:
        try:
            return bool(self.ask(path))
        except OSError:
            return False

    def everything(self) -> list[int]:
        return [self.process.pid, *generations(self.process.pid), *self.workers]


def write(folder: Path, at_import: str = "SAID = 1") -> None:
    (folder / "small.py").write_text(APPLICATION.format(at_import=textwrap.dedent(at_import)))


@contextmanager
def begun(folder: Path, *words: str, at_import: str = "SAID = 1", **env: str) -> Iterator[Site]:
    """The server has been started; it is ended with all that belongs to it."""
    write(folder, at_import)
    port = free_port()
    given = {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "SECRET_KEY": "0" * 50, "WEB_PROCESSES": "2"}
    given["PYTHONDONTWRITEBYTECODE"] = "1"  # compiled code is told apart by seconds and size
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *SERVER, "small:application", "--port", str(port), *words],
            cwd=ROOT,
            env=os.environ | given | env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    site = Site(folder, f"127.0.0.1:{port}", process)
    try:
        yield site
    finally:
        process.terminate()
        try:
            process.wait(40)
        finally:
            process.kill()


@contextmanager
def serving(folder: Path, *words: str, **given: str) -> Iterator[Site]:
    """All workers serve."""
    with begun(folder, *words, **given) as site:
        until(
            lambda: site.process.poll() is not None or " serves\n" in site.log, "it is not up", folder / "log"
        )
        assert site.process.poll() is None, site.log
        yield site


def killed(site: Site, pid: int) -> None:
    """The worker is killed, and another is there in its place."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: len(site.workers - {pid}) == 2, "no new worker", site.folder / "log")


def test_no_exception_is_being_handled_while_a_worker_serves(tmp_path: Path) -> None:
    """Each request would add to its traceback, which keeps all that the request had."""
    with serving(tmp_path) as site:
        assert site.ask()["handled"] == "None"


def test_all_workers_are_forked_from_one_import_and_so_is_the_next_when_one_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        before = site.workers
        (imported,) = site.imports
        assert generations(site.process.pid) == [imported]
        assert len(before) == 2
        for pid in sorted(before):
            killed(site, pid)
        assert not site.workers & before
        told = [site.ask() for _ in range(4)]
        assert {each["pid"] for each in told} <= site.workers
        assert {each["parent"] for each in told} == {imported}
        assert site.imports == [imported]


def test_workers_draw_numbers_of_their_own(tmp_path: Path) -> None:
    drawn = set()
    with serving(tmp_path, at_import="SAID = random.random()", WEB_PROCESSES="1") as site:
        for _ in range(3):
            (pid,) = site.workers
            drawn.add(site.ask()["random"])
            os.kill(pid, signal.SIGKILL)
            until(lambda pid=pid: bool(site.workers - {pid}), "no new worker", tmp_path / "log")
    assert len(drawn) == 3


def test_sockets_of_a_killed_worker_end_and_come_back_to_another(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        with connect(f"ws://{site.address}/") as opened:
            holder = int(opened.recv(timeout=20))
            os.kill(holder, signal.SIGKILL)
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(timeout=20)
            assert closed.value.rcvd is None
        with connect(f"ws://{site.address}/") as opened:
            assert int(opened.recv(timeout=20)) in site.workers - {holder}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_tells_sockets_to_come_back_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    with serving(tmp_path) as site:
        there = site.everything()
        assert len(there) == 4
        with connect(f"ws://{site.address}/") as opened:
            opened.recv(timeout=20)
            site.process.send_signal(number)
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(timeout=20)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        assert site.process.wait(40) == 0
        assert not any(map(runs, there))
        assert "Traceback" not in site.log


@pytest.mark.parametrize("which", ["master", "generation"])
def test_whoever_watches_the_workers_is_killed_and_they_end_as_if_told_to(tmp_path: Path, which: str) -> None:
    with serving(tmp_path) as site:
        there = site.everything()
        (parent,) = generations(site.process.pid)
        with connect(f"ws://{site.address}/") as opened:
            opened.recv(timeout=20)
            os.kill(site.process.pid if which == "master" else parent, signal.SIGKILL)
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(timeout=20)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        gone = there if which == "master" else there[1:]
        until(lambda: not any(map(runs, gone)), "something is left", tmp_path / "log")
        if which == "generation":
            until(lambda: len(site.workers) == 2, "no new generation", tmp_path / "log")
            assert site.answers()
        else:
            assert not site.answers()


def test_a_worker_that_cannot_start_is_given_up_and_not_forked_without_end(tmp_path: Path) -> None:
    dies = "SAID = 1\nos.register_at_fork(after_in_child=lambda: os._exit(7))"
    with begun(tmp_path, at_import=dies) as site:
        assert site.process.wait(60) == generation.FAILED
        assert site.log.count("has died") <= generation.TRIES + 1
        assert "workers die before they serve" in site.log


def test_a_worker_that_dies_young_again_and_again_is_forked_after_growing_pauses() -> None:
    place, now = Place(0), 100.0
    pauses = []
    for _ in range(9):
        place.pid, place.forked_at = 1, now
        place.vacate(now + 0.1)
        pauses.append(place.due - now - 0.1)
    assert pauses == pytest.approx([0, 0.5, 1, 2, 4, 8, 16, 30, 30])
    place.pid, place.forked_at = 1, now
    place.vacate(now + generation.STEADY_SECONDS)
    assert place.due == now + generation.STEADY_SECONDS


def test_a_worker_that_cannot_be_forked_is_tried_again(tmp_path: Path) -> None:
    fails = """
    SAID, fork, full = 1, os.fork, Path(__file__).with_name("full")
    def os_fork():
        if full.exists():
            raise BlockingIOError("no process is to be had")
        return fork()
    os.fork = os_fork
    """
    with serving(tmp_path, at_import=fails) as site:
        before = site.workers
        (tmp_path / "full").touch()
        os.kill(min(before), signal.SIGKILL)
        until(lambda: "no process is to be had" in site.log, "it was not tried", tmp_path / "log")
        assert site.workers == {max(before)}
        assert site.answers()
        (tmp_path / "full").unlink()
        until(lambda: len(site.workers) == 2, "no new worker", tmp_path / "log")


def test_a_worker_whose_loop_stands_still_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path, "--timeout-worker-healthcheck", "5", WEB_PROCESSES="1") as site:
        (pid,) = site.workers
        failed: list[bool] = []
        asked = threading.Thread(target=lambda: failed.append(not site.answers("/hang/")), daemon=True)
        asked.start()
        until(lambda: bool(site.workers - {pid}), "it was not killed", tmp_path / "log")
        asked.join(20)
        assert failed == [True]
        assert f"worker {pid} has shown no life" in site.log
        assert site.answers()


def test_whoever_was_accepted_before_the_end_and_asks_then_is_answered(tmp_path: Path) -> None:
    with serving(tmp_path, WEB_PROCESSES="1") as site:
        host, port = site.address.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as late:
            assert site.answers()  # the one before it has been accepted too
            site.process.terminate()
            until(lambda: not site.answers(), "new requests are still taken", tmp_path / "log")
            late.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            assert late.recv(4096).startswith(b"HTTP/1.1 200 ")


def reloaded(site: Site) -> None:
    """New code has been read, and only workers of the new generation are left."""
    before = site.workers
    site.process.send_signal(signal.SIGHUP)
    until(lambda: site.workers.isdisjoint(before) and bool(site.workers), "the old are still there")


def test_a_reload_reads_the_code_anew_and_refuses_nobody(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        write(tmp_path, "SAID = 2")
        stop, said = threading.Event(), []

        def ask() -> None:
            while not stop.is_set():
                said.append(site.ask()["said"])

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        with connect(f"ws://{site.address}/") as opened:
            opened.recv(timeout=20)
            reloaded(site)
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(timeout=20)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        until(lambda: 2 in said[-1:], "the new code is not served", tmp_path / "log")
        stop.set()
        asking.join(20)
        assert not asking.is_alive()
        assert said == sorted(said) or set(said) == {1, 2}
        assert site.ask()["said"] == 2
        assert len(set(site.imports)) == 2


def test_a_reload_before_the_first_generation_serves_comes_after_it(tmp_path: Path) -> None:
    waits = "while not Path(__file__).with_name('go').exists(): time.sleep(0.01)\nSAID = 1"
    with begun(tmp_path, at_import=waits) as site:
        until(lambda: bool((tmp_path / "imported").exists()), "it is not imported", tmp_path / "log")
        site.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        (first,) = generations(site.process.pid)
        (tmp_path / "go").touch()
        until(lambda: site.log.count(" serves\n") == 2, "the second does not serve", tmp_path / "log")
        assert site.imports[0] == first
        until(lambda: generations(site.process.pid) == site.imports[1:], "the first does not end")


def test_code_that_does_not_start_leaves_the_old_one_serving(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        before = site.workers
        write(tmp_path, "raise RuntimeError('a fault of today')")
        site.process.send_signal(signal.SIGHUP)
        until(lambda: "the old one serves on" in site.log, "no word of it", tmp_path / "log")
        assert "a fault of today" in site.log
        assert site.workers == before
        assert site.ask()["said"] == 1
        write(tmp_path, "SAID = 3")
        reloaded(site)
        assert site.ask()["said"] == 3


@pytest.mark.parametrize(
    ("at_import", "words"),
    [
        ("threading.Thread(target=time.sleep, args=[9], name='late').start()", "late"),
        ("raise RuntimeError('a fault of today')", "a fault of today"),
    ],
    ids=["a thread", "an error"],
)
def test_what_cannot_be_forked_or_imported_does_not_start(tmp_path: Path, at_import: str, words: str) -> None:
    with begun(tmp_path, at_import=at_import) as site:
        assert site.process.wait(60) == 1
        assert words in site.log
        assert "nothing is served" in site.log


def test_a_connection_to_the_database_is_not_taken_over_a_fork(db: None) -> None:
    with pytest.raises(RuntimeError, match="has connected to the database 'default'"):
        warming.unshared()


def test_systemd_is_told_when_it_answers_and_when_it_ends(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        with begun(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WEB_PROCESSES="1") as site:
            assert systemd.recv(100) == b"READY=1"
            assert len(site.workers) == 1
            site.process.terminate()
            assert systemd.recv(100) == b"STOPPING=1"


def test_systemd_that_is_not_there_is_a_line_in_the_log(tmp_path: Path) -> None:
    with serving(tmp_path, NOTIFY_SOCKET=str(tmp_path / "nobody")) as site:
        assert "systemd is not told READY=1" in site.log
        assert site.answers()


def test_a_unix_socket_is_taken_over_from_the_dead_and_not_from_the_living(tmp_path: Path) -> None:
    path = tmp_path / "site.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    words = ("--uds", str(path))
    with begun(tmp_path, *words) as site:
        until(lambda: len(site.workers) == 2, "it does not start", tmp_path / "log")
        second = subprocess.run(
            [sys.executable, *SERVER, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert "another server listens there" in second.stderr
        assert path.exists()
    assert not path.exists()


@pytest.mark.parametrize(
    "words", [["--port", "0"], ["--port", "x"], ["--timeout-keep-alive", "-1"], ["--workers", "2"]]
)
def test_options_that_are_none_are_refused(words: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as refused:
        options.read(words)
    assert refused.value.code == 2
    assert words[0] in capsys.readouterr().err


#: what `WEB_PROCESSES` and `CHANNEL_REDIS_URL` come to
NUMBER: list[tuple[str, str, Callable[[], int]]] = [
    ("", "", lambda: 1),
    ("", "redis://127.0.0.1", lambda: len(os.sched_getaffinity(0))),
    ("3", "", lambda: 3),
    (" 3 ", "redis://127.0.0.1", lambda: 3),
]


@pytest.mark.parametrize(("given", "redis", "number"), NUMBER)
def test_processes_are_one_a_core_where_they_can_tell_each_other(
    given: str, redis: str, number: Callable[[], int]
) -> None:
    found = read_settings(WEB_PROCESSES=given, CHANNEL_REDIS_URL=redis)
    assert found["WEB_PROCESSES"] == number()


@pytest.mark.parametrize("given", ["0", "-1", "two", "65", "1.5"])
def test_a_number_of_processes_that_is_none_is_refused(given: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=os.environ | {"WEB_PROCESSES": given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert f"WEB_PROCESSES is '{given}'; give a whole number from 1 to 64." in said.stderr


def test_more_processes_than_can_tell_each_other_are_told_of_in_the_log(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        assert "2 processes without CHANNEL_REDIS_URL" in site.log
        began = time.monotonic()
        assert site.ask()
        assert time.monotonic() - began < 20
