"""A handler attaches files, reads an annexe page by page and records a receipt, with and without a script."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import fits
from tests.pages import files
from tests.stage import Stage, plan

ANNEXE = {"name": "附件.pdf", "mimeType": "application/pdf", "buffer": files.pdf(200)}
SPOOFED = {"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"<!doctype html><script>1</script>"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case():
    def executing_and_a_draft() -> Stage:
        stage = Stage().to("executing")
        stage.draft = stage.do("draft", plan=plan("C-9"))
        return stage

    return executing_and_a_draft


def sound(page: Page) -> None:
    """Nothing is wider than the window, and axe finds no violation of WCAG 2.2 AA.

    axe sees the whole page at once, so elements covered by a phone's bar for the moment are not counted as
    too small.
    """
    fits(page)
    window = page.viewport_size
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": window["width"], "height": height + 100})
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": tags}).response["violations"]
    page.set_viewport_size(window)
    assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found] == []


def attach(page: Page, file: dict) -> None:
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form.act button").click()


@pytest.mark.parametrize(
    ("size", "language", "theme"), [("screen", "en", "dark"), ("phone", "zh-hans", "light")]
)
def test_a_file_is_attached_read_and_taken_off(look, site, size, language, theme):
    page = look(size, "handler", language=language, theme=theme)
    page.goto(f"/proposals/{site.stage.draft.pk}/attachments/")
    attach(page, SPOOFED)
    expect(page.locator(".field-error").first).to_contain_text("HTML")
    sound(page)
    attach(page, ANNEXE)
    expect(page.locator("p.flash")).to_contain_text("附件.pdf")
    sound(page)
    page.locator(".attached-name a").click()
    leaf = page.locator("figure.leaf img")
    expect(leaf).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/2/")
    page.locator("#page").fill("137")
    page.keyboard.press("Enter")
    page.wait_for_url("**/137/")
    assert leaf.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1000
    sound(page)
    leaving = page.request.get(page.locator(".leaf-file a").get_attribute("href"))
    assert leaving.headers["content-disposition"].startswith("attachment;")
    assert leaving.body() == ANNEXE["buffer"]
    page.goto(f"/proposals/{site.stage.draft.pk}/")
    expect(page.locator(".one-page-papers")).to_contain_text("附件.pdf")
    sound(page)
    page.goto(f"/proposals/{site.stage.draft.pk}/attachments/")
    page.locator(".attached-one button").click()
    expect(page.locator(".attached")).to_have_count(0)


def test_without_a_script_a_file_is_attached_all_the_same(look, site):
    signed_in = look("screen", "handler").context
    assert signed_in.browser
    cookies = signed_in.cookies()
    context = signed_in.browser.new_context(java_script_enabled=False, base_url=site.address)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"/proposals/{site.stage.draft.pk}/attachments/")
    attach(page, ANNEXE)
    page.locator(".attached-name a").click()
    page.locator('.leaf-bar a[rel="next"]').click()
    page.wait_for_url("**/2/")


@pytest.mark.parametrize("size", ["screen", "phone"])
def test_a_receipt_is_recorded_and_seen_in_the_picture(look, site, size):
    page = look(size, "handler")
    page.goto(f"/proposals/{site.proposal}/")
    sound(page)
    page.locator(".acts a", has_text="Record a repayment").click()
    page.locator("#id_amount").fill("1,00")
    page.locator("#id_received_on").fill("2026-03-05")
    sound(page)
    page.locator("main form.act button").click()
    expect(page.locator(".picture")).to_contain_text("Received 700.00")
    expect(page.locator("#execution")).to_contain_text("100.00")
    fits(page)
