"""A handler makes a plan from nothing, on a phone and by keyboard alone; nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.test_reading import SCREENS, fits
from tests.stage import plan

LOAN = {
    "contract_no": "HJ-1", "principal": "1,000", "interest_on_balance": "80", "interest_off_balance": "20",
    "penalty": "10", "rate": "8.4", "issued_on": "2024-1-10", "due_on": "2025/01/10", "days_past_due": "416",
    "lending_officer": "Officer A", "collection_officer": "Officer B",
}  # fmt: skip


class Hand:
    """Fills in what a pointer or a finger would."""

    def __init__(self, page):
        self.page = page

    def type(self, name, text):
        self.page.locator(f"[id='p-{name}']").fill(text)

    def choose(self, name, word):
        self.page.locator(f"[id='p-{name}']").select_option(label=word)

    def tick(self, name):
        self.page.locator(f"[id='p-{name}']").check()

    def unfold(self, name):
        self.page.locator("main summary").filter(has_text=name).click()

    def press(self, name, within="main"):
        self.page.locator(within).get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self.page.get_by_role("link", name=name, exact=True).click()


class Keys(Hand):
    """Does the same by Tab, letters, Space and Enter."""

    def reach(self, locator):
        wanted = locator.element_handle()
        for _step in range(400):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {locator}")

    def type(self, name, text):
        self.reach(self.page.locator(f"[id='p-{name}']"))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def choose(self, name, word):
        self.reach(self.page.locator(f"[id='p-{name}']"))
        self.page.keyboard.type(word)

    def tick(self, name):
        self.reach(self.page.locator(f"[id='p-{name}']"))
        self.page.keyboard.press("Space")

    def unfold(self, name):
        self.reach(self.page.locator("main summary").filter(has_text=name))
        self.page.keyboard.press("Enter")

    def press(self, name, within="main"):
        self.reach(self.page.locator(within).get_by_role("button", name=name, exact=True))
        self.page.keyboard.press("Enter")

    def follow(self, name):
        self.reach(self.page.get_by_role("link", name=name, exact=True))
        self.page.keyboard.press("Enter")


@pytest.fixture
def open_window(site, browser):
    def opened(size="screen"):
        width, height = SCREENS[size]
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=site.address)
        context.add_cookies([{"name": "django_language", "value": "en", "url": site.address}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        sign_in(site, page)
        return page

    return opened


def sign_in(site, page):
    page.goto("/")
    page.locator("[name=username]").fill(site.logins["handler"])
    page.locator("[name=password]").fill(site.password)
    page.locator("main button").click()
    page.wait_for_url(f"{site.address}/")


def on(page, heading):
    expect(page.locator("h1")).to_have_text(heading)
    fits(page)


def write_a_plan(hand, title):
    """From the desk through every step to a plan that is submitted; its page is left open."""
    page = hand.page
    hand.follow("Start a new plan")
    page.locator("[name=title]").fill(title)
    hand.press("Start a new plan")

    on(page, "Borrower")
    for name, text in (("name", "王某"), ("id_no", "320000190001010001"), ("cause", "Illness")):
        hand.type(f"borrower-{name}", text)
    hand.choose("borrower-kind", "Household")
    hand.choose("borrower-operating", "Operating at a reduced scale")
    hand.type("base_date", "2026年3月1日")
    hand.press("Save and continue")

    on(page, "Loans")
    for name, text in LOAN.items():
        hand.type(f"loans-0-{name}", text)
    hand.choose("loans-0-classification", "Doubtful")
    expect(page.locator(".plan-sums .sums-total dd").first).to_have_text("1,110.00")
    hand.press("Save and continue")

    on(page, "Security")
    hand.press("Save and continue")

    on(page, "Evidence under Art. 7")
    hand.tick("conditions-7.1-claimed")
    hand.type("conditions-7.1", "Order book seen")
    hand.press("Save and continue")

    on(page, "Investigation")
    for name, text in plan()["investigation"].items():
        hand.type(f"investigation-{name}", text)
    hand.choose("recoverability", "Recoverable with effort")
    hand.press("Save and continue")

    on(page, "Measures")
    hand.unfold("Restructuring")
    hand.tick("measures-instalments")
    hand.press("Save and continue")

    on(page, "Concessions and schedule")
    for name in ("interest_waived", "penalty_waived", "principal_waived", "new_money", "extension_months"):
        hand.type(f"concessions-{name}", "0")
    for number, (day, amount) in enumerate((("2026-6-30", "400"), ("2026-12-31", "600"))):
        hand.press("Add an instalment")
        hand.type(f"schedule-{number}-due_on", day)
        hand.type(f"schedule-{number}-principal", amount)
        hand.type(f"schedule-{number}-interest", "0")
    expect(page.locator(".plan-sums .sums-total dd").nth(1)).to_have_text("0.00")
    hand.press("Save and continue")

    on(page, "Sources and alternatives")
    for name, text in (("kind", "Business income"), ("amount", "1,100"), ("description", "Sales")):
        hand.type(f"sources-0-{name}", text)
    hand.type("discount_rate", "6")
    hand.type("alternatives-0-name", "Enforcement")
    hand.type("alternatives-0-cost", "50")
    hand.press("Add a flow")
    for name, text in (("on", "2026-12-31"), ("amount", "500"), ("probability", "60")):
        hand.type(f"alternatives-0-flows-0-{name}", text)
    expect(page.locator(".values svg text").first).to_have_text("This plan")
    hand.press("Save and continue")

    on(page, "Execution")
    hand.type("executor", "Collection officer")
    hand.type("expected_recovery", "1,100")
    hand.press("Save and continue")

    on(page, "Attachments")
    hand.press("Save and continue")

    on(page, "Check and submit")
    expect(page.locator(".flash-success")).to_be_visible()
    hand.follow("Submit")
    on(page, "Submit")
    hand.press("Submit")
    expect(page.locator(".page-state .lozenge")).to_have_text("Submitted")


@pytest.mark.parametrize(("size", "hands"), [("phone", Hand), ("screen", Keys)])
def test_a_plan_from_nothing_to_submitted(open_window, site, size, hands):
    page = open_window(size)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    write_a_plan(hands(page), "Instalments of a household")
    expect(page.locator("h1")).to_have_text("Instalments of a household")
    expect(page.locator("#figures .sums-total dd").first).to_have_text("1,110.00")
    assert complaints == []


def test_nothing_typed_is_lost_without_a_connection_or_a_session(open_window, site):
    page = open_window()
    page.get_by_role("link", name="Start a new plan").click()
    page.locator("[name=title]").fill("Kept")
    page.locator("main form.act button").click()
    on(page, "Borrower")
    said = page.locator("#saved")
    expect(said).to_contain_text("Saved")

    page.context.set_offline(True)
    page.locator("#p-borrower-name").fill("Typed without a connection")
    expect(said).to_contain_text("No connection")
    with page.expect_response("**/keep/"):
        page.context.set_offline(False)
    expect(said).to_contain_text("is kept")
    page.reload()
    expect(page.locator("#p-borrower-name")).to_have_value("Typed without a connection")

    page.context.clear_cookies(name="sessionid")
    page.locator("#p-borrower-cause").fill("Typed without a session")
    expect(said).to_contain_text("Your session has ended")
    with page.context.expect_page() as opened:
        said.get_by_role("link").click()
    window = opened.value
    window.locator("[name=username]").fill(site.logins["handler"])
    window.locator("[name=password]").fill(site.password)
    window.locator("main button").click()
    window.wait_for_url(f"{site.address}/")
    window.close()
    expect(said).to_contain_text("is kept")
    page.locator(".plan-end").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    expect(page.locator("#p-borrower-cause")).to_have_value("Typed without a session")
    expect(page.locator("#saved")).to_contain_text("Version 2")
