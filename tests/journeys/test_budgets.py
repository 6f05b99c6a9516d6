"""What a page may weigh: its HTML, all styles and scripts, its height on a phone, how far its layout shifts.

`make guides` measures the same of every page of the demo's bank, in each size, language and appearance.
"""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from audit import clock
from docs.every_page import BUDGETS, WATCH_SHIFTS
from tests import walking
from tests.pages.pages import as_
from tests.stage import MEETING, Stage, today

ROLES = ("liaison", "seat2", "handler", "head_office", "auditor", "risk")
#: bytes of all styles and scripts of a page, compressed
STYLES_AND_SCRIPTS = 120_000


def full() -> Stage:
    """Nine seats; a meeting of four items that is over, with its minutes and report, and one to come."""
    stage = Stage(seats=9, votes_to_pass=6).to("filed")
    plans = [stage.proposal, *(stage.another(f"C-{number}") for number in range(2, 5))]
    stage.meeting = stage.convene(*plans)
    stage.do("send_notice")
    for handle in stage.seats:
        stage.do("acknowledge", handle)
    stage.travel(MEETING)
    stage.sign_in()
    stage.do("open_meeting")
    for plan in plans:
        stage.do("take_up", on=plan)
        stage.do("record_opinion", "seat2", on=plan, text="The schedule follows the season.")
        stage.do("open_vote", on=plan)
        for handle in stage.seats:
            stage.do("cast", handle, on=plan, choice="for")
        stage.do("close_vote", on=plan)
    stage.step = "carried"
    stage.to("reported")
    stage.do("approve_credit")
    stage.do("record_receipt", amount="600.00", received_on=today())
    coming = stage.convene(stage.another("C-6"), at=clock.now() + timedelta(days=10))
    stage.do("send_notice", on=coming)
    return stage


@pytest.fixture
def case():
    return full


@pytest.fixture
def addresses(site):
    """What each role looks at, found before a browser runs; of all pages the bytes."""
    found, known = {}, set()
    for handle in ROLES:
        client = as_(site.stage[handle], "zh-hans")
        mine = list(walking.pages(site.stage[handle], known, by_state=True))
        found[handle] = {address: len(client.get(address).content) for _name, address in mine}
    return found


def test_no_page_is_heavier_longer_or_more_restless_than_it_may_be(addresses, look):
    over = []
    for handle, mine in addresses.items():
        page = look("phone", handle, language="zh-hans")
        page.add_init_script(WATCH_SHIFTS)
        for address, size in mine.items():
            page.goto(address)
            high, shifted = page.evaluate("() => [document.documentElement.scrollHeight, window.shifted]")
            measured = {"html": size, "phone": high, "shift": shifted}
            over += [
                f"{address}: {name} {measured[name]} > {most}"
                for name, most in BUDGETS.items()
                if measured[name] > most
            ]
    assert not over, "\n".join(over)
    assert sum(map(len, addresses.values())) > 80


def test_all_styles_and_scripts_of_a_page_are_within_their_budget(founded):
    page = as_(founded["seat2"]).get(reverse("desk")).content.decode()
    names = re.findall(
        rf'<(?:link rel="stylesheet" href|script[^>]* src)="{settings.STATIC_URL}([^"]+)"', page
    )
    assert len(names) >= 3, names
    weights = {}
    for name in names:
        path = finders.find(unquote(name))
        assert path, name
        weights[name] = len(gzip.compress(Path(path).read_bytes(), 6))
    assert sum(weights.values()) <= STYLES_AND_SCRIPTS, weights
