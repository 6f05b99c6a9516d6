"""What is due is pushed soon after the commit that made it due; a sweep each minute finds what was lost."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import Error, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException

from audit.recording import rehearsing

PUSH_DUE = "push_due"
#: seconds for which commits are gathered into one job
GATHERED = 0.5

_log = logging.getLogger("lianxi.push")
_lock = threading.Lock()
_waiting = threading.Event()


def wake(streams: frozenset[str]) -> None:
    """Have what is due pushed when a meeting has changed; never waits."""
    if not settings.PUSH_KEY_FILE or rehearsing():
        return
    if not any(stream.startswith(("meeting:", "proposal:")) for stream in streams):
        return
    with _lock:
        begin = not _waiting.is_set()
        _waiting.set()
    if begin:
        timer = threading.Timer(GATHERED, flush)
        timer.daemon = True
        timer.start()


def flush() -> None:
    """Queue one job."""
    _waiting.clear()
    try:
        app.configure_task(PUSH_DUE, queueing_lock=PUSH_DUE).defer(timestamp=0)
    except AlreadyEnqueued:
        pass
    except (Error, ProcrastinateException):
        _log.warning("pushing was not queued; the sweep will find what is due", exc_info=True)
    finally:
        connection.close()
