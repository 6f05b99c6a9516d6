"""Nightly folding of counters, reminders of instalments. Schedules are in UTC; the night is that of China."""

from __future__ import annotations

from procrastinate.contrib.django import app

from proposals import counters, reminding


@app.periodic(cron="30 19 * * *", periodic_id="fold_figures")
@app.task(queueing_lock="fold_figures")
def fold_figures(timestamp: int) -> None:
    """Fold the rows of the counters behind statistics and board; the sums stay."""
    del timestamp  # the scheduled time
    counters.fold()


@app.periodic(cron="0 23 * * *", periodic_id="remind_of_instalments")
@app.task(lock="remind_of_instalments", queueing_lock="remind_of_instalments")
def remind_of_instalments(timestamp: int) -> None:
    """Remind of instalments that fall due soon, or are overdue."""
    del timestamp  # the scheduled time
    reminding.remind()
