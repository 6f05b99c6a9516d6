"""A worker: uvicorn's server, on the inherited socket, in a process forked with everything imported."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket

import uvicorn

from config.serving.kernel import end_with

#: from one sign of life to the next
BEAT_SECONDS = 1


def run(config: uvicorn.Config, opened: socket.socket, *, parent: int, number: int, beats: int) -> None:
    """Serve until SIGTERM or SIGINT, or until the parent has ended.

    The number is written to the file `beats` when this worker serves, and every second from then on.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that is closed: the master decides
    end_with(parent)
    gc.enable()

    async def beat() -> None:
        with contextlib.suppress(BlockingIOError):  # nobody has read for long
            os.write(beats, bytes([number]))

    config.callback_notify, config.timeout_notify = beat, BEAT_SECONDS
    uvicorn.Server(config).run([opened])
