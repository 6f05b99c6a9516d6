"""A member frames a place on a page of a file, highlights words of the plan, and marks it as read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from tests.journeys.conftest import fits
from tests.pages import files
from tests.pages.pages import as_
from tests.stage import Stage


@pytest.fixture
def case(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")

    def built() -> Stage:
        """A plan with a file of two pages, on an agenda, its notice sent."""
        stage = Stage().to("drafted")
        as_(stage["handler"]).post(
            reverse("attachments", args=[stage.proposal.pk]),
            {"file": SimpleUploadedFile("a.pdf", files.pdf(2))},
        )
        stage.to("noticed")
        stage.item_pk = stage.now(stage.proposal).item_id
        return stage

    return built


def test_a_member_annotates_the_papers_and_marks_them_as_read(look, site):
    page = look("screen", "seat2")
    stage = site.stage
    item = stage.item_pk
    page.goto(f"/meetings/{stage.meeting.pk}/papers/{item}/")
    mark = page.locator(".read-mark")
    expect(mark).to_contain_text("You have not opened:")
    mark.get_by_role("link", name="a.pdf").click()

    marks = page.locator("[data-marks]")
    marks.scroll_into_view_if_needed()
    box = marks.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 120, steps=4)
    page.mouse.up()
    expect(page.locator("select[name=place] option:checked")).to_have_text("The frame drawn on the page")
    page.get_by_label("Annotation", exact=True).fill("Who appraised this?")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".flash-success")).to_have_text("Your annotation is kept.")
    expect(page.locator("[data-marks] rect")).to_have_count(1)
    fits(page)

    page.goto(f"/meetings/{stage.meeting.pk}/papers/{item}/")
    page.locator("main").get_by_role("link", name="Open the plan in full").click()
    expect(page.locator(".read-mark")).to_contain_text("You have opened the plan and all its files.")
    page.get_by_text("Annotate the plan").click()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#conditions dd'))")
    evidence = page.locator("#conditions dd").first.inner_text()
    expect(page.get_by_label("Words to highlight")).to_have_value(evidence)
    expect(page.locator("select[name=place]")).to_have_value("conditions")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".annotation mark")).to_have_text(evidence)
    page.go_back()
    page.reload()
    assert page.evaluate("CSS.highlights.get('own').size") == 1
    page.get_by_role("button", name="Mark the materials as read").click()
    expect(page.locator(".flash-success")).to_have_text("Your reading is recorded.")
