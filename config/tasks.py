"""Maintenance: jobs of killed workers, old jobs, files that no row names. Schedules are in UTC."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from office import signed_files

#: retention of finished jobs
_KEPT_HOURS = 7 * 24


@app.periodic(cron="*/2 * * * *", periodic_id="retry_stalled_jobs")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Give jobs of a worker that was killed to another worker."""
    del timestamp  # the scheduled time
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="15 19 * * *", periodic_id="remove_old_jobs")
@app.task(queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that finished a week ago; failed jobs are kept."""
    del timestamp  # the scheduled time
    await context.app.job_manager.delete_old_jobs(nb_hours=_KEPT_HOURS)


@app.periodic(cron="20 * * * *", periodic_id="sweep_signed_files")
@app.task(queueing_lock="sweep_signed_files")
def sweep_signed_files(timestamp: int) -> None:
    """Remove what a killed process left of signed files (Art. 21)."""
    del timestamp  # the scheduled time
    signed_files.sweep()
