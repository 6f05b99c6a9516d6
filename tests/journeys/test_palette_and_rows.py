"""From anywhere by a few keys: palette, rows of a list, help; the reader's look; the installed shell."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from audit import clock
from tests.journeys.conftest import aside, signed_in
from tests.stage import Stage


@pytest.fixture
def case():
    """A meeting with its notice out, and plans to screen."""

    def built():
        stage = Stage().to("filed")
        stage.meeting = stage.convene(stage.proposal, at=clock.now() + timedelta(days=10))
        stage.do("send_notice")
        for number in range(2):
            stage.another(f"D-{number}", to="submitted", title=f"To be screened {number}")
        return stage

    return built


def test_the_palette_leads_to_a_place_a_plan_and_an_act(look):
    page = look("screen", "liaison")
    palette, field = page.locator(".palette"), page.locator(".palette input")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(palette.get_by_role("option", name="Screening")).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).not_to_be_visible()
    page.keyboard.press("Control+k")
    field.fill("To be screened 1")
    plan = palette.get_by_role("option", name=re.compile("^Plan To be screened 1"))
    expect(plan).to_be_visible()
    expect(palette.get_by_role("option", name=re.compile("^Act Shortlist")).first).to_be_visible()
    expect(plan).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(plan).to_have_attribute("aria-selected", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("To be screened 1")
    page.keyboard.press("Control+k")
    field.fill("nothing of that kind")
    expect(palette.locator("[data-none]")).to_be_visible()


def test_the_rows_of_desk_and_list_by_j_and_k(look):
    page = look("screen", "liaison")
    rows = page.locator(".slip > a")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/proposals/*/")
    page.locator(".rail").get_by_role("link", name="Plans").click()
    expect(page.locator("h1")).to_have_text("Plans")
    page.keyboard.press("j")
    expect(page.locator(".table-linked tbody th a").first).to_be_focused()
    page.keyboard.press("e")
    page.wait_for_url("**/proposals/*/#acts")
    page.locator("[data-slash]").fill("j")
    expect(page.locator("[data-slash]")).to_have_value("j")


def test_a_message_is_read_by_e(look):
    page = look("screen", "seat2")
    page.locator(".head-messages").click()
    expect(page.locator(".head-messages .count")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".head-messages .count")).not_to_be_visible()


def test_the_question_mark_says_what_the_page_is_for(look):
    page = look("phone", "seat2", language="zh-hans")
    sheet = page.locator(".help-sheet")
    page.locator("[data-help]").click()
    expect(sheet).to_contain_text("工作台按日期列示待办事项")
    expect(sheet.get_by_role("link", name="委员、受托人")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    page.keyboard.press("?")
    expect(sheet).to_be_visible()


def test_the_first_act_is_on_the_first_screen_of_a_phone(look):
    page = look("phone", "seat2")
    act = page.locator(".band .button")
    expect(act).to_have_text("Acknowledge the notice")
    box = act.bounding_box()
    assert box["y"] + box["height"] <= 844 - page.locator(".rail").bounding_box()["height"]
    act.click()
    page.get_by_role("button", name="Acknowledge the notice").click()
    expect(page.locator(".flash-success")).to_have_text("Your receipt of the notice is recorded.")


def test_the_readers_look_is_kept(look):
    page = look("screen", "seat2")

    def size():
        return page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")

    def ink(name):
        return page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}')")

    before = size()
    for name in ("Large text", "High contrast", "Less motion"):
        page.locator(".menu summary").click()
        page.get_by_role("button", name=name).click()
        page.wait_for_load_state()
    assert size() == before * 1.25
    assert ink("muted") == ink("ink")
    page.locator(".menu summary").click()
    expect(page.get_by_role("button", name="Less motion")).to_have_attribute("aria-pressed", "true")


def test_without_a_connection_the_shell_says_so_and_a_kept_paper_is_read(look, forgiven):
    page = look("screen", "seat2")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator(".band").get_by_role("link", name=re.compile("Instalments")).first.click()
    page.reload()
    keep = page.get_by_role("button", name="Keep this paper on this device")
    keep.click()
    expect(keep).to_have_attribute("aria-pressed", "true")
    paper = page.url
    page.context.set_offline(True)
    page.goto(paper)
    expect(page.locator("main")).to_contain_text("Instalments")
    page.goto(re.sub(r"/meetings/.*", "/proposals/", paper))
    expect(page.locator("h1")).to_contain_text("No connection")
    page.context.set_offline(False)


KEPT = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("kept"));
    const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().map((each) => new URL(each.url).pathname);
}"""


def keep_paper(page):
    """The first paper of the next meeting is kept on this device; its path."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator(".band").get_by_role("link", name=re.compile("Instalments")).first.click()
    keep = page.get_by_role("button", name="Keep this paper on this device")
    keep.click()
    expect(keep).to_have_attribute("aria-pressed", "true")
    return page.evaluate("location.pathname")


def test_what_one_keeps_on_a_device_is_not_there_for_whoever_signs_in_next(look, site):
    page = look("screen", "seat2")
    paper = keep_paper(page)
    page.goto("/")
    assert page.evaluate(KEPT) == [paper]
    cookies = aside(signed_in, site, "seat3", "en")  # the session of seat 2 has ended by itself
    page.context.add_cookies(
        [{"name": name, "value": cookies[name], "url": site.address} for name in cookies]
    )
    page.goto("/proposals/")
    page.wait_for_function(f"async () => (await ({KEPT})()).length === 0")
    page.context.set_offline(True)
    page.goto(paper)
    expect(page.locator("h1")).to_contain_text("No connection")
    page.context.set_offline(False)


def test_a_kept_paper_that_is_no_longer_seen_goes_from_the_device(look, site):
    page = look("screen", "seat2")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    person = page.evaluate("document.body.dataset.person")
    put = "async (name) => (await caches.open(name)).put('/proposals/999999/', new Response('gone'))"
    page.evaluate(put, f"kept-{person}")
    paper = keep_paper(page)
    page.goto("/")
    page.wait_for_function(f"async () => (await ({KEPT})()).join() === '{paper}'")


@pytest.fixture
def forgiven():
    return "ERR_INTERNET_DISCONNECTED|status of 404"
