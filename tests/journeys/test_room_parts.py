"""What the page of the room is sent in parts, as the script puts it together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, aside
from tests.stage import MEETING, Stage


def second_of_three() -> Stage:
    """The first of three items is carried, the second is under deliberation."""
    stage = Stage().to("filed")
    stage.second, stage.third = stage.another("C-2"), stage.another("C-3")
    stage.meeting = stage.convene(stage.proposal, stage.second, stage.third)
    stage.do("send_notice")
    stage.travel(MEETING)
    stage.sign_in()
    for verb in ("open_meeting", "take_up", "open_vote"):
        stage.do(verb)
    stage.cast()
    stage.do("close_vote")
    stage.do("take_up", on=stage.second)
    return stage


@pytest.fixture
def case() -> Callable[[], Stage]:
    return second_of_three


def test_what_is_resolved_stands_in_the_agenda_whatever_happens(
    look: Callable[..., Page], site: Site
) -> None:
    stage = site.stage
    page = look("screen", "liaison")
    page.goto(f"/meetings/{site.meeting}/")
    past = page.locator(".room-past")
    expect(past).to_have_count(1)
    past.locator("summary").first.click()
    expect(past.locator(".resolution")).to_be_visible()
    aside(stage.do, "record_opinion", "seat2", text="The season is over.", on=stage.second)
    expect(page.locator("[data-live=item]")).to_contain_text("The season is over.")
    expect(past.locator(".resolution")).to_be_visible()  # it stays unfolded
    aside(stage.do, "withdraw", on=stage.second, reason="The borrower has paid")
    expect(page.locator("#now")).to_contain_text("Result of item")
    aside(stage.do, "take_up", on=stage.third)
    expect(page.locator("#now")).to_contain_text("Under deliberation")
    expect(past).to_have_count(2)
    expect(past.first).to_contain_text("Carried: 3 for (2 needed)")
    expect(past.last).to_contain_text("Withdrawn")
