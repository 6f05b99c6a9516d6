"""The wall is read from eight metres; on a phone the way from a vote to its receipt is short."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import aside, fits
from tests.stage import Stage
from voting.actions.room_screen import open_room_screen


@pytest.fixture
def case():
    """Nine seats; an item is deliberated, and three have asked to speak."""

    def build() -> Stage:
        stage = Stage(seats=9, votes_to_pass=6).to("taken_up")
        for handle in ("seat3", "seat4", "seat7"):
            stage.do("ask_to_speak", handle)
        stage.do("give_floor", seat=3, minutes=3)
        return stage

    return build


def height(locator: Any) -> float:
    """The size of its letters, in pixels."""
    return float(locator.evaluate("each => parseFloat(getComputedStyle(each).fontSize)"))


def whole(page: Any) -> None:
    """The wall shows all that it has: nothing lies below its lower edge or beside it."""
    fits(page)
    assert page.evaluate("() => document.documentElement.scrollHeight") <= 1080
    for each in page.locator(".seat, .room-screen-now > *").all():
        box = each.bounding_box()
        assert box is None or box["y"] + box["height"] <= 1081, each.inner_text()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_wall_is_read_from_eight_metres_at_each_step(look, site, browser, language):
    stage = site.stage
    _link, token = aside(open_room_screen, stage.meeting, by=stage["liaison"])
    wall = browser.new_context(viewport={"width": 1920, "height": 1080}, base_url=site.address).new_page()
    wall.context.add_cookies([{"name": "django_language", "value": language, "url": site.address}])
    wall.goto(f"/wall/{token}/")
    now = wall.locator(".room-screen-now")
    for words in ("王某", "1,110.00"):
        expect(now).to_contain_text(words)
    expect(now.locator(".speakers li")).to_have_count(2)
    assert height(now.locator(".timer-speech")) >= 100
    assert min(height(each) for each in wall.locator(".seat-holder").all()) >= 40
    whole(wall)
    aside(stage.do, "end_speech")
    aside(stage.do, "open_vote")
    expect(now.locator(".room-screen-outcome")).to_have_text("0/9")
    expect(now).not_to_contain_text("1,110.00")
    aside(stage.cast, *["for"] * 7, "against:没有抵押物", "against:没有抵押物")
    expect(now.locator(".room-screen-outcome")).to_have_text("9/9")
    whole(wall)
    aside(stage.do, "close_vote")
    expect(now.locator(".room-screen-counts dd").first).to_have_text("7")
    assert height(now.locator(".room-screen-outcome")) >= 150
    expect(wall.locator(".seat")).to_have_count(9)
    expect(wall.locator("body")).not_to_contain_text("没有抵押物")
    whole(wall)


def test_the_seats_stand_as_a_u_with_the_chair_at_its_head(look, site):
    page = look("screen", "seat2")
    page.goto(f"/meetings/{site.meeting}/")
    boxes = [seat.bounding_box() for seat in page.locator(".seat").all()]
    head, sides = boxes[0], boxes[1:]
    assert all(head["y"] + head["height"] <= side["y"] for side in sides)
    columns = sorted({round(side["x"]) for side in sides})
    assert [sum(round(side["x"]) == column for side in sides) for column in columns] == [4, 4]
    table = page.locator(".room-table").bounding_box()
    middle = table["x"] + table["width"] / 2
    assert columns[0] < table["x"] < columns[1]
    assert abs(head["x"] + head["width"] / 2 - middle) < 2
    expect(page.locator(".room-table [data-clock]")).to_have_text(re.compile(r"^\d\d:\d\d$"))


@pytest.mark.parametrize("width", [390, 320])
def test_from_the_notice_to_the_receipt_on_a_phone_in_six_taps(look, site, width):
    aside(site.stage.do, "open_vote")
    page = look("phone", "seat5", language="zh-hans")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/messages/")
    taps = 0

    def tap(locator: Any) -> None:
        nonlocal taps
        locator.click()
        taps += 1

    tap(page.locator(".vote-told a").first)
    choices = page.locator(".ballot fieldset label")
    expect(choices).to_have_count(2)
    reason = page.locator("[name=reason]")
    expect(reason).to_be_hidden()
    button = page.get_by_role("button", name="投票", exact=True)
    expect(button).to_be_in_viewport(ratio=1)
    tap(choices.nth(1))
    expect(reason).to_be_visible()
    tap(choices.nth(0))
    expect(reason).to_be_hidden()
    tap(page.locator("[name=sure]"))
    tap(button)
    expect(page.locator(".receipt-done")).to_contain_text("您的表决票已投出")
    expect(page.locator(".receipt-short")).to_be_in_viewport()
    assert taps <= 6
    tap(page.get_by_role("link", name="核对我的凭证"))
    expect(page.get_by_role("heading", level=1)).to_have_text("您的表决票已收到")
    fits(page)
