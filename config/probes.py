"""Probes for machines: liveness, readiness and metrics.

They are answered before any other middleware, so that a prober on the server itself can use plain HTTP and
the server's address: there is no check of the host, no redirect, session, login or throttle. A response names
the part that fails and no details.
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
    """Answer `/health/`, `/ready/` and, where METRICS_TOKEN is set, `/metrics/`; pass on other requests."""

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
        """The uncached response to a probe, or the site's response."""
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
    """200 while the process answers; nothing else is checked."""
    return JsonResponse({"status": "alive"})


async def ready(_request: HttpRequest) -> HttpResponse:
    """200 if votes can be cast, that is if the database answers and is migrated; else 503.

    Without the channel layer the site is degraded but ready: votes are committed, and pages poll for changes.
    """
    database, layer = await asyncio.gather(sync_to_async(_database)(), _layer())
    status = {"status": "ready" if layer == "ok" else "degraded", "database": database, "layer": layer}
    if database != "ok":
        return JsonResponse(status | {"status": "unready"}, status=503)
    return JsonResponse(status)


async def numbers(request: HttpRequest) -> HttpResponse:
    """The metrics, for requests with the token; 401 for others."""
    borne = request.headers.get("Authorization", "")
    if not constant_time_compare(borne, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    text = await sync_to_async(metrics.exposition)()
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


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
    """The name of the last migration file of each app."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


async def _layer() -> str:
    """`ok` or `down`: whether the channel layer accepts a message."""
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            if layer is not None:
                await layer.group_send("ready", {"type": "ready"})
    except Exception:  # noqa: BLE001  the exceptions depend on the layer's backend
        _log.exception("the channel layer does not answer")
        return "down"
    return "ok"
