"""Casting a ballot over HTTP, with permission, lock, rules and audit entry, against a bare insert.

To reach: 0.5 of the rate of a bare Django view behind the same session login that inserts one row, on the
same server (uvicorn, one process, psycopg's pool) and database; 8 clients in 8 meetings, each on a
connection that is kept; at most 12 statements. Votes of nine ballots alternate with as many inserts, so
that what else the machine does falls on both alike; opening and closing votes is not measured.
With --sealed a worker seals the log beside. With --beside only what that costs is measured: some votes in
turn at a server and a worker with a key for the log, and at others without one while the first worker stands
still (to reach: at most 1.05 times as long).
Usage: python -m benchmarks.cast [rounds] [--sealed] [-v], which shows the statements, or [pairs] --beside.
"""

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

os.environ |= {"LIANXI_DEMO": "1", "SECRET_KEY": "for-benchmarks-" + "0123456789" * 5}
warnings.filterwarnings("ignore", "No directory at")  # of static files, which nobody asks for

from benchmarks import site  # it sets Django up, for what follows

from django.conf import settings  # isort: skip
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from audit import sealer
from audit.models import Head, Leaf
from audit.note import ED25519, Signer
from tests import databases
from tests.voting import racing
from voting.actions import votes

SITE = "benchmarks.site:application"
WORKER = [sys.executable, "manage.py", "procrastinate", "worker"]
CLIENTS, WARM_UP = 8, 2
#: votes in a row of each kind with --beside
VOTES = 4
REASON = "The guarantee is worth less than stated"


class Visitor:
    """A client on one persistent connection; it sends the cookie that it is given."""

    def __init__(self, address):
        self._address = address
        self._socket = socket.create_connection(address, timeout=60)

    def ask(self, request: bytes) -> bytes:
        """The body of the answer, whose status is 200."""
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._read()
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._read()
        assert head.startswith(b"HTTP/1.1 200"), head + body
        return body

    def _read(self) -> bytes:
        part = self._socket.recv(65536)
        assert part, "the server has closed the connection"
        return part

    def close(self):
        self._socket.close()


def request_for(path: str, session: str, **said: str) -> bytes:
    """A form as a browser sends it, with the session's cookie and the token against forgery."""
    token, body = _get_new_csrf_string(), urlencode(said).encode()
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: sessionid={session}; csrftoken={token}",
        f"X-CSRFToken: {token}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sessions(members) -> list[str]:
    """A session of each, signed in."""
    made = []
    for member in members:
        client = Client()
        client.force_login(member, settings.AUTHENTICATION_BACKENDS[0])
        made.append(client.cookies["sessionid"].value)
    return made


class Load:
    """The clients, and the time that they need for what each has to ask."""

    def __init__(self, address):
        self.visitors = [Visitor(address) for _ in range(CLIENTS)]
        self._threads = ThreadPoolExecutor(CLIENTS)

    def seconds(self, requests: list[list[bytes]]) -> float:
        """From the common start until the last answer."""
        start = threading.Barrier(CLIENTS + 1)

        def ask_all(visitor, asked):
            start.wait()
            for request in asked:
                visitor.ask(request)

        running = [self._threads.submit(ask_all, *each) for each in zip(self.visitors, requests, strict=True)]
        start.wait()
        begun = time.perf_counter()
        for each in running:
            each.result()
        return time.perf_counter() - begun

    def close(self):
        for visitor in self.visitors:
            visitor.close()
        self._threads.shutdown()


def casts(proposals, signed_in) -> list[list[bytes]]:
    """The nine ballots of each proposal: seven for, two against."""
    said = [{"choice": "for", "reason": ""}] * 7 + [{"choice": "against", "reason": REASON}] * 2
    return [
        [
            request_for(f"/cast/{proposal.pk}/", session, key=f"{proposal.pk}-{session}"[:64], **each)
            for session, each in zip(signed_in, said, strict=True)
        ]
        for proposal in proposals
    ]


