"""A process that has imported the application once, and forks the workers.

SIGTERM and SIGINT end it with all its workers, SIGUSR1 with one worker after the other. A worker that dies is
forked again at once, and after growing pauses if it dies young again and again; one that shows no life for
long is killed.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import math
import os
import signal
import socket
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass

import uvicorn
from django.conf import settings

from config.serving import options, warming, worker
from config.serving.kernel import Signals, end_with

#: exit status when workers die before all of them have served; that of uvicorn
FAILED = 3
#: so many may die before that
TRIES = 3
#: a worker that has lived for so long is not counted as dying young, seconds
STEADY_SECONDS = 10.0
FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
#: workers are looked at this often for signs of life, seconds
LOOK_SECONDS = 5.0
#: after the grace, until a worker that has not ended is killed, seconds
PATIENCE_SECONDS = 5.0

_log = logging.getLogger("lianxi.serving")


def main(words: Sequence[str]) -> int:
    """Workers have served until they were ended; the exit status, in the worker too."""
    chosen = options.read_inherited(words)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there are workers it just ends
    end_with(chosen.master)
    gc.disable()  # collecting moves what forks would share; the workers collect
    config = load(chosen)
    warming.warm()
    warming.unshared()
    if settings.WEB_PROCESSES > 1 and not settings.CHANNEL_REDIS_URL:
        _log.warning(
            "%d processes without CHANNEL_REDIS_URL: what one does the others learn a second later",
            settings.WEB_PROCESSES,
        )
    opened, beats = socket.socket(fileno=chosen.listening), os.pipe()
    for end in beats:
        os.set_blocking(end, False)
    generation = Generation(chosen, opened, beats[0])
    parent = os.getpid()
    try:
        return generation.run()
    except Forked as forked:
        number = forked.number
    # not while the exception is handled: asgiref raises that anew in the thread of each request, and its
    # traceback would keep all of them
    os.close(chosen.ready)
    os.close(beats[0])
    worker.run(config, opened, parent=parent, number=number, beats=beats[1])
    return 0


def load(chosen: Namespace) -> uvicorn.Config:
    """The application is imported, and what uvicorn serves it with."""
    config = uvicorn.Config(
        chosen.application,
        lifespan="auto",  # what an application begins in each worker; not every one has some
        proxy_headers=False,  # TRUSTED_PROXIES says whom to believe
        access_log=False,  # what is asked is in the proxy's log
        log_level=chosen.log_level,
        timeout_keep_alive=chosen.timeout_keep_alive,
        timeout_graceful_shutdown=chosen.timeout_graceful_shutdown,
        ws_per_message_deflate=False,  # a socket costs less memory
    )
    config.load()
    config.get_loop_factory()  # imports uvloop
    config.ws_max_size = settings.LARGEST_FRAME
    return config


class Forked(Exception):
    """Raised in a process just forked, which is to become the worker of this number."""

    def __init__(self, number: int) -> None:
        self.number = number


@dataclass
class Place:
    """A worker's place: who has it, and how it has gone."""

    number: int
    #: 0 while nobody has it
    pid: int = 0
    forked_at: float = 0.0
    #: when the next worker is forked, and when the present one is killed
    due: float = 0.0
    killed_at: float = math.inf
    serves: bool = False
    heard: bool = False
    #: looks in a row at which it had shown no life, and workers in a row that died young
    silent: int = 0
    young: int = 0

    @property
    def ending(self) -> bool:
        """Whether its worker was told to end."""
        return self.killed_at < math.inf

    def vacate(self, now: float) -> None:
        """The worker has died; the next is due at once, or after a pause."""
        self.young = self.young + 1 if now - self.forked_at < STEADY_SECONDS else 0
        pause = min(FIRST_PAUSE * 2.0 ** (self.young - 2), LAST_PAUSE) if self.young > 1 else 0.0
        self.pid, self.due, self.serves, self.silent = 0, now + pause, False, 0


