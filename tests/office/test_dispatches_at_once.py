"""What several workers try to send at once is sent once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.db import connection

from audit import clock
from audit.models import Entry
from office import tasks
from office.models import Dispatch
from tests.stage import START, Stage


def test_four_workers_at_once_send_it_once(fresh_db: Any, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(START):
        row = Dispatch.objects.get(meeting=Stage().to("reported").meeting, kind="report")
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            tasks.send_dispatch(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work) for _ in range(4)]:
            done.result()
    assert Entry.objects.filter(action="send_dispatch", subject=row.subject).count() == 1
    assert Dispatch.objects.get(pk=row.pk).tries == 1
    assert len(list((tmp_path / "packages").rglob("*.zip"))) == 1
