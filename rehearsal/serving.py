"""The site and the background worker, served by this process until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from django.conf import settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app as procrastinate
from procrastinate.contrib.django.django_connector import DjangoConnector

from voting.live import sockets

HOST = "127.0.0.1"
STOPPING = (signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 5


def listen(port: int) -> socket.socket:
    """A socket that listens on the port of this machine alone; OSError when that cannot be had."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def serve(listening: socket.socket, *, ready: Callable[[], None]) -> None:
    """Site and worker ran until SIGINT or SIGTERM; `ready` was called when the site answered."""
    asyncio.run(_serve(listening, ready))


class _Server(uvicorn.Server):
    """Says when it is up, and leaves the signals to us."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(listening: socket.socket, ready: Callable[[], None]) -> None:
    server = _Server(
        uvicorn.Config(
            import_string(settings.ASGI_APPLICATION),
            lifespan="off",
            proxy_headers=False,
            log_level=logging.WARNING,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws_max_size=sockets.LARGEST,
            ws_per_message_deflate=False,
        )
    )
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, asked.set)
    site = asyncio.create_task(server.serve(sockets=[listening]))
    worker = asyncio.create_task(_work())
    told, up = asyncio.create_task(asked.wait()), asyncio.create_task(server.up.wait())
    await asyncio.wait({site, worker, told, up}, return_when=asyncio.FIRST_COMPLETED)
    if up.done():
        ready()
        await asyncio.wait({site, worker, told}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in (told, up, worker):
        task.cancel()
    ended = await asyncio.gather(site, worker, return_exceptions=True)
    for number in STOPPING:
        loop.remove_signal_handler(number)
    for result in ended:
        if isinstance(result, Exception):
            raise result


async def _work() -> None:
    """The jobs are done, one after the other, and those of the schedule are put in line."""
    connector = procrastinate.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(f"the worker expects Django's connector, not {connector!r}")
    # the site goes on queueing in its own transactions: only the worker has a connector of its own
    working = procrastinate.with_connector(connector.get_worker_connector())
    async with working.open_async():
        await working.run_worker_async(
            install_signal_handlers=False, shutdown_graceful_timeout=GRACE_SECONDS, delete_jobs="successful"
        )
