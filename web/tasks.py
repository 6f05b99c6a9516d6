"""Jobs that build exports and delete old ones."""

from __future__ import annotations

from procrastinate.contrib.django import app

from web.exports import jobs


@app.task
def build_export(pk: int) -> None:
    """Build the file of an export; see `web.exports.jobs.build`."""
    jobs.build(pk)


@app.periodic(cron="40 * * * *", periodic_id="scheduled_exports")
@app.task(queueing_lock="scheduled_exports")
def scheduled_exports(timestamp: int) -> None:
    """Request the exports of saved filters that are due."""
    del timestamp  # the scheduled time
    jobs.run_schedules()


@app.periodic(cron="15 * * * *", periodic_id="clear_exports")
@app.task(queueing_lock="clear_exports")
def clear_exports(timestamp: int) -> None:
    """Delete exports older than a day, with their files."""
    del timestamp  # the scheduled time
    jobs.clear()
