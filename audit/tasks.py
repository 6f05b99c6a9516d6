"""The log's jobs: sealing, checkpoints, and the nightly verification.

Schedules are in UTC; the night is that of China.
"""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import islice

from django.db import connection, connections, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from audit import log_keys, sealer, witnessing
from audit.checking.fsck import Fsck
from audit.checking.rows import Fault
from audit.checking.verification import anomalies, further_faults, read_one_state, verify_streams
from audit.models import Examination

#: jobs with this lock follow one another
LOCK = "seal_log"

#: faults that are kept of one examination
KEPT = 100

_log = logging.getLogger("lianxi.audit")


@app.periodic(cron="30 18 * * *", periodic_id="verify_audit_log")
@app.task(queueing_lock="verify_audit_log")
def verify_audit_log(timestamp: int) -> None:
    """Verify the whole log like `manage.py audit verify`, and keep what it came to.

    A fault is critical, an anomaly a warning.
    """
    del timestamp  # the scheduled time
    _tell("the audit log", examine_entries())
    for each in anomalies(None):
        _log.warning("anomaly: %s", each)


@app.periodic(cron="50 18 * * *", periodic_id="fsck_audit_log")
@app.task(queueing_lock="fsck_audit_log")
def fsck_audit_log(timestamp: int) -> None:
    """Make the tree again like `manage.py audit fsck`, and keep what it came to; a fault is critical."""
    del timestamp  # the scheduled time
    if log_keys.sealed():
        _tell("the tree of the audit log", examine_tree())


def _tell(what: str, found: Examination) -> None:
    if found.faults:
        _log.critical("%s does not verify: %s (%d faults)", what, found.told[0], len(found.faults))
        for told in found.told[1:]:
            _log.critical("%s", told)
    else:
        _log.info("%s verifies: %d entries", what, found.entries)


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


def examine_entries() -> Examination:
    """Every hash is made again, and the checks of AUDIT_CHECKS are asked; return what was kept of it.

    After a fault of the chains, the first of which ends the verification, the checks are asked all the same.
    """
    began = timezone.now()
    with transaction.atomic():
        read_one_state()
        report = verify_streams(None)
        faults = [report.fault] if report.fault else []
        faults += islice(further_faults(None), KEPT - len(faults))
    return _keep(Examination.Kind.ENTRIES, began, report.entries, faults)


def examine_tree() -> Examination:
    """The tree is made again from the entries and compared; return what was kept of it."""
    began = timezone.now()
    with transaction.atomic():
        read_one_state()
        with connection.cursor() as cursor:
            witness = log_keys.witness()
            fsck = Fsck(cursor, [each.key for each in log_keys.signers()], [witness] if witness else [])
            faults = list(islice(fsck.faults(), KEPT))
            leaves = fsck.checked.leaves
    return _keep(Examination.Kind.TREE, began, leaves, faults)


def _keep(kind: str, began: datetime, entries: int, faults: list[Fault]) -> Examination:
    return Examination.objects.create(
        kind=kind,
        began_at=began,
        ended_at=timezone.now(),
        entries=entries,
        faults=[[each.stream, each.seq, each.code, dict(each.values)] for each in faults],
    )
