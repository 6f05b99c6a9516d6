"""The nightly verification of the audit log. Schedules are in UTC; the night is that of China."""

from __future__ import annotations

import logging
from io import StringIO

from django.core.management import CommandError, call_command
from procrastinate.contrib.django import app

_log = logging.getLogger("lianxi.audit")


@app.periodic(cron="30 18 * * *", periodic_id="verify_audit_log")
@app.task(queueing_lock="verify_audit_log")
def verify_audit_log(timestamp: int) -> None:
    """Write the result of `manage.py audit verify` to the application's log; a fault is critical."""
    del timestamp  # the scheduled time
    output = StringIO()
    try:
        call_command("audit", "verify", stdout=output)
    except CommandError as error:
        _log.critical("the audit log does not verify: %s", error)
    else:
        _log.info("the audit log verifies: %s", output.getvalue().strip())
