"""Background work, in the same database and as the application's role."""

from __future__ import annotations

import asyncio

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import databases

done: list[int] = []


@pytest.fixture
def task():
    @app.task(name="tests.note")
    def note(number: int) -> None:
        done.append(number)

    yield note
    del app.tasks["tests.note"]
    done.clear()


def work() -> None:
    """All jobs in the queue are done."""

    async def run() -> None:
        worker_app = app.with_connector(app.connector.get_worker_connector())
        async with worker_app.open_async():
            await worker_app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(run())


def test_a_worker_does_what_was_queued(fresh_db: databases.Database, task) -> None:
    with transaction.atomic():
        task.defer(number=7)
    work()
    assert done == [7]
    assert ProcrastinateJob.objects.get(task_name="tests.note").status == "succeeded"


def test_what_is_rolled_back_was_never_queued(fresh_db: databases.Database, task) -> None:
    with transaction.atomic():
        task.defer(number=1)
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.filter(task_name="tests.note").exists()
