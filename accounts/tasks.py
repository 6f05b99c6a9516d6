"""Nightly removal of expired sessions and old sign-ins. Schedules are in UTC; the night is that of China."""

from __future__ import annotations

from procrastinate.contrib.django import app

from accounts import sign_ins
from accounts.sessions import SessionStore


@app.periodic(cron="0 19 * * *", periodic_id="clear_sessions")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Delete expired sessions, counters that are out of date and old lines of the register."""
    del timestamp  # the scheduled time
    SessionStore.clear_expired()
    sign_ins.forget()
