"""The site that `benchmarks.workers` loads: the real one, which also says which process answers.

Usage: python -m config.serving benchmarks.workers_site:application
"""

import os

from config import asgi


async def application(scope, receive, send):
    """`/pid/` is answered with the process id, everything else by the site."""
    if scope["type"] != "http" or scope["path"] != "/pid/":
        await asgi.application(scope, receive, send)
        return
    body = str(os.getpid()).encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
