"""Files and streams as responses: one block in memory at a time, and nothing that runs in our origin."""

from __future__ import annotations

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

#: headers of what is downloaded: a page or script in it has no origin and runs nothing
SEALED = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class OpenedFile(FileResponse):
    """An open file, read block by block beside the event loop.

    Django's own response reads a file whole before its first byte is sent over ASGI.
    """

    block_size = 256 * 1024

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert self.file_to_stream is not None
        read = sync_to_async(self.file_to_stream.read, thread_sensitive=False)
        while block := await read(self.block_size):
            yield block


class MadeParts(StreamingHttpResponse):
    """Parts that are made one by one, each sent before the next is made, over ASGI too."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts = iter(self)

        def following() -> bytes | None:
            return next(parts, None)

        while (part := await sync_to_async(following)()) is not None:
            yield part


def named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """The response as a file of this name, which no cache keeps."""
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
