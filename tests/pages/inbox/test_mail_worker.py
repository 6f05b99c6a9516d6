"""The worker that mails: refused, killed, and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

from django.conf import settings
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from committee.messages import MAIL, announce
from committee.models import Message, Person
from pages.inbox import mailing
from tests import databases


def work(wait: float = 0) -> None:
    """All jobs in the queue are done, after so many seconds those of dead workers too."""

    async def run() -> None:
        worker_app = app.with_connector(app.connector.get_worker_connector())
        async with worker_app.open_async():
            if wait:
                for job in await worker_app.job_manager.get_stalled_jobs(seconds_since_heartbeat=wait):
                    await worker_app.job_manager.retry_job(job)
            await worker_app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(run())


def somebody_told() -> Message:
    person = Person.objects.create(username="a", staff_no="1", display_name="甲", email="a@bank.example")
    announce("submit", [person], by="system", about="proposal:1")
    return Message.objects.get()


def test_mail_that_the_server_refuses_is_tried_again(fresh_db: databases.Database, monkeypatch) -> None:
    message = somebody_told()
    real = mailing.send

    def refuse(pk: int) -> None:
        raise OSError("no answer")

    monkeypatch.setattr(mailing, "send", refuse)
    work()
    job = ProcrastinateJob.objects.get(task_name=MAIL)
    assert (job.status, job.attempts) == ("todo", 1)
    assert job.scheduled_at > timezone.now()
    monkeypatch.setattr(mailing, "send", real)
    ProcrastinateJob.objects.filter(task_name=MAIL).update(scheduled_at=None)
    work()
    assert len(mail.outbox) == 1
    assert Message.objects.get(pk=message.pk).mailed_at is not None


#: a worker that dies between sending and noting: it writes the mail to a folder, then waits to be killed
KILLED = """
import django, sys, time
django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = sys.argv[1]
from pages.inbox import mailing
class Never:
    @staticmethod
    def now():
        print("sent", flush=True)
        time.sleep(600)
mailing.clock = Never
from procrastinate.contrib.django import app
import asyncio
async def run():
    worker = app.with_connector(app.connector.get_worker_connector())
    async with worker.open_async():
        await worker.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False,
                                      update_heartbeat_interval=0.2, stalled_worker_timeout=600)
asyncio.run(run())
"""


def test_a_worker_killed_between_sending_and_noting_costs_one_duplicate_with_the_same_id(
    fresh_db: databases.Database, tmp_path
) -> None:
    message = somebody_told()
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env=fresh_db.env,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout
    with worker.stdout as lines:
        assert lines.readline() == "sent\n"
        os.kill(worker.pid, signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    (written,) = tmp_path.iterdir()
    assert f"Message-ID: {mailing.message_id(message)}" in written.read_text()
    assert Message.objects.get().mailed_at is None
    time.sleep(1.1)
    for _ in range(3):
        work(wait=1)
    (again,) = mail.outbox
    assert again.extra_headers["Message-ID"] == mailing.message_id(message)
    assert Message.objects.get().mailed_at is not None
    assert ProcrastinateJob.objects.get(task_name=MAIL).status == "succeeded"


def test_what_a_killed_worker_had_in_hand_is_tried_again_by_itself():
    planned = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert "config.tasks.retry_stalled_jobs" in planned
