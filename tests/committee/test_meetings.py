"""Opening a meeting, and its acting chair (Art. 9, 15, 16, 20.1)."""

from datetime import timedelta

import pytest

from audit import clock
from tests.stage import MEETING, START


def test_the_chair_opens_at_the_hour_when_all_are_there(seated):
    seated.do("open_meeting")
    meeting = seated.now(seated.meeting)
    assert (meeting.state, meeting.opened_at) == ("in_session", MEETING)
    seated.refused("state/not-allowed", "open_meeting")


@pytest.mark.article("9")
def test_only_the_chair_opens(seated):
    for by in ("liaison", "seat2", "head_office", "risk"):
        seated.refused("9/only-chair", "open_meeting", by)


@pytest.mark.article("16", "20.1")
@pytest.mark.parametrize("order", range(5))
def test_opening_is_checked_in_this_order(convened, order):
    """The hour, the notice, its delivery to every filled seat, presence, the chair."""
    convened.sign_in("seat2")
    if order > 0:
        if order > 1:
            convened.do("vacate_seat", seat=3)
            convened.do("send_notice")
            convened.do("fill_seat", seat=3, holder=convened["deputy3"])
        if order > 2:
            convened.do("send_notice")
        if order == 4:
            convened.sign_in("deputy3")
            convened.proxy("chair", "deputy1")
            convened.sign_in("deputy1")
        convened.travel(MEETING)
    codes = ["state/not-allowed", "16/no-notice", "16/no-notice", "20.1/not-all-present", "9/chair-absent"]
    refusal = convened.refused(codes[order], "open_meeting")
    if order == 2:
        assert refusal.context["seats"] == [3]
    if order == 3:
        assert refusal.context["seats"] == [1, 3]


def test_a_changed_meeting_opens_on_a_new_notice_only(seated):
    seated.do("change_meeting", place="Room 4")
    seated.refused("16/notice-superseded", "open_meeting")
    seated.do("send_notice")
    seated.do("open_meeting")


def test_a_meeting_does_not_open_a_moment_before_its_hour(seated):
    seated.travel(MEETING - timedelta(microseconds=1))
    seated.refused("state/not-allowed", "open_meeting")


@pytest.mark.article("15")
def test_an_emergency_meeting_opens_as_soon_as_all_are_there(filed):
    filed.meeting = filed.convene(
        filed.proposal, at=START + timedelta(days=1), emergency=True, reason="Urgent"
    )
    filed.do("send_notice")
    filed.sign_in("chair", "seat2")
    filed.refused("20.1/not-all-present", "open_meeting")
    filed.sign_in("seat3")
    filed.do("open_meeting")
    assert filed.now(filed.meeting).opened_at == clock.now()


def test_a_vacant_seat_keeps_a_meeting_from_opening(seated):
    seated.do("vacate_seat", seat=3)
    refusal = seated.refused("20.1/not-all-present", "open_meeting")
    assert refusal.context["seats"] == [3]


def test_a_proxy_on_any_item_of_the_agenda_counts_as_presence_when_the_meeting_opens(noticed):
    other = noticed.another("C-2")
    noticed.do("change_meeting", proposals=[noticed.proposal, other])
    noticed.do("send_notice")
    noticed.proxy(proposals=[other], powers="attend")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")


def test_a_proxy_whose_items_have_all_left_the_agenda_is_no_presence(noticed):
    other = noticed.another("C-2")
    noticed.do("change_meeting", proposals=[noticed.proposal, other])
    noticed.do("send_notice")
    noticed.proxy(proposals=[other])
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("withdraw", on=other, reason="Paid")
    noticed.refused("20.1/not-all-present", "open_meeting")


# --- the acting chair ---


@pytest.mark.article("9")
def test_head_office_appoints_an_acting_chair_beside_the_chair(noticed):
    noticed.do("appoint_acting_chair", seat=2)
    noticed.proxy("chair", "deputy1")
    noticed.travel(MEETING)
    noticed.sign_in("seat2", "seat3", "deputy1")
    noticed.refused("9/only-chair", "open_meeting", "seat3")
    noticed.refused("9/chair-absent", "open_meeting", "chair")
    noticed.do("open_meeting", "seat2")
    noticed.do("take_up", "seat2")
    noticed.do("open_vote", "seat2")
    noticed.do("cancel_vote", "seat2", reason="Papers missing")
    noticed.do("close_meeting", "seat2")
    noticed.do("draft_minutes", narrative="Said.")
    noticed.do("sign_minutes", "seat2")


def test_convening_changing_and_cancelling_stay_the_chairs(noticed):
    noticed.do("appoint_acting_chair", seat=2)
    noticed.refused("9/only-chair", "change_meeting", "seat2", place="Room 4")
    noticed.refused("9/only-chair", "cancel_meeting", "seat2", reason="Ill")
    other = noticed.another("C-2")
    noticed.refused("9/only-chair", "convene", "seat2", at=MEETING, place="Room 3", proposals=[other])


def test_an_acting_chair_in_session_is_signed_in(seated):
    seated.do("appoint_acting_chair", seat=2)
    seated.do("open_meeting")
    seated.do("sign_out", "seat2")
    seated.refused("9/chair-absent", "take_up", "seat2")
    seated.do("take_up", "chair")


@pytest.mark.parametrize("by", ["chair", "liaison", "risk", "seat2", "auditor"])
def test_nobody_else_appoints(convened, by):
    convened.refused("access/denied", "appoint_acting_chair", by, seat=2)


@pytest.mark.parametrize("seat", [1, 4, 0])
def test_an_acting_chair_holds_another_filled_seat(convened, seat):
    convened.refused("state/not-allowed", "appoint_acting_chair", seat=seat)


def test_a_vacant_seat_does_not_act_as_chair(convened):
    convened.do("vacate_seat", seat=2)
    convened.refused("state/not-allowed", "appoint_acting_chair", seat=2)


def test_an_acting_chair_is_replaced_in_session(in_session):
    in_session.do("appoint_acting_chair", seat=2)
    in_session.do("appoint_acting_chair", seat=3)
    in_session.refused("9/only-chair", "take_up", "seat2")
    in_session.do("take_up", "seat3")


def test_an_acting_chair_is_of_one_meeting(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal)
    second = filed.convene(other)
    filed.do("appoint_acting_chair", seat=2)
    filed.refused("9/only-chair", "open_meeting", "seat2", on=second)


@pytest.mark.parametrize("step", ["closed", "signed"])
def test_after_the_session_no_acting_chair_is_appointed(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "appoint_acting_chair", seat=2)


def test_a_chair_whose_proxy_came_does_not_preside_by_it(noticed):
    noticed.proxy("chair", "deputy1")
    noticed.travel(MEETING)
    noticed.sign_in("deputy1", "seat2", "seat3")
    noticed.refused("9/only-chair", "open_meeting", "deputy1")
    noticed.refused("9/chair-absent", "open_meeting", "chair")


@pytest.mark.parametrize("by", ["handler", "outsider", "credit"])
def test_a_meeting_that_one_does_not_see_is_not_found_before_who_opens_it(seated, by):
    seated.refused("access/not-found", "open_meeting", by)
