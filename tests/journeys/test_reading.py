"""Somebody signs in and reads: desk, proposal, meeting; on a screen and on a phone, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import SCREENS, fits


@pytest.mark.parametrize("size", SCREENS)
def test_a_member_reads_desk_proposal_and_meeting(look, site, size):
    for language in ("en", "zh-hans"):
        page = look(size, "chair", language=language)
        fits(page)
        page.locator(".rail a").nth(2).click()
        fits(page)
        page.locator("tbody a").first.click()
        expect(page).to_have_url(f"{site.address}/meetings/{site.meeting}/")
        fits(page)
        expect(page.locator(".seat-voted")).to_have_count(2)
        expect(page.locator("body")).not_to_contain_text("Never to be read")
        page.locator(f'main a[href="/proposals/{site.proposal}/"]').first.click()
        expect(page).to_have_url(f"{site.address}/proposals/{site.proposal}/")
        page.evaluate(
            "() => document.querySelectorAll('details.fold').forEach(fold => { fold.open = true; })"
        )
        fits(page)
        page.locator('a[href="#timeline"]').click()
        expect(page.locator("#timeline h2")).to_be_in_viewport()
        if size == "phone":
            rail = page.locator(".rail").bounding_box()
            assert rail["y"] + rail["height"] == pytest.approx(SCREENS[size][1], abs=1)
            page.goto("/proposals/")
            assert page.locator("thead").is_hidden()
            fits(page)


def test_language_and_appearance_are_chosen_without_a_script(look, site):
    page = look("screen", "auditor")
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != paper
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("暂无待办事项")
    page.goto(f"/audit/meeting:{site.meeting}/")
    expect(page.locator("main")).to_contain_text("校验通过")
    expect(page.locator("main")).not_to_contain_text("校验不符")
    fits(page)
