"""SIGKILL for the server and for casting processes while ballots come in: what was acknowledged stays."""

from __future__ import annotations

import json
import queue
import random
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from audit.models import Entry
from tests.conftest import PrivateCluster
from tests.voting import racing
from voting.actions import votes
from voting.models import Ballot, Vote

PROCESSES = 3
REASON = "The guarantee is worth less than stated"
PATIENCE = 120  # seconds without an acknowledgement

Order = dict[str, Any]


class Caster:
    """A process that casts these ballots; what it acknowledges goes into the queue, and None at its end."""

    def __init__(self, cluster: PrivateCluster, orders: list[Order], told: queue.Queue[Any]) -> None:
        self.orders = orders
        self.killed = False
        self._told = told
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.voting.casting"],
            env=cluster.env | {"DATABASE_POOL_MIN": "1"},
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def begin(self) -> None:
        """It has all that it is to cast, and casts."""
        assert self._process.stdin
        with self._process.stdin as lines:
            lines.writelines(f"{json.dumps(order)}\n" for order in self.orders)

    def kill(self) -> None:
        """It got SIGKILL, in the midst of a ballot."""
        self.killed = True
        self._process.kill()

    def end(self) -> int:
        """Its exit status, when it has ended."""
        self._listener.join()
        return self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                if line.endswith("\n"):
                    self._told.put((self, *line.split()))
        self._told.put((self, None, None))


def orders_for(rooms: list[tuple[racing.Room, Any]]) -> list[list[Order]]:
    """All ballots of all votes, dealt to the processes by seat, in any order."""
    dealt: list[list[Order]] = [[] for _ in range(PROCESSES)]
    for room, proposal in rooms:
        for number, member in enumerate(room.members, 1):
            choice = random.choice(("for", "for", "for", "against"))
            dealt[number % PROCESSES].append(
                {
                    "proposal": proposal.pk,
                    "person": member.pk,
                    "choice": choice,
                    "reason": REASON if choice == "against" else "",
                    "key": f"{proposal.pk}-{number}",
                }
            )
    for orders in dealt:
        random.shuffle(orders)
    return dealt


def cast_all(cluster: PrivateCluster, dealt: list[list[Order]], kills: list[str]) -> dict[str, set[str]]:
    """The commitments acknowledged, by key; kills of "server" and "process" fell while ballots came in.

    In place of a process that was killed another casts all of its ballots again: it cannot know which stand.
    """
    told: queue.Queue[Any] = queue.Queue()
    step = sum(map(len, dealt)) // (len(kills) + 1)
    due = {step * nth: kill for nth, kill in enumerate(kills, 1)}
    acknowledged: defaultdict[str, set[str]] = defaultdict(set)
    running = [Caster(cluster, orders, told) for orders in dealt]
    try:
        for caster in running:
            caster.begin()
        while running:
            caster, key, commitment = told.get(timeout=PATIENCE)
            if key is None:
                running.remove(caster)
                assert (caster.end() == 0) is not caster.killed
                if caster.killed:
                    running.append(Caster(cluster, caster.orders, told))
                    running[-1].begin()
                continue
            acknowledged[key].add(commitment)
            match due.pop(len(acknowledged), None):
                case "server":
                    cluster.kill()
                case "process":
                    caster.kill()
    finally:
        for caster in running:
            caster.kill()
            caster.end()
    assert not due
    return acknowledged


@pytest.mark.parametrize(
    ("meetings", "kills"),
    [
        (5, ["server", "process", "server", "process"]),
        pytest.param(60, ["server", "process", "process"] * 10, marks=pytest.mark.slow),
    ],
)
def test_every_acknowledged_ballot_survives_once(
    meetings: int, kills: list[str], private_cluster: PrivateCluster
) -> None:
    bank = racing.found()
    rooms = [(room, room.open_vote()[0]) for room in (racing.in_session(bank, 1) for _ in range(meetings))]
    dealt = orders_for(rooms)
    disconnect()

    acknowledged = cast_all(private_cluster, dealt, kills)

    private_cluster.start()
    disconnect()
    orders = {order["key"]: order for each in dealt for order in each}
    assert acknowledged.keys() == orders.keys()
    assert {key: {commitment} for key, commitment in Ballot.objects.values_list("key", "commitment")} == (
        acknowledged
    )
    assert Ballot.objects.count() == Entry.objects.filter(action="cast").count() == 9 * meetings
    for room, proposal in rooms:
        votes.close_vote(proposal, by=room.liaison)
        vote = Vote.objects.get(proposal=proposal)
        said = Counter(order["choice"] for order in orders.values() if order["proposal"] == proposal.pk)
        assert (vote.for_count, vote.against_count) == (said["for"], said["against"])
    racing.assert_log_holds()
    call_command("audit", "verify", stdout=None)


def disconnect() -> None:
    """No connection is kept that a killed server has left behind."""
    connections["default"].close()
    connections["default"].close_pool()
