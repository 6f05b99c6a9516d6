"""Exports are built, and removed after their day."""

from __future__ import annotations

from procrastinate.contrib.django import app

from web.exports import jobs


@app.task
def build_export(pk: int) -> None:
    """The export is a file; see `web.exports.jobs.build`."""
    jobs.build(pk)


@app.periodic(cron="15 * * * *", periodic_id="clear_exports")
@app.task(queueing_lock="clear_exports")
def clear_exports(timestamp: int) -> None:
    """Exports older than a day are gone, and their files."""
    del timestamp  # the time for which it was planned
    jobs.clear()
