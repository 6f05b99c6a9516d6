"""One whole meeting in twelve windows: nine seats (one by proxy), liaison, observer and the room screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import fits
from tests.stage import MEETING, Stage

REASON = "The instalments outlast the collateral"
OPINION = "The schedule follows the season."
#: the outcome in words, in the room and on its screen
WORDS = ".resolution, .room-screen-counts + .tally + .room-screen-question"
CARRIED = "Carried: 7 for, 2 against (6 needed)"


@pytest.fixture
def case():
    """Nine seats, seat 3 by proxy; three items and their notice."""

    def build() -> Stage:
        stage = Stage(seats=9, votes_to_pass=6).to("filed")
        cases = [stage.proposal, stage.another("C-2"), stage.another("C-3")]
        stage.meeting = stage.convene(*cases)
        stage.do("send_notice")
        stage.proxy(powers="attend speak vote", proposals=cases)
        return stage

    return build


def press(page: Page, name: str) -> None:
    """The act of this name, be it a button or the way to its form, also where it is folded away."""
    found = (
        page.locator("main")
        .locator("a.button, button.button")
        .filter(has_text=re.compile(rf"^\s*{name}\s*$"))
    )
    expect(found.first).to_be_attached()
    if not found.first.is_visible():
        page.locator("#other-acts > summary").click()
    found.first.click()


def act(page: Page, name: str, **fields: str) -> None:
    """The act in the sheet of the room or on its own page, with its fields filled in."""
    press(page, name)
    form = page.locator("form.act:not(.ballot-sheet)")
    for field, value in fields.items():
        found = form.locator(f"[name={field}]")
        if found.first.get_attribute("type") == "radio":
            form.locator(f"[name={field}][value='{value}']").check()
        elif found.evaluate("each => each.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)
    form.get_by_role("button", name=name, exact=True).click()
    expect(form).to_have_count(0)


def cast(page: Page, choice: str, reason: str = "") -> None:
    """The ballot in the room: a choice, confirmed."""
    page.locator(f"[name=choice][value={choice}]").check()
    if reason:
        page.locator("[name=reason]").fill(reason)
    page.locator("[name=sure]").check()
    page.get_by_role("button", name="Cast the ballot").click()
    expect(page.locator(".receipt [data-copy]")).to_have_attribute("data-copy", re.compile("^[0-9a-f]{64}$"))


class Windows:
    """The windows of a meeting: one a seat, the holder of a proxy, liaison, observer and the room screen."""

    def __init__(self, look, site):
        self.stage, self.password = site.stage, site.password
        self.room = f"/meetings/{self.stage.meeting.pk}/"
        held = [handle for handle in self.stage.seats if handle not in ("chair", "seat3")]
        self.seats = {handle: look("phone", handle) for handle in held}
        self.chair, self.liaison = look("screen", "chair"), look("screen", "liaison")
        self.proxy, self.observer = look("phone", "deputy3"), look("screen", "handler_head")
        self.voters = {"chair": self.chair, **self.seats, "proxy": self.proxy}
        self.late = self.seats["seat9"]
        for page in (*self.voters.values(), self.liaison):
            page.goto(self.room)


def roll_call(at):
    """Each signs in: on their own device, by video, and one at the liaison's; the chair opens."""
    expect(at.chair.locator(".room-step")).to_contain_text("Not ready to open")
    for page in at.voters.values():
        if page is not at.late:
            act(page, "Check in to the meeting", mode="video" if page is at.proxy else "in_room")
    expect(at.chair.locator(".room-step")).to_contain_text("8 of 9 represented")
    act(
        at.liaison,
        "Sign in a member on this device",
        person=str(at.stage["seat9"].pk),
        password=at.password,
        mode="in_room",
    )
    expect(at.chair.locator(".room-step")).to_contain_text("9 of 9 represented")
    expect(at.seats["seat2"].locator("#room")).to_contain_text("represented by")
    press(at.chair, "Open the meeting")
    expect(at.late.locator(".room-head")).to_contain_text("In session")


def show_on_the_room_screen(at, browser):
    """The room screen has no login and no controls."""
    press(at.liaison, "Show on the room screen")
    at.liaison.get_by_role("button", name="Make the link").click()
    expect(at.liaison.locator(".room-screen-stage")).to_have_text("In session")
    at.screen = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    at.screen.goto(at.liaison.url)
    at.liaison.goto(at.room)


