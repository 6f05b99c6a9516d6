"""The whole log, and the tree over it, gone through at night; what it came to is kept for its readers."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from audit import log_keys
from audit.fsck import Fsck
from audit.models import Examination
from audit.rows import Fault
from audit.verification import further_faults, read_one_state, verify_streams

#: faults that are kept of one examination
KEPT = 100


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
            fsck = Fsck(cursor, [each.key for each in log_keys.signers()])
            faults = [Fault("", 0, what) for what in islice(fsck.faults(), KEPT)]
            leaves = fsck.checked.leaves
    return _keep(Examination.Kind.TREE, began, leaves, faults)


def _keep(kind: str, began: datetime, entries: int, faults: list[Fault]) -> Examination:
    return Examination.objects.create(
        kind=kind,
        began_at=began,
        ended_at=timezone.now(),
        entries=entries,
        faults=[[each.stream, each.seq, each.what] for each in faults],
    )
