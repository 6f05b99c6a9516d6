"""The first process: it holds the listening socket and sees to it that a generation of workers serves.

SIGTERM and SIGINT end all of them: nothing new is accepted, what is under way is answered. SIGHUP starts a
new generation, which imports the code as it is then; when all its workers serve, those of the old one end one
after the other. A generation that does not come up is given up, and the old one goes on.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from config.serving import listening, options
from config.serving.kernel import Signals, tell_systemd

FAILED = 1

_log = logging.getLogger("lianxi.serving")


def main(words: Sequence[str]) -> int:
    """The site has been served until it was ended; the exit status."""
    chosen = options.read(words)
    logging.basicConfig(format="%(levelname)s:     %(message)s", level=chosen.log_level.upper())
    try:
        opened, where = _open(chosen)
    except OSError as error:
        _log.critical("cannot listen on %s: %s", chosen.uds or f"{chosen.host}:{chosen.port}", error)
        return FAILED
    _log.info("listening on %s", where)
    try:
        return Master(words, opened).run()
    finally:
        opened.close()
        if chosen.uds:
            Path(chosen.uds).unlink(missing_ok=True)


def _open(chosen: Namespace) -> tuple[socket.socket, str]:
    if chosen.uds:
        return listening.on_path(Path(chosen.uds)), chosen.uds
    return listening.on_port(chosen.host, chosen.port), f"http://{chosen.host}:{chosen.port}"


class Generation:
    """A process that has imported the application and forks workers."""

    def __init__(self, words: Sequence[str], opened: socket.socket) -> None:
        self.ready, told = os.pipe()
        try:
            inherited = {"master": os.getpid(), "listening": opened.fileno(), "ready": told}
            given = [f"--{name}={value}" for name, value in inherited.items()]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.serving.generation", *words, *given],
                pass_fds=[opened.fileno(), told],
                env={name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"},
            )
        except OSError:
            os.close(self.ready)
            raise
        finally:
            os.close(told)

    def is_up(self) -> bool:
        """Whether all its workers serve; to be asked when `ready` can be read."""
        return bool(os.read(self.ready, 1))

    def send(self, number: signal.Signals) -> None:
        """The signal is sent, unless it has ended."""
        self.process.send_signal(number)

    def not_awaited(self) -> None:
        """Whether it is up is not asked any more."""
        os.close(self.ready)


class Master:
    """The generation that serves, one that is to take over, and those that end."""

    def __init__(self, words: Sequence[str], opened: socket.socket) -> None:
        self.words, self.opened = words, opened
        self.signals = Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
        self.serving: Generation | None = None
        self.coming: Generation | None = None
        self.leaving: list[Generation] = []
        self.stopping = False
        #: a reload was asked for before the first generation served
        self.again = False
        self.status = 0

    def run(self) -> int:
        """Serve until stopped, or until no generation comes up; the exit status."""
        self.start()
        while self.serving or self.coming or self.leaving:
            come, readable = self.signals.wait([self.coming.ready] if self.coming else [], None)
            if readable:
                self.take_over()
            if signal.SIGHUP in come and not self.stopping:
                self.reload()
            if come & {signal.SIGTERM, signal.SIGINT}:
                self.stop()
            if signal.SIGCHLD in come:
                self.reap()
        return self.status

    def start(self) -> None:
        """A new generation is to take over; where it cannot be started, the one that serves goes on."""
        try:
            self.coming = Generation(self.words, self.opened)
        except OSError as error:  # no memory, too many processes or files
            _log.critical("cannot start a generation: %s", error)
            self.status = 0 if self.serving else FAILED

    def reload(self) -> None:
        """A new generation is to take over, instead of one that has not done so yet, or after the first."""
        if self.coming and not self.serving:
            self.again = True
            return
        _log.info("a new generation is started")
        self.drop_coming()
        self.start()

    def drop_coming(self) -> None:
        """The generation that was to take over, if there is one, is to end."""
        if self.coming:
            self.coming.not_awaited()
            self.retire(self.coming, signal.SIGTERM)
            self.coming = None

    def take_over(self) -> None:
        """Of the generation that is coming all workers serve, or it is about to end."""
        if not self.coming:
            return
        up = self.coming.is_up()
        self.coming.not_awaited()
        if up:
            self.retire(self.serving, signal.SIGUSR1)
            self.serving, self.coming = self.coming, None
            _log.info("generation %d serves", self.serving.process.pid)
            tell_systemd("READY=1")
            if self.again:
                self.again = False
                self.reload()
        else:
            self.give_up()

    def give_up(self) -> None:
        """The generation that was coming does not; the one that serves, if there is one, goes on."""
        ended, self.coming = self.coming, None
        if not ended:
            return
        status = ended.process.wait()
        if self.stopping:
            return
        if self.serving:
            _log.error("generation %d did not come up (%d); the old one serves on", ended.process.pid, status)
        else:
            _log.critical("generation %d did not come up (%d); nothing is served", ended.process.pid, status)
            self.status = status if status > 0 else FAILED

    def retire(self, generation: Generation | None, number: signal.Signals) -> None:
        """The generation is to end, after what it has in hand."""
        if generation:
            generation.send(number)
            self.leaving.append(generation)

    def stop(self) -> None:
        """Nothing new is accepted; all generations are to end."""
        if not self.stopping:
            tell_systemd("STOPPING=1")
        self.stopping = True
        self.opened.close()
        self.retire(self.serving, signal.SIGTERM)
        self.serving = None
        self.drop_coming()
        for each in self.leaving:
            each.send(signal.SIGTERM)

    def reap(self) -> None:
        """What has ended is forgotten; in place of the generation that served a new one is started."""
        self.leaving = list(_running(self.leaving))
        if self.serving and self.serving.process.poll() is not None:
            _log.error(
                "generation %d has ended (%d)", self.serving.process.pid, self.serving.process.returncode
            )
            self.serving = None
            if not self.coming:
                self.start()


def _running(generations: Iterable[Generation]) -> Iterable[Generation]:
    return (each for each in generations if each.process.poll() is None)
