"""The site as an ASGI application."""

import asyncio
import threading

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse

from config import asgi
from config.asgi import pages


@pytest.mark.parametrize("made_before", [True, False])
def test_a_response_whose_client_has_gone_is_closed(monkeypatch, made_before):
    """Its file, if it has one, is not left to the garbage collector."""
    begun, goes_on, done = threading.Event(), threading.Event(), threading.Event()
    response = HttpResponse()

    def slow(_request):
        begun.set()
        goes_on.wait(10)
        threading.Timer(0.1, done.set).start()
        return response

    async def play():
        asked = asyncio.ensure_future(pages.get_response_async(HttpRequest()))
        await asyncio.to_thread(begun.wait, 10)
        if made_before:  # and the loop has not come to it yet
            goes_on.set()
            done.wait(10)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        goes_on.set()
        await asyncio.to_thread(done.wait, 10)

    monkeypatch.setattr(pages, "get_response", slow)
    asyncio.run(play())
    assert response.closed


def test_the_compiler_of_papers_is_made_when_the_process_serves(monkeypatch):
    """Its threads would not be taken along where a process that has imported the site forks."""
    made = threading.Event()
    monkeypatch.setattr(asgi.render, "warm", made.set)

    async def nothing_else(_scope, _receive, _send):
        raise AssertionError

    async def serve():
        process = ApplicationCommunicator(asgi.Started(nothing_else), {"type": "lifespan"})
        await process.send_input({"type": "lifespan.startup"})
        assert await process.receive_output() == {"type": "lifespan.startup.complete"}
        assert await asyncio.to_thread(made.wait, 10)
        await process.send_input({"type": "lifespan.shutdown"})
        assert await process.receive_output() == {"type": "lifespan.shutdown.complete"}

    assert "papers" not in {each.name for each in threading.enumerate()}
    asyncio.run(serve())
