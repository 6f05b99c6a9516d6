"""The live room in processes of its own: several with Redis, one without, restarted and killed."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.database.embedded_postgres import ROOT
from tests.config import served
from tests.config.served import needs_redis
from tests.stage import Stage, head
from tests.voting.live.listening import process
from voting.live import access
from voting.models import Ballot


@needs_redis
def test_several_processes_tell_each_other_through_redis_which_may_go_and_come_back(
    nine: Stage, fresh_db: Any, folder: Path
) -> None:
    env = fresh_db.env | {"CHANNEL_REDIS_URL": f"unix://{folder}/redis.sock"}
    slow, stream = "tests.voting.live.notified_only:application", nine.meeting.stream
    with (
        served.redis(folder) as redis,
        process(folder, env, app=slow) as first,
        process(folder, env, app=slow) as second,
        process(folder, env) as third,
    ):
        ears = [first.listen(nine, "chair"), second.listen(nine, "chair"), third.listen(nine, "seat2")]
        time.sleep(2)  # each has joined the meeting's group by then
        first.cast(nine, "chair")
        for ear in ears:
            ear.reaches(head(stream))

        redis.kill()
        redis.wait()
        took = first.cast(nine, "seat2")
        assert took < 1, "the ballot waited for Redis"
        began = time.monotonic()
        ears[2].reaches(head(stream))
        assert time.monotonic() - began < 2
        ears[0].reaches(head(stream))  # of its own process
        assert ears[1].hears_nothing()
        late = third.listen(nine, "liaison")  # who comes now is told by the second
        third.cast(nine, "seat3")
        late.reaches(head(stream))

        with served.redis(folder):
            seats, silent = iter(range(4, 10)), True
            while silent:
                time.sleep(2)
                second.cast(nine, f"seat{next(seats)}")
                silent = ears[0].hears_nothing()
            first.cast(nine, f"seat{next(seats)}")
            for ear in (*ears[:2], late):
                ear.reaches(head(stream))
        for site in (first, second, third):
            ours = [line for line in site.log.read_text().splitlines() if " voting.live." in line]
            assert len(ours) < 12, ours
    assert Ballot.objects.count() >= 5


def test_one_process_needs_no_redis(nine: Stage, fresh_db: Any, folder: Path) -> None:
    with process(folder, fresh_db.env, app="tests.voting.live.notified_only:application") as site:
        ears = [site.listen(nine, each) for each in ("chair", "seat2", "liaison")]
        time.sleep(1)
        site.cast(nine, "seat3")
        for ear in ears:
            ear.reaches(head(nine.meeting.stream))


def test_the_token_of_the_wall_is_in_no_log(nine: Stage, fresh_db: Any, folder: Path) -> None:
    _, token = nine.do("open_wall")
    with process(folder, fresh_db.env | {"LOG_LEVEL": "INFO"}) as site:
        site.open(f"/ws/wall/{token}/").version()
        assert site.open(f"/ws/wall/{token[:-1]}x/").ends() == access.NOT_VISIBLE
        site.listen(nine, "chair")
    said = site.log.read_text()
    assert "listening on" in said
    assert "WebSocket /ws/wall/" in said
    assert token not in said
    assert token[:-1] not in said


def end(master: int) -> None:
    os.kill(master, signal.SIGTERM)


@pytest.mark.parametrize(("ended", "code"), [(end, 1012), (served.kill, 1006)])
def test_a_restart_tells_sockets_to_come_back_and_a_kill_just_ends_them(
    nine: Stage, fresh_db: Any, folder: Path, ended: Callable[[int], None], code: int
) -> None:
    with process(folder, fresh_db.env) as site:
        ears = [site.listen(nine, each) for each in ("chair", "seat2")]
        began = time.monotonic()
        ended(site.process.pid)
        assert {ear.ends() for ear in ears} == {code}
        site.process.wait(20)
        assert time.monotonic() - began < 10
    assert "Traceback" not in site.log.read_text()
    with process(folder, fresh_db.env) as site:
        assert site.listen(nine, "chair")


def test_a_reload_keeps_the_site_and_moves_its_sockets(nine: Stage, fresh_db: Any, folder: Path) -> None:
    with process(folder, fresh_db.env | {"WEB_PROCESSES": "2"}) as site:
        ears = [site.listen(nine, "chair") for _ in range(6)]
        site.process.send_signal(signal.SIGHUP)
        assert {ear.ends(60) for ear in ears} == {1012}
        assert site.listen(nine, "chair")
    assert "Traceback" not in site.log.read_text()


@needs_redis
def test_each_process_tells_of_its_acts_those_that_were_forked_beside_it(
    nine: Stage, fresh_db: Any, folder: Path
) -> None:
    """Also those forked from one import know each other apart."""
    env = fresh_db.env | {"CHANNEL_REDIS_URL": f"unix://{folder}/redis.sock", "WEB_PROCESSES": "3"}
    with (
        served.redis(folder),
        process(folder, env, app="tests.voting.live.notified_only:application") as site,
    ):
        ears = [site.listen(nine, "chair") for _ in range(8)]
        time.sleep(2)  # each has joined the meeting's group by then
        for handle in ("seat2", "seat3", "seat4"):
            site.cast(nine, handle)
            for ear in ears:
                ear.reaches(head(nine.meeting.stream))


def test_every_way_to_start_the_site_limits_its_frames() -> None:
    for path in ("config/serving/generation.py", "rehearsal/serving.py"):
        text = (ROOT / path).read_text()
        assert re.search("ws_max_size ?= ?(settings.LARGEST_FRAME|sockets.LARGEST)", text), path
