"""A member on a phone: the notice acknowledged, the papers read, a note kept, a proxy authorised."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import fits
from tests.stage import Stage


@pytest.fixture
def case():
    """Two items on the agenda; the notice has reached everybody and nobody has answered."""

    def noticed():
        stage = Stage().to("filed")
        stage.meeting = stage.convene(stage.proposal, stage.another("C-2", title="Second matter"))
        stage.step = "convened"
        return stage.to("noticed")

    return noticed


def test_a_member_prepares_for_a_meeting_on_a_phone(look, site):
    page = look("phone", "seat2")
    page.goto("/meetings/mine/")
    fits(page)
    page.get_by_role("button", name="Acknowledge the notice").click()
    expect(page.locator("main")).to_contain_text("Your receipt of the notice is recorded.")

    page.goto("/meetings/mine/")
    expect(page.locator(".todo")).to_contain_text("acknowledged")
    page.get_by_role("link", name="Read the papers").click()
    expect(page.locator(".progress")).to_contain_text("0 of 2 read")
    fits(page)
    page.get_by_role("link", name="Next unread").click()
    expect(page.locator(".read-mark")).to_be_visible()
    fits(page)
    page.locator("[name=text]").fill("Ask about the sales of last spring")
    expect(page.locator("[data-saved]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    page.get_by_role("button", name="Mark the materials as read").click()
    expect(page.locator(".progress")).to_contain_text("1 of 2 read")
    expect(page.locator("h1")).to_have_text("Second matter")
    page.get_by_role("button", name="Mark the materials as read").click()
    expect(page.locator("main")).to_contain_text("All papers are read.")

    page.locator(".papers a").first.click()
    expect(page.locator("[name=text]")).to_have_value("Ask about the sales of last spring")

    page.goto("/meetings/mine/")
    page.get_by_role("link", name="Authorise a proxy").click()
    expect(page.locator("#id_q")).to_be_visible()
    fits(page)
    deputy = site.stage["deputy2"]
    page.locator("#id_q").fill(deputy.display_name)
    expect(page.locator(".person")).to_have_count(1)
    page.get_by_role("radio", name=deputy.display_name).check()
    page.get_by_role("button", name="Draft the letter").click()
    expect(page.locator(".confirm")).to_contain_text(deputy.display_name)
    expect(page.locator("[name=document]")).to_have_value(re.compile("Letter of authorisation"))
    fits(page)
    page.get_by_role("button", name="Authorise", exact=True).click()
    expect(page.locator(".todo")).to_contain_text(f"{deputy.display_name} holds your authorisation")


def test_a_note_survives_the_end_of_the_session(look, site):
    page = look("phone", "seat2", language="zh-hans")
    page.goto(f"/proposals/{site.proposal}/note/")
    page.context.clear_cookies(name="sessionid")
    page.locator("[name=text]").fill("春季销售情况需核实")
    page.locator(".note-form button").click()
    page.wait_for_url(re.compile("/login/"))
    page.locator("[name=username]").fill(site.logins["seat2"])
    page.locator("[name=password]").fill(site.password)
    page.locator("main button").first.click()
    expect(page.locator("[name=text]")).to_have_value("春季销售情况需核实")
    page.locator(".note-form button").click()
    expect(page.locator("main")).to_contain_text("笔记已保存")
    expect(page.locator("[name=text]")).to_have_value("春季销售情况需核实")


def test_a_note_says_when_it_is_not_saved_and_is_saved_as_soon_as_it_can_be(site, browser):
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto(f"/login/?next=/proposals/{site.proposal}/note/")
    page.locator("[name=username]").fill(site.logins["seat2"])
    page.locator("[name=password]").fill(site.password)
    page.locator("main button").click()
    said = page.locator("[data-saved]")
    expect(said).to_be_attached()

    context.set_offline(True)
    page.locator("[name=text]").fill("Written in a lift")
    expect(said).to_have_text("Not saved yet: no connection.")
    context.set_offline(False)
    expect(said).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=15_000)
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Written in a lift")

    other = context.new_page()  # the same note in a second window
    other.goto(f"/proposals/{site.proposal}/note/")
    other.locator("[name=text]").fill("Written at the desk")
    expect(other.locator("[data-saved]")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    page.locator("[name=text]").fill("Written in a lift, and on")
    expect(said).to_have_text("The note was changed in another window. Press Save to see both.")

    context.clear_cookies(name="sessionid")
    other.locator("[name=text]").fill("Written after the session")
    expect(other.locator("[data-saved]")).to_contain_text("Your session has ended")
