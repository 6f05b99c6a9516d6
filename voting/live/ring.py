"""The word that a meeting has changed, from whichever process committed to all that have sockets.

It says which meeting and no more: each process asks the database how it stands. A word that is lost delays
what it told of until the hub's next look, a second at most.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import Any, TypedDict

from channels.layers import get_channel_layer

from committee.models import Meeting

#: for so long a layer that does not answer is waited for
LAYER_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Word(TypedDict):
    """What goes through the channel layer."""

    type: str
    meeting: int
    #: seconds since the epoch when it was committed, for `lianxi_push_delay_seconds` alone
    at: float
    #: the meeting looks different at the same version
    anew: bool
    #: the process that committed it, and has told its own sockets
    by: str


class _Process:
    """The event loop that serves this process's sockets, and the words under way on it."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(8)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.sending: set[asyncio.Task[None]] = set()

    def send_soon(self, words: list[Word]) -> None:
        task = asyncio.ensure_future(send(words))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)


_process = _Process()


def group(meeting: int) -> str:
    """The group of the channel layer that hears of the meeting."""
    return f"meeting.{meeting}"


def serving() -> None:
    """The running event loop serves this process: whatever it commits is passed on from there."""
    _process.loop = asyncio.get_running_loop()


def loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that serves this process; None for a process that does not (a command, the worker)."""
    return _process.loop if _process.loop is not None and _process.loop.is_running() else None


def send_soon(words: list[Word]) -> None:
    """The words will be on the layer; called on the event loop, waits for nothing."""
    _process.send_soon(words)


def is_own(word: Word) -> bool:
    """Whether this process has sent the word."""
    return word["by"] == _process.token


async def send(words: list[Word]) -> None:
    """The words are on the layer; one that does not take them is a line in the log."""
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            for word in words:
                await layer.group_send(group(word["meeting"]), word)
    except Exception as error:  # noqa: BLE001  whatever the layer is made of, the act stands
        _log.warning("the channel layer takes nothing (%r): sockets are told a little later", error)


def words_on(streams: frozenset[str]) -> list[Word]:
    """A meeting is at a new version; a committee's seats or liaison change how its running meetings look."""
    at, ids = time.time(), {"meeting": set[int](), "committee": set[int]()}
    for kind, _, key in (stream.partition(":") for stream in streams):
        if kind in ids:
            ids[kind].add(int(key))
    if ids["committee"]:
        running = Meeting.objects.filter(committee__in=ids["committee"], state__in=Meeting.RUNNING)
        anew = set(running.values_list("pk", flat=True)) - ids["meeting"]
    else:
        anew = set()
    return [_word(pk, at, anew=pk in anew) for pk in sorted(ids["meeting"] | anew)]


def _word(meeting: int, at: float, *, anew: bool) -> Word:
    return {"type": "ring", "meeting": meeting, "at": at, "anew": anew, "by": _process.token}


def read(message: Any) -> Word | None:
    """The word that the layer has brought; None for anything else, whoever put it there."""
    found = message if isinstance(message, dict) else {}
    meeting, at, anew, by = (found.get(name) for name in ("meeting", "at", "anew", "by"))
    if not (isinstance(meeting, int) and isinstance(at, float) and isinstance(anew, bool)):
        return None
    return {**_word(meeting, at, anew=anew), "by": str(by)}
