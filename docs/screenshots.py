"""The pictures of docs/guides/, taken from the demo's bank on a day that is always the same.

python -m docs.screenshots              takes them all
python -m docs.screenshots NAME...      takes those whose names begin so

The pages are served from a database of their own, which is gone afterwards; Debian's Chromium looks at them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "guides" / "images"
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
#: a Wednesday, 10:00 in the demo's bank, some weeks from the long holidays; the demo's last acts are at 08:30
TODAY, NOW = date(2026, 5, 20), datetime(2026, 5, 20, 2, tzinfo=UTC)
SCREENS = {"screen": (1440, 900), "phone": (390, 844)}
COLOURS = 64  # of a picture's palette: text stays sharp, and a picture well below 100 kB


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who looks, at which address, and where the picture begins and ends.

    `address` names objects of the demo's bank by their state: `{draft}` is a plan in draft, `{convened}` a
    meeting convened. The picture is the upper `height` pixels of the page.
    """

    name: str
    who: str
    address: str
    height: int = 720
    size: str = "screen"

    @property
    def file(self) -> Path:
        """Where the picture lies."""
        return IMAGES / f"{self.name}.png"


SHOTS = (
    Shot("handler-desk", "handler", "/"),
    Shot("handler-step", "handler", "/proposals/{draft}/amend/loans/"),
    Shot("handler-check", "handler", "/proposals/{draft}/amend/check/"),
    Shot("handler-receipt", "handler", "/proposals/{executing}/record_receipt/", 580),
    Shot("head-proposal", "handler_head", "/proposals/{carried}/", 900),
    Shot("liaison-desk", "liaison", "/"),
    Shot("liaison-screen", "liaison", "/proposals/{submitted}/shortlist/", 900),
    Shot("liaison-docket", "liaison", "/committees/{committee}/docket/", 400),
    Shot("liaison-minutes", "liaison", "/meetings/{minuted}/amend_minutes/"),
    Shot("liaison-archive", "liaison", "/meetings/{signed}/archive/", 900),
    Shot("chair-desk", "chair", "/"),
    Shot("chair-convene", "chair", "/committees/{committee}/convene/", 1000),
    Shot("chair-now", "chair", "/committees/{committee}/now/", 1000),
    Shot("chair-room", "chair", "/meetings/{ready}/", 900),
    Shot("chair-sign", "chair", "/meetings/{minuted}/sign_minutes/", 1000),
    Shot("member-meetings", "seat2", "/meetings/mine/"),
    Shot("member-papers", "seat2", "/meetings/{convened}/papers/", 400),
    Shot("member-paper-phone", "seat2", "/meetings/{convened}/papers/{item}/", 844, "phone"),
    Shot("member-room-phone", "seat2", "/meetings/{ready}/", 844, "phone"),
    Shot("member-proxy", "seat2", "/meetings/{convened}/authorise_proxy/", 900),
    Shot("proxy-meetings", "deputy6", "/meetings/mine/", 520),
    Shot("credit-queue", "credit", "/credit/"),
    Shot("credit-decide", "credit", "/proposals/{carried}/approve_credit/", 900),
    Shot("head-office-desk", "head_office", "/"),
    Shot("head-office-docket", "head_office", "/dockets/{docket}/", 640),
    Shot("head-office-figures", "head_office", "/figures/"),
    Shot("risk-roster", "risk", "/roster/"),
    Shot("risk-seat", "risk", "/roster/{committee}/seats/2/"),
    Shot("risk-rulebook", "risk", "/regulation/", 900),
    Shot("risk-amend", "risk", "/regulation/{committee}/amend/", 900),
    Shot("auditor-desk", "auditor", "/"),
    Shot("auditor-exceptions", "auditor", "/exceptions/"),
    Shot("auditor-log", "auditor", "/audit/"),
    Shot("administrator-people", "admin", "/admin/committee/person/"),
    Shot("administrator-position", "admin", "/admin/committee/position/add/", 560),
)


