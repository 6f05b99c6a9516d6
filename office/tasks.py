"""What the worker does by itself, at night."""

from __future__ import annotations

import logging
from io import StringIO

from django.core.management import CommandError, call_command
from procrastinate.contrib.django import app

from audit import clock
from audit.recording import SYSTEM
from committee.actions.liaison import switch_liaison
from committee.models.liaison import to_switch

_log = logging.getLogger("lianxi.office")


@app.periodic(cron="30 2 * * *", periodic_id="verify_audit_log")
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


@app.periodic(cron="0 3 * * *", periodic_id="clear_sessions")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """The sessions that have expired are gone."""
    del timestamp  # the time for which it was planned
    call_command("clearsessions")


@app.periodic(cron="*/15 * * * *", periodic_id="switch_liaisons")
@app.task(queueing_lock="switch_liaisons")
def switch_liaisons(timestamp: int) -> None:
    """Stand-ins whose time has come act as liaison, and the liaison is back where it has gone (Art. 5)."""
    del timestamp  # the time for which it was planned
    for committee in to_switch(clock.now()):
        switch_liaison(committee, by=SYSTEM)
