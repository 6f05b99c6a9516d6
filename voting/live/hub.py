"""The sockets of one process: who is told that a meeting has changed, and whose socket ends.

All of them share one channel of the layer, so a word goes through it once a process. Nothing is sent on a
socket before the database has said, after the commit, that whoever holds it may still listen. Once a second
all are asked for: that ends the sockets of those who may not listen any more, and makes up for words lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import Error, connection

from audit import metrics
from voting.live import doors, ring
from voting.live.doors import Claim, Standing

#: from one look at all sockets to the next
SECONDS = 1.0
#: until what failed is tried again
PAUSE = 1.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """A socket, as far as the hub knows it."""

    claim: Claim

    def tell(self, version: int, *, at: float | None = None, anew: bool = False) -> None:
        """The version will be sent, unless it is known; `at` is when it was committed. Never waits."""

    def end(self, code: int) -> None:
        """The socket will be closed with the code. Never waits."""


class Hub:
    """The sockets that one event loop serves, by meeting."""

    def __init__(self) -> None:
        self.rooms: defaultdict[int, set[Listener]] = defaultdict(set)
        self._words: dict[int, ring.Word] = {}
        self._wake, self._moved = asyncio.Event(), asyncio.Event()
        self._channel: str | None = None
        self._joined: set[int] = set()
        # a thread and a connection of its own: who may listen is asked however busy the site is
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")
        # they last as long as the loop, which ends them
        self._tasks = [
            asyncio.ensure_future(_again(work)) for work in (self._hear, self._join, self._look_on)
        ]
        self._ended = False
        self._tasks[0].add_done_callback(lambda _task: self._end())

    def enter(self, listener: Listener) -> None:
        """The listener is told of its meeting from now on, as long as it may listen."""
        self.rooms[listener.claim.meeting].add(listener)
        metrics.SOCKETS.inc()
        self._moved.set()

    def leave(self, listener: Listener) -> None:
        """The listener is told no more."""
        room = self.rooms[listener.claim.meeting]
        if listener not in room:
            return
        room.discard(listener)
        metrics.SOCKETS.dec()
        if not room:
            del self.rooms[listener.claim.meeting]
            self._moved.set()
        if not self.rooms and not self._ended:
            self._thread.submit(_give_back)

    def _end(self) -> None:
        """The thread gives its connection back, after what it has in hand, and ends.

        A thread that ended with it would have it counted in the pool for ever.
        """
        self._ended = True
        self._thread.submit(_give_back)
        self._thread.shutdown(wait=False)

    def rung(self, word: ring.Word) -> None:
        """The meeting of the word has changed; words that come before it was looked at are one."""
        if word["meeting"] not in self.rooms:
            return
        before = self._words.get(word["meeting"], word)
        word["at"], word["anew"] = min(word["at"], before["at"]), word["anew"] or before["anew"]
        self._words[word["meeting"]] = word
        self._wake.set()

    def tell(self, word: ring.Word, loop: asyncio.AbstractEventLoop) -> None:
        """Whoever listens here to the meeting will be told; called beside the loop, by who committed."""
        listeners = tuple(self.rooms.get(word["meeting"], ()))
        if listeners:
            found = doors.stand([each.claim for each in listeners])
            loop.call_soon_threadsafe(self._hand_out, listeners, found, {word["meeting"]: word})

    async def _hear(self) -> None:
        """What the layer brings is known."""
        layer = get_channel_layer()
        async with asyncio.timeout(ring.LAYER_SECONDS):
            channel = await layer.new_channel()
        self._channel, self._joined = channel, set()
        self._moved.set()
        try:
            while True:
                word = ring.read(await layer.receive(channel))
                if word is not None and not ring.is_own(word):
                    self.rung(word)
        finally:
            self._channel = None

    async def _join(self) -> None:
        """The layer brings what happens in the meetings that somebody listens to, and in no others."""
        while True:
            await _set(self._moved, PAUSE)
            layer, channel = get_channel_layer(), self._channel
            if channel is None:
                continue
            async with asyncio.timeout(ring.LAYER_SECONDS):
                for meeting in self.rooms.keys() - self._joined:
                    await layer.group_add(ring.group(meeting), channel)
                    self._joined.add(meeting)
                for meeting in self._joined - self.rooms.keys():
                    await layer.group_discard(ring.group(meeting), channel)
                    self._joined.discard(meeting)

    async def _look_on(self) -> None:
        """Who listens to a meeting that has changed is told at once, and all are looked at each second."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await _set(self._wake, due - loop.time())
            words, self._words = self._words, {}
            rooms: Iterable[int] = words
            if loop.time() >= due:
                due, rooms = loop.time() + SECONDS, self.rooms
            listeners = [each for meeting in rooms for each in self.rooms.get(meeting, ())]
            if listeners:
                await self._look_at(listeners, words)

    async def _look_at(self, listeners: Sequence[Listener], words: Mapping[int, ring.Word]) -> None:
        """Each is told how its meeting stands, or its socket ends."""
        self._hand_out(listeners, await self._asked([each.claim for each in listeners]), words)

    def _hand_out(
        self, listeners: Sequence[Listener], found: Sequence[Standing], words: Mapping[int, ring.Word]
    ) -> None:
        for listener, standing in zip(listeners, found, strict=True):
            if standing.refused is not None:
                listener.end(standing.refused)
                continue
            word = words.get(listener.claim.meeting)
            at, anew = (word["at"], word["anew"]) if word else (None, False)
            listener.tell(standing.version, at=at, anew=anew)

    async def _asked(self, claims: list[Claim]) -> list[Standing]:
        """What the database says of the claims; while it does not answer nobody is told anything."""

        def asked() -> list[Standing]:
            try:
                return doors.stand(claims)
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, asked)


def _give_back() -> None:
    """The connection of the thread that calls this is in the pool again.

    `connection.close` handed to another thread would be that of the thread which hands it over.
    """
    connection.close()


async def _again(work: Callable[[], Awaitable[None]]) -> None:
    """The work goes on, begun anew a second after each failure; a run of failures is one line in the log."""
    failed = False
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await work()
        except Exception as error:  # noqa: BLE001  the layer or the database is away, and will be back
            failed = failed and asyncio.get_running_loop().time() - began < 2 * PAUSE
            if not failed:
                _log.warning("sockets are told late until it is back: %r", error)
            failed = True
            await asyncio.sleep(PAUSE)


async def _set(event: asyncio.Event, seconds: float) -> None:
    """The event was set, or so many seconds have gone by; it is set no more."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()


def heard(streams: frozenset[str]) -> None:
    """Entries of these streams are committed: whoever looks at their meetings will be told.

    Other processes by the layer, which a process that serves does not wait for, so that an act takes as long
    with a layer that is away. Its own listeners are looked at here, on the connection that has committed:
    that saves them two changes of threads, which take longer than the statement.
    """
    words, loop = ring.words_on(streams), ring.loop()
    if not words:
        return
    if loop is None:
        if not isinstance(get_channel_layer(), InMemoryChannelLayer):  # in which nobody else listens
            async_to_sync(ring.send)(words)
        return
    loop.call_soon_threadsafe(ring.send_soon, words)
    hub = _hubs.get(loop)
    if hub is not None:
        for word in words:
            hub.tell(word, loop)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def here() -> Hub:
    """The hub of the running event loop, made by the first who asks."""
    loop = asyncio.get_running_loop()
    for ended in [each for each in _hubs if each.is_closed()]:
        del _hubs[ended]
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
