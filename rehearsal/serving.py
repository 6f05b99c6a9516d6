"""Serves the site and runs the background worker in this process until interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app as procrastinate
from procrastinate.contrib.django.django_connector import DjangoConnector

from voting.live import sockets

HOST = "127.0.0.1"
STOPPING = (signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 5
#: seconds until a worker that failed is restarted, doubled each time unless it had run for long
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0

_log = logging.getLogger("lianxi.worker")


def listen(port: int) -> socket.socket:
    """A socket that listens on the port, on this machine only; OSError if the port is not available."""
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
    """Serve site and worker until SIGINT or SIGTERM; call `ready` when the site answers."""
    asyncio.run(_serve(listening, ready))


class _Server(uvicorn.Server):
    """Announces when it is ready, and installs no signal handlers."""

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
    stop_requested = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, stop_requested.set)
    site = asyncio.create_task(server.serve(sockets=[listening]))
    worker = asyncio.create_task(_keep_working())
    stopping, up = asyncio.create_task(stop_requested.wait()), asyncio.create_task(server.up.wait())
    await asyncio.wait({site, stopping, up}, return_when=asyncio.FIRST_COMPLETED)
    if up.done():
        ready()
        await asyncio.wait({site, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in (stopping, up, worker):
        task.cancel()
    ended = await asyncio.gather(site, worker, return_exceptions=True)
    for number in STOPPING:
        loop.remove_signal_handler(number)
    for result in ended:
        if isinstance(result, Exception):
            raise result


async def _keep_working() -> None:
    """Run the worker; restart it after a pause when it fails, for instance without the database."""
    connector = procrastinate.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(f"the worker expects Django's connector, not {connector!r}")
    pause = FIRST_PAUSE
    while True:
        began = time.monotonic()
        try:
            # what queues the scheduled jobs has a thread that lasts, with a connection that may have broken
            await sync_to_async(close_old_connections)()
            await _work(connector)
        except Exception as error:  # noqa: BLE001  whatever the failure, the site goes on
            _log.warning("the worker has ended (%r); it begins anew in %.0f s", error, pause)
        if time.monotonic() - began > LAST_PAUSE:
            pause = FIRST_PAUSE
        await asyncio.sleep(pause)
        pause = min(2 * pause, LAST_PAUSE)


async def _work(connector: DjangoConnector) -> None:
    """Execute jobs one after the other, and queue scheduled ones."""
    # only the worker uses this connector; the site queues jobs in its own transactions
    working = procrastinate.with_connector(connector.get_worker_connector())
    async with working.open_async():
        await working.run_worker_async(
            install_signal_handlers=False, shutdown_graceful_timeout=GRACE_SECONDS, delete_jobs="successful"
        )
