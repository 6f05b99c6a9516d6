"""What the worker does: mail, and what is due at night. Schedules are in UTC, nights those of China."""

from __future__ import annotations

import logging
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import close_old_connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from audit import clock
from audit.recording import SYSTEM
from committee.actions.liaison import switch_liaison
from committee.messages import MAIL, MAIL_FORMER
from committee.models import Person
from committee.models.liaison import to_switch
from office import exporting, mailing, signins
from proposals import figures

_log = logging.getLogger("lianxi.office")

#: the wait grows threefold, to sixteen hours, and is a day in all; a mail server that is down for a night
#: loses nothing
_PATIENCE = RetryStrategy(max_attempts=10, exponential_wait=3)
#: for how long jobs that were done are kept
_KEPT_HOURS = 7 * 24


@app.task(name=MAIL, retry=_PATIENCE)
def mail_message(message: int) -> None:
    """The message is mailed; again later when the mail server does not take it."""
    try:
        mailing.send(message)
    finally:
        close_old_connections()  # the worker's threads live long, and a server may be started anew


@app.task(name=MAIL_FORMER, retry=_PATIENCE)
def mail_former_address(person: int, kind: str, address: str) -> None:
    """Whoever reads mail at an address that was the person's is told that it is so no more."""
    try:
        mailing.send_to_former(Person.objects.get(pk=person), kind, address)
    finally:
        close_old_connections()


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


@app.periodic(cron="30 18 * * *", periodic_id="verify_audit_log")
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


@app.periodic(cron="0 19 * * *", periodic_id="clear_sessions")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Sessions that have expired, wrong passwords that no longer count and old sign-ins are gone."""
    del timestamp  # the time for which it was planned
    call_command("clearsessions")
    signins.forget()


@app.periodic(cron="30 19 * * *", periodic_id="fold_figures")
@app.task(queueing_lock="fold_figures")
def fold_figures(timestamp: int) -> None:
    """What figures and the board are added up from is as few rows as can be; their sums stay."""
    del timestamp  # the time for which it was planned
    figures.fold()


@app.periodic(cron="*/15 * * * *", periodic_id="switch_liaisons")
@app.task(queueing_lock="switch_liaisons")
def switch_liaisons(timestamp: int) -> None:
    """Stand-ins whose time has come act as liaison, and the liaison is back where it has gone (Art. 5)."""
    del timestamp  # the time for which it was planned
    for committee in to_switch(clock.now()):
        switch_liaison(committee, by=SYSTEM)


@app.task
def build_export(pk: int) -> None:
    """The export is a file; see `office.exporting.build`."""
    exporting.build(pk)


@app.periodic(cron="15 * * * *", periodic_id="clear_exports")
@app.task(queueing_lock="clear_exports")
def clear_exports(timestamp: int) -> None:
    """Exports older than a day are gone, and their files."""
    del timestamp  # the time for which it was planned
    exporting.clear()
