"""Notification that a meeting has changed, from the process that committed to all that have sockets.

A change names the meeting and no more: each process reads its version from the database. The hub's next
check, a second later at most, makes up for a change that is lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from typing import Any, TypedDict

from channels.layers import get_channel_layer

from committee.models import Meeting

#: how long to wait for a layer that does not answer
LAYER_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Change(TypedDict):
    """One message of the channel layer: a meeting has changed."""

    type: str
    meeting: int
    #: seconds since the epoch when it was committed, for `lianxi_push_delay_seconds` alone
    at: float
    #: the meeting looks different at the same version
    anew: bool
    #: the process that committed it, and has notified its own sockets
    by: str


class _Process:
    """The event loop that serves this process's sockets, and the changes being sent on it."""

    def __init__(self) -> None:
        self.renew()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.sending: set[asyncio.Task[None]] = set()

    def renew(self) -> None:
        """This process is told from all others."""
        self.token = secrets.token_hex(8)

    def send_soon(self, changes: list[Change]) -> None:
        task = asyncio.ensure_future(send(changes))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)


_process = _Process()
# else forked processes would take each other's changes for their own, and tell nobody
os.register_at_fork(after_in_child=_process.renew)


def group_name(meeting: int) -> str:
    """The group of the channel layer that gets the changes of the meeting."""
    return f"meeting.{meeting}"


def serve_from_running_loop() -> None:
    """Send what this process commits from the running event loop."""
    _process.loop = asyncio.get_running_loop()


def serving_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that serves this process; None where nothing is served (a command, the worker)."""
    return _process.loop if _process.loop is not None and _process.loop.is_running() else None


def send_soon(changes: list[Change]) -> None:
    """Send the changes from a task of the event loop on which it is called; does not wait."""
    _process.send_soon(changes)


def is_own(change: Change) -> bool:
    """Whether this process has sent the change."""
    return change["by"] == _process.token


async def send(changes: list[Change]) -> None:
    """Send the changes to the layer; a layer that does not take them is a line in the log."""
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            for change in changes:
                await layer.group_send(group_name(change["meeting"]), change)
    except Exception as error:  # noqa: BLE001  whatever the layer is made of, the act stands
        _log.warning("the channel layer takes nothing (%r): sockets are notified a little later", error)


def changes_in(streams: frozenset[str]) -> list[Change]:
    """The meetings that look different after entries in these streams.

    A meeting's own stream raises its version; a committee's changes how its running meetings look (`anew`).
    """
    at, ids = time.time(), {"meeting": set[int](), "committee": set[int]()}
    for kind, _, key in (stream.partition(":") for stream in streams):
        if kind in ids:
            ids[kind].add(int(key))
    if ids["committee"]:
        running = Meeting.objects.filter(committee__in=ids["committee"], state__in=Meeting.RUNNING)
        anew = set(running.values_list("pk", flat=True)) - ids["meeting"]
    else:
        anew = set()
    return [_change(pk, at, anew=pk in anew) for pk in sorted(ids["meeting"] | anew)]


def _change(meeting: int, at: float, *, anew: bool) -> Change:
    return {"type": "change", "meeting": meeting, "at": at, "anew": anew, "by": _process.token}


def parse(message: Any) -> Change | None:
    """The change that a message of the layer carries; None for anything else, whoever sent it."""
    found = message if isinstance(message, dict) else {}
    meeting, at, anew, by = (found.get(name) for name in ("meeting", "at", "anew", "by"))
    if not (isinstance(meeting, int) and isinstance(at, float) and isinstance(anew, bool)):
        return None
    return {**_change(meeting, at, anew=anew), "by": str(by)}
