"""The room at each step, for all in it: axe-core finds nothing, it fits a phone, and large text fits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from audit import clock
from committee.models import AgendaItem
from tests.journeys.conftest import Site, aside
from tests.journeys.test_accessibility import faults
from tests.stage import Stage

WHY = "还款来源不足，抵押物估值偏高，执行可回收金额更高。"


@pytest.fixture
def case():
    """All but one are signed in; a proxy is among them."""

    def gathered() -> Stage:
        stage = Stage().to("noticed")
        stage.proxy()
        stage.travel(stage.meeting.at)
        stage.sign_in("chair", "deputy3")
        return stage

    return gathered


@pytest.fixture
def forgiven() -> str:
    """The site's clock stands at the meeting's hour only in the test."""
    return r"status of (404|409|422)|WebSocket connection"


def steps(stage: Stage) -> Iterator[str]:
    """The course of a meeting, by the names of its steps."""
    yield "roll call, one is missing"
    aside(stage.do, "sign_in", "seat2")
    yield "roll call, all are there"
    aside(stage.do, "open_meeting")
    yield "nothing is taken up"
    aside(stage.do, "take_up")
    aside(stage.do, "admit_observer", observer=stage["handler_head"])
    aside(stage.do, "ask_observer", text="抵押商铺由哪家机构评估？")
    yield "the observer is asked"
    aside(stage.do, "withdraw_observer")
    aside(stage.do, "ask_to_speak")
    aside(stage.do, "give_floor", seat=2, minutes=3)
    aside(stage.do, "request_abstention", reason="曾任职于借款企业")
    yield "deliberation"
    aside(stage.do, "end_speech")
    aside(stage.do, "open_vote")
    aside(stage.do, "cast", "deputy3", choice="against", reason=WHY)
    yield "vote"
    aside(stage.do, "sign_out", "chair")
    yield "the vote pauses"
    aside(stage.do, "sign_in", "chair")
    aside(stage.do, "cast", "chair", choice="for")
    aside(stage.do, "grant_abstention", seat=2)
    aside(stage.do, "cast", "seat2", choice="abstain", reason=WHY)
    yield "all ballots are in"
    aside(stage.do, "close_vote")
    yield "result"


def test_the_room_is_accessible_and_fits_at_each_step(
    site: Site, look, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = site.stage
    monkeypatch.setattr(clock, "now", lambda: stage.meeting.at)
    item = aside(AgendaItem.objects.get, meeting=stage.meeting).pk
    _, token = aside(stage.do, "open_wall")
    room = f"/meetings/{stage.meeting.pk}/"
    seen: dict[str, tuple[Page, str]] = {
        "chair": (look("screen", "chair", language="zh-hans", theme="light"), room),
        "liaison": (look("screen", "liaison", language="en", theme="dark"), room),
        "seat2": (look("phone", "seat2", language="zh-hans", theme="dark"), room),
        "deputy3": (look("phone", "deputy3", language="en", theme="light"), room),
        "observer": (look("phone", "handler_head", language="zh-hans"), f"/observed/{item}/"),
        "wall": (look("screen", "head_office"), f"/wall/{token}/"),
    }
    found = []
    for step in steps(stage):
        for who, (page, address) in seen.items():
            if who == "observer" and "observer" not in step and step != "deliberation":
                continue
            if who == "wall":
                page.set_viewport_size({"width": 1440, "height": 900})
            found += [f"{step}, {who}: {fault}" for fault in faults(page, address)]
    assert not found, "\n".join(found)
