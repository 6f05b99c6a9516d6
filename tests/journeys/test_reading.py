"""Somebody signs in and reads: desk, proposal, meeting; on a screen and on a phone, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

SCREENS = {"screen": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def look(site, browser):
    """Opens a window of that size; at the end nothing was complained of in its console."""
    complaints = []

    def opened(size, handle, *, language="en", theme="light"):
        width, height = SCREENS[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=site.address, color_scheme=theme
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": site.address}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.goto("/")
        page.locator("[name=username]").fill(site.logins[handle])
        page.locator("[name=password]").fill(site.password)
        page.locator("main button").click()
        page.wait_for_url(f"{site.address}/")
        return page

    yield opened
    assert complaints == []


def fits(page):
    """Nothing is wider than the window."""
    wider = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px too wide"


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
        expect(page.locator(".voted-done")).to_have_count(2)
        expect(page.locator("body")).not_to_contain_text("Never to be read")
        page.locator(".item-head a").click()
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
    expect(page.locator("h1")).to_have_text("待办事项")
    page.goto(f"/audit/meeting:{site.meeting}/")
    expect(page.locator("main")).to_contain_text("校验通过")
    expect(page.locator("main")).not_to_contain_text("校验不符")
    fits(page)
