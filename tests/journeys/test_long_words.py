"""What people type may have no space to break at: no page of the meeting grows wider than its window."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import fits
from tests.stage import Stage

WORD = "x" * 400
WIDTHS = (1440, 390, 320)


@pytest.fixture
def case():
    def built() -> Stage:
        """A meeting is over whose opinions, reasons and minutes have such a word."""
        stage = Stage().to("taken_up")
        stage.do("record_opinion", "seat2", text=WORD)
        stage.do("open_vote")
        stage.do("cast", "chair", choice="for")
        stage.do("cast", "seat2", choice="against", reason=WORD)
        stage.do("cast", "seat3", choice="against", reason=WORD)
        stage.do("close_vote")
        stage.do("close_meeting")
        stage.do("draft_minutes", narrative=WORD)
        stage.step = "minuted"
        return stage

    return built


@pytest.mark.parametrize("handle", ["liaison", "handler", "auditor"])
def test_no_page_is_wider_than_its_window(look, site, handle):
    page = look("screen", handle)
    meeting, proposal = f"/meetings/{site.meeting}/", f"/proposals/{site.proposal}/"
    addresses = [proposal] if handle == "handler" else [meeting, proposal, f"{meeting}minutes/"]
    if handle == "liaison":
        addresses += [f"{meeting}amend_minutes/", f"{meeting}minutes/revisions/"]
    for address in addresses:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            fits(page)