def main(arguments: list[str] | None = None) -> int:
    """The pictures asked for are taken; 1 when one of them could not be."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.screenshots", description="the pictures of docs/guides"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="beginnings of names (default: all)")
    wanted = tuple(parser.parse_args(arguments).names)
    shots = [shot for shot in SHOTS if not wanted or shot.name.startswith(wanted)]
    if not shots:
        parser.error(f"no picture is called {' or '.join(wanted)}")
    if not CHROMIUM.exists():
        parser.error(f"{CHROMIUM} is missing: apt-get install chromium-headless-shell fonts-noto-cjk")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sites() as (address, objects, logins):
        missed = list(_taken(shots, address, objects, logins))
    sys.stderr.writelines(f"{each}\n" for each in missed)
    return 1 if missed else 0


@contextlib.contextmanager
def sites() -> Iterator[tuple[str, dict[str, int], dict[str, str]]]:
    """The address of the demo's bank, its objects by state, and its logins by handle."""
    # collected, so that what is changed meanwhile changes no picture
    os.environ |= {
        "LIANXI_DEMO": "true", "STATIC_COLLECTED": "true", "DATABASE_URL": "", "DATABASE_OWNER_URL": "",
    }  # fmt: skip
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from audit import clock
    from config.database.base import cluster
    from rehearsal.management.commands.demo import collect
    from tests import databases

    collect()

    own = databases.clone(databases.template())
    try:
        with databases.django_on(own), clock.frozen(NOW):
            bank = _bank()
            with _served() as address:
                yield address, _objects(), {handle: who.username for handle, who in bank.people.items()}
    finally:
        databases.drop(own)
        cluster().release()


def _bank() -> Any:
    """The demo's bank, as it is on the day."""
    from rehearsal.management.commands.demo import Command

    return Command(stdout=io.StringIO()).bank()


def _objects() -> dict[str, int]:
    """The first plan and the first meeting in each state, by the state's name."""
    from committee.models import AgendaItem, Committee, Meeting
    from proposals.models import Docket, Proposal

    found: dict[str, int] = {}
    for model in (Proposal, Meeting):
        found |= {state: pk for pk, state in model.objects.order_by("-pk").values_list("pk", "state")}
    return found | {
        "committee": Committee.objects.get().pk,
        "docket": Docket.objects.earliest("pk").pk,
        "ready": Meeting.objects.filter(state="convened").latest("pk").pk,
        "item": AgendaItem.objects.filter(meeting=found["convened"]).earliest("pk").pk,
    }


@contextlib.contextmanager
def _served() -> Iterator[str]:
    """The site answers at the address, at the time of this process's clock."""
    import uvicorn

    from config.asgi import application

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
        serving = threading.Thread(target=copy_context().run, args=(server.run, [listening]), daemon=True)
        serving.start()
        while not server.started:
            if not serving.is_alive():
                raise RuntimeError("the site did not start")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        serving.join(timeout=10)


def _taken(
    shots: Iterable[Shot], address: str, objects: dict[str, int], logins: dict[str, str]
) -> Iterator[str]:
    """What was wrong with a page whose picture was therefore not taken; the others are written."""
    from playwright.sync_api import sync_playwright

    windows: dict[tuple[str, str], Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for shot in shots:
            window = windows.get((shot.who, shot.size))
            if window is None:
                window = window_of(browser, address, logins[shot.who], shot.size)
                windows[shot.who, shot.size] = window
            answer = window.goto(address + shot.address.format(**objects))
            if answer is None or not answer.ok:
                yield f"{shot.name}: {shot.address} answered {answer and answer.status}"
            else:
                _write(shot, window)
        browser.close()


def window_of(browser: Any, address: str, login: str, size: str) -> Any:
    """A window in Chinese in which the person is signed in."""
    from rehearsal.management.commands.demo import PASSWORD

    width, height = SCREENS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="light", locale="zh-CN"
    )
    context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": address}])
    window = context.new_page()
    window.goto(address)
    window.locator("[name=username]").fill(login)
    window.locator("[name=password]").fill(PASSWORD)
    window.locator("main button").click()
    window.wait_for_url(f"{address}/")
    return window


def _write(shot: Shot, window: Any) -> None:
    """The upper part of the page, in few colours."""
    from PIL import Image

    window.wait_for_load_state("networkidle")
    whole = Image.open(io.BytesIO(window.screenshot(full_page=True)))
    cut = whole.crop((0, 0, whole.width, min(whole.height, shot.height)))
    cut.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(shot.file, optimize=True)
    print(f"{shot.file.relative_to(ROOT)}: {shot.file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
