"""Plays a rehearsal through the site: a server in this process, a session for each person, JSON over HTTP.

Each person signs in on the login page and acts at `/api/…/` with session and CSRF token; what it came to is
read there too, as the auditor, who also listens to each meeting on a socket: every act on it must be told
there, in order. The server's thread starts within the context of the run, so every request
reads the clock that the run sets: an object of this process, which nothing that is sent can reach, and which
the site does not have when it is served otherwise. The database is one that is thrown away.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from contextvars import copy_context
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import uvicorn
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from api.verbs import VERBS
from audit.models import Head
from committee.models import Meeting, Person, Resolution
from regulation.codes import CODES
from regulation.refused import Refused
from rehearsal import bank as banks
from rehearsal import serving
from rehearsal.player import Played, Player, audited, underway
from rehearsal.schema import Rehearsal
from rehearsal.times import ZONE
from voting.live import sockets

#: what the site needs of its settings to answer on this machine alone, over plain HTTP
SITE: Mapping[str, object] = {
    "ALLOWED_HOSTS": [serving.HOST],
    "SECURE_SSL_REDIRECT": False,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_NAME": "sessionid",
    "CSRF_COOKIE_NAME": "csrftoken",
    "BROWSER_COOKIE_NAME": "browser",
    "CSRF_COOKIE_SECURE": False,
    "TRUSTED_PROXIES": [],
    "METRICS_TOKEN": "",
    "STATIC_ROOT": None,
    "STORAGES": {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
    # for passwords of 256 random bits, known to this process, of people who are thrown away
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
}
READER = "auditor"  # sees everything
TIMEOUT_SECONDS = 120
#: for so long an act may take to be told on a socket; it takes a second at most when a word was lost
TOLD_SECONDS = 20
LONGER_THAN_A_REHEARSAL = 24 * 3600


class Unexpected(Exception):
    """The site answered what no act can come to."""


@contextmanager
def prepared() -> Iterator[None]:
    """The site can be served by this process and those that it forks."""
    chosen = {"SECRET_KEY": secrets.token_urlsafe(60), **SITE}
    before = {name: _setting(name) for name in chosen}
    _set(chosen)
    try:
        _application()
        yield
    finally:
        _set(before)


def _set(chosen: Mapping[str, object]) -> None:
    """These are the settings, and what was made from others is forgotten."""
    for name, value in chosen.items():
        setattr(settings, name, value)
        setting_changed.send(sender=None, setting=name, value=value, enter=True)


def _setting(name: str) -> object:
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:  # no secret key, which nothing but the site needs
        return ""


def play(rehearsal: Rehearsal, *, loud: bool = False) -> Played:
    """The rehearsal has been played through the site, on the database in use, where all of it stays.

    What is neither accepted nor refused is a result "error", and logged; `loud` lets it through, for tests.
    """
    with underway(rehearsal) as seen, _quiet():
        bank = banks.own(rehearsal.numbers, rehearsal.start.astimezone(ZONE).date())
        password = secrets.token_urlsafe(32)
        Person.objects.filter(bank=bank.unit).update(password=make_password(password))
        with served() as port, closing(OverHttp(bank, port, password)) as way:
            played = Player(rehearsal, bank, way, loud=loud).play()
        played.audit = audited(seen)
    return played


@contextmanager
def served() -> Iterator[int]:
    """The site answers on this port, in the context of the caller, until the block ends."""
    with serving.listen(0) as listening:
        server = uvicorn.Server(
            uvicorn.Config(
                _application(),
                lifespan="off",
                proxy_headers=False,
                log_config=None,
                access_log=False,
                timeout_keep_alive=LONGER_THAN_A_REHEARSAL,
                timeout_graceful_shutdown=serving.GRACE_SECONDS,
                ws_max_size=sockets.LARGEST,
                ws_per_message_deflate=False,
            )
        )
        thread = threading.Thread(target=copy_context().run, args=(server.run, [listening]), name="site")
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def _application() -> Any:
    return import_string(settings.ASGI_APPLICATION)


@contextmanager
def _quiet() -> Iterator[None]:
    """Answers of refusals do not go to the log; failures of the site do."""
    logger = logging.getLogger("django.request")
    logger.addFilter(_failures)
    try:
        yield
    finally:
        logger.removeFilter(_failures)


def _failures(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


class OverHttp:
    """The acts of a rehearsal as requests to the site; an object is known by its id."""

    def __init__(self, bank: banks.Bank, port: int, password: str) -> None:
        self.bank = bank
        self.port = port
        self.password = password
        self.signed_in: dict[str, Browser] = {}
        self.ears: list[Ear] = []
        self.open = ExitStack()

    def close(self) -> None:
        """No connection is open."""
        self.open.close()

    def person(self, handle: str) -> str:
        """The staff number."""
        return self.bank.people[handle].staff_no

    def committee(self) -> int:
        """The id."""
        return self.bank.committee.pk

    def do(self, verb: str, by: str, asked: Mapping[str, Any]) -> int:
        """The act is done and told on the sockets; the id of what it made, or was done on.

        Refused, or Unexpected.
        """
        password = {"password": self.password} if VERBS[verb].confirmed else {}
        status, told = self._as(by).ask("POST", f"/api/{verb}/", {**asked, **password})
        if status in {200, 201}:
            made = int(told[VERBS[verb].leads_to]["id"])
            if verb == "convene":
                self.ears.append(Ear(made, self.open.enter_context(self._as(READER).listen(made))))
            for ear in self.ears:
                ear.follow()
            return made
        code = CODES.get(str(told.get("code")))
        if code is None or status != code.status or told.get("article") != code.article:
            raise Unexpected(f"{status} {told}")
        raise Refused(code.code)

    def proposal(self, made: int) -> dict[str, object]:
        """State, counts and rounds, as the site tells them to the reader."""
        told = self._read(f"/api/proposals/{made}/")
        on_plan = [vote for vote in told["votes"] if vote["question"] == Resolution.Question.PLAN]
        closed = [vote for vote in on_plan if vote["state"] == "closed"]
        last = closed[-1] if closed else {}
        counts = {name: last.get(name) for name in ("for", "against", "abstained")}
        return {"state": told["state"], **counts, "rounds": len(on_plan)}

    def meeting(self, made: int) -> dict[str, object]:
        """The state, as the site tells it to the reader."""
        return {"state": self._read(f"/api/meetings/{made}/")["state"]}

    def _read(self, address: str) -> Any:
        status, told = self._as(READER).ask("GET", address)
        if status != 200:
            raise Unexpected(f"{status} {told}")
        return told

    def _as(self, handle: str) -> Browser:
        """A browser in which the person is signed in, since the person's first act."""
        if handle not in self.signed_in:
            browser = self.open.enter_context(closing(Browser(self.port)))
            browser.sign_in(self.bank.people[handle].username, self.password)
            self.signed_in[handle] = browser
        return self.signed_in[handle]


