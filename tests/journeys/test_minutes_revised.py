"""Two who write the minutes: the second sees both texts side by side, and loses nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import aside, fits
from tests.stage import Stage

SIZES = ((1440, 900), (390, 844), (320, 700))


@pytest.fixture
def case():
    def built() -> Stage:
        """Minutes are drafted."""
        stage = Stage().to("noticed")
        stage.proxy()
        stage.to("closed")
        stage.do("draft_minutes", narrative="会议审议了方案。\n\n委员认为期限偏长。")
        stage.step = "minuted"
        return stage

    return built


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_text_typed_over_an_older_one_stands_beside_the_newer(look, site, language):
    page = look("screen", "liaison", language=language)
    address = f"/meetings/{site.meeting}/amend_minutes/"
    page.goto(address)
    page.locator("#id_narrative").fill("会议审议了方案。\n\n委员认为期限偏长，担保不足。")
    aside(site.stage.do, "amend_minutes", narrative="会议审议并同意方案。\n\n委员认为期限偏长。")
    page.locator(".form-end .button").click()
    expect(page.locator('[data-code="state/not-allowed"]')).to_be_visible()
    expect(page.locator("#id_narrative")).to_have_value("会议审议了方案。\n\n委员认为期限偏长，担保不足。")
    newer = page.locator("#newer")
    expect(newer.locator(".document-body")).to_contain_text("会议审议并同意方案。")
    expect(newer.locator("del").first).to_have_text("并同意")
    expect(newer.locator("ins").last).to_have_text("，担保不足")
    typed, saved = page.locator("#id_narrative").bounding_box(), newer.bounding_box()
    assert typed["x"] + typed["width"] <= saved["x"]
    assert abs(saved["y"] - page.locator(".drawn").bounding_box()["y"]) < 5
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".form-end .button").click()
    expect(page.locator(".flash-success")).to_be_visible()
    page.locator(f'a[href="/meetings/{site.meeting}/minutes/revisions/"]').click()
    expect(page.locator("h2")).to_have_count(3)
    expect(page.locator("#r3 del")).to_have_text("并同意")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
