"""Notices and their receipts (Art. 12.2, 15, 16)."""

from datetime import timedelta

import pytest

from audit import clock
from audit.models import Entry
from committee.models import Message
from tests.stage import MEETING


def deliveries(stage):
    notice = stage.meeting.notices.filter(superseded_at=None).first()
    if notice is None:
        return {}
    return {row.seat.number: row for row in notice.deliveries.standing().select_related("seat")}


def hand_on(stage, seat, holder):
    """The seat has another holder, an officer of the stage by handle."""
    stage.do("vacate_seat", seat=seat)
    stage.do("fill_seat", seat=seat, holder=stage[holder])


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


def test_a_notice_stays_with_the_seat_whose_holder_changes(noticed):
    noticed.do("acknowledge", "seat2")
    hand_on(noticed, 2, "outsider")
    row = deliveries(noticed)[2]
    assert (row.recipient, row.receipt_at is not None) == (noticed["seat2"], True)
    noticed.refused("state/not-allowed", "acknowledge", "outsider")


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_notice_is_sent_again_to_a_seat_whose_holder_changed_without_a_new_period(noticed, acknowledged):
    noticed.do("acknowledge", "seat3")
    if acknowledged:
        noticed.do("acknowledge", "seat2")
    hand_on(noticed, 2, "outsider")
    noticed.travel(MEETING - timedelta(hours=1))
    notice = noticed.do("send_notice")
    assert notice.number == 1
    rows = deliveries(noticed)
    assert (rows[2].recipient, rows[2].receipt_at) == (noticed["outsider"], None)
    assert rows[3].receipt_at is not None
    former = notice.deliveries.get(seat__number=2, recipient=noticed["seat2"])
    assert (former.replaced_at, former.receipt_at is not None) == (rows[2].delivered_at, acknowledged)
    noticed.refused("state/not-allowed", "send_notice")
    noticed.do("acknowledge", "outsider")
    noticed.refused("state/not-allowed", "send_notice")


def test_a_notice_is_sent_again_on_paper_and_to_a_seat_that_had_paper(convened):
    convened.do("send_notice", paper=[2])
    for seat, holder, paper in ((2, "outsider", []), (3, "credit", [3])):
        hand_on(convened, seat, holder)
        convened.do("send_notice", paper=paper)
    rows = deliveries(convened)
    assert [(rows[n].paper, rows[n].receipt_at is not None) for n in (2, 3)] == [(False, False), (True, True)]
    convened.do("acknowledge", "outsider")
    convened.refused("state/not-allowed", "acknowledge", "credit")


def test_a_notice_is_not_sent_again_to_a_new_holder_who_acknowledged_it(noticed):
    hand_on(noticed, 2, "outsider")
    noticed.do("acknowledge", "outsider")
    noticed.refused("state/not-allowed", "send_notice")
    hand_on(noticed, 2, "credit")
    noticed.do("send_notice")


def test_a_notice_is_not_sent_again_to_a_holder_who_came_back(noticed):
    hand_on(noticed, 2, "outsider")
    hand_on(noticed, 2, "seat2")
    noticed.refused("state/not-allowed", "send_notice")


@pytest.mark.article("16")
def test_sending_again_reaches_seats_that_lack_the_notice_and_changed_ones_alone(founded):
    founded.do("vacate_seat", seat=3)
    founded.to("noticed")
    hand_on(founded, 2, "outsider")
    founded.do("fill_seat", seat=3, holder=founded["credit"])
    before = deliveries(founded)[1].pk
    founded.do("send_notice")
    rows = deliveries(founded)
    assert rows[1].pk == before
    assert [rows[n].recipient for n in (2, 3)] == [founded["outsider"], founded["credit"]]


def test_the_new_holder_is_told_of_the_notice_and_of_the_cancelled_meeting(noticed):
    hand_on(noticed, 2, "outsider")
    hand_on(noticed, 3, "credit")
    noticed.do("acknowledge", "credit")

    def told(kind):
        return set(Message.objects.filter(kind=kind).values_list("person", flat=True))

    before = told("send_notice")
    noticed.do("send_notice")
    assert told("send_notice") - before == {noticed["outsider"].pk}
    noticed.do("cancel_meeting", reason="The borrower paid")
    assert {noticed[who].pk for who in ("seat2", "outsider", "credit", "seat3")} <= told("cancel_meeting")


