"""Papers are printed as papers; a liaison needs no pointer; nothing moves for whoever wants no motion."""

from __future__ import annotations

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.stage import Stage

#: what is on the screen around a paper
FRAME = (".head-search", ".head-end", ".rail", ".acts", ".filters", ".anchors", ".skip", ".crumb")


@pytest.fixture
def case():
    """One plan has signed minutes, one waits to be screened."""

    def built():
        stage = Stage().to("signed")
        stage.number = stage.now(stage.proposal).written_number
        docket = stage.proposal.docket_entries.select_related("docket__committee").get().docket
        stage.docket, stage.docket_title = docket.pk, str(docket)
        stage.another("D-1", to="submitted", title="Screened by keyboard")
        return stage

    return built


def paper(page):
    """The text of each sheet of the page in print."""
    page.emulate_media(media="print")
    for selector in FRAME:
        for each in page.locator(selector).all():
            expect(each).to_be_hidden()
    for button in page.locator("button").all():
        expect(button).to_be_hidden()
    sheets = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, format="A4"))
    return [sheet.get_textpage().get_text_range() for sheet in sheets]


def test_proposal_docket_and_minutes_are_papers_when_printed(look, site):
    page = look("screen", "liaison")
    stage = site.stage
    for address, *heads in (
        (f"/proposals/{site.proposal}/", stage.number, stage.plan["title"], "2026-03-05"),
        (
            f"/dockets/{stage.docket}/",
            stage.docket_title,
            "List of plans to be put before the committee",
            "2 March 2026",
        ),
        (f"/meetings/{site.meeting}/minutes/", "Minutes of the meeting", "5 March 2026", "Signed:"),
    ):
        page.emulate_media(media="screen")
        page.goto(address)
        first, *_more = paper(page)
        if page.locator(".document, .docket").count():
            expect(page.locator(".head")).to_be_hidden()
        for words in heads:
            assert words in first, (address, words, first)


@pytest.mark.parametrize("chosen", ["system", "dark"])
def test_paper_is_white_and_ink_is_dark_whatever_the_screen(look, site, chosen):
    page = look("screen", "liaison", theme="dark")
    page.context.add_cookies([{"name": "theme", "value": chosen, "url": site.address}])
    page.goto(f"/proposals/{site.proposal}/")
    ink = """() => Math.max(
        ...getComputedStyle(document.querySelector("h1")).color.match(/\\d+/g).slice(0, 3))"""
    assert page.evaluate(ink) > 200
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ink) < 60


class Tab:
    """The keyboard alone; the place where it is, is always seen."""

    seen = """node => {
        const box = node.getBoundingClientRect();
        const ringed = each => !["none", "hidden"].includes(getComputedStyle(each).outlineStyle);
        const after = getComputedStyle(node, "::after").outlineStyle;
        return node === document.body  // after the last control, before the first
          || box.bottom > 0 && box.top < innerHeight && (ringed(node) || after !== "none");
    }"""

    def __init__(self, page):
        self.page = page

    def press(self, locator, key="Enter"):
        """The keyboard goes on to the control and presses the key on it."""
        wanted = locator.element_handle()
        for _step in range(200):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate_handle("document.activeElement")
            assert at.evaluate(self.seen), at.evaluate("node => node.outerHTML.slice(0, 200)")
            if at.evaluate("(node, wanted) => node === wanted", wanted):
                self.page.keyboard.press(key)
                return
        raise AssertionError(f"the keyboard does not reach {locator}")


def test_a_liaison_screens_files_and_distributes_by_keyboard_alone(look):
    page = look("screen", "liaison")
    page.emulate_media(reduced_motion="reduce")
    keys = Tab(page)
    keys.press(page.locator(".skip"))
    expect(page.locator("#main")).to_be_in_viewport()
    keys.press(page.locator(".slip a", has_text="To screen"))
    keys.press(page.get_by_role("link", name="Shortlist", exact=True))
    decision = page.locator("#decision")
    keys.press(decision.get_by_role("button", name="Return for completion"))
    expect(decision.locator('[data-code="14/reason-required"]')).to_be_focused()
    keys.press(decision.get_by_role("button", name="Shortlist"))
    expect(page.locator(".flash-success")).to_contain_text("Shortlisted:")
    keys.press(page.locator(".brand"))
    keys.press(page.get_by_role("link", name="Choose the docket", exact=True))
    keys.press(page.locator("[name=plan]"), "Space")
    keys.press(page.locator("[name=plan]"), "Space")
    keys.press(page.locator(".form-end").get_by_role("button", name="See the list"))
    keys.press(page.get_by_role("button", name="File the docket with head office"))
    expect(page.locator(".flash-success")).to_contain_text("is filed with head office")
    keys.press(page.locator(".brand"))
    keys.press(page.locator(".slip a", has_text="To distribute, report and archive"))
    keys.press(page.get_by_role("link", name="Distribute the minutes"))
    keys.press(page.get_by_role("button", name="Distribute the minutes"))
    expect(page.locator(".flash-success")).to_have_text("The minutes are distributed.")
    keys.press(page.locator(".menu summary"))
    keys.press(page.get_by_role("button", name="Sign out"))
    expect(page.locator("[name=username]")).to_be_visible()


def test_nothing_moves_for_whoever_wants_less_motion(look):
    page = look("screen", "liaison")
    page.emulate_media(reduced_motion="reduce")
    moving = """() => [getComputedStyle(document.documentElement).scrollBehavior,
        document.getAnimations().length,
        ...[...document.querySelectorAll("*")].filter(node =>
          getComputedStyle(node).transitionDuration !== "0s").map(node => node.tagName)]"""
    for address in ("/", "/screening/", "/proposals/"):
        page.goto(address)
        page.locator(".menu summary").click()
        assert page.evaluate(moving) == ["auto", 0]
