"""The log's jobs: sealing, checkpoints, and the nightly verification.

Schedules are in UTC; the night is that of China.
"""

from __future__ import annotations

import logging
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connections
from procrastinate.contrib.django import app

from audit import log_keys, sealer, witnessing

#: jobs with this lock follow one another
LOCK = "seal_log"

_log = logging.getLogger("lianxi.audit")


@app.periodic(cron="30 18 * * *", periodic_id="verify_audit_log")
@app.task(queueing_lock="verify_audit_log")
def verify_audit_log(timestamp: int) -> None:
    """Write what `manage.py audit verify` and, of a sealed log, `audit fsck` find to the application's log.

    A fault is critical, an anomaly a warning.
    """
    del timestamp  # the scheduled time
    _check("verify", "the audit log does not verify")
    if log_keys.sealed():
        _check("fsck", "the audit log's tree does not hold")


def _check(verb: str, otherwise: str) -> None:
    """Write what the subcommand says; each line of it that is one of a fault or an anomaly by itself."""
    output = StringIO()
    try:
        call_command("audit", verb, stdout=output)
    except CommandError as error:
        _log.critical("%s: %s", otherwise, error)
        for line in output.getvalue().splitlines():
            _log.critical("%s", line)
        return
    for line in output.getvalue().splitlines():
        _log.log(logging.WARNING if line.startswith("anomaly: ") else logging.INFO, "%s", line)


@app.task(lock=LOCK)
def seal_streams(streams: list[str]) -> None:
    """Seal what is new in these streams."""
    _seal(streams)


@app.periodic(cron="* * * * *", periodic_id="seal_log")
@app.task(lock=LOCK, queueing_lock="seal_log")
def seal_log(timestamp: int) -> None:
    """Seal what is new in any stream, and ask the witness again for a cosignature that is lacking."""
    del timestamp  # the scheduled time
    if log_keys.sealed() and _seal(None):
        _cosign()


@app.periodic(cron="5 * * * *", periodic_id="checkpoint_log")
@app.task(lock=LOCK)
def checkpoint_log(timestamp: int) -> None:
    """Seal what is new, sign a checkpoint and have it cosigned; a log without news is shown to be alive."""
    del timestamp  # the scheduled time, or 0 for a job that an action has queued
    if not (log_keys.sealed() and _seal(None)):
        return
    try:
        sealer.checkpoint()
    except sealer.Alarm as alarm:
        _log.critical("the audit log is not the one that was sealed: %s", alarm)
    else:
        _cosign(again=True)
    finally:
        connections[sealer.ALIAS].close()


def _seal(streams: list[str] | None) -> bool:
    """Whether all could be sealed; an alarm is a critical line of the log."""
    try:
        sealer.seal(streams)
    except sealer.Alarm as alarm:
        _log.critical("the audit log is not the one that was sealed: %s", alarm)
        return False
    finally:
        connections[sealer.ALIAS].close()
    return True


def _cosign(*, again: bool = False) -> None:
    """Ask the witness; that it cannot be reached is a warning, and it is asked again within a minute."""
    try:
        witnessing.cosign(again=again)
    except witnessing.NotCosigned as error:
        _log.warning("the audit log is not cosigned: %s", error)
    except sealer.Alarm as alarm:
        _log.critical("the audit log is not the one that the witness has seen: %s", alarm)
    finally:
        connections[sealer.ALIAS].close()