class Ear:
    """A socket of the reader's on one meeting, which is told of every act on it, in order."""

    def __init__(self, meeting: int, socket: ClientConnection) -> None:
        self.stream = Meeting(pk=meeting).stream
        self.version = 0
        self.socket = socket

    def follow(self) -> None:
        """What has happened was told, no version before an earlier one; else Unexpected."""
        now = Head.objects.values_list("seq", flat=True).get(stream=self.stream)
        while self.version != now:
            before = self.version
            try:
                told = json.loads(self.socket.recv(timeout=TOLD_SECONDS))
            except (TimeoutError, WebSocketException) as error:
                raise Unexpected(
                    f"{self.stream} is at {now}, its socket was told {before}: {error!r}"
                ) from error
            self.version = told["v"]
            if not before < self.version <= now and "anew" not in told:
                raise Unexpected(f"{self.stream} is at {now}, its socket was told {before}, then {told}")


class Browser:
    """One connection to the site, with the cookies of one person."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection(serving.HOST, port, timeout=TIMEOUT_SECONDS)
        self.cookies: SimpleCookie = SimpleCookie()

    def close(self) -> None:
        """The connection is closed."""
        self.connection.close()

    @property
    def cookie(self) -> str:
        """What the person's browser sends of itself with each request."""
        return "; ".join(f"{name}={held.value}" for name, held in self.cookies.items())

    def sign_in(self, login: str, password: str) -> None:
        """The person is signed in, by the form of the login page."""
        status, _ = self._send("GET", "/login/")
        form = {"username": login, "password": password, "csrfmiddlewaretoken": self._token()}
        if status == 200:
            sent = {"Content-Type": "application/x-www-form-urlencoded"}
            status, _ = self._send("POST", "/login/", urlencode(form).encode(), sent)
        if status != 302:
            raise Unexpected(f"{login} cannot sign in: {status}")

    def ask(self, method: str, address: str, asked: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """The status of the answer, and the JSON in it; Unexpected when that is none."""
        body = None if asked is None else json.dumps(asked, default=lambda at: at.isoformat()).encode()
        sent = {"Content-Type": "application/json", "X-CSRFToken": self._token()} if body else {}
        status, content = self._send(method, address, body, sent)
        try:
            return status, json.loads(content)
        except ValueError as error:
            raise Unexpected(f"{method} {address}: {status}, and no JSON") from error

    def listen(self, meeting: int) -> AbstractContextManager[ClientConnection]:
        """A socket on the meeting, opened as a page of the site opens it."""
        site = f"{serving.HOST}:{self.connection.port}"
        return connect(
            f"ws://{site}/ws/meetings/{meeting}/",
            origin=Origin(f"http://{site}"),
            additional_headers={"Cookie": self.cookie},
        )

    def _token(self) -> str:
        held = self.cookies.get(settings.CSRF_COOKIE_NAME)
        return held.value if held else ""

    def _send(
        self, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        self.connection.request(method, address, body, {**(headers or {}), "Cookie": self.cookie})
        response = self.connection.getresponse()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies.load(header)
        return response.status, response.read()
