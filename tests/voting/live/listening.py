"""Whoever looks at a meeting in these tests: a session, a socket, and what comes on it."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from audit import clock
from committee.models import Person
from tests.config.served import SERVER, Visitor, fields, free_port, running
from tests.stage import START, Stage

#: a push comes at once; the machine may be busy
SOON = 20.0
#: how long nothing is waited for
QUIET = 0.5


def staged(step: str, **numbers: Any) -> Stage:
    """A case that has come to the step, committed."""
    with clock.frozen(START):
        return Stage(**numbers).to(step)


def session(person: Person) -> str:
    """The key of a new session of the person's."""
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk), "django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


class Ear:
    """One open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def told(self, timeout: float = SOON) -> dict[str, Any]:
        """The next message."""
        return json.loads(self.socket.recv(timeout=timeout))

    def version(self, timeout: float = SOON) -> int:
        """The version of the next message, which has nothing else."""
        told = self.told(timeout)
        assert told.keys() == {"v"}
        return told["v"]

    def reaches(self, version: int) -> None:
        """The version is told, after none or some of those before it."""
        while (told := self.version()) != version:
            assert told < version

    def hears_nothing(self) -> bool:
        """Nothing comes for a while."""
        try:
            self.socket.recv(timeout=QUIET)
        except TimeoutError:
            return True
        return False

    def ends(self, timeout: float = SOON) -> int:
        """With which code the socket ends, and nothing is told before."""
        try:
            told = self.socket.recv(timeout=timeout)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError(f"told {told!r}")

    def ended(self) -> None:
        """The socket ends, whatever is told before."""
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=SOON)

    def close(self) -> None:
        self.socket.close()


class Server:
    """The site at an address, and the sockets opened there."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opened = ExitStack()

    def open(self, path: str, *, key: str = "", origin: str | None = None, **options: Any) -> Ear:
        """A socket, opened by a page of the site unless another origin is named."""
        headers = {"Cookie": f"theme=dark; sessionid={key}"} if key else {}
        url = f"ws://{self.address}{path}"
        origin = origin or f"http://{self.address}"
        opened = self.opened.enter_context(connect(url, origin=origin, additional_headers=headers, **options))
        return Ear(opened)

    def listen(self, stage: Stage, handle: str, **options: Any) -> Ear:
        """That person looks at the meeting, and was told how it stands."""
        ear = self.open(f"/ws/meetings/{stage.meeting.pk}/", key=session(stage[handle]), **options)
        ear.version()
        return ear


@contextmanager
def served(port: int | None = None) -> Iterator[Server]:
    """The site from a thread of this process."""
    from config.asgi import application

    port = port or free_port()
    options = {"ws_max_size": 16384, "ws_per_message_deflate": False, "timeout_graceful_shutdown": 5}
    config = uvicorn.Config(
        application, port=port, log_level="warning", log_config=None, lifespan="off", **options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    site = Server(f"127.0.0.1:{port}")
    try:
        with site.opened:
            yield site
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


class Voter:
    """Somebody with the page of the ballot open, at an address."""

    def __init__(self, address: str, stage: Stage, handle: str) -> None:
        self.visitor = Visitor(f"http://{address}")
        self.path = f"/proposals/{stage.proposal.pk}/cast/"
        self.session = session(stage[handle])
        status, _, html = self.visitor.ask(self.path, Cookie=f"sessionid={self.session}")
        assert status == 200
        self.form = fields(html) | {"choice": "for", "sure": "on"}
        self.token = next(each.value for each in self.visitor.cookies if each.name == "csrftoken")

    def send(self, **changed: str) -> tuple[int, Any, str]:
        """The form is sent as it stands, but for what is changed."""
        cookies = f"sessionid={self.session}; csrftoken={self.token}"
        return self.visitor.ask(self.path, self.form | changed, Cookie=cookies)


class Process(Server):
    """The site in a process of its own, and whoever votes there."""

    def __init__(self, address: str, process: Any, log: Path) -> None:
        super().__init__(address)
        self.process, self.log = process, log

    def cast(self, stage: Stage, handle: str) -> float:
        """The seat's ballot stands; how many seconds the answer took."""
        voter = Voter(self.address, stage, handle)
        began = time.monotonic()
        status, headers, _ = voter.send()
        assert (status, headers["Location"][:10]) == (302, "/meetings/")
        return time.monotonic() - began


@contextmanager
def process(
    folder: Path,
    env: dict[str, str],
    *options: Any,
    app: str = "config.asgi:application",
    port: int | None = None,
) -> Iterator[Process]:
    """The site as its unit starts it, on a port."""
    port = port or free_port()
    log = folder / f"{port}.log"
    command = [sys.executable, *SERVER, app, "--port", str(port), *map(str, options)]
    up = Visitor(f"http://127.0.0.1:{port}").answers
    # one serves, unless the test says otherwise: its own sockets are those of all it commits
    with running(command, log, {"WEB_PROCESSES": "1"} | env, up=up) as begun:
        site = Process(f"127.0.0.1:{port}", begun, log)
        with site.opened:
            yield site


def until(holds: Callable[[], Any], seconds: float = SOON) -> Any:
    """What is so, within the seconds."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.01)
    return found
