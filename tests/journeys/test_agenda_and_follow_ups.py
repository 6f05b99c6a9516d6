"""From the minutes of an agenda to the clock in the room; what a resolution asks for, until it is done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from audit import clock
from office.models import FollowUp
from tests.journeys.conftest import aside, fits
from tests.stage import Stage, today


def room(site: Any) -> str:
    return f"/meetings/{site.meeting}/"


class TestAgenda:
    """Two plans are filed, and the committee has met at a place before."""

    @pytest.fixture
    def case(self):
        def build() -> Stage:
            stage = Stage().to("filed")
            stage.another("C-2", title="王某流动资金贷款清收方案")
            return stage

        return build

    def test_minutes_are_typed_with_the_agenda_and_stand_on_notice_and_papers(self, look, site):
        chair = look("screen", "chair")
        day = today() + timedelta(days=10)
        chair.goto(f"/committees/{site.stage.committee.pk}/convene/?date={day}&time=14:00&place=Room 3")
        for _each in range(2):
            chair.get_by_role("button", name=re.compile("Add to the agenda")).first.click()
        minutes = chair.get_by_label(re.compile("Minutes planned for"))
        minutes.nth(0).fill("20")
        minutes.nth(1).fill("40")
        minutes.nth(1).press("Tab")
        expect(chair.locator("#period")).to_contain_text("the meeting ends at about 15:00")
        chair.get_by_role("button", name=re.compile("^Move up")).nth(1).click()
        expect(minutes.nth(0)).to_have_value("40")
        chair.locator(".form-end").get_by_role("button", name="Convene the meeting").click()
        expect(chair.locator(".page-lead").first).to_contain_text("ends at about 15:00")

        meeting = chair.url.partition("#")[0]
        liaison = look("screen", "liaison")
        liaison.goto(f"/committees/{site.stage.committee.pk}/templates/")
        liaison.get_by_label("Used for").select_option("notice")
        liaison.get_by_label("Name").fill("现场会议")
        liaison.get_by_label("Text").fill("请于{会议时间}前由东门进入。")
        liaison.get_by_role("button", name="Keep").click()
        liaison.goto(meeting)
        liaison.get_by_role("link", name="Send the notice").click()
        text = liaison.get_by_label("Added to the notice")
        expect(text).to_have_value(re.compile("请于.+14:00前由东门进入。"))
        liaison.get_by_text("What will be mailed, and to whom").click()
        mail = liaison.locator("#mail")
        expect(mail).to_contain_text(site.stage["seat2"].email)
        mail.locator("details summary", has_text="2 ·").click()
        expect(mail.locator(".mail-text").nth(1)).to_contain_text("Room 3")
        liaison.get_by_role("button", name="Send the notice").click()
        expect(liaison).to_have_url(re.compile("/notice/"))

        member = look("phone", "seat2", language="zh-hans")
        member.goto(f"{meeting}notice/")
        paper = member.locator(".document")
        expect(paper).to_contain_text("40 分钟")
        expect(paper).to_contain_text("15:00")
        expect(paper).to_contain_text("由东门进入")
        fits(member)
        member.goto(f"{meeting}papers/")
        expect(member.locator("main")).to_contain_text("20 分钟")
        fits(member)


class TestRoom:
    """An item of twenty minutes is under deliberation."""

    @pytest.fixture
    def case(self):
        def build() -> Stage:
            stage = Stage().to("filed")
            stage.meeting = stage.convene(stage.proposal, minutes=[20])
            stage.step = "convened"
            return stage.to("seated").to("in_session")

        return build

    @pytest.mark.parametrize("size", ["screen", "phone"])
    def test_the_whole_plan_is_read_while_the_room_goes_on(self, look, site, size):
        aside(site.stage.do, "take_up")
        member = look(size, "seat2", language="zh-hans")
        member.goto(room(site))
        clock_of_item = member.locator(".room-stage .timer")
        expect(clock_of_item).to_have_text(re.compile(r"^1?\d:\d\d$|^\+"))
        fold = member.locator(".room-whole")
        fold.locator(":scope > summary").click()
        expect(fold.locator("[data-loaded]")).to_contain_text("还款计划")
        fits(member)
        aside(site.stage.do, "record_opinion", "seat3", text="同意该方案。")
        expect(member.locator("[data-live=item]")).to_contain_text("同意该方案。")
        expect(fold.locator("[data-loaded]")).to_contain_text("还款计划")
        expect(fold).to_have_attribute("open", "")
        assert member.url.endswith(room(site))


class TestFollowUps:
    """The minutes are signed, and another meeting is convened."""

    @pytest.fixture
    def case(self):
        def build() -> Stage:
            stage = Stage().to("signed")
            coming = stage.convene(stage.another("C-6"), at=clock.now() + timedelta(days=10))
            stage.do("send_notice", on=coming)
            stage.coming = coming
            return stage

        return build

    def test_a_task_is_followed_until_it_is_done(self, look, site):
        stage, words = site.stage, "办理厂房抵押登记"
        liaison = look("screen", "liaison")
        liaison.goto(f"/proposals/{site.proposal}/assign_follow_up/")
        liaison.get_by_label("What is to be done").fill(words)
        liaison.get_by_label("Owner").select_option(str(stage["handler"].pk))
        liaison.get_by_label("Due on").fill((today() + timedelta(days=5)).isoformat())
        liaison.locator("form.act").get_by_role("button").click()
        expect(liaison.locator("main")).to_contain_text(words)

        member = look("phone", "seat2", language="zh-hans")
        member.goto(f"/meetings/{stage.coming.pk}/papers/")
        expect(member.locator("#follow-ups")).to_contain_text(words)
        fits(member)

        handler = look("phone", "handler", language="zh-hans")
        handler.goto("/")
        handler.get_by_role("link", name=re.compile(words)).first.click()
        handler.get_by_role("link", name="反馈办理情况").click()
        fits(handler)
        handler.get_by_role("textbox").first.fill("抵押登记证明已取得，编号 2026-118。")
        handler.get_by_role("checkbox").first.check()
        handler.locator("form.act").get_by_role("button").click()
        expect(handler.locator("main")).to_contain_text("2026-118")

        liaison.goto(f"/proposals/{site.proposal}/confirm_follow_up/")
        liaison.locator("form.act").get_by_role("button").click()
        assert aside(lambda: FollowUp.objects.get().confirmed_at is not None)
        member.goto(f"/meetings/{stage.coming.pk}/papers/")
        expect(member.locator("#follow-ups")).to_have_count(0)


class TestListsOfMany:
    """Minutes are distributed and reported; an auditor looks at exceptions one by one."""

    @pytest.fixture
    def case(self):
        def build() -> Stage:
            stage = Stage().to("taken_up")
            stage.do("request_abstention", reason="A cousin owes the borrower money for a building")
            stage.do("grant_abstention", seat=2)
            stage.do("open_vote")
            stage.cast("for", "abstain:A cousin owes the borrower money", "for")
            stage.do("close_vote")
            stage.do("close_meeting")
            stage.do("draft_minutes", narrative="The committee met.")
            stage.do("sign_minutes")
            stage.do("distribute")
            stage.do("report_decisions")
            return stage

        return build

    def test_twenty_five_rows_of_outbox_or_exceptions_are_no_longer_than_a_phone_scrolls(self, look, site):
        exceptions = "/exceptions/?from=2026-01-01&to=2026-12-31&view=cases"
        for handle, address in (("liaison", "/outbox/"), ("auditor", exceptions)):
            page = look("phone", handle, language="zh-hans")
            page.goto(address)
            boxes = [row.bounding_box() for row in page.locator("tbody tr").all()]
            assert boxes, address
            assert 25 * sum(box["height"] for box in boxes) / len(boxes) <= 3000, (address, boxes)
            fits(page)
