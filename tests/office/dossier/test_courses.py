"""Unusual courses that the regulation allows: no article is said not to have held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from audit import clock
from office.dossier.findings import Outcome
from tests.office.dossier.decided import MINUTE, dossier
from tests.stage import MEETING, START, Stage, plan

HELD, NOT_APPLIED = Outcome.HELD, Outcome.NOT_APPLIED


def five(step: str) -> Stage:
    return Stage(seats=5, votes_to_pass=3).to(step)


def decided(stage: Stage, *handles: str) -> Stage:
    """The vote is opened, all cast for the plan, and it is closed, a minute apart."""
    stage.travel(MINUTE)
    stage.do("open_vote")
    for handle in handles or stage.seats:
        stage.travel(MINUTE)
        stage.do("cast", handle, choice="for")
    stage.do("close_vote")
    return stage


def held_in_session(stage: Stage, *handles: str) -> Stage:
    """The meeting is opened with these people, and the plan decided."""
    stage.sign_in(*handles)
    stage.do("open_meeting")
    stage.do("take_up")
    return decided(stage, *handles)


def one_acting_chair_after_another() -> Stage:
    stage = five("seated")
    stage.do("appoint_acting_chair", "head_office", seat=2)
    stage.do("open_meeting", "seat2")
    stage.travel(MINUTE)
    stage.do("take_up", "seat2")
    stage.travel(MINUTE)
    stage.do("appoint_acting_chair", "head_office", seat=4)
    stage.travel(MINUTE)
    stage.do("open_vote", "seat4")
    stage.cast()
    stage.do("close_vote")
    stage.do("close_meeting", "seat4")
    stage.do("draft_minutes", narrative="What was said.")
    stage.do("sign_minutes", "seat4")
    return stage


def the_acting_chairs_seat_vacated() -> Stage:
    stage = five("seated")
    stage.do("appoint_acting_chair", "head_office", seat=2)
    stage.do("open_meeting", "seat2")
    stage.travel(MINUTE)
    stage.do("take_up", "seat2")
    stage.travel(MINUTE)
    stage.do("vacate_seat", "risk", on=stage.committee, seat=2)
    stage.do("fill_seat", "risk", on=stage.committee, seat=2, holder=stage["deputy3"])
    stage.sign_in("deputy3")
    return decided(stage, "chair", "deputy3", "seat3", "seat4", "seat5")


def an_item_withdrawn_before_a_later_notice() -> Stage:
    """Two days' notice was kept by the first notice; the one of the new place went out a day before."""
    stage = Stage().to("filed")
    other = stage.another("C-9")
    stage.meeting = stage.convene(stage.proposal, other)
    stage.do("send_notice")
    stage.travel(MEETING - timedelta(days=1))
    stage.do("withdraw", on=other, reason="Repaid")
    stage.do("change_meeting", place="Room 9")
    stage.do("send_notice")
    stage.travel(MEETING)
    return held_in_session(stage)


def a_contract_left_out_on_return() -> Stage:
    """The plan was submitted on two contracts and voted on with one; another plan has the other."""
    stage = Stage()
    stage.plan = plan("C-1", "C-2")
    stage.to("submitted")
    stage.do("return", reason="C-2 is another matter")
    stage.do("amend", changes=plan("C-1"))
    stage.do("submit")
    stage.another("C-2")
    stage.do("shortlist")
    stage.do("file_docket", proposals=[stage.proposal])
    stage.meeting = stage.convene(stage.proposal)
    stage.do("send_notice")
    stage.travel(MEETING)
    return held_in_session(stage)


def a_draft_that_once_had_a_rejected_contract() -> Stage:
    """It is no resubmission of the rejected plan, and needs no ruling."""
    stage = Stage().to("voting")
    stage.cast("against:Too long", "against:Too little", "for")
    stage.do("close_vote")
    stage.do("close_meeting")
    at = stage.now(stage.meeting).closed_at + timedelta(days=4)
    stage.travel(timedelta(hours=1))
    stage.proposal = stage.do("draft", plan=plan("C-1", "C-2"))
    stage.do("amend", changes=plan("C-2"))
    stage.do("submit")
    stage.do("shortlist")
    stage.do("file_docket", proposals=[stage.proposal])
    stage.meeting = stage.convene(stage.proposal, at=at)
    stage.do("send_notice")
    stage.travel(at)
    return held_in_session(stage)


