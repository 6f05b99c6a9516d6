"""A meeting's papers in a browser: convened, noticed, acknowledged; minuted, signed, distributed, filed."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PASSWORD, fits
from tests.stage import Stage


@pytest.fixture
def case():
    """One meeting is closed, and two further plans wait for another."""

    def built():
        stage = Stage().to("closed")
        stage.waiting = [stage.another(f"D-{number}", title=f"Waiting plan {number}") for number in (1, 2)]
        return stage

    return built


def test_a_meeting_is_convened_noticed_and_acknowledged(look, site):
    chair = look("screen", "chair")
    chair.goto("/meetings/calendar/")
    fits(chair)
    chair.get_by_role("link", name="Convene a meeting").click()
    for name in ("Waiting plan 1", "Waiting plan 2"):
        chair.get_by_role("button", name=f"Add to the agenda: {name}").click()
    chair.get_by_role("button", name="Move up: Waiting plan 2").click()
    expect(chair.locator("[data-order] li").first).to_contain_text("Waiting plan 2")
    at = datetime.now(site.stage.committee.tz)
    chair.locator("[name=place]").fill("Room 3")
    chair.locator("[name=time]").fill("10:00")
    chair.locator("[name=date]").fill(f"{at + timedelta(days=1):%Y-%m-%d}")
    chair.locator("[name=place]").click()
    expect(chair.locator("#period .told-stopped")).to_contain_text("The notice period is too short")
    chair.locator(".form-end button").click()
    expect(chair.locator('[data-code="15/notice-too-short"]')).to_be_visible()
    chair.locator("[name=date]").fill(f"{at + timedelta(days=9):%Y-%m-%d}")
    chair.locator("[name=place]").click()
    expect(chair.locator("#period .told-good")).to_be_visible()
    chair.locator(".form-end button").click()
    expect(chair.locator(".flash-success")).to_contain_text("The meeting is convened.")
    home = urlsplit(chair.url).path

    liaison = look("screen", "liaison")
    liaison.goto(f"{home}send_notice/")
    liaison.get_by_label("3 ·").check()
    liaison.get_by_role("button", name="Send the notice").click()
    expect(liaison.locator("#seats h2")).to_contain_text("0 of 3 receipts")  # paper is on its way
    liaison.goto(f"{home}deliver_notice/")
    fits(liaison)
    liaison.locator("[name=received_by]").fill("Front desk")
    liaison.locator("[name=handed_by]").fill("Courier")
    liaison.get_by_role("button", name="Record a delivery").click()
    expect(liaison.locator("#seats h2")).to_contain_text("1 of 3 receipts")

    member = look("phone", "seat2")
    member.goto(home)
    member.get_by_role("button", name="Acknowledge the notice").first.click()
    expect(member.locator(".flash-success")).to_contain_text("Your receipt of the notice is recorded.")
    member.wait_for_load_state("networkidle")
    member.goto(f"{home}notice/")
    expect(member.locator("#seats h2")).to_contain_text("2 of 3 receipts")
    fits(member)


def test_a_closed_meeting_is_minuted_signed_distributed_reported_received_and_archived(look, site):
    home = f"/meetings/{site.meeting}/"
    liaison = look("screen", "liaison")
    liaison.goto(f"{home}draft_minutes/")
    liaison.get_by_label("Narrative").fill("What was said.")
    liaison.get_by_role("button", name="Draft the minutes").click()
    expect(liaison.locator(".document")).to_contain_text("Draft, not yet signed")
    liaison.wait_for_load_state("networkidle")

    chair = look("phone", "chair", language="zh-hans")
    chair.goto(f"{home}sign_minutes/")
    fits(chair)
    for password in ("not the password", PASSWORD):
        chair.locator("[name=password]").fill(password)
        chair.locator(".form-end button").click()
        if password != PASSWORD:
            expect(chair.locator(".field-error")).to_contain_text("密码不正确")
    expect(chair.locator(".flash-success")).to_contain_text("会议纪要已签发生效")
    chair.wait_for_load_state("networkidle")
    fits(chair)

    for verb, name in (
        ("distribute", "Distribute the minutes"),
        ("report_decisions", "Report to head office"),
    ):
        liaison.goto(f"{home}{verb}/")
        liaison.get_by_role("button", name=name).click()
        expect(liaison.locator(".flash-success").first).to_be_visible()
        liaison.wait_for_load_state("networkidle")
    office = look("screen", "head_office")
    office.goto(f"{home}report/")
    office.get_by_role("button", name="Receive the report").click()
    expect(office.locator(".page-state")).to_contain_text("received")
    office.wait_for_load_state("networkidle")
    liaison.goto(f"{home}archive/")
    expect(liaison.locator(".checklist .lozenge-stopped")).to_have_count(1)
    liaison.goto(f"{home}draw_up_papers/")
    liaison.get_by_role("button", name="Draw up the papers").click()
    expect(liaison.locator(".flash-success").first).to_be_visible()
    liaison.goto(f"{home}archive/")
    expect(liaison.locator(".checklist .lozenge-stopped")).to_have_count(0)
    liaison.get_by_role("button", name="Archive the meeting").click()
    expect(liaison.locator(".page-state")).to_contain_text("Archived")
    liaison.wait_for_load_state("networkidle")
