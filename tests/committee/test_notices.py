"""Notices and their receipts (Art. 12.2, 15, 16)."""

from datetime import timedelta

import pytest

from tests.stage import MEETING


def deliveries(stage):
    notice = stage.meeting.notices.filter(superseded_at=None).first()
    return {row.seat.number: row for row in notice.deliveries.select_related("seat")} if notice else {}


@pytest.mark.article("16")
def test_the_notice_states_time_place_and_items_and_delivers_the_materials(convened):
    notice = convened.do("send_notice", paper=[3])
    assert (notice.at, notice.place) == (MEETING, "Room 3")
    assert [row.digest for row in notice.stated.all()] == [convened.now(convened.proposal).version.digest]
    reached = {
        number: (row.paper, row.receipt_at is not None) for number, row in deliveries(convened).items()
    }
    assert reached == {1: (False, False), 2: (False, False), 3: (True, True)}


@pytest.mark.article("12")
def test_only_the_liaison_notifies(convened):
    for by in ("chair", "seat2", "head_office", "risk"):
        convened.refused("12/only-liaison", "send_notice", by)
    for by in ("handler", "credit", "outsider", "deputy2"):
        convened.refused("access/not-found", "send_notice", by)


def test_sending_again_reaches_nobody(noticed):
    noticed.refused("state/not-allowed", "send_notice")


@pytest.mark.article("15")
def test_the_period_is_checked_when_the_notice_is_sent(convened):
    convened.travel("2026-03-03T23:59+08:00")
    convened.do("send_notice")


def test_a_notice_sent_too_late_is_refused(convened):
    convened.travel("2026-03-04T00:00+08:00")
    refusal = convened.refused("15/notice-too-short", "send_notice")
    assert refusal.context["last_day"] == "2026-03-03"
    convened.refused("12/only-liaison", "send_notice", "chair")


def test_a_newly_filled_seat_needs_the_notice_and_no_new_period(noticed):
    noticed.do("vacate_seat", seat=2)
    noticed.travel(MEETING - timedelta(hours=1))
    noticed.do("fill_seat", seat=2, holder=noticed["outsider"])
    assert 2 in deliveries(noticed)  # the receipt is the seat's
    noticed.refused("state/not-allowed", "send_notice")


def test_a_seat_filled_after_the_notice_is_reached_by_sending_again(founded):
    founded.do("vacate_seat", seat=2)
    founded.to("noticed")
    assert set(deliveries(founded)) == {1, 3}
    founded.travel(MEETING - timedelta(hours=1))
    founded.do("fill_seat", seat=2, holder=founded["outsider"])
    founded.people = {**founded.people, "seat2": founded["outsider"]}
    founded.refused("16/no-notice", "acknowledge", "seat2")
    notice = founded.do("send_notice")
    assert notice.number == 1
    assert set(deliveries(founded)) == {1, 2, 3}
    founded.do("acknowledge", "seat2")


@pytest.mark.parametrize("step", ["in_session", "closed"])
def test_in_session_and_after_no_notice_is_sent(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "send_notice")


# --- receipts ---


def test_a_seat_acknowledges_once(noticed):
    delivery = noticed.do("acknowledge", "seat2")
    assert (delivery.acknowledged_by, delivery.receipt_at) == (noticed["seat2"], delivery.delivered_at)
    noticed.refused("state/not-allowed", "acknowledge", "seat2")


def test_without_a_notice_there_is_nothing_to_acknowledge(convened):
    convened.refused("16/no-notice", "acknowledge", "seat2")


def test_a_superseded_notice_is_not_acknowledged(noticed):
    noticed.do("change_meeting", place="Room 4")
    noticed.refused("16/notice-superseded", "acknowledge", "seat2")


def test_a_paper_seat_has_nothing_to_acknowledge(convened):
    convened.do("send_notice", paper=[2])
    convened.refused("state/not-allowed", "acknowledge", "seat2")


def test_only_a_seat_acknowledges_not_its_proxy(noticed):
    noticed.proxy()
    for by in ("deputy3", "liaison", "head_office"):
        noticed.refused("20.1/no-seat", "acknowledge", by)


def test_a_new_holder_acknowledges_for_the_seat(noticed):
    noticed.do("vacate_seat", seat=2)
    noticed.do("fill_seat", seat=2, holder=noticed["outsider"])
    noticed.do("acknowledge", "outsider")
    noticed.refused("access/not-found", "acknowledge", "seat2")


def test_a_seat_represented_at_the_opening_has_received_the_notice(seated):
    assert all(row.receipt_at is None for row in deliveries(seated).values())
    seated.do("open_meeting")
    assert all(row.receipt_at is not None for row in deliveries(seated).values())
