"""A meeting in session in several windows: each shows by itself what another has done."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import fits
from tests.stage import Stage


@pytest.fixture
def case():
    """The meeting is in session; nothing is taken up."""
    return lambda: Stage().to("in_session")


def test_a_vote_is_taken_in_four_windows(look, site):
    meeting = f"/meetings/{site.stage.meeting.pk}/"
    windows = {"chair": "screen", "seat2": "phone", "seat3": "phone", "liaison": "screen"}
    pages = {handle: look(size, handle) for handle, size in windows.items()}
    for page in pages.values():
        page.goto(meeting)
    chair, seat2, seat3, liaison = pages.values()

    chair.get_by_role("button", name="Take up the item").click()
    seat2.get_by_role("link", name="Record an opinion").click()
    seat2.locator("[name=text]").fill("The schedule is sound.")
    seat2.get_by_role("button", name="Record an opinion").click()
    expect(chair.locator(".item")).to_contain_text("The schedule is sound.")
    fits(seat2)

    chair.get_by_role("link", name="Open the vote").click()
    chair.get_by_role("button", name="Open the vote").click()
    for voter in (chair, seat2, seat3):
        voter.get_by_role("link", name="Cast the ballot").click()
        fits(voter)
        voter.get_by_role("radio", name=re.compile("^For")).check()
        voter.get_by_role("checkbox").check()
        voter.get_by_role("button", name="Cast the ballot").click()
        expect(voter.locator(".receipt code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    expect(chair.locator(".room")).not_to_contain_text("has not voted")

    liaison.get_by_role("link", name="Close the vote").click()
    liaison.get_by_role("button", name="Close the vote").click()
    for page in pages.values():
        expect(page.locator(".resolution")).to_contain_text("Carried: 3 for (2 needed)")
        fits(page)


def test_what_is_unfolded_and_the_focus_stay_when_others_act(look, site):
    meeting = f"/meetings/{site.stage.meeting.pk}/"
    chair, seat2 = look("screen", "chair"), look("screen", "seat2")
    for page in (chair, seat2):
        page.goto(meeting)
    seat2.locator("#presence details summary").click()
    seat2.get_by_role("link", name="Sign out of the meeting").focus()
    chair.get_by_role("button", name="Take up the item").click()
    expect(seat2.locator(".item")).to_contain_text("Under deliberation")
    expect(seat2.locator("#presence details")).to_have_attribute("open", "")
    expect(seat2.get_by_role("link", name="Sign out of the meeting")).to_be_focused()
