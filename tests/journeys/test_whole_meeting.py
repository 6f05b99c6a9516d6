"""One whole meeting in twelve windows: nine seats, one of them by proxy, liaison, observer and the wall."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import fits
from tests.stage import MEETING, Stage

REASON = "The instalments outlast the collateral"
OPINION = "The schedule follows the season."


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
    """The act of this name, be it a button or the way to its page."""
    page.locator("main").locator("a.button, button.button").filter(
        has_text=re.compile(f"^{name}$")
    ).first.click()


def act(page: Page, name: str, **fields: str) -> None:
    """The act on its own page, with its fields filled in."""
    press(page, name)
    for field, value in fields.items():
        found = page.locator(f"[name={field}]")
        if found.first.get_attribute("type") == "radio":
            page.locator(f"[name={field}][value='{value}']").check()
        elif found.evaluate("each => each.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)
    page.locator("form.act").get_by_role("button", name=name, exact=True).click()


def cast(page: Page, choice: str, reason: str = "") -> None:
    """The ballot in the room: a choice, confirmed."""
    page.locator(f"[name=choice][value={choice}]").check()
    if reason:
        page.locator("[name=reason]").fill(reason)
    page.locator("[name=sure]").check()
    page.get_by_role("button", name="Cast the ballot").click()
    expect(page.locator(".receipt code")).to_have_text(re.compile("^[0-9a-f]{64}$"))


def test_a_meeting_is_held_in_twelve_windows(look, site, watch, browser):
    stage = site.stage
    watch.set_to(MEETING)
    seats = {handle: look("phone", handle) for handle in stage.seats if handle not in ("chair", "seat3")}
    chair, liaison = look("screen", "chair"), look("screen", "liaison")
    proxy, observer = look("phone", "deputy3"), look("screen", "handler_head")
    voters = {"chair": chair, **seats, "proxy": proxy}
    room = f"/meetings/{stage.meeting.pk}/"
    for page in (*voters.values(), liaison):
        page.goto(room)

    # the roll call: on the own device, by video, and at the liaison's
    late = seats["seat9"]
    expect(chair.locator(".room-step")).to_contain_text("What still keeps the meeting from opening")
    for page in voters.values():
        if page is not late:
            act(page, "Sign in to the meeting", mode="video" if page is proxy else "in_room")
    expect(chair.locator(".room-step")).to_contain_text("8 of 9 represented")
    act(
        liaison,
        "Sign somebody in here",
        person=str(stage["seat9"].pk),
        password=site.password,
        mode="in_room",
    )
    expect(chair.locator(".room-step")).to_contain_text("9 of 9 represented")
    expect(seats["seat2"].locator("#room")).to_contain_text("represented by")
    press(chair, "Open the meeting")
    expect(late.locator(".room-head")).to_contain_text("In session")

    # the wall: no login, no controls
    press(liaison, "Show on the wall")
    liaison.get_by_role("button", name="Make the link").click()
    expect(liaison.locator(".wall-stage")).to_have_text("In session")
    wall = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    wall.goto(liaison.url)
    liaison.goto(room)

    # the first item: an opinion, the observer questioned and withdrawn
    press(chair, "Take up the item")
    act(seats["seat5"], "Record an opinion", text=OPINION)
    expect(liaison.locator(".so-far")).to_contain_text(OPINION)
    act(chair, "Admit the observer", observer=str(stage["handler_head"].pk))
    observer.goto("/")
    observer.get_by_role("link", name=re.compile("Instalments for C-1")).first.click()
    act(seats["seat2"], "Ask the observer", text="Who values the shop?")
    expect(observer.locator("[data-live=observing]")).to_contain_text("Who values the shop?")
    act(observer, "Answer the question", text="A valuer on the bank's list")
    expect(seats["seat4"].locator(".item").first).to_contain_text("A valuer on the bank's list")
    expect(chair.get_by_role("button", name="Open the vote")).to_have_attribute("aria-disabled", "true")
    press(liaison, "The observer has withdrawn")
    expect(observer.locator("main")).to_contain_text("You attend the item no more")
    expect(observer.locator("main")).not_to_contain_text("Who values the shop?")

    # its vote: one begins a ballot, one leaves and comes back, nine vote, seven are for
    act(chair, "Open the vote")
    slow = seats["seat8"]
    slow.locator("[name=choice][value=against]").check()
    slow.locator("[name=reason]").fill(REASON)
    act(seats["seat4"], "Sign out of the meeting")
    for page in (chair, late, wall):
        expect(page.locator("body")).to_contain_text("vote pauses")
    act(seats["seat4"], "Sign in to the meeting", mode="in_room")
    expect(chair.locator(".room-step")).not_to_contain_text("vote pauses")
    for page in voters.values():
        if page is not slow:
            against = page is seats["seat6"]
            cast(page, "against" if against else "for", "Too long" if against else "")
    expect(slow.locator(".room-step")).to_contain_text("8 of 9 seats have voted")
    expect(slow.locator("[name=reason]")).to_have_value(REASON)
    for page in (chair, liaison, wall, late):
        expect(page.locator("body")).not_to_contain_text("Too long")
    cast(slow, "against", REASON)
    act(liaison, "Close the vote")
    carried = "Carried: 7 for, 2 against (6 needed)"
    for page in (*voters.values(), liaison, wall):
        expect(page.locator(".resolution, .wall-words").first).to_have_text(carried)
    expect(chair.locator(".seat-for")).to_have_count(7)
    expect(chair.locator(".seat-against")).to_have_count(2)
    expect(wall.locator(".seat-for, .seat-against")).to_have_count(0)
    expect(wall.locator("body")).not_to_contain_text(REASON)
    for page in (chair, late, liaison, proxy, wall):
        fits(page)

    # the second item: its vote is proposed to be cancelled, and is; what was cast is void
    press(chair, "Take up the item")
    act(chair, "Open the vote")
    cast(seats["seat2"], "for")
    act(seats["seat5"], "Propose to cancel the vote", reason="The valuation is missing")
    expect(chair.locator(".room-step")).to_contain_text("The valuation is missing")
    act(chair, "Cancel the vote", reason="The valuation is missing")
    for page in (late, liaison):
        expect(page.locator(".room-step")).to_contain_text("The ballots cast are void")

    # the third item: five are not enough
    press(chair, "Take up the item")
    act(chair, "Open the vote")
    for handle, page in voters.items():
        against = handle in ("seat6", "seat7", "seat8", "seat9")
        cast(page, "against" if against else "for", "No collateral" if against else "")
    act(liaison, "Close the vote")
    for page in (*voters.values(), wall):
        expect(page.locator(".resolution, .wall-words").first).to_have_text(
            "Not carried: 5 for, 4 against (6 needed)"
        )

    proxy.goto("/")  # with the meeting the authorisation ends, and with it what its holder sees
    act(chair, "Close the meeting")
    for page in (seats["seat2"], liaison):
        expect(page.locator(".page-state")).to_contain_text("Closed")
        expect(page.locator("main")).to_contain_text(carried)