class Generation:
    """The workers, each in its place."""

    def __init__(self, chosen: Namespace, opened: socket.socket, beats: int) -> None:
        self.opened, self.beats, self.ready = opened, beats, chosen.ready
        self.grace = chosen.timeout_graceful_shutdown + PATIENCE_SECONDS
        self.looks = math.ceil(chosen.timeout_worker_healthcheck / LOOK_SECONDS)
        self.signals = Signals(signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP, signal.SIGCHLD)
        self.places = [Place(number) for number in range(settings.WEB_PROCESSES)]
        self.look_at = time.monotonic() + LOOK_SECONDS
        self.up = self.leaving = self.at_once = False
        self.died = self.status = 0

    def run(self) -> int:
        """Fork and look after workers until told to end; the exit status. Raises Forked in each worker."""
        while not self.leaving or any(each.pid for each in self.places):
            self.fork_due()
            come, readable = self.signals.wait([self.beats], self.next_at() - time.monotonic())
            if readable:  # before a worker's end: its last sign of life is not the next one's first
                self.hear()
            if signal.SIGCHLD in come:
                self.reap()
            if come & {signal.SIGTERM, signal.SIGINT}:
                self.leave(at_once=True)
            elif signal.SIGUSR1 in come:
                self.leave(at_once=False)
            self.end_workers()
            self.look()
        return self.status

    def next_at(self) -> float:
        """When something is to be done, whatever comes."""
        due = [each.due for each in self.places if not each.pid and not self.leaving]
        return min([self.look_at, *due, *(each.killed_at for each in self.places)])

    def fork_due(self) -> None:
        """Each place whose time has come has a worker. Raises Forked in it."""
        now = time.monotonic()
        for place in self.places:
            if not place.pid and not self.leaving and place.due <= now:
                self.fork(place, now)

    def fork(self, place: Place, now: float) -> None:
        """The place has a worker, or it is tried again after a pause. Raises Forked in the worker."""
        with self.signals.held():
            try:
                place.forked_at, place.pid = now, os.fork()
            except OSError as error:  # no memory, or too many processes
                _log.error("cannot fork a worker (%s); tried again in %.1f s", error, FIRST_PAUSE)
                place.due = now + FIRST_PAUSE
                return
            if not place.pid:
                self.signals.drop()
                raise Forked(place.number)

    def hear(self) -> None:
        """Signs of life are noted; when all serve for the first time the master is told."""
        for number in os.read(self.beats, 65536):
            self.places[number].heard = self.places[number].serves = True
        if not self.up and all(each.serves for each in self.places):
            self.up = True
            with contextlib.suppress(BrokenPipeError):  # another generation is to take over by now
                os.write(self.ready, b"1")

    def reap(self) -> None:
        """Places of workers that have died are vacant."""
        for place in self.places:
            if place.pid and os.waitpid(place.pid, os.WNOHANG)[0]:
                self.note_end(place)

    def note_end(self, place: Place) -> None:
        """The worker of the place has died."""
        pid, place_was_ending = place.pid, place.ending
        place.vacate(time.monotonic())
        place.killed_at = math.inf
        if place_was_ending or self.leaving:
            return
        _log.warning("worker %d has died", pid)
        self.died += 1
        if not self.up and self.died >= TRIES:
            _log.critical("workers die before they serve; given up")
            self.status = FAILED
            self.leave(at_once=True)

    def leave(self, *, at_once: bool) -> None:
        """No worker is forked any more; those there are to end, at once or one after the other."""
        self.leaving, self.at_once = True, self.at_once or at_once
        self.opened.close()

    def end_workers(self) -> None:
        """Workers whose turn it is are told to end; those that have not ended after the grace are killed."""
        now = time.monotonic()
        there = [each for each in self.places if each.pid]
        for place in there:
            if place.killed_at <= now:
                os.kill(place.pid, signal.SIGKILL)
                place.killed_at = now + PATIENCE_SECONDS
        for place in self.to_end(there):
            os.kill(place.pid, signal.SIGTERM)
            place.killed_at = now + self.grace

    def to_end(self, there: list[Place]) -> list[Place]:
        """Of the places that have a worker those whose worker is to be told to end now."""
        if not self.leaving:
            return []
        if self.at_once:
            return [each for each in there if not each.ending]
        return [] if any(each.ending for each in there) else there[:1]

    def look(self) -> None:
        """Every five seconds: a worker that has shown no life at so many looks is killed.

        Looks are counted, and not seconds, in which this process may have been stopped itself.
        """
        if time.monotonic() < self.look_at:
            return
        self.look_at = time.monotonic() + LOOK_SECONDS
        for place in self.places:
            if place.pid and not place.ending:
                place.silent, place.heard = (0 if place.heard else place.silent + 1), False
                if place.silent >= self.looks:
                    _log.error("worker %d has shown no life: it is killed", place.pid)
                    os.kill(place.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
