"""The site that `benchmarks.room` loads: the real one, and beside it a bare consumer of channels.

Usage: python -m config.serving benchmarks.room_site:application
"""

from benchmarks import site  # it sets Django up, for what follows

from asgiref.sync import async_to_sync  # isort: skip
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.http import HttpRequest, JsonResponse
from django.urls import path

from config import urls


class Bare(AsyncWebsocketConsumer):
    """Whoever connects is sent the text that the view below relays."""

    groups = ("bare",)

    async def relayed(self, event):
        await self.send(text_data=event["text"])


def relay(request: HttpRequest) -> JsonResponse:
    """One row more, and its text is on its way to all."""
    answer = site.insert(request)
    told = {"type": "relayed", "text": request.POST["reason"]}
    async_to_sync(get_channel_layer().group_send)("bare", told)
    return answer


site.urlpatterns += [path("relay/", relay), *urls.urlpatterns]
_bare = Bare.as_asgi()


async def application(scope, receive, send):
    answers = _bare if scope["path"] == "/ws/bare/" else site.application
    await answers(scope, receive, send)
