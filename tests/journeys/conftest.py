"""A site of its own and a browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

from audit import clock
from committee.models import Person
from tests import databases
from tests.stage import START, Stage

CHROMIUM = Path("/usr/bin/chromium-headless-shell")
FONTS = Path("/usr/share/fonts/opentype/noto")
PASSWORD = "a password for journeys"
#: time for what a page shows by itself, also on a slow machine
expect.set_options(timeout=20_000)
SCREENS = {"screen": (1440, 900), "phone": (390, 844)}


class Site:
    """The address of the site, the case that it shows, and the logins of its people by handle."""

    def __init__(self, address: str, stage: Stage) -> None:
        self.address, self.password = address, PASSWORD
        self.stage = stage
        self.proposal, self.meeting = (row and row.pk for row in (stage.proposal, stage.meeting))
        self.logins = {handle: person.username for handle, person in stage.people.items()}


def vote_open() -> Stage:
    """A vote is open: two of three seats have voted."""
    stage = Stage().to("voting")
    stage.do("cast", "seat2", choice="against", reason="Never to be read before the closing")
    stage.do("cast", "seat3", choice="for")
    return stage


class Watch:
    """The clock of the site and the engine: it runs, so much ahead of the real one."""

    def __init__(self) -> None:
        self.real, self.ahead = clock.now, timedelta()

    def now(self) -> datetime:
        return self.real() + self.ahead

    def set_to(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(UTC)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that the test may set on."""
    made = Watch()
    monkeypatch.setattr(clock, "now", made.now)
    return made


@pytest.fixture
def case() -> Callable[[], Stage]:
    """How the case is built that the site shows; a module may have its own."""
    return vote_open


@pytest.fixture
def source(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, template: str
) -> databases.Source:
    """The case stands in the site's database from the start, unless its test sets the clock for it."""
    if "site" not in request.fixturenames or "watch" in request.fixturenames:
        return databases.Source(template)
    build = request.getfixturevalue("case")
    with django_db_blocker.unblock():
        return databases.standing(
            template, f"{build.__module__}.{build.__qualname__}", lambda: at_the_start(build)
        )


def at_the_start(build: Callable[[], Stage]) -> Stage:
    """The stage, built from its first day on."""
    with clock.frozen(START):
        return build()


@pytest.fixture
def site(fresh_db: Any, source: databases.Source, case: Callable[[], Stage]) -> Iterator[Site]:
    """The site is served from a thread, on a bank with the case."""
    stage = source.stage or at_the_start(case)
    Person.objects.update(password=make_password(PASSWORD))
    from config.asgi import application

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the site did not start"
            time.sleep(0.02)
        yield Site(address, stage)
        server.should_exit = True
        thread.join(timeout=10)


class Chromium:
    """The worker's browser, and the loop that drives it, which is out of sight between the tests."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright, self.loop = playwright, asyncio.get_running_loop()
        self.running = self.launch()

    def launch(self) -> Browser:
        """Another headless browser; starting one takes long on a slow machine."""
        start = self.playwright.chromium.launch
        return start(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=180_000)

    @contextmanager
    def lent(self) -> Iterator[Browser]:
        """The browser for one test, another one where it has died; its windows are closed at the end.

        Playwright leaves its loop marked as running in this thread, where Django and asyncio.run() would then
        refuse to work: so it is marked for as long as a test has the browser, and not otherwise.
        """
        asyncio._set_running_loop(self.loop)
        try:
            if not self.running.is_connected():
                self.running = self.launch()
            yield self.running
            for context in self.running.contexts:
                context.close()
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """What has the browser; a test fails, and says what is missing, where there is none."""
    if not CHROMIUM.exists():
        pytest.fail(
            f"{CHROMIUM} is missing. The journeys need it: apt-get install chromium-headless-shell",
            pytrace=False,
        )
    if not any(FONTS.glob("NotoSansCJK-*")):
        pytest.fail(
            "Chinese fonts are missing. The journeys need them: apt-get install fonts-noto-cjk", pytrace=False
        )
    with sync_playwright() as playwright:
        made = Chromium(playwright)
        asyncio._set_running_loop(None)
        yield made
        asyncio._set_running_loop(made.loop)
        made.running.close()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """The browser, without a window."""
    with chromium.lent() as running:
        yield running


@pytest.fixture
def forgiven() -> str:
    """What the console may say, as a pattern: a refusal is an answer; signing out clears the data."""
    return r"status of (409|422)|Clear-Site-Data header on"


def signed_in(site: Site, handle: str, language: str) -> dict[str, str]:
    """The cookies of a browser in which the person has just signed in; sent without one, it is quicker."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies["django_language"] = language
    sent = client.post("/login/", {"username": site.logins[handle], "password": site.password})
    assert sent.status_code == 302, sent.content.decode()
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.fixture
def look(site: Site, browser: Browser, forgiven: str) -> Iterator[Callable[..., Page]]:
    """Opens a window of that size for somebody; at the end nothing was complained of in its console, and each
    request of a script said the language of its page.
    """
    complaints = []

    def complained(message: ConsoleMessage) -> None:
        if not re.search(forgiven, message.text):
            complaints.append(f"{message.type}: {message.text}")

    def failed(request: Request) -> None:
        left = "net::ERR_ABORTED"  # the page was left before the answer
        if request.failure != left and not re.search(forgiven, str(request.failure)):
            complaints.append(f"{request.failure}: {request.url}")

    def asked(request: Request) -> None:
        by_script = request.resource_type in {"fetch", "xhr"} and request.redirected_from is None
        if by_script and "x-page-language" not in request.headers:
            complaints.append(f"without its page's language: {request.method} {request.url}")

    def opened(size: str, handle: str, *, language: str = "en", theme: Any = "light") -> Page:
        width, height = SCREENS[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=site.address, color_scheme=theme
        )
        cookies = aside(signed_in, site, handle, language)
        context.add_cookies([{"name": name, "value": cookies[name], "url": site.address} for name in cookies])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", complained)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", failed)
        page.on("request", asked)
        page.goto("/")
        return page

    yield opened
    assert complaints == []


def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    page.wait_for_load_state("domcontentloaded")
    wider = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px too wide"


def aside(function: Any, *given: Any, **named: Any) -> Any:
    """What the function returns; beside the browser's event loop, where the database may be asked."""

    def called() -> Any:
        try:
            return function(*given, **named)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(called).result()
