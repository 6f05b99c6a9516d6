"""Jobs of the worker itself: those of one that was killed, and those done long ago. Schedules are in UTC."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

#: for how long jobs that were done are kept
_KEPT_HOURS = 7 * 24


@app.periodic(cron="*/2 * * * *", periodic_id="retry_stalled_jobs")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """What a worker had in hand when it was killed is done by another."""
    del timestamp  # the time for which it was planned
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="15 19 * * *", periodic_id="remove_old_jobs")
@app.task(queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs that were done a week ago are gone; those that failed stay to be looked at."""
    del timestamp  # the time for which it was planned
    await context.app.job_manager.delete_old_jobs(nb_hours=_KEPT_HOURS)
