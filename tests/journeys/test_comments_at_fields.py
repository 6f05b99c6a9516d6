"""The liaison remarks on a field and returns the plan; the handler answers there, on a phone, in Chinese."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import fits
from tests.journeys.test_accessibility import RULES
from tests.stage import Stage


def waiting() -> Stage:
    """A plan waits for screening."""
    return Stage().to("submitted")


@pytest.fixture
def case() -> Callable[[], Stage]:
    return waiting


def sound(page: Page) -> None:
    """It fits its window, and axe finds nothing."""
    fits(page)
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")  # what is below is not behind the bar
    found = Axe().run(page, options=RULES).response["violations"]
    assert [
        (page.url, each["id"], each["nodes"][0]["target"], each["nodes"][0]["failureSummary"])
        for each in found
    ] == []


def test_a_remark_at_a_field_is_answered_at_the_field(look, site):
    liaison = look("screen", "liaison")
    liaison.goto(f"/proposals/{site.proposal}/shortlist/")
    liaison.locator("#plan h3", has_text="Loans").get_by_role("link", name="Comment").click()
    liaison.get_by_label("Field").select_option(label="Loans 1 (C-1) · Principal")
    liaison.get_by_label("Comment", exact=True).fill("As of which day is it?")
    sound(liaison)
    liaison.get_by_role("button", name="Comment on a field").click()
    expect(liaison.locator("#comments")).to_contain_text("As of which day is it?")
    liaison.goto(f"/proposals/{site.proposal}/shortlist/")
    expect(liaison.locator("#comments")).to_contain_text("to be answered")
    sound(liaison)
    liaison.get_by_label("Reason").fill("See the comment")
    liaison.get_by_role("button", name="Return for completion").click()
    expect(liaison.locator(".flash-success")).to_contain_text("Returned for completion")

    handler = look("phone", "handler", language="zh-hans")
    handler.goto(f"/proposals/{site.proposal}/amend/")
    expect(handler).to_have_url(f"{site.address}/proposals/{site.proposal}/amend/loans/#p-loans-0-principal")
    thread = handler.locator(".thread-at")
    expect(thread).to_contain_text("As of which day is it?")
    handler.locator("#p-loans-0-penalty").fill("12.00")
    thread.locator("summary").click()
    thread.get_by_role("textbox").fill("截至三月一日。")
    sound(handler)
    thread.get_by_role("button", name="提交答复").click()
    expect(handler.locator(".thread-at")).to_contain_text("截至三月一日。")
    expect(handler.locator("#p-loans-0-penalty")).to_have_value("12.00")
    handler.goto(f"/proposals/{site.proposal}/amend/check/")
    expect(handler.locator("#comments")).not_to_contain_text("待答复")
    sound(handler)
    handler.goto(f"/proposals/{site.proposal}/amend/measures/")
    handler.get_by_label("查找措施").fill("刚柔")
    expect(handler.locator(".plan-tick:visible")).to_have_count(1)
    expect(handler.locator(".plan-tick:visible")).to_contain_text("先柔后刚")
    sound(handler)
    handler.get_by_label("查找措施").fill("没有的")
    expect(handler.locator("[data-found]")).to_have_text("没有符合的措施。")

    member = look("screen", "risk")
    member.goto(f"/proposals/{site.proposal}/")
    expect(member.locator("main")).not_to_contain_text("As of which day is it?")
    sound(member)