def inserts(signed_in) -> list[list[bytes]]:
    """As many, with the same content, for the bare view."""
    return [
        [
            request_for("/insert/", session, key="k" * 40, choice="against", reason=REASON)
            for session in signed_in
        ]
        for _ in range(CLIENTS)
    ]


def statements_of(visitor: Visitor, request: bytes, session: str) -> list[str]:
    """The statements of this request, those of session and login included."""
    look = request_for("/statements/", session)
    visitor.ask(look)
    visitor.ask(look)  # the first look itself has statements too
    about_a_look = len(json.loads(visitor.ask(look))["statements"])
    visitor.ask(request)
    return json.loads(visitor.ask(look))["statements"][:-about_a_look]


def measure(rooms, load: Load, signed_in, rounds: int) -> list[tuple[float, float]]:
    """(casts a second, inserts a second) in each round after the warm-up."""
    rates = []
    for number in range(WARM_UP + rounds):
        opened = [room.open_vote()[0] for room in rooms]
        pair = {"cast": casts(opened, signed_in), "insert": inserts(signed_in)}
        order = ("cast", "insert") if number % 2 else ("insert", "cast")
        taken = {kind: load.seconds(pair[kind]) for kind in order}
        for room, proposal in zip(rooms, opened, strict=True):
            votes.close_vote(proposal, by=room.liaison)
        if number >= WARM_UP:
            asked = CLIENTS * len(signed_in)
            rates.append((asked / taken["cast"], asked / taken["insert"]))
    return rates


def environment_of(database: databases.Database, *, sealed: bool) -> dict[str, str]:
    """The environment of a process of the site, with a key for its log or without."""
    key = {"LOG_KEY": Signer.make("lianxi.benchmark/branch", ED25519).written()} if sealed else {}
    return database.env | {"SECRET_KEY": settings.SECRET_KEY} | key


