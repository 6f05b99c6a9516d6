"""Papers drawn up at once, by several connections."""

from __future__ import annotations

import threading

from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from audit import clock
from committee.models import Series
from office import preparing
from office.actions import papers as drawing
from office.models import Paper
from office.papers.wording import ENGLISH
from tests.stage import START, Stage

K = Paper.Kind


def test_twenty_at_once_half_of_them_rolled_back_leave_one_to_n(fresh_db):
    """As draw_up_papers takes them: the series is held, then counted on in the paper's transaction."""
    committee = Stage().committee
    kept, start = [], threading.Barrier(20)

    def take(thread: int) -> None:
        try:
            start.wait()
            with transaction.atomic():
                series = Series.objects.hold(committee, Series.Kind.NOTICE, START)
                series.last += 1
                series.save(update_fields=["last"])
                if thread % 2:
                    transaction.set_rollback(True)
                else:
                    kept.append(series.last)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == list(range(1, 11))


def test_papers_that_are_drawn_up_twice_at_once_are_made_once(fresh_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(START):
        stage = Stage().to("noticed")
    meeting, failures, start = stage.meeting, [], threading.Barrier(2)

    def draw() -> None:
        try:
            start.wait()
            drawing.draw_up_papers(meeting, by=stage["liaison"])
        except Exception as error:  # noqa: BLE001  the second is refused
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=draw) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(error, "code", error) for error in failures] == ["state/not-allowed"]
    assert Paper.objects.filter(kind=K.DOCKET).count() == 2
    assert sorted(Paper.objects.filter(kind=K.NOTICE, language="en").values_list("number", flat=True)) == [
        1,
        2,
        3,
    ]


def test_asked_for_by_two_at_once_it_is_made_once(fresh_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(START):
        stage = Stage().to("noticed")
        stage.do("draw_up_papers")
    papers = list(Paper.objects.filter(language="en"))
    found, start = [], threading.Barrier(2)

    def ask() -> None:
        try:
            start.wait()
            found.append(preparing.put_together("copy", stage.meeting, papers, ENGLISH, by=stage["chair"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({row.pk for row in found}) == 1
    assert ProcrastinateJob.objects.filter(task_name=preparing.PREPARE).count() == 1
