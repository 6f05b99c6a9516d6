"""Nightly folding of counters. Schedules are in UTC; the night is that of China."""

from __future__ import annotations

from procrastinate.contrib.django import app

from proposals import counters


@app.periodic(cron="30 19 * * *", periodic_id="fold_figures")
@app.task(queueing_lock="fold_figures")
def fold_figures(timestamp: int) -> None:
    """Fold the rows of the counters behind statistics and board; the sums stay."""
    del timestamp  # the scheduled time
    counters.fold()