def a_former_proxy_in_the_seat() -> Stage:
    stage = five("noticed")
    stage.proxy()
    stage.travel(MINUTE)
    stage.do("vacate_seat", "risk", on=stage.committee, seat=3)
    stage.travel(MINUTE)
    stage.do("fill_seat", "risk", on=stage.committee, seat=3, holder=stage["deputy3"])
    stage.do("send_notice")
    stage.travel(MEETING)
    return held_in_session(stage, "chair", "seat2", "deputy3", "seat4", "seat5")


def a_seat_filled_anew_while_the_vote_was_open() -> Stage:
    stage = five("taken_up")
    stage.do("open_vote")
    stage.travel(MINUTE)
    stage.do("cast", "seat3", choice="for")
    stage.travel(MINUTE)
    stage.do("vacate_seat", "risk", on=stage.committee, seat=3)
    stage.travel(MINUTE)
    stage.do("fill_seat", "risk", on=stage.committee, seat=3, holder=stage["deputy3"])
    stage.sign_in("deputy3")
    stage.travel(MINUTE)
    for handle in ("chair", "seat2", "seat4", "seat5"):
        stage.do("cast", handle, choice="for")
    stage.do("close_vote")
    return stage


def a_vote_cancelled_and_another_meeting() -> Stage:
    stage = five("voting")
    stage.do("cast", "seat2", choice="for")
    stage.do("propose_cancellation", "seat3", reason="The terms are unclear")
    stage.do("cancel_vote", reason="The terms are unclear")
    stage.do("close_meeting")
    at = stage.now(stage.meeting).closed_at + timedelta(days=4)
    stage.meeting = stage.convene(stage.proposal, at=at)
    stage.do("send_notice")
    stage.travel(at)
    return held_in_session(stage)


def a_principal_who_came_during_the_vote() -> Stage:
    stage = five("noticed")
    stage.proxy()
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3", "seat4", "seat5")
    stage.do("open_meeting")
    stage.do("take_up")
    stage.travel(MINUTE)
    stage.do("open_vote")
    stage.travel(MINUTE)
    stage.do("cast", "chair", choice="for")
    stage.travel(MINUTE)
    stage.sign_in("seat3")
    stage.travel(MINUTE)
    for handle in ("seat2", "seat3", "seat4", "seat5"):
        stage.do("cast", handle, choice="for")
    stage.do("close_vote")
    return stage


COURSES = (
    one_acting_chair_after_another,
    the_acting_chairs_seat_vacated,
    an_item_withdrawn_before_a_later_notice,
    a_contract_left_out_on_return,
    a_draft_that_once_had_a_rejected_contract,
    a_former_proxy_in_the_seat,
    a_seat_filled_anew_while_the_vote_was_open,
    a_vote_cancelled_and_another_meeting,
    a_principal_who_came_during_the_vote,
)


@pytest.mark.parametrize("course", COURSES)
def test_what_the_regulation_allows_holds(db: None, course: Callable[[], Stage]) -> None:
    with clock.frozen(START):
        found = dossier(course())
    assert {number: found.of(number).finding for number in found.numbers(Outcome.NOT_HELD)} == {}
    assert found.numbers(Outcome.GAP) == []


def test_what_was_done_between_two_votes_on_an_item_is_the_second_ones(db: None) -> None:
    """Special circumstances are voted on first; then the head attends, and a conflict is declared."""
    with clock.frozen(START):
        stage = Stage(seats=5, votes_to_pass=3)
        stage.plan["conditions"] = {"7.6": "The village is to be resettled"}
        stage.to("taken_up")
        stage.do("open_vote", question="special-circumstances")
        stage.cast()
        stage.travel(MINUTE)
        stage.do("close_vote")
        stage.travel(MINUTE)
        stage.do("record_opinion", "seat2", text="The terms are sound.")
        stage.do("admit_observer", observer=stage["handler_head"])
        stage.travel(MINUTE)
        stage.do("withdraw_observer")
        stage.do("declare_conflict", "seat3", reason="A cousin")
        stage.travel(MINUTE)
        stage.do("open_vote")
        for handle in ("chair", "seat2", "seat4", "seat5"):
            stage.do("cast", handle, choice="for")
        stage.do("cast", "seat3", choice="abstain", reason="A cousin")
        stage.do("close_vote")
        first, second = dossier(stage, "special-circumstances"), dossier(stage)
    assert (first.numbers(Outcome.NOT_HELD), second.numbers(Outcome.NOT_HELD)) == ([], [])
    assert (first.of(19).outcome, second.of(19).outcome) == (NOT_APPLIED, HELD)
