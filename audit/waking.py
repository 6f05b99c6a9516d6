"""When the log is sealed: soon after each commit, and at once where a paper will state it.

Nothing of it happens where no key for the log is set. What is lost with a process, the sweep of each minute
finds.
"""

from __future__ import annotations

import logging
import threading

from django.db import Error, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import ProcrastinateException
from procrastinate.types import JSONValue

from audit import log_keys
from audit.recording import rehearsing

SEAL_STREAMS = "audit.tasks.seal_streams"
CHECKPOINT = "audit.tasks.checkpoint_log"
#: for so many seconds the streams of several commits are gathered into one job
GATHERED = 0.5
#: beyond so many streams the sweep is quicker
MOST = 1000

_log = logging.getLogger("lianxi.audit")
_lock = threading.Lock()
_waiting: set[str] = set()


def wake(streams: frozenset[str]) -> None:
    """Have the new entries of these streams sealed within a second or two; never waits.

    The job is queued by a thread of its own, so that whoever has committed is not kept.
    """
    if not log_keys.sealed():
        return
    with _lock:
        begin = not _waiting
        _waiting.update(streams)
    if begin:
        timer = threading.Timer(GATHERED, flush)
        timer.daemon = True
        timer.start()


def flush() -> None:
    """Queue one job for the streams that wait."""
    with _lock:
        streams = sorted(_waiting)
        _waiting.clear()
    if not streams or len(streams) > MOST:
        return
    try:
        app.configure_task(SEAL_STREAMS).defer(streams=list[JSONValue](streams))
    except (Error, ProcrastinateException):
        _log.warning("the log's sealing was not queued; the sweep will find it", exc_info=True)
    finally:
        connection.close()


def checkpoint_soon() -> None:
    """Queue a checkpoint, which the witness is asked to cosign, in the transaction that goes on.

    In a rehearsal and without a key nothing is queued.
    """
    if log_keys.sealed() and not rehearsing():
        app.configure_task(CHECKPOINT).defer(timestamp=0)
