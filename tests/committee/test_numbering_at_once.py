"""Numbers taken at once, by several connections."""

import threading

from django.db import connection, transaction

from committee.models import Series
from tests.stage import START, Stage


def test_takers_at_once_get_each_number_once(fresh_db):
    """Eight at once, a third of the turns rolled back: what is committed has no gap and no double."""
    committee = Stage().committee
    kept, start = [], threading.Barrier(8)

    def take(thread):
        try:
            start.wait()
            for turn in range(6):
                with transaction.atomic():
                    number = Series.objects.take(committee, Series.Kind.MEETING, START)[1]
                    if (thread + turn) % 3 == 0:
                        transaction.set_rollback(True)
                    else:
                        kept.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == list(range(1, 33))
