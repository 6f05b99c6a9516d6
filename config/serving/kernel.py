"""What the server asks of Linux: signals to wait for beside files, an end with one's parent, and systemd."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Collection, Iterator
from types import FrameType

#: of prctl(2)
_PR_SET_PDEATHSIG = 1

_log = logging.getLogger("lianxi.serving")


class Signals:
    """Signals that are waited for, beside files; one that comes meanwhile is not lost."""

    def __init__(self, *numbers: signal.Signals) -> None:
        self.numbers = numbers
        self._wake, self._woken = socket.socketpair()
        for each in (self._wake, self._woken):
            os.set_blocking(each.fileno(), False)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _noted)

    def wait(self, files: Collection[int], seconds: float | None) -> tuple[set[int], set[int]]:
        """The signals that have come and the files that can be read; neither when the time is over."""
        # not epoll, whose list of files a forked child would share
        poll = select.poll()
        for file in (self._wake.fileno(), *files):
            poll.register(file, select.POLLIN)
        readable = {file for file, _event in poll.poll(None if seconds is None else max(0, 1000 * seconds))}
        come: set[int] = set()
        if self._wake.fileno() in readable:
            with contextlib.suppress(BlockingIOError):
                while told := self._wake.recv(4096):
                    come.update(told)
        return come, readable - {self._wake.fileno()}

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Signals wait until the end: a fork inside has none that was meant for the other process."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self.numbers)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.numbers)

    def drop(self) -> None:
        """In a forked child: signals act as in a new process."""
        signal.set_wakeup_fd(-1)
        for number in self.numbers:
            signal.signal(number, signal.SIG_DFL)
        self._wake.close()
        self._woken.close()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The file of `set_wakeup_fd` has the signal."""


def end_with(parent: int) -> None:
    """This process gets SIGTERM when its parent ends, however that is; exits if it has ended already."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        sys.exit(f"the parent {parent} has ended")


def tell_systemd(state: str) -> None:
    """Send the state to systemd (sd_notify(3)), where it has started this process and wants to know."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
        try:
            told.connect("\0" + address[1:] if address.startswith("@") else address)
            told.sendall(state.encode())
        except OSError as error:
            _log.warning("systemd is not told %s: %s", state, error)
