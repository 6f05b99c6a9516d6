"""The site as an ASGI application, for `python -m config.serving`."""

import asyncio
import gc
import os
import threading
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver
from typing_extensions import override

from config.proxies import Application, Scope, TrustedProxies
from config.turns import Turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django.setup(set_prefix=False)


#: connections that are left to the sockets and to what watches the database for them
OF_SOCKETS = 2
SAFE = {"GET", "HEAD", "OPTIONS"}


class Pages(ASGIHandler):
    """Django's handler, with middleware and view in one thread.

    All of them wait for the database and none is asynchronous: Django's own handler would change between
    the loop and the thread several times a request. As many are worked on at once as there are connections
    for them; a request waits for its turn as long as it would wait for a connection.
    """

    def __init__(self) -> None:
        super().__init__()
        pool = settings.DATABASE_POOL
        self.turns = Turns(max(1, pool["max_size"] - OF_SOCKETS), pool["timeout"])

    @override
    def load_middleware(self, is_async: bool = False) -> None:
        """The chain of middleware, to be called in a thread."""
        del is_async
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The response, made in the thread of the request; closed if its client has gone meanwhile."""
        made: list[HttpResponseBase] = []
        gone = False

        def answer() -> HttpResponseBase:
            made.append(self.get_response(request))
            if gone:
                made[0].close()
            return made[0]

        try:
            async with self.turns.turn(acts=request.method not in SAFE):
                return await sync_to_async(answer, thread_sensitive=True)()
        except TimeoutError:
            return failures.busy(request)
        except asyncio.CancelledError:
            gone = True
            for response in made:
                response.close()
            raise


pages = Pages()

from documents import faces, render  # noqa: E402  they read the settings
from voting.live.sockets import Site  # noqa: E402  its models are there once the applications are set up
from web import failures  # noqa: E402  its templates are there then


class Started:
    """The application, which makes the compiler of papers when its process serves (ASGI's lifespan).

    So the first paper does not wait for it. It has threads, which a fork would not take along.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self.application(scope, receive, send)
            return
        await receive()
        threading.Thread(target=render.warm, name="papers", daemon=True).start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


application = Started(TrustedProxies(Site(pages), settings.TRUSTED_PROXIES))
settings.SECRET_KEY  # noqa: B018  without one the site does not start, instead of failing at the first request

# Fonts that are missing stop the start.
faces.families()

# Objects made at the start stay: the garbage collector need not scan them during requests.
get_resolver().url_patterns  # noqa: B018  imports the pages
gc.collect()
gc.freeze()