def serve(listening: socket.socket, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """One process of uvicorn on the socket."""
    options = {"lifespan": "off", "log-level": "warning", "timeout-keep-alive": 600}
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    command = [sys.executable, "-W", "ignore:No directory at", "-m", "uvicorn", SITE]
    return subprocess.Popen(
        [*command, "--fd", str(listening.fileno()), *words],
        env=environment,
        pass_fds=[listening.fileno()],
    )


def beside(pairs: int) -> None:
    """Print how much longer ballots take while a worker seals them."""
    database = databases.clone(databases.template())
    with contextlib.ExitStack() as ends:
        ends.callback(databases.drop, database)
        ends.enter_context(databases.django_on(database))
        bank = racing.found()
        rooms = [racing.in_session(bank, VOTES * 2 * (pairs + 1)) for _ in range(CLIENTS)]
        signed_in = sessions(rooms[0].members)
        loads, workers = {}, {}
        for sealed in (True, False):
            environment = environment_of(database, sealed=sealed)
            listening = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
            started(ends, serve(listening, environment))
            loads[sealed] = Load(listening.getsockname())
            ends.callback(loads[sealed].close)
            workers[sealed] = started(
                ends, subprocess.Popen(WORKER, env=environment, stdout=subprocess.DEVNULL)
            )
            ends.callback(workers[sealed].send_signal, signal.SIGCONT)
        ends.callback(connection.close)
        taken: dict[bool, list[float]] = {True: [], False: []}
        for number in range(pairs + 1):
            for sealed in (True, False) if number % 2 else (False, True):
                workers[not sealed].send_signal(signal.SIGSTOP)
                seconds = sum(cast_once(rooms, loads[sealed], signed_in) for _ in range(VOTES))
                if number:  # the first pair warms up
                    taken[sealed].append(seconds)
                leaves = all_sealed(workers.values())
        tell(taken, leaves)


def started(ends: contextlib.ExitStack, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """The process, which is ended with the others."""
    ends.callback(process.wait)
    ends.callback(process.terminate)
    return process


def cast_once(rooms, load: Load, signed_in) -> float:
    """Seconds in which a vote in each room has its nine ballots."""
    opened = [room.open_vote()[0] for room in rooms]
    seconds = load.seconds(casts(opened, signed_in))
    for room, proposal in zip(rooms, opened, strict=True):
        votes.close_vote(proposal, by=room.liaison)
    return seconds


def all_sealed(workers: Iterable[subprocess.Popen[bytes]]) -> int:
    """Both workers run, and what is left is sealed, so that each turn has its own entries alone.

    Returns the number of leaves.
    """
    for each in workers:
        each.send_signal(signal.SIGCONT)
    time.sleep(1)
    sealer.seal()
    leaves = Leaf.objects.count()
    assert leaves == sum(Head.objects.values_list("seq", flat=True))
    return leaves


def tell(taken: dict[bool, list[float]], leaves: int) -> None:
    ratios = sorted(one / other for one, other in zip(taken[True], taken[False], strict=True))
    ballots = CLIENTS * 9 * VOTES
    for sealed, name in ((True, "with the sealer"), (False, "without it")):
        median = statistics.median(taken[sealed])
        print(f"{ballots} ballots {name}: {median:.2f} s at the median, {ballots / median:,.0f}/s")
    print(
        f"as long: {sum(taken[True]) / sum(taken[False]):.3f} times in all (to reach: 1.05; median of "
        f"{len(ratios)} pairs {statistics.median(ratios):.3f}, from {ratios[0]:.3f} to {ratios[-1]:.3f})"
    )
    print(f"{leaves:,} entries were sealed; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def main(rounds: int) -> None:
    """Prints both rates, their ratio, and the statements of one cast."""
    database = databases.clone(databases.template())
    try:
        with database.owner(autocommit=True) as owner:
            owner.execute(site.TABLE)
        with databases.django_on(database), socket.create_server(("127.0.0.1", 0)) as listening:
            bank = racing.found()
            rooms = [racing.in_session(bank, WARM_UP + rounds + 1) for _ in range(CLIENTS)]
            signed_in = sessions(rooms[0].members)
            environment = environment_of(database, sealed="--sealed" in sys.argv)
            server = serve(listening, environment)
            worker = subprocess.Popen(WORKER if "--sealed" in sys.argv else ["true"], env=environment)
            load = Load(listening.getsockname())
            try:
                report(rooms, load, signed_in, rounds)
            finally:
                load.close()
                for process in (server, worker):
                    process.terminate()
                    process.wait()
                connection.close()
    finally:
        databases.drop(database)


def report(rooms, load: Load, signed_in, rounds: int) -> None:
    rates = measure(rooms, load, signed_in, rounds)
    cast_rate, insert_rate = (statistics.harmonic_mean(kind) for kind in zip(*rates, strict=True))
    proposal, _ = rooms[0].open_vote()
    request = casts([proposal], signed_in)[0][1]
    seen = statements_of(load.visitors[0], request, signed_in[0])
    ratios = sorted(cast / insert for cast, insert in rates)
    requests = CLIENTS * len(signed_in)
    print(f"{CLIENTS} clients in {CLIENTS} meetings, {rounds} rounds of {requests} requests of each kind")
    print(f"bare view: {insert_rate:5,.0f}/s")
    print(
        f"cast:      {cast_rate:5,.0f}/s, {cast_rate / insert_rate:.2f} of the bare view (to reach: 0.50; "
        f"median of the rounds {statistics.median(ratios):.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    if "--sealed" in sys.argv:
        print(f"meanwhile {Leaf.objects.count():,} entries were sealed")
    print(f"statements of a cast: {len(seen)}, session and login included, BEGIN and COMMIT not (at most 12)")
    if "-v" in sys.argv:
        for statement in seen:
            print("   ", " ".join(statement.split())[:100])


if __name__ == "__main__":
    asked = next((int(word) for word in sys.argv[1:] if word.isdigit()), None)
    if "--beside" in sys.argv:
        beside(asked or 8)
    else:
        main(asked or 20)
    databases.cluster().release()