def deliberate(at):
    """The first item: an opinion, the observer questioned and withdrawn."""
    press(at.chair, "Take up the item")
    act(at.seats["seat5"], "Record an opinion", text=OPINION)
    expect(at.liaison.locator(".so-far")).to_contain_text(OPINION)
    act(at.chair, "Admit the observer", observer=str(at.stage["handler_head"].pk))
    at.observer.goto("/")
    at.observer.get_by_role("link", name=re.compile("Instalments for C-1")).first.click()
    act(at.seats["seat2"], "Ask the observer", text="Who values the shop?")
    expect(at.observer.locator("[data-live=observing]")).to_contain_text("Who values the shop?")
    act(at.observer, "Answer the question", text="A valuer on the bank's list")
    expect(at.seats["seat4"].locator(".item").first).to_contain_text("A valuer on the bank's list")
    expect(at.chair.get_by_role("button", name="Open the vote")).to_have_attribute("aria-disabled", "true")
    press(at.liaison, "The observer has withdrawn")
    expect(at.observer.locator("main")).to_contain_text("You no longer attend the item")
    expect(at.observer.locator("main")).not_to_contain_text("Who values the shop?")


def carry(at):
    """Its vote: one begins a ballot, one leaves and comes back, nine vote, seven are for."""
    act(at.chair, "Open the vote")
    slow = at.seats["seat8"]
    slow.locator("[name=choice][value=against]").check()
    slow.locator("[name=reason]").fill(REASON)
    act(at.seats["seat4"], "Leave the meeting")
    for page in (at.chair, at.late, at.screen):
        expect(page.locator("body")).to_contain_text("vote pauses")
    act(at.seats["seat4"], "Check in to the meeting", mode="in_room")
    expect(at.chair.locator(".room-step")).not_to_contain_text("vote pauses")
    for page in at.voters.values():
        if page is not slow:
            against = page is at.seats["seat6"]
            cast(page, "against" if against else "for", "Too long" if against else "")
    expect(slow.locator(".room-step")).to_contain_text("8 of 9 seats have voted")
    expect(slow.locator("[name=reason]")).to_have_value(REASON)
    for page in (at.chair, at.liaison, at.screen, at.late):
        expect(page.locator("body")).not_to_contain_text("Too long")
    cast(slow, "against", REASON)
    act(at.liaison, "Close the vote")
    for page in (*at.voters.values(), at.liaison, at.screen):
        expect(page.locator(WORDS).first).to_have_text(CARRIED)
    expect(at.chair.locator(".seat-for")).to_have_count(7)
    expect(at.chair.locator(".seat-against")).to_have_count(2)
    expect(at.screen.locator(".seat-for, .seat-against")).to_have_count(0)
    expect(at.screen.locator("body")).not_to_contain_text(REASON)
    for page in (at.chair, at.late, at.liaison, at.proxy, at.screen):
        fits(page)


def cancel(at):
    """The vote on the second item is proposed to be cancelled, and is; what was cast is void."""
    press(at.chair, "Take up the item")
    act(at.chair, "Open the vote")
    cast(at.seats["seat2"], "for")
    act(at.seats["seat5"], "Propose to cancel the vote", reason="The valuation is missing")
    expect(at.chair.locator(".room-step")).to_contain_text("The valuation is missing")
    expect(at.chair.locator("[data-sheet]")).to_be_hidden()
    act(at.chair, "Cancel the vote", reason="The valuation is missing")
    for page in (at.late, at.liaison):
        expect(page.locator(".room-step")).to_contain_text("The ballots cast are void")


def reject(at):
    """Five are not enough for the third item; each window has its ballot in place of the void one."""
    press(at.chair, "Take up the item")
    act(at.chair, "Open the vote")
    ballot = at.chair.locator("form.ballot-sheet").get_attribute("action")
    for handle, page in at.voters.items():
        expect(page.locator("form.ballot-sheet")).to_have_attribute("action", ballot)
        against = handle in ("seat6", "seat7", "seat8", "seat9")
        cast(page, "against" if against else "for", "No collateral" if against else "")
    act(at.liaison, "Close the vote")
    for page in (*at.voters.values(), at.screen):
        expect(page.locator(WORDS).first).to_have_text("Not carried: 5 for, 4 against (6 needed)")


def test_a_meeting_is_held_in_twelve_windows(look, site, watch, browser):
    watch.set_to(MEETING)
    at = Windows(look, site)
    roll_call(at)
    show_on_the_room_screen(at, browser)
    deliberate(at)
    carry(at)
    cancel(at)
    reject(at)
    at.proxy.goto("/")  # with the meeting the authorisation ends, and with it what its holder sees
    act(at.chair, "Close the meeting")
    for page in (at.seats["seat2"], at.liaison):
        expect(page.locator(".page-state")).to_contain_text("Closed")
        expect(page.locator("main")).to_contain_text(CARRIED)
