"""The sockets of the live room.

`/ws/meetings/<pk>/` is for whoever is signed in and may see the meeting, `/ws/observed/<item>/` for the
observer of an item, `/ws/wall/<token>/` for a room screen.

What is sent: `{"v": 17}`, the meeting's version (the length of its audit stream; for an observer, how much
has happened that the observer's page shows), at once and whenever it has grown; with `"anew": true` when the
meeting looks different at the same version. Whoever sees the whole meeting and names a language in the
address (`?parts=zh-hans`) is sent, with the version of a ballot, the `parts` of the page that all of them
have alike, with their `tags`, as `/meetings/<pk>/parts/` sends them, and in `own` whether the reader's own
parts are to be asked for at once or a little later.

What is taken: `{"v": 17}`, the version that the page shows, from time to time; it is answered with the
present one.

How a socket ends: 4401 signed out, 4403 not visible (any more), 1008 a frame that is not ours or too many a
second, 1009 one too large, 1012 the server restarts, 1013 the database does not answer, 4429 this person
(or, for room screens, this address) has as many sockets open as it may: those stay, and the page of the new
one asks instead. A handshake from another origin is refused with HTTP 403.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest
from django.utils.http import is_same_domain

from audit import metrics
from voting.live import access, hub, notifier
from voting.live.access import Claim
from voting.live.shared import Shared

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

#: bytes of a frame; the server is started with the same limit and then reads no further
LARGEST = settings.LARGEST_FRAME
#: frames a second on one socket
MOST_A_SECOND = 10
NOT_OURS, TOO_LARGE, TRY_LATER, TOO_MANY = 1008, 1009, 1013, 4429

_PORTS = {"http": 80, "https": 443}


class Site:
    """The pages, and beside them the sockets, of one process."""

    def __init__(self, pages: Application) -> None:
        self.pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a page or a socket, and notify from this event loop of what is committed from here on."""
        notifier.serve_from_running_loop()
        answers = _sockets if scope["type"] == "websocket" else self.pages
        await answers(scope, receive, send)


