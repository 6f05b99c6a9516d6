"""A ballot is fair on any screen: its choices are alike in size, all in one row or one below the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Site, fits
from tests.stage import Stage


@pytest.fixture
def case() -> Callable[[], Stage]:
    """A vote is open; a seat may abstain with the chair's consent."""

    def consented() -> Stage:
        stage = Stage().to("taken_up")
        stage.do("request_abstention", reason="曾任职于借款企业")
        stage.do("grant_abstention", seat=2)
        stage.do("open_vote")
        return stage

    return consented


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_three_choices_are_whole_and_equal_at_any_width_and_size_of_text(
    site: Site, look: Callable[..., Page], language: str
) -> None:
    page = look("phone", "seat2", language=language)
    room, act = f"/meetings/{site.meeting}/", f"/proposals/{site.proposal}/cast/"
    for address in (room, act):
        page.goto(address)
        for width, size in ((390, "100%"), (320, "100%"), (390, "200%"), (320, "200%"), (1440, "100%")):
            page.set_viewport_size({"width": width, "height": 844})
            page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{size}'; }}")
            fits(page)
            boxes = [choice.bounding_box() for choice in page.locator(".ballot fieldset label").all()]
            assert len(boxes) == 3, address
            assert max(box["x"] + box["width"] for box in boxes) <= width
            assert max(box["width"] for box in boxes) - min(box["width"] for box in boxes) < 1
            assert max(box["height"] for box in boxes) - min(box["height"] for box in boxes) < 1
            rows, columns = {round(box["y"]) for box in boxes}, {round(box["x"]) for box in boxes}
            assert sorted((len(rows), len(columns))) == [1, 3], f"{address} {width} {size}"
            if width < 400:
                assert len(columns) == 1
