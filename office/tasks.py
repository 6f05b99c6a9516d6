"""Sending what was put out: tried again for hours, at growing intervals, and never twice. Long papers."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from audit.recording import SYSTEM
from documents.archive.writing import CannotWrite
from office import preparing
from office.actions import dispatches
from office.actions.outgoing import SEND
from office.dossier import verdicts
from office.models import Dispatch

_PATIENCE = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(name=SEND, retry=_PATIENCE)
def send_dispatch(dispatch: int) -> None:
    """Make the package and send it; what failed is noted, raised, and tried again."""
    row = Dispatch.objects.get(pk=dispatch)
    try:
        dispatches.send_dispatch(row, by=SYSTEM)
    except (CannotWrite, OSError) as error:
        dispatches.note_failure(row, error)
        raise


@app.task(name=preparing.PREPARE)
def prepare(pk: int) -> None:
    """Draw up the papers, or put them together; see `office.preparing.make`."""
    preparing.make(pk)


@app.periodic(cron="*/5 * * * *", periodic_id="judge_decisions")
@app.task(queueing_lock="judge_decisions")
def judge_decisions(timestamp: int) -> None:
    """Judge the decisions of which the log has more than when they were judged."""
    del timestamp  # the scheduled time
    verdicts.judge_grown()


@app.periodic(cron="30 19 * * *", periodic_id="judge_all_decisions")
@app.task(queueing_lock="judge_all_decisions")
def judge_all_decisions(timestamp: int) -> None:
    """Judge decisions again, those judged longest ago first."""
    del timestamp  # the scheduled time
    verdicts.judge_oldest()


@app.periodic(cron="25 * * * *", periodic_id="clear_prepared")
@app.task(queueing_lock="clear_prepared")
def clear_prepared(timestamp: int) -> None:
    """Delete files made of papers a day ago."""
    del timestamp  # the scheduled time
    preparing.clear()
