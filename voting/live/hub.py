"""The sockets of one process: which of them are sent a new version, and which are closed.

They share one channel of the layer, so a change goes through it once a process. Nothing is sent on a socket
before the database has confirmed, after the commit, that its holder may still listen. Once a second all are
checked: that closes the sockets of those who may not listen any more, and makes up for lost changes.
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
from voting.live import access, notifier, shared
from voting.live.access import Access, Claim
from voting.live.shared import Shared

#: from one look at all sockets to the next
SECONDS = 1.0
#: until what failed is tried again
PAUSE = 1.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """A socket, as far as the hub knows it."""

    claim: Claim

    def push(
        self, version: int, *, at: float | None = None, anew: bool = False, beside: Shared | None = None
    ) -> None:
        """Send the version, unless it was sent before, with what stands `beside` it on the page.

        `at` is when it was committed. Never waits.
        """

    def end(self, code: int) -> None:
        """Close the socket with the code. Never waits."""


class Hub:
    """The sockets that one event loop serves, by meeting."""

    def __init__(self) -> None:
        self.rooms: defaultdict[int, set[Listener]] = defaultdict(set)
        self._changes: dict[int, notifier.Change] = {}
        #: the meetings whose change a thread that committed is about to push
        self._in_hand: dict[object, int] = {}
        self._wake, self._rooms_changed = asyncio.Event(), asyncio.Event()
        self._channel: str | None = None
        self._joined: set[int] = set()
        # a thread and a connection of its own: who may listen is asked however busy the site is
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")
        # they last as long as the loop, which ends them
        self._tasks = [
            asyncio.ensure_future(_again(work))
            for work in (self._receive_changes, self._join_groups, self._check_regularly)
        ]
        self._ended = False
        self._tasks[0].add_done_callback(lambda _task: self._end())

    def add(self, listener: Listener) -> None:
        """Send the listener the versions of its meeting from now on, as long as it may listen."""
        self.rooms[listener.claim.meeting].add(listener)
        metrics.SOCKETS.inc()
        self._rooms_changed.set()

    def remove(self, listener: Listener) -> None:
        """Send the listener nothing more."""
        room = self.rooms[listener.claim.meeting]
        if listener not in room:
            return
        room.discard(listener)
        metrics.SOCKETS.dec()
        if not room:
            del self.rooms[listener.claim.meeting]
            self._rooms_changed.set()
        if not self.rooms and not self._ended:
            self._thread.submit(_give_back)

    def _end(self) -> None:
        """The thread gives its connection back, after what it has in hand, and ends.

        A thread that ended with it would have it counted in the pool for ever.
        """
        self._ended = True
        self._thread.submit(_give_back)
        self._thread.shutdown(wait=False)

    def note(self, change: notifier.Change) -> None:
        """Note the change for the next check; several changes of one meeting before it become one."""
        if change["meeting"] not in self.rooms:
            return
        before = self._changes.get(change["meeting"], change)
        change["at"], change["anew"] = min(change["at"], before["at"]), change["anew"] or before["anew"]
        self._changes[change["meeting"]] = change
        self._wake.set()

    def push_from_thread(self, change: notifier.Change, loop: asyncio.AbstractEventLoop) -> None:
        """Push the change to the listeners of its meeting; called by the thread that committed."""
        listeners, this = tuple(self.rooms.get(change["meeting"], ())), object()
        if not listeners:
            return
        self._in_hand[this] = change["meeting"]
        try:
            # before it is asked who may listen: nobody is sent what came after that
            beside = _beside(change["meeting"], listeners)
            found = access.check([each.claim for each in listeners])

            def push() -> None:
                del self._in_hand[this]
                self._push(listeners, found, {change["meeting"]: change}, beside)

            loop.call_soon_threadsafe(push)
        except BaseException:
            del self._in_hand[this]
            raise

    async def _receive_changes(self) -> None:
        """Note the changes that the layer brings."""
        layer = get_channel_layer()
        async with asyncio.timeout(notifier.LAYER_SECONDS):
            channel = await layer.new_channel()
        self._channel, self._joined = channel, set()
        self._rooms_changed.set()
        try:
            while True:
                change = notifier.parse(await layer.receive(channel))
                if change is not None and not notifier.is_own(change):
                    self.note(change)
        finally:
            self._channel = None

    async def _join_groups(self) -> None:
        """Be in the layer's groups of the meetings that somebody listens to, and in no others."""
        while True:
            await _wait(self._rooms_changed, PAUSE)
            layer, channel = get_channel_layer(), self._channel
            if channel is None:
                continue
            async with asyncio.timeout(notifier.LAYER_SECONDS):
                for meeting in self.rooms.keys() - self._joined:
                    await layer.group_add(notifier.group_name(meeting), channel)
                    self._joined.add(meeting)
                for meeting in self._joined - self.rooms.keys():
                    await layer.group_discard(notifier.group_name(meeting), channel)
                    self._joined.discard(meeting)

    async def _check_regularly(self) -> None:
        """Check the listeners of a changed meeting at once, and all of them each second."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await _wait(self._wake, due - loop.time())
            changes, self._changes = self._changes, {}
            rooms: Iterable[int] = changes
            if loop.time() >= due:
                due, rooms = loop.time() + SECONDS, self.rooms
            listeners = [each for meeting in rooms for each in self.rooms.get(meeting, ())]
            if listeners:
                await self._check(listeners, changes)

    async def _check(self, listeners: Sequence[Listener], changes: Mapping[int, notifier.Change]) -> None:
        """Push each listener its meeting's version, or close its socket."""
        beside, found = await self._access(listeners, changes)
        self._push(listeners, found, changes, beside)

    def _push(
        self,
        listeners: Sequence[Listener],
        found: Sequence[Access],
        changes: Mapping[int, notifier.Change],
        beside: Mapping[int, Shared],
    ) -> None:
        in_hand = frozenset(self._in_hand.copy().values())
        for listener, granted in zip(listeners, found, strict=True):
            meeting = listener.claim.meeting
            if granted.refused is not None:
                listener.end(granted.refused)
                continue
            change, with_it = changes.get(meeting), beside.get(meeting)
            at, anew = (change["at"], change["anew"]) if change else (None, False)
            # what stands beside it is being made: the thread that committed will push both
            waits = change is None if with_it is None else with_it.version != granted.version
            if meeting in in_hand and waits and not anew:
                continue
            listener.push(granted.version, at=at, anew=anew, beside=with_it if granted.whole else None)

    async def _access(
        self, listeners: Sequence[Listener], changes: Iterable[int]
    ) -> tuple[dict[int, Shared], list[Access]]:
        """What stands beside the version of each changed meeting, and what the claims of the listeners give.

        Raises while the database does not answer, and nothing is pushed.
        """

        def checked() -> tuple[dict[int, Shared], list[Access]]:
            try:
                beside: dict[int, Shared] = {}
                for meeting in changes:
                    beside |= _beside(meeting, [each for each in listeners if each.claim.meeting == meeting])
                return beside, access.check([each.claim for each in listeners])
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, checked)


