"""What goes wrong in the middle of a meeting, and what stands afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connections

from audit import clock
from committee.models import Attendance
from tests.config import served
from tests.config.served import until as eventually
from tests.config.test_restart import waits
from tests.conftest import PrivateCluster
from tests.stage import START, STEPS, Stage, head
from tests.voting import racing
from tests.voting.live.listening import Server, Voter, process, session, staged
from voting.models import Ballot, Vote


def there() -> set[Any]:
    """Who is there, by what signing in."""
    return set(Attendance.objects.filter(signed_out_at=None).values_list("pk", "person"))


def test_a_socket_dropped_in_the_middle_of_each_step_comes_back_to_the_present_state(
    fresh_db: Any, room: Server
) -> None:
    stage = staged("seated")
    path = f"/ws/meetings/{stage.meeting.pk}/"
    keys = {handle: session(stage[handle]) for handle in ("chair", "seat2", "liaison")}
    present = there()
    with clock.frozen(clock.now()):
        for step in STEPS[STEPS.index("seated") + 1 : STEPS.index("minuted") + 1]:
            ears = {handle: room.open(path, key=key) for handle, key in keys.items()}
            before = head(stage.meeting.stream)
            assert {ear.version() for ear in ears.values()} == {before}
            dropping = threading.Thread(target=ears["seat2"].socket.socket.close)
            dropping.start()
            stage.to(step)
            dropping.join()
            now = head(stage.meeting.stream)
            assert now > before
            for handle in ("chair", "liaison"):
                ears[handle].reaches(now)
            assert room.open(path, key=keys["seat2"]).version() == now, step
            assert (there() == present) is (step not in {"closed", "minuted"}), step


def test_a_server_killed_in_the_middle_of_a_ballot_and_started_again(
    nine: Stage, fresh_db: Any, folder: Path
) -> None:
    path, key = f"/ws/meetings/{nine.meeting.pk}/", session(nine["seat4"])
    lost: list[str] = []
    with process(folder, fresh_db.env) as site:
        ear = site.open(path, key=key)
        ear.version()
        site.cast(nine, "chair")
        first, second = Voter(site.address, nine, "seat2"), Voter(site.address, nine, "seat3")
        assert first.send()[0] == 302  # the answer is lost, as far as the voter knows

        def try_it() -> None:
            try:
                second.send()
            except OSError as error:
                lost.append(type(error).__name__)

        ballot = threading.Thread(target=try_it)
        with fresh_db.connect() as holder:
            holder.execute("SELECT FROM committee_meeting WHERE id = %s FOR UPDATE", [nine.meeting.pk])
            ballot.start()
            eventually(lambda: waits(fresh_db), "the ballot does not wait")
            served.kill(site.process.pid)
            ballot.join(20)
            holder.rollback()
        assert len(lost) == 1
        ear.ended()
    standing = Ballot.objects.count()
    assert standing in {2, 3}  # the one under way stands or does not, and nobody knows
    with process(folder, fresh_db.env) as site:
        again = site.open(path, key=key)
        again.reaches(head(nine.meeting.stream))
        for voter in (first, second):
            voter.visitor.address = f"http://{site.address}"
            status, headers, _ = voter.send()
            assert (status, headers["Location"][:10]) == (302, "/meetings/")
        again.reaches(head(nine.meeting.stream))
        for handle in nine.seats[3:]:
            site.cast(nine, handle)
        again.reaches(head(nine.meeting.stream))
    assert Counter(Ballot.objects.values_list("seat__number", flat=True)) == dict.fromkeys(range(1, 10), 1)
    nine.do("close_vote")
    assert Vote.objects.get().for_count == 9
    racing.assert_log_holds()


def test_the_database_killed_in_the_middle_of_a_vote(private_cluster: PrivateCluster, folder: Path) -> None:
    stage = staged("voting")
    keys = {handle: session(stage[handle]) for handle in stage.seats}
    path = f"/ws/meetings/{stage.meeting.pk}/"
    with process(folder, private_cluster.env) as site:
        ears = [site.open(path, key=key) for key in keys.values()]
        for ear in ears:
            ear.version()
        site.cast(stage, "chair")
        for ear in ears:
            ear.reaches(head(stage.meeting.stream))
        voter = Voter(site.address, stage, "seat2")
        disconnect()
        private_cluster.kill()
        answers = [answer(voter)]
        private_cluster.start()
        disconnect()
        deadline = time.monotonic() + 60
        while answers[-1] != 302:
            assert time.monotonic() < deadline, answers
            time.sleep(0.2)
            answers.append(answer(voter))
        assert set(answers) <= {302, 503}
        for ear in ears:  # they were open all the while
            ear.reaches(head(stage.meeting.stream))
        stage.do("cast", "seat3", choice="for")  # beside the site, which has to look by itself again
        for ear in ears:
            ear.reaches(head(stage.meeting.stream))
    assert Ballot.objects.count() == 3
    disconnect()


def answer(voter: Voter) -> int:
    return voter.send()[0]


def disconnect() -> None:
    """No connection is kept that a killed server has left behind."""
    connections["default"].close()
    connections["default"].close_pool()


def test_a_clock_set_back_changes_no_version(voting: Stage, room: Server) -> None:
    ear = room.listen(voting, "seat2")
    for days, handle in enumerate(voting.seats, 1):
        with clock.frozen(START - timedelta(days=days)):
            voting.do("cast", handle, choice="for")
        ear.reaches(head(voting.meeting.stream))
    cast = list(Ballot.objects.order_by("pk").values_list("cast_at", flat=True))
    assert cast == sorted(cast, reverse=True)


def test_a_stale_tab_after_the_closing_does_nothing_and_the_ballot_that_stands_is_answered(
    voting: Stage, room: Server
) -> None:
    cast, stale, absent = (Voter(room.address, voting, each) for each in ("seat2", "seat2", "seat3"))
    other = {"choice": "against", "reason": "Thought better of it"}
    assert cast.send()[0] == 302
    assert stale.send(**other)[0] == 422  # the seat has voted
    for handle in ("chair", "seat3"):
        voting.do("cast", handle, choice="for")
    voting.do("close_vote")
    version = head(voting.meeting.stream)
    for tab in (stale, absent):
        status, _, html = tab.send(**other)
        assert status == 409
        assert "20/vote-not-open" in html
    status, headers, _ = cast.send()
    assert (status, headers["Location"][:10]) == (302, "/meetings/")
    assert set(Ballot.objects.values_list("choice", flat=True)) == {"for"}
    assert head(voting.meeting.stream) == version


def test_fifty_ballots_of_one_seat_at_once_are_one(voting: Stage, room: Server) -> None:
    """Half of them are one form sent again and again, the others are tabs of their own."""
    form = Voter(room.address, voting, "seat2")
    voters = [form] * 25 + [Voter(room.address, voting, "seat2") for _ in range(25)]
    barrier = threading.Barrier(len(voters))

    def send(voter: Voter) -> tuple[int, str]:
        barrier.wait(60)
        status, headers, _ = voter.send()
        return status, headers["Location"] or ""

    with ThreadPoolExecutor(len(voters)) as threads:
        answers = list(threads.map(send, voters))
    assert Ballot.objects.filter(seat__number=2).count() == 1
    assert Ballot.objects.count() == 1
    statuses = Counter(status for status, _ in answers)
    assert set(statuses) <= {302, 409, 422}
    assert len({led for status, led in answers if status == 302}) == 1
    key = Ballot.objects.get().key
    for voter, (status, _) in zip(voters, answers, strict=True):
        assert (status == 302) is (voter.form["key"] == key)
    racing.assert_log_holds()
