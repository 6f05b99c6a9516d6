"""A site of its own and a browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, sync_playwright

from audit import clock
from committee.models import Person
from tests.stage import START, Stage

CHROMIUM = Path("/usr/bin/chromium")
FONTS = Path("/usr/share/fonts/opentype/noto")
PASSWORD = "a password for journeys"


class Site:
    """The address of the site, the case that it shows, and the logins of its people by handle."""

    def __init__(self, address: str, stage: Stage) -> None:
        self.address, self.password = address, PASSWORD
        self.proposal, self.meeting = stage.proposal.pk, stage.meeting.pk
        self.logins = {handle: person.username for handle, person in stage.people.items()}


@pytest.fixture
def site(fresh_db: Any) -> Iterator[Site]:
    """The site is served from a thread, on a bank with a vote open: two of three seats have voted."""
    with clock.frozen(START):
        stage = Stage().to("voting")
        stage.do("cast", "seat2", choice="against", reason="Never to be read before the closing")
        stage.do("cast", "seat3", choice="for")
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


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser; the test fails, and says what is missing, where there is none."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing. The journeys need it: apt-get install chromium", pytrace=False)
    if not any(FONTS.glob("NotoSansCJK-*")):
        pytest.fail(
            "Chinese fonts are missing. The journeys need them: apt-get install fonts-noto-cjk", pytrace=False
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()
