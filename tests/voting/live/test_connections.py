"""No thread ends with a connection of the pool: a server may be started and ended any number of times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from rehearsal import over_http
from rehearsal.schema import load
from tests.rehearsal.conftest import CASES, ROOT
from tests.stage import Stage
from tests.voting.live.listening import Server, served, until

#: what a process of the site needs at once, and no more
SMALL = 5


@pytest.fixture
def small_pool(fresh_db: Any) -> Iterator[Callable[[], int]]:
    """A pool of few connections; tells how many of them are lent."""
    default: Any = connections["default"]
    before = default.settings_dict["OPTIONS"]["pool"]
    default.close()
    default.close_pool()
    default.settings_dict["OPTIONS"]["pool"] = before | {"min_size": 1, "max_size": SMALL}
    yield lambda: lent(default.pool)
    default.close()
    default.close_pool()
    default.settings_dict["OPTIONS"]["pool"] = before


def lent(pool: Any) -> int:
    stats = pool.get_stats()
    return stats.get("pool_size", 0) - stats.get("pool_available", 0)


def test_the_last_socket_that_ends_gives_its_connection_back(
    small_pool: Callable[[], int], voting: Stage, room: Server
) -> None:
    ears = [room.listen(voting, handle) for handle in ("chair", "seat2")]
    connections["default"].close()
    until(lambda: small_pool() == 1)  # the hub's own
    for ear in ears:
        ear.close()
    until(lambda: small_pool() == 0)


def test_a_server_that_ends_with_sockets_open_leaves_no_connection_lent(
    small_pool: Callable[[], int], voting: Stage
) -> None:
    for _ in range(SMALL + 1):
        with served() as site:
            site.listen(voting, "chair")
            connections["default"].close()
    until(lambda: small_pool() == 0)


FILES = sorted((ROOT / "tests" / "rehearsals").glob("*.json"))


@pytest.mark.slow
def test_three_hundred_files_play_over_http_in_one_process(small_pool: Callable[[], int]) -> None:
    with over_http.prepared():
        for number in range(300):
            path = [*FILES, *sorted(CASES.glob("*.json"))][number % (len(FILES) + 10)]
            assert over_http.play(load(path), loud=True).matched, (number, path)
            connections["default"].close()
            until(lambda: small_pool() == 0)
