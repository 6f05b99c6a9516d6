"""The list of papers is printed whole: what is folded on the screen, and each paper's day and checksum."""

from __future__ import annotations

import pypdfium2
import pytest
from playwright.sync_api import expect

from office.models import Paper
from tests.journeys.conftest import aside
from tests.stage import Stage


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case():
    return lambda: Stage().to("signed")


def test_the_list_of_papers_is_printed_with_what_is_folded(look, site):
    aside(site.stage.do, "draw_up_papers")
    page = look("screen", "liaison")
    page.goto(f"/meetings/{site.meeting}/documents/")
    folds = page.locator(".filed details")
    expect(folds).to_have_count(2)  # notices and ballots
    expect(folds.first).not_to_have_attribute("open", "")
    papers = aside(lambda: [(str(each), each.sha256) for each in Paper.objects.filter(language="en")])
    sheets = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, format="A4"))
    printed = "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets)
    assert len(papers) > 10
    for name, digest in papers:
        assert "".join(name.split()) in printed, name
        assert digest[:12] in printed, name
    expect(folds.first).not_to_have_attribute("open", "")