def test_an_opened_meeting_has_one_receipt_a_seat_after_sending_again(seated):
    hand_on(seated, 2, "outsider")
    seated.do("send_notice")
    seated.do("sign_in", "outsider")
    seated.do("open_meeting")
    notice = seated.meeting.notices.get()
    assert notice.deliveries.filter(receipt_at=None).get().recipient == seated["seat2"]
    assert {row.receipt_at is None for row in deliveries(seated).values()} == {False}


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
    assert {row.receipt_at for row in deliveries(seated).values()} == {None}
    seated.do("open_meeting")
    assert {row.receipt_at is None for row in deliveries(seated).values()} == {False}


# -- Paper on its way -------------------------------------------------------------------------------


@pytest.mark.article("12")
def test_paper_on_its_way_is_delivered_once_it_is_said_who_received_it(convened):
    convened.do("send_notice", posted=[2])
    row = deliveries(convened)[2]
    assert (row.paper, row.delivered_at, row.receipt_at) == (True, None, None)
    convened.travel("2026-03-03T10:00+08:00")
    when = clock.now() - timedelta(minutes=20)
    convened.do("deliver_notice", seat=2, received_by="Zhou", received_at=when, handed_by="Li")
    row = deliveries(convened)[2]
    assert (row.delivered_at, row.receipt_at, row.received_by, row.handed_by) == (when, when, "Zhou", "Li")
    assert Entry.objects.filter(action="deliver_notice", subject=convened.meeting.subject).count() == 1


@pytest.mark.article("16")
def test_a_meeting_does_not_open_while_paper_is_on_its_way(convened):
    convened.do("send_notice", posted=[2])
    convened.travel(MEETING)
    convened.sign_in()
    assert convened.refused("16/no-notice", "open_meeting").context["seats"] == [2]
    convened.do("deliver_notice", seat=2, received_by="Zhou")
    convened.do("open_meeting")
    assert deliveries(convened)[2].receipt_at == MEETING


def test_a_delivery_is_recorded_by_the_liaison_once_of_paper_alone(convened):
    given = {"seat": 2, "received_by": "Zhou"}
    convened.refused("16/no-notice", "deliver_notice", **given)
    convened.do("send_notice", posted=[2])
    for by in ("chair", "seat2", "auditor"):
        convened.refused("12/only-liaison", "deliver_notice", by, **given)
    convened.refused("access/not-found", "deliver_notice", "outsider", **given)
    convened.refused("16/no-notice", "deliver_notice", **given | {"seat": 9})

    def cause(**more):
        return convened.refused("state/not-allowed", "deliver_notice", **given | more).context["cause"]

    assert cause(seat=3) == "deliver/electronic"
    nobody = convened.refused("text/required", "deliver_notice", **given | {"received_by": " 。"})
    assert nobody.message("en") == "A text is missing: who received the notice."
    for moment in (clock.now() - timedelta(seconds=1), clock.now() + timedelta(seconds=1)):
        assert cause(received_at=moment) == "deliver/time"
    convened.do("deliver_notice", **given)
    assert cause() == "deliver/done"
    convened.do("change_meeting", place="Room 4")
    convened.refused("16/notice-superseded", "deliver_notice", **given)


def test_paper_that_is_delivered_at_once_is_what_a_program_says_as_before(convened):
    convened.do("send_notice", paper=[2])
    row = deliveries(convened)[2]
    assert row.receipt_at == row.delivered_at == clock.now()
    assert row.received_by == ""


def test_what_is_on_its_way_can_be_sent_again_and_stays_on_record_as_replaced(convened):
    notice = convened.do("send_notice", posted=[2])
    convened.do("send_notice", posted=[2])
    assert notice.deliveries.filter(seat__number=2).count() == 2
    assert deliveries(convened)[2].delivered_at is None
    convened.do("send_notice", paper=[2])
    convened.refused("state/not-allowed", "send_notice")