def _beside(meeting: int, listeners: Iterable[Listener]) -> dict[int, Shared]:
    """What stands beside the meeting's version for listeners who want it, by the meeting."""
    found = shared.read(meeting, [each.claim.language for each in listeners])
    return {} if found is None else {meeting: found}


def _give_back() -> None:
    """Give the connection of the calling thread back to the pool.

    `connection.close` handed to another thread would be that of the thread which hands it over.
    """
    connection.close()


async def _again(work: Callable[[], Awaitable[None]]) -> None:
    """Run the work for ever, again a second after each failure; a run of failures is one line in the log."""
    failed = False
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await work()
        except Exception as error:  # noqa: BLE001  the layer or the database is away, and will be back
            failed = failed and asyncio.get_running_loop().time() - began < 2 * PAUSE
            if not failed:
                _log.warning("sockets are notified late until it is back: %r", error)
            failed = True
            await asyncio.sleep(PAUSE)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so many seconds, and clear it."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()


def notify(streams: frozenset[str]) -> None:
    """Notify the listeners of the meetings that entries in these streams change; called after the commit.

    Other processes are notified through the layer, which a serving process does not wait for, so that an act
    takes no longer while the layer is away. Its own listeners are checked here, on the connection that has
    committed: that saves two changes of threads, which take longer than the statement.
    """
    changes, loop = notifier.changes_in(streams), notifier.serving_loop()
    if not changes:
        return
    if loop is None:
        if not isinstance(get_channel_layer(), InMemoryChannelLayer):  # in which nobody else listens
            async_to_sync(notifier.send)(changes)
        return
    loop.call_soon_threadsafe(notifier.send_soon, changes)
    hub = _hubs.get(loop)
    if hub is not None:
        for change in changes:
            hub.push_from_thread(change, loop)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def current_hub() -> Hub:
    """The hub of the running event loop, made at the first call."""
    loop = asyncio.get_running_loop()
    for ended in [each for each in _hubs if each.is_closed()]:
        del _hubs[ended]
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
