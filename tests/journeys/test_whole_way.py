"""One plan over every desk: from the handler's first page to the last repayment and the auditor's check.

Everybody follows the links of the desk. Only the session, from signing in to closing, is played through the
engine.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from committee.models import Meeting
from proposals.models import Proposal
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_handler import Hand, write_a_plan
from tests.stage import MEETING, START, Stage

TITLE = "Instalments of a household"
#: as the credit file has them: what write_a_plan states
TERMS = """Interest waived: 0
Penalty interest waived: 0
Principal waived: 0
New money: 0
Extension, months: 0
Expected recovery: 1,100"""


@pytest.fixture
def case(watch):
    """A bank with its committee, on a Monday morning, and nothing else."""

    def founded():
        stage = Stage()
        watch.set_to(START)
        return stage

    return founded


class Desks:
    """The windows of everybody, each opened when first needed."""

    def __init__(self, look):
        self.look, self.windows = look, {}

    def window(self, handle):
        if handle not in self.windows:
            self.windows[handle] = self.look("screen", handle)
        return self.windows[handle]

    def take(self, handle, kind):
        """The person goes to the desk and takes the first thing of that kind."""
        page = self.window(handle)
        page.locator(".brand").click()
        expect(page.locator("h1")).to_have_text(re.compile("^(Waiting|Nothing waits) for you$"))
        page.locator(".slip a", has_text=kind).first.click()
        return page

    def next_meeting(self, handle, act):
        """The person goes to the desk and takes this act of the next meeting."""
        page = self.window(handle)
        page.locator(".brand").click()
        page.locator(".band").get_by_role("link", name=act).first.click()
        return page


def press(page, name, told=None):
    """The button, or the link that looks like one, is pressed; then the page says so."""
    button = page.get_by_role("button", name=name, exact=True)
    page.locator("main").locator("button, a").and_(
        button.or_(page.get_by_role("link", name=name, exact=True))
    ).first.click()
    if told is not None:
        expect(page.locator(".flash-success").first).to_have_text(told)


def session(stage, watch):
    """The sitting from the first signature to the closing, beside the loop of the browser."""

    def sit():
        try:
            watch.set_to(MEETING)
            stage.proposal = Proposal.objects.get(committee=stage.committee)
            stage.meeting = Meeting.objects.get(committee=stage.committee)
            there = ("chair", "seat2", "deputy3")
            for handle in there:
                stage.do("sign_in", handle)
            for verb in ("open_meeting", "take_up", "open_vote"):
                stage.do(verb)
            for handle in there:
                stage.do("cast", handle, choice="for")
            for verb in ("close_vote", "close_meeting"):
                stage.do(verb)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        beside.submit(sit).result()


def test_a_plan_goes_over_every_desk_to_its_last_repayment(look, site, watch):
    desks = Desks(look)
    prepare(desks)
    convene(desks, site)
    session(site.stage, watch)
    conclude(desks)
    execute(desks)
    page = desks.window("auditor")
    page.locator(".rail").get_by_role("link", name="Audit log").click()
    press(page, "Verify the whole log")
    expect(page.locator(".flash-success")).to_contain_text("Verified:")


def prepare(desks):
    """Drafted and submitted, shortlisted, filed with head office."""
    write_a_plan(Hand(desks.window("handler")), TITLE)
    page = desks.take("liaison", "To screen")
    press(page, "Shortlist")
    press(page, "Shortlist")
    expect(page.locator(".flash-success")).to_contain_text(f"{TITLE}")
    page.locator(".brand").click()
    press(page, "Choose the docket")
    press(page, "See the list")
    press(page, "File the docket with head office")
    expect(page.locator(".flash-success")).to_contain_text("is filed with head office")
    docket = desks.take("head_office", "Recent dockets")
    expect(docket.locator("tbody th a")).to_have_text(TITLE)


def convene(desks, site):
    """Convened, noticed, acknowledged, read; one seat is represented."""
    page = desks.window("chair")
    press(page, "Convene a meeting")
    page.get_by_role("button", name=f"Add to the agenda: {TITLE}").click()
    page.get_by_label("Place", exact=True).fill("Room 3")
    page.get_by_label("Time", exact=True).fill(f"{MEETING:%H:%M}")
    page.get_by_label("Date", exact=True).fill(f"{MEETING:%Y-%m-%d}")
    expect(page.locator("#period .told-good")).to_be_visible()
    press(page, "Convene the meeting", "The meeting is convened. The liaison sends the notice.")
    page = desks.next_meeting("liaison", "Send the notice")
    press(page, "Send the notice", "The notice is sent.")
    for seat in ("chair", "seat2", "seat3"):
        page = desks.next_meeting(seat, "Acknowledge the notice")
        press(page, "Acknowledge the notice", "Your receipt of the notice is recorded.")
        page = desks.next_meeting(seat, "Read the papers")
        press(page, "Mark the materials as read", "Your reading is recorded.")
    deputy = site.stage["deputy3"].display_name
    page = desks.next_meeting("seat3", "Look at the meeting")
    press(page, "Authorise a proxy")
    page.locator("#id_q").fill(deputy)
    page.get_by_role("radio", name=deputy).check()
    press(page, "Draft the letter")
    press(page, "Authorise")
    expect(page.locator("main")).to_contain_text(deputy)


def conclude(desks):
    """Minuted, signed, distributed, reported, received, archived."""
    page = desks.take("liaison", "Minutes: to be drafted or signed")
    press(page, "Draft the minutes")
    page.get_by_label("Narrative").fill("The order book was seen.")
    press(page, "Draft the minutes", "The minutes are drafted.")
    page = desks.take("chair", "Minutes to sign")
    press(page, "Sign the minutes")
    page.get_by_label("Your password, once more").fill(PASSWORD)
    press(page, "Sign the minutes", "The minutes are signed and in effect.")
    for name, told in (
        ("Distribute the minutes", "The minutes are distributed."),
        ("Report to head office", "The report is sent to head office."),
    ):
        page = desks.take("liaison", "To distribute, report and archive")
        press(page, name)
        press(page, name, told)
    page = desks.take("head_office", "Reports to receive")
    press(page, "Receive the report", "The report is received.")
    page = desks.take("liaison", "To distribute, report and archive")
    home = page.url
    page.goto(f"{home}draw_up_papers/")
    press(page, "Draw up the papers", "The papers are drawn up.")
    page.goto(home)
    press(page, "Archive the meeting")
    press(page, "Archive the meeting", "The meeting is archived.")


def execute(desks):
    """Approved exactly as resolved, and repaid to the end."""
    page = desks.take("credit", "Carried plans to decide on")
    press(page, "Approve as resolved")
    expect(page.locator(".rail [aria-current]")).to_have_text("Credit approval")
    page.get_by_label("Paste from the credit file").fill(TERMS)
    press(page, "Approve as resolved", "Credit is approved as resolved.")
    for amount, state in (("400", "In execution"), ("600", "Completed")):
        page = desks.take("handler", "In execution")
        press(page, "Record a repayment")
        page.get_by_label("Amount").fill(amount)
        page.get_by_label("Received on").fill(f"{MEETING:%Y-%m-%d}")
        press(page, "Record a repayment", "The repayment is recorded.")
        expect(page.locator(".page-state .lozenge").first).to_have_text(state)
