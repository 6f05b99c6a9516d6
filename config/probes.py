"""What a machine asks: whether the process lives, whether it can work, and its numbers.

Answered before any other middleware, so that a prober on the server itself may ask over plain HTTP and by
the server's address: no host name is checked, nothing is redirected, there is no session, login or
throttle. An answer says which part fails and no more of it.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction, sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from audit import metrics

Answer: TypeAlias = Callable[[HttpRequest], Awaitable[HttpResponse]]
Site: TypeAlias = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]

LAYER_SECONDS = 2

_log = logging.getLogger(__name__)


class Probes:
    """Answers `/health/`, `/ready/` and, where METRICS_TOKEN is set, `/metrics/`; the rest is the site's."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Site) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        self.answers: dict[str, Answer] = {"/health/": health, "/ready/": ready}
        if settings.METRICS_TOKEN:
            self.answers["/metrics/"] = numbers

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """The answer to a probe, which nobody keeps, or the site's."""
        answer = self.answers.get(request.path)
        if answer is None:
            return self.get_response(request)
        return _answered(request, answer) if self.is_async else async_to_sync(_answered)(request, answer)


async def _answered(request: HttpRequest, answer: Answer) -> HttpResponseBase:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = await answer(request)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def health(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


async def ready(_request: HttpRequest) -> HttpResponse:
    """200 if votes can be cast: the database answers and is migrated; else 503.

    With the layer down the site is degraded, not unready: votes commit, and pages ask instead of being told.
    """
    database, layer = await asyncio.gather(sync_to_async(_database)(), _layer())
    told = {"status": "ready" if layer == "ok" else "degraded", "database": database, "layer": layer}
    if database != "ok":
        return JsonResponse(told | {"status": "unready"}, status=503)
    return JsonResponse(told)


async def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers for monitoring, to whoever bears the token; 401 to others."""
    borne = request.headers.get("Authorization", "")
    if not constant_time_compare(borne, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    told = await sync_to_async(metrics.exposition)()
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    """`ok`, `down`, or `not migrated`."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error:
        _log.exception("the database does not answer")
        return "down"
    return "ok" if _last_migrations() <= applied.keys() else "not migrated"


@functools.cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app, as they lie on the disk."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


async def _layer() -> str:
    """`ok` or `down`: whether what is sent on the channel layer is taken."""
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            if layer is not None:
                await layer.group_send("ready", {"type": "ready"})
    except Exception:  # noqa: BLE001  whatever the layer is made of
        _log.exception("the channel layer does not answer")
        return "down"
    return "ok"
