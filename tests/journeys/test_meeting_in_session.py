"""A meeting in session in several windows: each shows by itself what another has done."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import aside
from tests.stage import Stage


@pytest.fixture
def case():
    """The meeting is in session; nothing is taken up."""
    return lambda: Stage().to("in_session")


def test_what_is_unfolded_and_the_focus_stay_when_others_act(look, site):
    meeting = f"/meetings/{site.stage.meeting.pk}/"
    chair, seat2 = look("screen", "chair"), look("screen", "seat2")
    for page in (chair, seat2):
        page.goto(meeting)
    seat2.locator("#presence details summary").click()
    seat2.locator("#other-acts summary").click()
    seat2.get_by_role("link", name="Leave the meeting").focus()
    chair.get_by_role("button", name="Take up the item").click()
    expect(seat2.locator("#now")).to_contain_text("Under deliberation")
    expect(seat2.locator("#presence details")).to_have_attribute("open", "")
    expect(seat2.get_by_role("link", name="Leave the meeting")).to_be_focused()


def test_the_focus_stays_on_a_fold_and_on_an_act_that_is_stopped(look, site):
    meeting, stage = f"/meetings/{site.stage.meeting.pk}/", site.stage
    aside(stage.do, "take_up")
    aside(stage.do, "admit_observer", observer=stage["handler_head"])
    chair, seat2 = look("screen", "chair"), look("screen", "seat2")
    for page in (chair, seat2):
        page.goto(meeting)
    fold, stopped = seat2.locator("#presence summary"), chair.get_by_role("button", name="Open the vote")
    fold.focus()
    stopped.focus()
    aside(stage.do, "sign_out", "seat3")
    expect(seat2.locator("#presence td[data-label=Out]").filter(has_text=":")).to_have_count(1)
    expect(fold).to_be_focused()
    aside(stage.do, "ask_observer", text="Who values the shop?")
    expect(chair.locator(".item")).to_contain_text("Who values the shop?")
    expect(stopped).to_be_focused()
