"""The nightly folding of figures. Schedules are in UTC, nights those of China."""

from __future__ import annotations

from procrastinate.contrib.django import app

from proposals import counters


@app.periodic(cron="30 19 * * *", periodic_id="fold_figures")
@app.task(queueing_lock="fold_figures")
def fold_figures(timestamp: int) -> None:
    """What figures and the board are added up from is as few rows as can be; their sums stay."""
    del timestamp  # the time for which it was planned
    counters.fold()
