"""What a process of the site needs of memory after ten thousand ballots by pages.

To reach: at most 1.1 times what it needs after a thousand. One process of the real site with all its
middleware is asked over HTTP: each ballot is the room, the ballot, and the room with the receipt, by a member
of nine, in meetings of nine votes, one after the other, each of which is closed. What is prepared and closed
happens in this process and not in the one that is measured. The memory is what the kernel counts: resident
(RSS), and of that the part that is the process's own (USS), told after each tenth.
Usage: python -m benchmarks.memory [ballots]
"""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

from benchmarks.flow import Visitor, by_pages, choice_of  # it sets Django up, for what follows

from benchmarks.cast import sessions  # isort: skip
from benchmarks.serving import serving  # isort: skip
from django.db import connection

from proposals.actions import agenda
from tests import databases
from tests.config import served
from tests.voting import racing
from voting.actions import votes
from voting.models import Ballot

SITE = "config.asgi:application"
BALLOTS, VOTES, PARTS, MOST = 10_000, 9, 10, 1.1


def held(process: int) -> tuple[float, float]:
    """What the process holds of memory: resident, and of that its own, in MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    found = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    own = found["Private_Clean"] + found["Private_Dirty"]
    return found["Rss"] / 1024, own / 1024


def ballots(port: int):
    """Ballots without end, each cast by pages before the next is asked for."""
    bank, asking = racing.found(), SimpleNamespace(visitor=Visitor(port))
    signed_in = None
    while True:
        room = racing.in_session(bank, VOTES)
        signed_in = signed_in or sessions(room.members)
        for _ in range(VOTES):
            proposal, _vote = room.open_vote()
            for seat, session in enumerate(signed_in):
                by_pages(asking, f"/meetings/{room.meeting.pk}/", session, choice_of(seat))
                yield proposal
            votes.close_vote(proposal, by=room.liaison)
        agenda.close_meeting(room.meeting, by=room.chair)


def main(most: int) -> None:
    """Prints a line for each tenth of the ballots, and the ratio of the last to the first."""
    database = databases.clone(databases.template())
    try:
        with databases.django_on(database), serving(SITE, database) as (process, port):
            (worker,) = served.workers(process.pid)  # the first process only starts it
            measured, begun = [], time.perf_counter()
            print(f"{'ballots':>8}{'resident MB':>13}{'own MB':>9}{'seconds':>9}")
            for number, _proposal in enumerate(ballots(port), 1):
                if number * PARTS % most == 0:
                    measured.append(held(worker))
                    resident, own = measured[-1]
                    passed = time.perf_counter() - begun
                    print(f"{number:>8,}{resident:>13.1f}{own:>9.1f}{passed:>9.0f}", flush=True)
                if number == most:
                    break
            assert Ballot.objects.count() == most
            (first, first_own), (last, last_own) = measured[0], measured[-1]
            print(
                f"after {most:,} ballots {last / first:.2f} times what was resident after {most // PARTS:,}, "
                f"{last_own / first_own:.2f} of its own (to reach: {MOST:.2f})"
            )
            connection.close()
    finally:
        databases.drop(database)


if __name__ == "__main__":
    main(next((int(word) for word in sys.argv[1:] if word.isdigit()), BALLOTS))
    databases.cluster().release()
