"""What a process of the site needs of memory, and how soon a killed one is back.

Beside each other in one run: uvicorn's own processes (`uvicorn --workers N`), each of which imports the site,
and ours (`python -m config.serving`), forked from one import. Memory is PSS: what several share counts for
each in part, so that the sum is what the machine needs. It is read when each worker has answered pages of
somebody signed in. Then workers of two are killed (SIGKILL), one and both, with nobody there and with eight
visitors who ask without a pause; the time is that until a process answers that was not there before.

To reach: an answer within a second, also under load. It takes some six minutes.
Usage: python -m benchmarks.workers [rounds]
"""

import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.cast import sessions  # it sets Django up, for what follows

from benchmarks.serving import OPTIONS, own_database, running, serving  # isort: skip

from config.serving.generation import STEADY_SECONDS
from tests import databases
from tests.config import served
from tests.voting import racing

SITE = "benchmarks.workers_site:application"
UVICORN = ("-m", "uvicorn", SITE, *OPTIONS, "--lifespan", "off", "--no-proxy-headers", "--no-access-log")
UVICORN += (
    "--ws-max-size",
    "16384",
    "--ws-per-message-deflate",
    "false",
    "--timeout-worker-healthcheck",
    "30",
)
VISITORS, PAGES = 8, 20
PATIENCE = 900


def uvicorns(database, processes):
    return running((*UVICORN, "--workers", str(processes)), database)


def ours(database, processes):
    return serving(SITE, database, processes=processes)


def workers_of_uvicorn(pid: int) -> set[int]:
    """Its processes but the one that tracks resources; itself where it has none."""
    found = subprocess.run(
        ["pgrep", "-P", str(pid), "-f", "spawn_main"], capture_output=True, text=True, check=False
    )
    return {int(each) for each in found.stdout.split()} or {pid}


WAYS = {"uvicorn": (uvicorns, workers_of_uvicorn), "ours": (ours, served.workers)}


def ask(port: int, path: str, session: str = "") -> bytes:
    """The answer on a connection of its own; nothing when there is none."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Connection": "close"} | ({"Cookie": f"sessionid={session}"} if session else {})
        asked.request("GET", path, headers=headers)
        return asked.getresponse().read()
    except (OSError, http.client.HTTPException):
        return b""
    finally:
        asked.close()


def below(pid: int) -> list[int]:
    """The process and all below it."""
    found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(each for child in found for each in below(child))]


def pss(pid: int) -> float:
    """What the process needs of memory, MB, with its part of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(pid)


def memory(way: str, database, session: str) -> None:
    for processes in (1, 2, 4):
        started, workers_of = WAYS[way]
        with started(database, processes) as (process, port):
            use(port, session, processes)
            of_workers = [pss(each) for each in workers_of(process.pid)]
            assert len(of_workers) == processes
            whole = sum(pss(each) for each in below(process.pid))
            print(
                f"{way:<8} {processes} processes: each {statistics.mean(of_workers):5.0f} MB,"
                f" beside them {whole - sum(of_workers):4.0f} MB, all {whole:5.0f} MB"
            )


def use(port: int, session: str, processes: int) -> None:
    """Each process serves, and they have answered so many pages each."""
    heard: set[bytes] = set()
    deadline = time.monotonic() + PATIENCE
    while len(heard) < processes:
        assert time.monotonic() < deadline, "a process does not answer"
        with ThreadPoolExecutor(processes) as threads:
            heard |= {each for each in threads.map(ask, [port] * 8, ["/pid/"] * 8) if each}
    with Load(port, session, visitors=2 * processes) as load:
        while load.answered < PAGES * processes:
            assert time.monotonic() < deadline, "pages are not answered"
            time.sleep(0.1)


class Load(contextlib.AbstractContextManager):
    """So many visitors ask for pages without a pause."""

    def __init__(self, port: int, session: str, visitors: int) -> None:
        self.answered, self._stopped = 0, threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(port, session), daemon=True) for _ in range(visitors)
        ]

    def __enter__(self):
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for each in self._threads:
            each.join()

    def _ask(self, port, session):
        while not self._stopped.is_set():
            self.answered += bool(ask(port, "/", session))


def back(port: int, workers: set[int], number: int) -> float:
    """So many of the workers are killed; seconds until another answers."""
    for each in sorted(workers)[:number]:
        os.kill(each, signal.SIGKILL)
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE:
        answer = ask(port, "/pid/")
        if answer and int(answer) not in workers:
            return time.perf_counter() - began
        time.sleep(0.005)
    raise AssertionError("no worker is back")


def killed(way: str, database, session: str, rounds: int) -> None:
    started, workers_of = WAYS[way]
    with started(database, 2) as (process, port):
        for visitors in (0, VISITORS):
            for number in (1, 2):
                times = []
                for _ in range(rounds):
                    served.until(
                        lambda: len(workers_of(process.pid)) == 2, "not both are there", None, PATIENCE
                    )
                    time.sleep(STEADY_SECONDS + 1)
                    with Load(port, session, visitors):
                        time.sleep(1 if visitors else 0)
                        times.append(back(port, workers_of(process.pid), number))
                said = ", ".join(f"{each:.2f}" for each in sorted(times))
                print(
                    f"{way:<8} {number} of 2 killed, {visitors} visitors: median"
                    f" {statistics.median(times):6.2f} s ({said})"
                )


def main(rounds: int) -> None:
    """Prints memory and times of both ways."""
    with own_database() as database:
        session = sessions(racing.in_session(racing.found(), 1).members)[0]
        for way in WAYS:
            memory(way, database, session)
        for way in WAYS:
            killed(way, database, session, rounds)


if __name__ == "__main__":
    main(next((int(word) for word in sys.argv[1:] if word.isdigit()), 3))
    databases.cluster().release()
