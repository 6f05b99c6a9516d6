"""Each role's main act by the keyboard alone; the place where it is, is always seen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from audit import clock
from tests.journeys.test_print_and_keys import Tab
from tests.stage import Stage, administrator


@pytest.fixture
def case():
    """A report to be received, a carried plan to be approved, a notice out, and a filed plan."""

    def built():
        stage = Stage().to("reported")
        coming = stage.convene(stage.another("C-2"), at=clock.now() + timedelta(days=10))
        stage.do("send_notice", on=coming)
        stage.another("C-3", title="Waits for a meeting")
        stage.people["admin"] = administrator(
            "administrator", bank=stage.bank.unit, unit=stage.bank.unit, display_name="管理员"
        )
        return stage

    return built


class Hands(Tab):
    """The keyboard on pages of the site."""

    def type(self, locator, text):
        """The field is reached and says this."""
        self.press(locator, "Control+a")
        self.page.keyboard.type(text)

    def button(self, name):
        self.press(self.page.locator("main, #content").get_by_role("button", name=name, exact=True))

    def link(self, name, within="main, #content"):
        self.press(self.page.locator(within).get_by_role("link", name=name, exact=True).first)

    def place(self, name):
        self.link(name, within=".rail")

    def slip(self, kind):
        """The first thing of that kind that waits."""
        self.press(self.page.locator(".slip a", has_text=kind).first)

    def done(self, text):
        expect(self.page.locator(".flash-success")).to_contain_text(text)


def chair(keys, _stage):
    day = datetime.now(UTC) + timedelta(days=30)
    keys.link("Convene a meeting")
    keys.button("Add to the agenda: Waits for a meeting")
    expect(keys.page.locator("[name=item]")).to_have_count(1)
    keys.press(keys.page.locator("[name=date]"), str(day.month // 10))
    keys.page.keyboard.type(f"{day.month % 10}{day.day:02}{day.year}")
    keys.press(keys.page.locator("[name=time]"), "1")
    keys.page.keyboard.type("000AM")
    keys.type(keys.page.locator("[name=place]"), "Room 7")
    keys.button("Convene the meeting")
    keys.done("The meeting is convened.")


def seat2(keys, _stage):
    keys.link("Acknowledge the notice")
    keys.button("Acknowledge the notice")
    keys.done("Your receipt of the notice is recorded.")
    keys.press(keys.page.locator(".brand"))
    keys.link("Read the papers")
    keys.button("Mark the materials as read")
    expect(keys.page.locator("main")).to_contain_text("All papers are read.")


def credit(keys, stage):
    keys.slip("Carried plans to decide on")
    keys.link("Approve as resolved")
    for name, value in stage.plan["concessions"].items():
        if value is not None:
            keys.type(keys.page.locator(f"[name={name}]"), str(value))
    keys.type(keys.page.locator("[name=expected_recovery]"), stage.plan["expected_recovery"])
    keys.button("Approve as resolved")
    keys.done("approved")


def head_office(keys, _stage):
    keys.place("Desk")
    keys.slip("Reports to receive")
    keys.page.wait_for_load_state()
    keys.press(keys.page.get_by_role("button", name="Receive").first)
    keys.done("received")


def risk(keys, stage):
    keys.place("Roster")
    keys.link("Seat 3")
    keys.button("Vacate the seat")
    keys.done("The seat is vacant.")
    keys.type(keys.page.locator("[name=find]"), stage["outsider"].staff_no)
    keys.page.keyboard.press("Enter")
    keys.done("holds seat 3.")


def auditor(keys, _stage):
    keys.place("Exceptions")
    keys.press(keys.page.locator("[name=sample]"), "ArrowDown")
    keys.button("Show")
    expect(keys.page).to_have_url(re.compile("seed="))
    keys.place("Audit log")
    keys.button("Verify the whole log")
    keys.done("Verified")


def admin(keys, stage):
    keys.place("Administration")
    keys.link("Units")
    keys.press(keys.page.locator("#result_list tbody th a").first)
    keys.type(keys.page.locator("[name=name]"), "Renamed by keyboard")
    keys.press(keys.page.locator("[name=_save]"))
    expect(keys.page.locator(".messagelist .success")).to_contain_text("Renamed by keyboard")


@pytest.mark.parametrize("act", [chair, seat2, credit, head_office, risk, auditor, admin])
def test_the_main_act_of_each_role_by_keyboard_alone(look, site, act):
    page = look("screen", act.__name__)
    page.emulate_media(reduced_motion="reduce")
    act(Hands(page), site.stage)


def test_escape_closes_the_menu_and_a_slash_searches(look):
    page = look("screen", "liaison")
    menu, field = page.locator(".menu"), page.locator("[data-slash]")
    Tab(page).press(menu.locator("summary"))
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("C-2/")  # within a field it is a letter
    expect(field).to_have_value("C-2/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=C-2%2F")