class Socket:
    """One open socket; only the last version waits to be sent, however slow the reader is."""

    def __init__(self, claim: Claim, send: Send) -> None:
        self.claim = claim
        self._send = send
        #: the greatest version that is on its way, and the one that was sent
        self._pushed = self._sent = -1
        self._next: tuple[int, float | None, bool, Shared | None] | None = None
        #: the tags of the parts that were sent
        self._has: dict[str, str] = {}
        self._code: int | None = None
        self._sending: asyncio.Task[None] | None = None

    def push(
        self, version: int, *, at: float | None = None, anew: bool = False, beside: Shared | None = None
    ) -> None:
        """Send the version, unless it was sent before, with what stands `beside` it on the page.

        `at` is when it was committed.
        """
        if version > self._pushed or anew:
            if self._next is not None:
                anew = anew or self._next[2]
            self._pushed, self._next = max(version, self._pushed), (version, at, anew, beside)
            self._send_soon()

    def answer(self, version: int) -> None:
        """Send the version, also if it was sent before."""
        self._pushed = min(self._pushed, version - 1)
        self.push(version)

    def end(self, code: int) -> None:
        """Close the socket with the code, and send nothing else."""
        if self._code is None:
            self._code = code
            self._send_soon()

    def drop(self) -> None:
        """Stop sending; the other side is gone."""
        if self._sending is not None:
            self._sending.cancel()

    @property
    def ended(self) -> bool:
        """Whether it was closed from here."""
        return self._code is not None

    def _send_soon(self) -> None:
        if self._sending is None or self._sending.done():
            self._sending = asyncio.ensure_future(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._code is None and self._next is not None:
                (version, at, anew, beside), self._next = self._next, None
                text = self._text(version, anew=anew, beside=beside)
                self._sent = version
                await self._send({"type": "websocket.send", "text": text})
                if at is not None:
                    metrics.PUSH_DELAY.observe(max(0.0, time.time() - at))
            if self._code is not None:
                await self._send({"type": "websocket.close", "code": self._code})
        except (OSError, RuntimeError):  # the other side, or the server, has closed it: `receive` says so
            return

    def _text(self, version: int, *, anew: bool, beside: Shared | None) -> str:
        """The message: the version, with parts of the page where these are all that has to change at once."""
        if beside is not None and beside.version == version and not anew:
            own = beside.concerns(self.claim.person, self._sent)
            if own is not None and self.claim.language in beside.parts:
                text = beside.text(self.claim.language, self._has, own=own)
                self._has = beside.tags(self.claim.language)
                return text
        if version != self._sent or anew:
            self._has = {}  # the page asks for itself: what it has then is not known
        return json.dumps({"v": version, "anew": True} if anew else {"v": version})


class Frames:
    """Checks what one socket sends: our frames alone, small ones, few a second."""

    def __init__(self) -> None:
        self._since, self._count = 0.0, 0

    def close_code(self, message: dict[str, Any], now: float) -> int | None:
        """The code with which this frame closes the socket; None if it is taken. `now` in seconds."""
        if now - self._since >= 1:
            self._since, self._count = now, 0
        self._count += 1
        text = message.get("text")
        body = text.encode() if isinstance(text, str) else message.get("bytes") or b""
        if len(body) > LARGEST:
            return TOO_LARGE
        if text is None or self._count > MOST_A_SECOND or not _is_ours(text):
            return NOT_OURS
        return None


def _is_ours(text: str) -> bool:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(frame, dict) and frame.keys() == {"v"} and type(frame["v"]) is int


async def meeting(pk: str, scope: Scope, receive: Receive, send: Send) -> None:
    """The socket of a person who looks at a meeting."""
    cookies = "; ".join(_headers(scope, b"cookie"))
    (language,) = parse_qs(scope["query_string"].decode("latin-1")).get("parts", [""])[:1]
    language = language if language in dict(settings.LANGUAGES) else ""

    def claimed() -> Claim | None:
        claim = access.claim_of_session(int(pk), cookies)
        return claim and replace(claim, language=language)

    await _listen(scope, claimed, access.SIGNED_OUT, receive, send)


async def observed(pk: str, scope: Scope, receive: Receive, send: Send) -> None:
    """The socket of an item's observer."""
    cookies = "; ".join(_headers(scope, b"cookie"))
    await _listen(scope, lambda: access.claim_of_observer(int(pk), cookies), access.SIGNED_OUT, receive, send)


async def room_screen(token: str, scope: Scope, receive: Receive, send: Send) -> None:
    """The socket of a room screen."""
    await _listen(scope, lambda: access.claim_of_link(token), access.NOT_VISIBLE, receive, send)


async def _listen(
    scope: Scope, claimed: Callable[[], Claim | None], otherwise: int, receive: Receive, send: Send
) -> None:
    """Keep the socket open while its claim holds; without one close it with the code `otherwise`.

    It is accepted in either case: a browser tells a page the code of an open socket only.
    """
    await send({"type": "websocket.accept"})
    try:
        claim = await _in_thread(claimed)()
    except Error:
        claim, otherwise = None, TRY_LATER
    holder = "" if claim is None else _holder(claim, scope)
    if claim is not None and _open[holder] >= settings.SOCKETS_A_PERSON:
        claim, otherwise = None, TOO_MANY
    if claim is None:
        await send({"type": "websocket.close", "code": otherwise})
        return
    _open[holder] += 1
    try:
        await _follow(claim, receive, send)
    finally:
        _open[holder] -= 1
        if not _open[holder]:
            del _open[holder]


#: how many sockets of this process each holder has open; only its event loop reads and writes them
_open: Counter[str] = Counter()


def _holder(claim: Claim, scope: Scope) -> str:
    """Who holds the socket: a person, or the address of a room screen."""
    return f"person {claim.person}" if claim.person else f"address {(scope.get('client') or ('',))[0]}"


async def _follow(claim: Claim, receive: Receive, send: Send) -> None:
    """Push the versions of its meeting to the socket until it ends."""
    socket, room, frames = Socket(claim, send), hub.current_hub(), Frames()
    room.add(socket)
    try:
        await _check(socket, socket.push)
        while (message := await receive())["type"] == "websocket.receive":
            if socket.ended:
                continue
            code = frames.close_code(message, time.monotonic())
            if code is not None:
                socket.end(code)
            else:
                await _check(socket, socket.answer)
    finally:
        socket.drop()  # first: when the loop ends, the room may be gone
        room.remove(socket)


async def _check(socket: Socket, send: Callable[[int], None]) -> None:
    """Send the meeting's version of now, or close the socket if its claim no longer holds."""
    try:
        (granted,) = await _in_thread(access.check)([socket.claim])
    except Error:
        socket.end(TRY_LATER)
        return
    if granted.refused is not None:
        socket.end(granted.refused)
    else:
        send(granted.version)


def _in_thread(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """The function run in a thread of its own, beside those of other sockets."""
    in_thread: Callable[..., Awaitable[Any]] = database_sync_to_async(function, thread_sensitive=False)
    return in_thread


_ADDRESSES = (
    (re.compile(r"/ws/meetings/([0-9]{1,18})/"), meeting),
    (re.compile(r"/ws/observed/([0-9]{1,18})/"), observed),
    (re.compile(r"/ws/wall/([A-Za-z0-9_-]{1,100})/"), room_screen),
)


async def _sockets(scope: Scope, receive: Receive, send: Send) -> None:
    """Open the socket of the address, for a page of this site alone; else HTTP 403."""
    await receive()  # the handshake
    for address, answers in _ADDRESSES:
        found = address.fullmatch(scope["path"])
        if found and is_of_this_site(scope):
            await answers(found[1], scope, receive, send)
            return
    await send({"type": "websocket.close"})


def is_of_this_site(scope: Scope) -> bool:
    """Whether the page that opens the socket has the origin of the site: scheme, host and port.

    The host is one of ALLOWED_HOSTS; an origin of CSRF_TRUSTED_ORIGINS will do as well.
    """
    origins, hosts = _headers(scope, b"origin"), _headers(scope, b"host")
    if len(origins) != 1 or len(hosts) != 1:
        return False
    request = HttpRequest()
    request.META["HTTP_HOST"] = hosts[0]
    try:
        host = request.get_host()
    except DisallowedHost:
        return False
    origin = _origin(origins[0])
    if origin is None:
        return False
    scheme = "https" if scope["scheme"] == "wss" else "http"
    return origin == _origin(f"{scheme}://{host}") or _is_trusted(origins[0])


def _origin(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for other text."""
    text = text.lower()
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if (
        not parts.hostname
        or "@" in parts.netloc
        or port is None
        or f"{parts.scheme}://{parts.netloc}" != text
    ):
        return None
    return parts.scheme, parts.hostname, port


def _is_trusted(origin: str) -> bool:
    """Whether CSRF_TRUSTED_ORIGINS has it, as itself or by `https://*.bank.example`."""
    scheme, _, host = origin.lower().partition("://")
    for trusted in settings.CSRF_TRUSTED_ORIGINS:
        wanted, _, pattern = trusted.lower().partition("://")
        if scheme == wanted and (host == pattern or is_same_domain(host, pattern.lstrip("*"))):
            return True
    return False


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
