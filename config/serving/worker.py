"""A worker: uvicorn's server, on the inherited socket, in a process forked with everything imported."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket

import uvicorn

from config.serving.kernel import end_with

#: from one sign of life to the next
BEAT_SECONDS = 1
#: within this time whoever has been accepted says what is asked
ASKING_SECONDS = 1.0


def run(config: uvicorn.Config, opened: socket.socket, *, parent: int, number: int, beats: int) -> None:
    """Serve until SIGTERM or SIGINT, or until the parent has ended.

    The number is written to the file `beats` when this worker serves, and every second from then on.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that is closed: the master decides
    end_with(parent)
    gc.enable()

    async def beat() -> None:
        # nobody has read for long; or the parent has ended, of which SIGTERM tells
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(beats, bytes([number]))

    config.callback_notify, config.timeout_notify = beat, BEAT_SECONDS
    _Server(config).run([opened])


class _Server(uvicorn.Server):
    """Answers at its end whoever it has accepted: uvicorn's closes a connection that has not yet asked."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing new, answer what was asked or is about to be, and close sockets (1012)."""
        for server in self.servers:
            server.close()
        for opened in sockets or []:
            opened.close()
        await asyncio.sleep(ASKING_SECONDS)
        await super().shutdown(sockets)
