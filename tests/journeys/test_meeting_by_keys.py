"""One meeting by the keyboard alone: each hand reaches each act, and sees where it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.test_keys import Hands
from tests.stage import MEETING, Stage

REASON = "The instalments outlast the collateral"


@pytest.fixture
def case():
    """The notice is sent: nobody has acknowledged it or checked in."""
    return lambda: Stage().to("noticed")


class InRoom(Hands):
    """The keyboard in the room, where the form of an act opens beside what it is about."""

    def act(self, name: str) -> None:
        """The act is reached and done; its form, if it has one, is sent as it stands."""
        if self.reach(name) == "A":
            self.send(name)

    def reach(self, name: str) -> str:
        """The act, perhaps folded away among the others, is pressed; the name of its element is returned."""
        words = re.compile(rf"^\s*{name}\s*$")
        found = self.page.locator("main").locator("a.button, button.button").filter(has_text=words).first
        expect(found).to_be_attached()
        if not found.is_visible():
            self.press(self.page.locator("#other-acts > summary"))
        element: str = found.evaluate("each => each.tagName")
        self.press(found)
        return element

    def send(self, name: str) -> None:
        """The form that is open is sent, and is gone."""
        form = self.page.locator("form.act:not(.ballot-sheet)")
        self.press(form.get_by_role("button", name=name, exact=True))
        expect(form).to_have_count(0)

    def open(self, name: str) -> Any:
        """The form of the act, which is opened."""
        self.reach(name)
        form = self.page.locator("form.act:not(.ballot-sheet)")
        expect(form).to_be_visible()
        return form

    def cast(self, arrows: int, reason: str = "") -> None:
        """So many choices down the list, with the reason, confirmed and sent; the receipt is shown."""
        self.press(self.page.locator("[name=choice]").first, "Space")
        for _step in range(arrows):
            self.page.keyboard.press("ArrowDown")
        if reason:
            self.type(self.page.locator("[name=reason]"), reason)
        self.press(self.page.locator("[name=sure]"), "Space")
        self.press(self.page.get_by_role("button", name="Cast the ballot"))
        expect(self.page.locator(".receipt-done")).to_be_visible()


def test_a_meeting_is_held_by_keyboard_alone(look, site, watch):
    hands = {}
    for handle in ("chair", "seat2", "seat3", "liaison"):
        page = look("screen", handle)
        page.emulate_media(reduced_motion="reduce")
        hands[handle] = InRoom(page)
    watch.set_to(MEETING)
    room = f"/meetings/{site.stage.meeting.pk}/"
    chair, liaison, seats = (
        hands["chair"],
        hands["liaison"],
        [hands[each] for each in ("chair", "seat2", "seat3")],
    )
    for each in hands.values():
        each.page.goto(room)
    for each in seats:
        form = each.open("Check in to the meeting")
        each.press(form.locator("[name=mode]").first, "Space")
        each.send("Check in to the meeting")
    expect(chair.page.locator(".room-step")).to_contain_text("3 of 3 represented")
    chair.act("Open the meeting")
    expect(liaison.page.locator(".room-head")).to_contain_text("In session")
    chair.act("Take up the item")
    form = hands["seat2"].open("Record an opinion")
    hands["seat2"].type(form.locator("[name=text]"), "The schedule follows the season.")
    hands["seat2"].send("Record an opinion")
    expect(liaison.page.locator(".so-far")).to_contain_text("The schedule follows the season.")
    chair.act("Open the vote")
    chair.cast(0)
    hands["seat2"].cast(0)
    hands["seat3"].cast(1, REASON)
    liaison.act("Close the vote")
    for each in hands.values():
        expect(each.page.locator(".resolution").first).to_have_text("Carried: 2 for, 1 against (2 needed)")
    chair.act("Close the meeting")
    expect(liaison.page.locator(".page-state")).to_contain_text("Closed")
