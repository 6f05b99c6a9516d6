"""Meetings to race in, and threads with connections of their own that start together.

Everything here is committed: it needs a database of the test's own (`fresh_db`). What is prepared goes
through the actions, so that the log is that of real votes.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from audit import clock
from audit.checking.verification import further_faults, verify_streams
from audit.models import Entry
from committee.actions import attendance, meetings, notices
from committee.models import Meeting, Person
from proposals.actions import agenda, deliberation, plans, screening
from proposals.models import Proposal
from regulation.numbers import Regulation
from regulation.refused import Refused
from rehearsal import bank as banks
from rehearsal.bank import Bank
from tests.databases import Database
from tests.proposals.plans import full
from voting.actions import votes
from voting.models import Vote

_contracts = itertools.count(1)


def found() -> Bank:
    """A bank with a committee of nine."""
    return banks.own(Regulation(), date(2000, 1, 1))


def plan(*contracts: str) -> dict[str, Any]:
    """A plan that can be submitted, on these contracts or on new ones."""
    document = full()
    for loan, number in itertools.zip_longest(document["loans"], contracts):
        loan["contract_no"] = number or f"R-{next(_contracts)}"
    return document


def drafted(bank: Bank) -> Proposal:
    """A draft that can be submitted."""
    return plans.draft(bank.committee, by=bank.people["handler"], plan=plan())


def submitted(bank: Bank) -> Proposal:
    """A plan that waits for screening."""
    return plans.submit(drafted(bank), by=bank.people["handler"])


def shortlisted(bank: Bank, count: int) -> list[Proposal]:
    """So many plans, each shortlisted."""
    return [screening.shortlist(submitted(bank), by=bank.people["liaison"]) for _ in range(count)]


def filed(bank: Bank, count: int) -> list[Proposal]:
    """So many plans, filed on one docket."""
    made = shortlisted(bank, count)
    screening.file_docket(bank.committee, by=bank.people["liaison"], proposals=made)
    return made


@dataclass
class Room:
    """A meeting in session with nine members in it, and the plans on its agenda that wait for a vote."""

    bank: Bank
    meeting: Meeting
    waiting: list[Proposal] = field(default_factory=list)

    @property
    def chair(self) -> Person:
        return self.bank.people["chair"]

    @property
    def liaison(self) -> Person:
        return self.bank.people["liaison"]

    @property
    def members(self) -> list[Person]:
        """The holders of the nine seats, the chair first."""
        return [self.chair, *(self.bank.people[f"seat{number}"] for number in range(2, 10))]

    def open_vote(self) -> tuple[Proposal, Vote]:
        """The vote on the next plan is open."""
        proposal = self.waiting.pop(0)
        deliberation.take_up(proposal, by=self.chair)
        return proposal, votes.open_vote(proposal, by=self.chair)


def in_session(bank: Bank, plans_: int) -> Room:
    """A meeting in session with so many plans on its agenda."""
    on_agenda = filed(bank, plans_)
    chair = bank.people["chair"]
    meeting = agenda.convene(
        bank.committee,
        by=chair,
        at=clock.now() + timedelta(hours=1),
        place="Room 1",
        proposals=on_agenda,
        emergency=True,
        reason="The borrower's account is frozen tomorrow",
    )
    notices.send_notice(meeting, by=bank.people["liaison"], paper=range(1, 10))
    room = Room(bank, meeting, on_agenda)
    for member in room.members:
        attendance.sign_in(meeting, by=member)
    meetings.open_meeting(meeting, by=chair)
    return room


class Racers:
    """Threads, each on a connection of its own outside of the pool, that wait at a barrier for each race."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, initializer=_connect_directly)
        self._count = count

    def race(self, *runners: Callable[[], Any], jitter: float = 0) -> list[Any]:
        """All start together, each up to `jitter` seconds late; what each returned, or its Refused.

        Anything else that one raises is raised here.
        """
        barrier = threading.Barrier(len(runners))

        def run(runner: Callable[[], Any], late: float) -> Any:
            barrier.wait(30)
            time.sleep(late)
            try:
                return runner()
            except Refused as refused:
                return refused

        running = [
            self._threads.submit(run, runner, random.uniform(0, jitter) if jitter else 0)
            for runner in runners
        ]
        return [each.result(60) for each in running]

    def start(self, runner: Callable[[], Any]) -> Future[Any]:
        """The runner runs on a connection of its own."""
        return self._threads.submit(runner)

    def close(self) -> None:
        """Every thread has ended and its connection is closed."""
        barrier = threading.Barrier(self._count)

        def leave() -> None:
            barrier.wait(30)
            connection.close()

        for each in [self._threads.submit(leave) for _ in range(self._count)]:
            each.result()
        self._threads.shutdown()


@contextmanager
def racers(count: int) -> Iterator[Racers]:
    """So many racers until the block ends."""
    made = Racers(count)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def started(racers: Racers, runner: Callable[[], Any]) -> Iterator[Future[Any]]:
    """The runner is under way in the block, and has ended after it."""
    running = racers.start(runner)
    yield running
    running.exception(60)


def await_waiting(database: Database, *, count: int = 1) -> None:
    """So many connections to the database, or more, wait for a lock."""
    deadline = time.monotonic() + 30
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with database.connect(autocommit=True) as watching:
        while watching.execute(asked, [database.name]).fetchone()[0] < count:
            assert time.monotonic() < deadline, "nobody came to wait"
            time.sleep(0.01)


def committed(function: Callable[..., Any], *given: Any) -> Any:
    """What the function returns, called in a transaction of its own."""
    with transaction.atomic():
        return function(*given)


def outcomes(results: Sequence[Any]) -> list[str]:
    """What became of each: "accepted" or the code of the refusal, sorted."""
    return sorted(result.code if isinstance(result, Refused) else "accepted" for result in results)


def order(meeting: Meeting, subject: str) -> list[tuple[int, str, str]]:
    """The meeting's stream as (seq, action, actor), as far as it tells of this subject."""
    return list(
        Entry.objects.filter(stream=meeting.stream, subject=subject)
        .order_by("seq")
        .values_list("seq", "action", "actor")
    )


def assert_log_holds() -> None:
    """The chains of the whole database verify, payloads and ballots included."""
    report = verify_streams(None)
    assert report.fault is None, str(report.fault)
    assert [str(fault) for fault in further_faults(None)] == []


def _connect_directly() -> None:
    options = {key: value for key, value in connection.settings_dict["OPTIONS"].items() if key != "pool"}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
