"""Plays a rehearsal through the site: a server in this process, one session for each person, JSON over HTTP.

Each person signs in on the login page and calls `/api/…/` with session and CSRF token. Results are read there
too, by the auditor, who also listens to each meeting on a socket, where every action on it must be announced
in order. The server's thread runs in the context of the caller, so that each request reads the clock that the
player sets; the clock is an object of this process, out of reach of requests, and the served site does not
have it. The database is a temporary one.
"""

from __future__ import annotations

import base64
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
from committee.acts import Kind
from committee.models import Meeting, Person, Resolution
from regulation.codes import CODES
from regulation.refused import Refused
from rehearsal import bank as banks
from rehearsal import serving
from rehearsal.player import Played, Player, audited, files_apart, underway
from rehearsal.schema import Rehearsal
from rehearsal.times import ZONE
from voting.live import sockets

#: the settings with which the site answers on this machine only, over plain HTTP
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
    # suitable for passwords of 256 random bits, known to this process only, of temporary people
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
}
READER = "auditor"  # sees everything
TIMEOUT_SECONDS = 120
#: the time within which an action must be announced on a socket; it takes at most a second if one message is
#: lost
ANNOUNCED_SECONDS = 20
LONGER_THAN_A_REHEARSAL = 24 * 3600


class Unexpected(Exception):
    """Raised for a response that no action can have."""


@contextmanager
def prepared() -> Iterator[None]:
    """Prepare this process, and the processes forked from it, to serve the site."""
    chosen = {"SECRET_KEY": secrets.token_urlsafe(60), **SITE}
    before = {name: _setting(name) for name in chosen}
    _set(chosen)
    try:
        _application()
        yield
    finally:
        _set(before)


def _set(chosen: Mapping[str, object]) -> None:
    """Apply settings and clear what was cached from the former ones."""
    for name, value in chosen.items():
        setattr(settings, name, value)
        setting_changed.send(sender=None, setting=name, value=value, enter=True)


def _setting(name: str) -> object:
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:  # without a secret key, which only the site needs
        return ""


def play(rehearsal: Rehearsal, *, loud: bool = False) -> Played:
    """Play the rehearsal through the site on the database in use, which keeps all changes.

    A step that is neither accepted nor refused has the result "error" and is logged; with `loud`, for tests,
    its exception is raised.
    """
    with files_apart(), underway(rehearsal) as seen, _quiet():
        start = rehearsal.start.astimezone(ZONE).date()
        bank = banks.own(rehearsal.numbers, start, ledger=rehearsal.ledger)
        password = secrets.token_urlsafe(32)
        Person.objects.filter(bank=bank.unit).update(password=make_password(password))
        with served() as port, closing(OverHttp(bank, port, password)) as driver:
            played = Player(rehearsal, bank, driver, loud=loud).play()
        played.audit = audited(seen)
    return played


@contextmanager
def served() -> Iterator[int]:
    """Serve the site on this port, in the context of the caller, until the block ends."""
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
    """Keep responses with refusals out of the log; failures of the site are logged."""
    logger = logging.getLogger("django.request")
    logger.addFilter(_failures)
    try:
        yield
    finally:
        logger.removeFilter(_failures)


