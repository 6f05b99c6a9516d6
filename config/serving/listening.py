"""The socket that all workers accept connections from.

It is one socket, bound once, and not one a worker with SO_REUSEPORT: what waits in a worker's own socket is
reset when that worker is killed, and the kernel gives a busy worker its share all the same. From this one
whichever worker is free takes the next connection, and while none is there connections wait instead of being
refused.
"""

from __future__ import annotations

import contextlib
import socket
import stat
from pathlib import Path

#: as uvicorn has it
BACKLOG = 2048


def on_port(host: str, port: int) -> socket.socket:
    """A socket that listens on the port; OSError if it is not available."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _listens(listening, (host, port))


def on_path(path: Path) -> socket.socket:
    """A Unix socket at the path, in place of a dead one; OSError if somebody listens there."""
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(ConnectionRefusedError):
            probe.connect(str(path))
            raise OSError(f"{path}: another server listens there")
        path.unlink()
    listening = _listens(socket.socket(socket.AF_UNIX), str(path))
    path.chmod(0o666)  # the folder says who may come
    return listening


def _listens(listening: socket.socket, address: tuple[str, int] | str) -> socket.socket:
    try:
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
