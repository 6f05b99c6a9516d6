"""In the room the form of an act opens beside the plan, and nobody leaves the room to speak or to declare."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import aside, fits
from tests.stage import Stage
from voting.models import AbstentionRequest

WORDS = "建议补充抵押物，分期金额应与现金流相符。"


@pytest.fixture
def case():
    """An item is under deliberation."""
    return lambda: Stage().to("taken_up")


def path(site: Any) -> str:
    return f"/meetings/{site.meeting}/"


@pytest.mark.parametrize("size", ["screen", "phone"])
def test_an_opinion_is_stated_beside_the_plan_and_the_room_goes_on_meanwhile(look, site, size):
    page = look(size, "seat2", language="zh-hans")
    page.goto(path(site))
    expect(page.locator(".room-paper")).to_contain_text("王某")
    page.get_by_role("link", name="发表审议意见").click()
    sheet = page.locator("[data-sheet]")
    expect(sheet.get_by_role("heading", name="发表审议意见")).to_be_visible()
    text = sheet.get_by_role("textbox")
    expect(text).to_be_focused()
    text.fill(WORDS)
    aside(site.stage.do, "record_opinion", "seat3", text="同意该方案。")
    expect(page.locator("[data-live=item]")).to_contain_text("同意该方案。")
    expect(text).to_have_value(WORDS)
    fits(page)
    sheet.get_by_role("button", name="发表审议意见").click()
    expect(page.locator("[data-done]")).to_be_visible()
    expect(sheet).to_be_hidden()
    expect(page.locator("[data-live=item]")).to_contain_text(WORDS)
    assert page.url.endswith(path(site))


def test_what_is_wrong_is_said_in_the_sheet_and_escape_leaves_it(look, site):
    page = look("screen", "seat2")
    page.goto(path(site))
    act = page.get_by_role("link", name="Declare a conflict of interest")
    act.click()
    sheet = page.locator("[data-sheet]")
    sheet.get_by_role("button").click()
    wrong = sheet.locator(".summary, .refusal").first
    expect(wrong).to_be_focused()
    expect(wrong).to_contain_text("reason")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(act).to_be_focused()
    assert page.url.endswith(path(site))


def test_the_chair_answers_a_request_in_one_tap_with_two_equal_buttons(look, site):
    aside(site.stage.do, "request_abstention", reason="曾任职于借款企业")
    page = look("screen", "chair")
    page.goto(path(site))
    request = page.locator(".room-request")
    boxes = [button.bounding_box() for button in request.get_by_role("button").all()]
    assert len(boxes) == 2
    assert boxes[0]["width"] == boxes[1]["width"]
    assert not request.locator(".button:not(.button-second)").count()
    lead = page.locator(".room-next .button:not(.button-second)")
    expect(lead).to_have_text(re.compile("Open the vote"))
    request.get_by_role("button", name="Refuse").click()
    expect(page.locator(".room-request")).to_have_count(0)
    expect(lead).to_have_text(re.compile("Open the vote"))
    assert aside(lambda: AbstentionRequest.objects.get().state) == "refused"