def _failures(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


class OverHttp:
    """The actions of a rehearsal as requests to the site; objects are named by their ids."""

    def __init__(self, bank: banks.Bank, port: int, password: str) -> None:
        self.bank = bank
        self.port = port
        self.password = password
        self.signed_in: dict[str, Browser] = {}
        self.sockets: list[MeetingSocket] = []
        self.open = ExitStack()

    def close(self) -> None:
        """Close all connections."""
        self.open.close()

    def person(self, handle: str) -> str:
        """The staff number."""
        return self.bank.people[handle].staff_no

    def committee(self) -> int:
        """The id."""
        return self.bank.committee.pk

    def dispatch(self, meeting: int, to: str) -> int:
        """The id of the first that the site shows the person as addressed to them."""
        address: str | None = "/api/dispatches/"
        while address is not None:
            status, response = self._as(to).ask("GET", address)
            if status != 200:
                raise Unexpected(f"{status} {response}")
            for each in response["dispatches"]:
                if each["meeting"] == meeting and each["addressed"]:
                    return int(each["id"])
            address = response["next"]
        raise Refused("access/not-found")

    def of_ledger(self, kind: Kind, row: Any) -> int | str:
        """The number of an institution, the contract of a loan, the id of another row."""
        if kind is Kind.LOAN:
            return str(row.contract_no)
        return str(row.code) if kind is Kind.INSTITUTION else int(row.pk)

    def loans(self, rows: list[Any]) -> list[str]:
        """The contracts."""
        return [row.contract_no for row in rows]

    def do(self, verb: str, by: str, arguments: Mapping[str, Any]) -> int:
        """Perform the action and wait until the sockets announce it; return the id of its object.

        Refused, or Unexpected.
        """
        password = {"password": self.password} if VERBS[verb].confirmed else {}
        status, response = self._as(by).ask("POST", f"/api/{verb}/", {**arguments, **password})
        if status in {200, 201}:
            made = int(response[VERBS[verb].leads_to]["id"])
            if verb == "convene":
                self.sockets.append(
                    MeetingSocket(made, self.open.enter_context(self._as(READER).listen(made)))
                )
            for each in self.sockets:
                each.follow()
            return made
        code = CODES.get(str(response.get("code")))
        if code is None or status != code.status or response.get("article") != code.article:
            raise Unexpected(f"{status} {response}")
        raise Refused(code.code)

    def proposal(self, made: int) -> dict[str, object]:
        """State, counts and rounds, as the site shows them to the auditor."""
        response = self._read(f"/api/proposals/{made}/")
        on_plan = [vote for vote in response["votes"] if vote["question"] == Resolution.Question.PLAN]
        closed = [vote for vote in on_plan if vote["state"] == "closed"]
        last = closed[-1] if closed else {}
        counts = {name: last.get(name) for name in ("for", "against", "abstained")}
        return {"state": response["state"], **counts, "rounds": len(on_plan)}

    def meeting(self, made: int) -> dict[str, object]:
        """The state, as the site shows it to the auditor."""
        return {"state": self._read(f"/api/meetings/{made}/")["state"]}

    def _read(self, address: str) -> Any:
        status, response = self._as(READER).ask("GET", address)
        if status != 200:
            raise Unexpected(f"{status} {response}")
        return response

    def _as(self, handle: str) -> Browser:
        """The person's browser, signed in at the person's first action."""
        if handle not in self.signed_in:
            browser = self.open.enter_context(closing(Browser(self.port)))
            browser.sign_in(self.bank.people[handle].username, self.password)
            self.signed_in[handle] = browser
        return self.signed_in[handle]


def _as_json(value: Any) -> str:
    """A time or a date as text, the bytes of a file in Base64."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value.isoformat())


class MeetingSocket:
    """The auditor's socket on one meeting, on which every action must be announced in order."""

    def __init__(self, meeting: int, socket: ClientConnection) -> None:
        self.stream = Meeting(pk=meeting).stream
        self.version = 0
        self.socket = socket

    def follow(self) -> None:
        """Read until all changes are announced; Unexpected for a version that is missing or out of order."""
        now = Head.objects.values_list("seq", flat=True).get(stream=self.stream)
        while self.version != now:
            before = self.version
            try:
                message = json.loads(self.socket.recv(timeout=ANNOUNCED_SECONDS))
            except (TimeoutError, WebSocketException) as error:
                raise Unexpected(
                    f"{self.stream} is at {now}, its socket was told {before}: {error!r}"
                ) from error
            self.version = message["v"]
            if not before < self.version <= now and "anew" not in message:
                raise Unexpected(f"{self.stream} is at {now}, its socket was told {before}, then {message}")


class Browser:
    """One connection to the site, with the cookies of one person."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection(serving.HOST, port, timeout=TIMEOUT_SECONDS)
        self.cookies: SimpleCookie = SimpleCookie()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @property
    def cookie(self) -> str:
        """The headers that the person's browser sends with each request."""
        return "; ".join(f"{name}={held.value}" for name, held in self.cookies.items())

    def sign_in(self, login: str, password: str) -> None:
        """Sign the person in through the form of the login page."""
        status, _ = self._send("GET", "/login/")
        form = {"username": login, "password": password, "csrfmiddlewaretoken": self._token()}
        if status == 200:
            sent = {"Content-Type": "application/x-www-form-urlencoded"}
            status, _ = self._send("POST", "/login/", urlencode(form).encode(), sent)
        if status != 302:
            raise Unexpected(f"{login} cannot sign in: {status}")

    def ask(self, method: str, address: str, arguments: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """Send a request; return the status and the JSON of the response, Unexpected if it is not JSON."""
        body = None if arguments is None else json.dumps(arguments, default=_as_json).encode()
        sent = {"Content-Type": "application/json", "X-CSRFToken": self._token()} if body else {}
        status, content = self._send(method, address, body, sent)
        try:
            return status, json.loads(content)
        except ValueError as error:
            raise Unexpected(f"{method} {address}: {status}, and no JSON") from error

    def listen(self, meeting: int) -> AbstractContextManager[ClientConnection]:
        """Open a socket on the meeting, as the pages do."""
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
