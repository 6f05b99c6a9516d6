"""The nightly look at the audit log. Schedules are in UTC, nights those of China."""

from __future__ import annotations

import logging
from io import StringIO

from django.core.management import CommandError, call_command
from procrastinate.contrib.django import app

_log = logging.getLogger("lianxi.audit")


@app.periodic(cron="30 18 * * *", periodic_id="verify_audit_log")
@app.task(queueing_lock="verify_audit_log")
def verify_audit_log(timestamp: int) -> None:
    """The result of `manage.py audit verify` is in the application's log; a fault is critical."""
    del timestamp  # the time for which it was planned
    said = StringIO()
    try:
        call_command("audit", "verify", stdout=said)
    except CommandError as error:
        _log.critical("the audit log does not verify: %s", error)
    else:
        _log.info("the audit log verifies: %s", said.getvalue().strip())
