"""Every page that links lead to: axe-core finds nothing (WCAG 2.2 AA); it fits a phone, large text too.

The pages are found by following links as each role; of each kind of page one is looked at. Roles take turns
in language and appearance, so that both stand in both between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Page

from audit import clock
from committee.models import Person
from tests.journeys.conftest import Site
from tests.stage import Stage, administrator, today

ROLES = (
    "liaison", "handler", "chair", "seat2", "deputy3", "credit", "head_office", "risk", "auditor",
    "handler_head", "outsider", "admin",
)  # fmt: skip
TURNS = (("en", "light"), ("zh-hans", "dark"), ("zh-hans", "light"), ("en", "dark"))
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
    "preload": False,  # it would write sheets that are imported into the page, against the policy
}
LINK = re.compile(r'href="(/[^"#]*)')
#: of a window, with the size of its text
WIDTHS = ((390, "100%"), (320, "100%"), (390, "200%"), (1440, "200%"))
#: a page more of the same kind would show nothing else
SAME = ("pk", "item", "number", "sha256", "stream", "page", "object_id")
#: from each of these other acts lead on, by its state
CROSSINGS = ("proposal", "meeting")
#: what each role finds the others from; any other kind leads on alike, whoever looked at it first
HUBS = ("desk", "proposals", "meetings", "roster", "regulation", *CROSSINGS)


def everything() -> Stage:
    """A bank with something on every page: plans at every stage, a meeting past and one to come."""
    stage = Stage().to("reported")
    stage.do("approve_credit")
    stage.do("record_receipt", amount="600.00", received_on=today())
    for number, to in enumerate(("drafted", "submitted", "shortlisted", "filed"), 2):
        stage.another(f"C-{number}", to=to)
    coming = stage.convene(stage.another("C-6"), at=clock.now() + timedelta(days=10))
    stage.do("send_notice", on=coming)
    stage.people["admin"] = administrator(
        "administrator", bank=stage.bank.unit, unit=stage.bank.unit, display_name="管理员"
    )
    return stage


@pytest.fixture
def case() -> Callable[[], Stage]:
    return everything


def kinds(person: Person, known: set[Any]) -> Iterator[str]:
    """An address of each kind of page that links lead the person to and that is not known yet."""
    client = Client()
    person.refresh_from_db()  # the site has given everybody a password
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    waiting, seen = ["/"], set()
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        if path.startswith("/static/"):
            continue
        match = resolve(path)
        kind = (match.url_name, *(f"{k}={v}" for k, v in match.kwargs.items() if k not in SAME))
        crossing = match.url_name in CROSSINGS
        if (path if crossing else kind) in seen:
            continue
        seen.add(path if crossing else kind)
        if kind in known and match.url_name not in HUBS:
            continue
        response = client.get(address.replace("&amp;", "&"))
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            continue
        waiting += LINK.findall(response.content.decode())
        if kind not in known:
            known.add(kind)
            yield address.replace("&amp;", "&")


#: the elements that reach furthest beyond the window, the innermost last
WIDEST = """() => {
    const within = document.documentElement.clientWidth;
    const reach = (each) => each.getBoundingClientRect().right;
    const wide = [...document.querySelectorAll("main *")].filter((each) => reach(each) > within + 1);
    return wide.map((each) => `${each.tagName}.${each.getAttribute("class")}`).slice(-4).join(" ");
}"""


def faults(page: Page, address: str) -> Iterator[str]:
    """What axe finds, and what is wider than its window, of any width and with text twice as large."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    for found in Axe().run(page, options=RULES).response["violations"]:
        for node in found["nodes"][:3]:
            yield f"{address}: {found['id']} at {node['target']}: {node['failureSummary'][:300]}"
    for width, size in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{size}'; }}")
        wider = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wider > 0:
            most = page.evaluate(WIDEST)
            yield f"{address}: {wider} px too wide at {width} px and text of {size}, by {most}"


@pytest.fixture
def addresses(site: Site) -> dict[str, list[str]]:
    """The addresses to look at as each role, found before a browser runs: Django would not share its loop."""
    known: set[Any] = set()
    return {handle: list(kinds(site.stage[handle], known)) for handle in ROLES}


def test_every_page_is_accessible_and_fits(
    addresses: dict[str, list[str]], look: Callable[..., Page]
) -> None:
    found = []
    for turn, (handle, mine) in enumerate(addresses.items()):
        if mine:
            language, theme = TURNS[turn % len(TURNS)]
            page = look("screen", handle, language=language, theme=theme)
            for address in mine:
                found += faults(page, address)
            page.context.close()
    assert not found, "\n".join(found)
    assert sum(map(len, addresses.values())) > 85
