"""That a vote is open reaches whoever reads a paper of the meeting, without a word of theirs being lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, aside, fits
from tests.stage import Stage


@pytest.fixture
def case() -> Callable[[], Stage]:
    """The meeting runs, its item is taken up, and no vote is open yet."""
    return lambda: Stage().to("taken_up")


def test_a_vote_that_opens_is_told_on_the_paper_that_a_member_reads(
    look: Callable[..., Page], site: Site
) -> None:
    item = aside(lambda: site.stage.now(site.stage.proposal).item_id)
    page = look("phone", "seat2", language="zh-hans")
    with page.expect_websocket() as line:
        page.goto(f"/meetings/{site.meeting}/papers/{item}/")
    line.value.wait_for_event("framereceived")
    told = page.locator(".vote-told")
    expect(told).to_be_empty()
    page.locator("[name=text]").fill("抵押物")

    aside(site.stage.do, "open_vote")
    expect(told).to_contain_text("表决正在进行，您尚未投票。")
    expect(page.locator("[name=text]")).to_have_value("抵押物")
    expect(told.get_by_role("status")).to_be_in_viewport()
    fits(page)

    told.get_by_role("link").click()
    page.wait_for_url(re.compile(rf"/meetings/{site.meeting}/$"))
    expect(page.locator(".ballot")).to_be_visible()
