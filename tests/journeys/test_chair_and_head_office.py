"""The chair convenes within the hour and changes a meeting; head office reads, counts and appoints."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import fits
from tests.stage import MEETING, Stage


@pytest.fixture
def case(watch):
    """One plan is carried and its meeting closed; one meeting is convened; two filed plans wait."""

    def built():
        stage = Stage().to("closed")
        other = stage.another("C-2", title="On the agenda")
        stage.convene(other, at=MEETING + timedelta(days=7))
        for number in (1, 2):
            stage.another(f"D-{number}", title=f"Waiting plan {number}")
        watch.set_to(MEETING + timedelta(hours=2))
        return stage

    return built


def test_the_chair_convenes_within_the_hour_and_the_liaison_sends_from_the_same_page(look):
    chair = look("phone", "chair", language="zh-hans")
    chair.get_by_role("link", name="会议", exact=True).last.click()
    chair.get_by_role("link", name="日历").click()
    chair.get_by_role("link", name="召集紧急会议").click()
    chair.get_by_role("button", name="Waiting plan 2").click()
    chair.get_by_label("地点").fill("三楼会议室")
    press = chair.locator(".form-end button")
    press.click()
    expect(chair.locator('[data-code="15/emergency-reason-required"]')).to_be_visible()
    expect(chair.get_by_label("地点")).to_have_value("三楼会议室")
    chair.get_by_label("紧急情况说明").fill("抵押物明日拍卖")
    press.click()
    expect(chair.locator(".told-waiting").first).to_be_visible()
    expect(chair.locator('a[href^="tel:"]').first).to_be_visible()
    fits(chair)

    liaison = look("screen", "liaison")
    liaison.goto(chair.url)
    liaison.get_by_role("link", name="Send the notice").click()
    liaison.get_by_role("button", name="Send the notice").click()
    expect(liaison.locator(".flash-success")).to_have_text("The notice is sent.")
    chair.reload()
    expect(chair.locator(".told-good").first).to_be_visible()


def test_the_chair_changes_the_order_and_adds_an_item(look):
    chair = look("screen", "chair")
    chair.locator(".band h2 a").click()
    chair.get_by_role("link", name="Change the meeting").click()
    chair.get_by_role("button", name="Add to the agenda: Waiting plan 1").click()
    chair.get_by_role("button", name="Move up: Waiting plan 1").click()
    expect(chair.get_by_role("button", name="Move up: Waiting plan 1")).to_be_disabled()
    chair.get_by_role("button", name="Change the meeting").last.click()
    expect(chair.locator(".item-head a")).to_have_text(["Waiting plan 1", "On the agenda"])


def test_head_office_counts_down_to_the_case_and_appoints_an_acting_chair(look, site):
    page = look("screen", "head_office")
    page.locator(".rail").get_by_role("link", name="Figures").click()
    page.locator("#period").select_option("2026")
    page.get_by_role("button", name="Show").click()
    page.locator(".facts div", has_text="Carried").get_by_role("link", name="1", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody th a").click()
    expect(page).to_have_url(f"{site.address}/proposals/{site.proposal}/")
    page.locator(".rail").get_by_role("link", name="Meetings").click()
    page.locator("tbody tr", has_text="Convened").get_by_role("link").click()
    page.get_by_role("link", name="Appoint an acting chair").click()
    page.get_by_label("Seat").select_option("2")
    page.get_by_role("button", name="Appoint an acting chair").click()
    expect(page.locator(".flash-success")).to_have_text("The acting chair is appointed.")
    expect(page.locator(".facts")).to_contain_text("Acting chair")
