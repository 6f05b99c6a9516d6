"""What of sign-ins and sessions is over is removed at night. Schedules are in UTC, nights those of China."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate.contrib.django import app

from accounts import sign_ins


@app.periodic(cron="0 19 * * *", periodic_id="clear_sessions")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Sessions that have expired, wrong passwords that no longer count and old sign-ins are gone."""
    del timestamp  # the time for which it was planned
    call_command("clearsessions")
    sign_ins.forget()
