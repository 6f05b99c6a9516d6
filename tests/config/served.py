"""The site in processes of its own, and whoever visits it over HTTP."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.database.embedded_postgres import ROOT

#: as docs/deployment/lianxi.service has it
SERVER = ("-m", "config.serving")
REDIS = shutil.which("redis-server")

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not installed (apt-get install redis-server)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[Any], log: Path, env: dict[str, str], *, up: Callable[[], bool], seconds: int = 60
) -> Iterator[Any]:
    """The command runs, and `up` is so within the seconds; it is killed at the end if it still does."""
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
        try:
            until(lambda: process.poll() is not None or up(), "nothing answers", log, seconds)
            assert process.poll() is None, log.read_text()
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=40)
            finally:
                process.kill()


def site(*options: Any, log: Path, env: dict[str, str], up: Callable[[], bool]) -> Any:
    """The site is served with these options."""
    return running([sys.executable, *SERVER, *map(str, options)], log, env, up=up)


def generations(master: int) -> list[int]:
    """The processes that have imported the application for this first one."""
    return _below(master)


def workers(master: int) -> set[int]:
    """The processes that serve, of all generations."""
    return {worker for each in generations(master) for worker in _below(each)}


def kill(master: int) -> None:
    """The whole site is killed, as if the machine had lost its power."""
    everything = [master, *generations(master), *workers(master)]
    for number in (signal.SIGSTOP, signal.SIGKILL):  # nobody is to see anybody else's end
        for each in everything:
            os.kill(each, number)


def runs(pid: int) -> bool:
    """Whether there is such a process that has not ended; one may wait for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _below(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [each for each in map(int, found) if runs(each)]


@contextmanager
def redis(folder: Path) -> Iterator[Any]:
    """A Redis of our own on a Unix socket in the folder, that keeps nothing."""
    at = folder / "redis.sock"
    at.unlink(missing_ok=True)
    command = [REDIS, "--port", 0, "--unixsocket", at, "--save", "", "--dir", folder]
    with running(
        [str(each) for each in command], folder / "redis.log", dict(os.environ), up=at.exists
    ) as process:
        yield process


def until(holds: Callable[[], bool], otherwise: str, log: Path | None = None, seconds: int = 60) -> None:
    """It holds within the seconds; else the test fails."""
    for _ in range(10 * seconds):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"{otherwise}\n{log.read_text() if log else ''}")


class Visitor:
    """A browser's cookies and forms, without the browser; redirects are answers."""

    def __init__(self, address: str, context: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies),
            urllib.request.HTTPSHandler(context=context),
            _NoRedirect(),
        )

    def ask(self, path: str, given: dict[str, str] | None = None, **headers: str) -> tuple[int, Any, str]:
        """Status, headers and text of the answer."""
        data = None if given is None else urllib.parse.urlencode(given).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(
            f"{self.address}{path}", data, {"Referer": self.address + path, **names}
        )
        try:
            with self.opener.open(asked, timeout=60) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def send(self, path: str, **given: str) -> tuple[int, Any, str]:
        """The form of the page is sent, filled in so."""
        _status, _headers, html = self.ask(path)
        return self.ask(path, {**fields(html), **given})

    def sign_in(self, login: str, password: str) -> tuple[int, Any, str]:
        return self.send("/login/", username=login, password=password)

    def answers(self) -> bool:
        """Whether the site says that it lives."""
        try:
            return self.ask("/health/")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False


def fields(html: str) -> dict[str, str]:
    """What the forms of the page send along unseen."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None
