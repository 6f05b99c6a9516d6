"""The Risk department amends, interprets and changes the roster; the auditor draws a sample; both see before
they act.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from audit.recording import SYSTEM
from rehearsal.bank import employ_second_officer
from tests.journeys.conftest import aside

WINDOWS = {"screen": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def somebody(site, browser):
    """Opens a window in which somebody is signed in; nothing was complained of in its console."""
    complaints = []

    def signed_in(handle, size="screen", language="en"):
        width, height = WINDOWS[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=site.address, accept_downloads=True
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": site.address}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        page.locator("[name=username]").fill(site.logins[handle])
        page.locator("[name=password]").fill(site.password)
        page.locator("main button").click()
        page.wait_for_url(f"{site.address}/")
        return page

    yield signed_in
    assert [each for each in complaints if "422" not in each] == []


def fits(page):
    """Nothing is wider than the window."""
    wider = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px too wide"


def test_the_risk_department_amends_interprets_and_changes_the_roster(somebody, site):
    page = somebody("risk")
    page.locator(".rail").get_by_role("link", name="Regulation").click()
    page.get_by_role("link", name="Amend", exact=True).click()
    page.get_by_label("Days of notice").fill("3")
    page.get_by_label("Votes to pass").fill("1")
    page.get_by_label("Effective from").fill(f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    page.get_by_label("Reason of the amendment").fill("Two days are too few for the papers.")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator(".field-wrong")).to_contain_text("more than half of the seats")
    page.get_by_label("Votes to pass").fill("2")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("main")).to_contain_text("Nothing has changed yet")
    expect(page.locator("main")).to_contain_text("3 calendar days")
    page.get_by_role("button", name="Put to a second officer").click()
    expect(page.locator(".flash-success")).to_contain_text("The amendment is drafted")
    expect(page.get_by_role("button", name="Publish version 2")).to_have_count(0)

    second = aside(employ_second_officer, site.stage.bank, by=SYSTEM, password=site.password)
    site.logins["risk2"] = second.username
    other = somebody("risk2")
    other.get_by_role("link", name="Amendment No. 1").first.click()
    expect(other.locator("main")).to_contain_text("Two days are too few")
    expect(other.locator("main")).to_contain_text("3 calendar days")
    other.get_by_role("button", name="Publish version 2").click()
    expect(other.locator(".flash-success")).to_contain_text("Version 2 is published")

    page.locator(".rail").get_by_role("link", name="Regulation").click()
    page.get_by_role("link", name="Interpret an article").click()
    page.get_by_label("Article").select_option("15")
    page.get_by_label("Chinese text").fill("“两天”指自然日。")
    page.locator("main form .button").click()
    expect(page.locator("#art-15")).to_contain_text("“两天”指自然日。")
    expect(page.locator("#art-15")).to_be_in_viewport()

    page.locator(".rail").get_by_role("link", name="Roster").click()
    page.get_by_role("link", name="Seat 2").click()
    expect(page.locator("#touches")).to_contain_text("the seat has voted; the ballot stands")
    page.get_by_role("button", name="Vacate the seat").click()
    expect(page.locator(".flash-success")).to_contain_text("The seat is vacant.")
    page.get_by_label("Person").fill("80100")
    page.get_by_role("button", name="Fill the seat").click()
    expect(page.locator("input[type=radio]").first).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_on_a_phone_the_rulebook_is_read_and_nothing_is_too_wide(somebody, language):
    page = somebody("risk", "phone", language)
    for address in ("/regulation/", "/regulation/#art-20", "/roster/"):
        page.goto(address)
        page.evaluate(
            "() => document.querySelectorAll('details.fold').forEach(fold => { fold.open = true; })"
        )
        fits(page)


def test_the_auditor_draws_a_sample_and_verifies_the_log(somebody):
    page = somebody("auditor")
    page.locator(".rail").get_by_role("link", name="Exceptions").click()
    expect(page.locator("tbody")).to_contain_text("Voted without reading mark")
    expect(page.locator("main")).not_to_contain_text("Never to be read")
    page.get_by_label("Sample").select_option("10")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("A random sample of 2 out of 2 cases")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="CSV").click()
    assert downloaded.value.suggested_filename.endswith(".csv")
    page.locator(".rail").get_by_role("link", name="Exceptions").click()
    page.get_by_role("link", name="Voted without reading mark").click()
    page.get_by_label("Note or conclusion").fill("The papers were read out in the meeting.")
    page.get_by_role("button", name="Sign off").click()
    expect(page.locator("#notes")).to_contain_text("The papers were read out in the meeting.")
    expect(page.locator("h1")).to_contain_text("Signed off")
    page.locator(".rail").get_by_role("link", name="Audit log").click()
    page.get_by_role("button", name="Verify the whole log").click()
    expect(page.locator(".flash-success")).to_contain_text("Verified:")
