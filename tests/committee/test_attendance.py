"""Signing in and out (Art. 10.2, 11, 20.1)."""

import pytest

from audit import clock
from committee.models import Attendance, Proxy
from tests.stage import MEETING, START, Stage


def there(stage):
    rows = Attendance.objects.filter(meeting=stage.meeting, signed_out_at=None).select_related("seat")
    return {(row.seat.number, row.person): row.mode for row in rows}


@pytest.mark.article("10")
@pytest.mark.parametrize("mode", ["in_room", "video"])
def test_a_member_signs_in_once_under_the_own_name(convened, mode):
    convened.do("sign_in", "seat2", mode=mode)
    assert there(convened) == {(2, convened["seat2"]): mode}
    convened.refused("state/not-allowed", "sign_in", "seat2")


def test_who_left_signs_in_again(convened):
    convened.sign_in("seat2")
    convened.do("sign_out", "seat2")
    assert there(convened) == {}
    convened.refused("state/not-allowed", "sign_out", "seat2")
    convened.sign_in("seat2")
    assert Attendance.objects.filter(meeting=convened.meeting, person=convened["seat2"]).count() == 2


@pytest.mark.parametrize("verb", ["sign_in", "sign_out"])
@pytest.mark.parametrize("by", ["liaison", "head_office", "risk", "auditor"])
def test_presence_is_a_seats(convened, verb, by):
    convened.refused("20.1/no-seat", verb, by)


@pytest.mark.parametrize("step", ["closed", "signed"])
def test_nobody_signs_in_after_the_meeting_has_closed(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "sign_in", "seat2")
    founded.refused("state/not-allowed", "sign_out", "seat2")


def test_nobody_signs_in_to_a_cancelled_meeting(convened):
    convened.do("cancel_meeting", reason="Ill")
    convened.refused("state/not-allowed", "sign_in", "seat2")


@pytest.mark.parametrize("power", ["attend", "speak", "vote"])
def test_a_holder_signs_in_with_any_power(noticed, power):
    noticed.proxy(powers=power)
    noticed.sign_in("deputy3")
    assert there(noticed) == {(3, noticed["deputy3"]): "in_room"}


@pytest.mark.article("11")
def test_a_principal_who_signs_in_ends_a_proxy_without_a_ballot(noticed):
    proxy = noticed.proxy()
    noticed.sign_in("deputy3", "seat3")
    assert there(noticed) == {(3, noticed["seat3"]): "in_room"}
    proxy = noticed.now(proxy)
    assert (proxy.ended_why, proxy.ended_at is not None) == (Proxy.Ended.PRINCIPAL, True)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("sign_in", {}),
        ("sign_out", {}),
        ("record_opinion", {"text": "Still here"}),
        ("request_abstention", {"reason": "Kin"}),
    ],
)
def test_after_the_principal_came_the_holder_acts_no_more(noticed, verb, given, gone):
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.sign_in("seat3")
    if gone:
        noticed.do("sign_out", "seat3")
    noticed.refused("11/principal-present", verb, "deputy3", **given)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize(
    ("verb", "given"), [("cast", {"choice": "for"}), ("propose_cancellation", {"reason": "Papers"})]
)
def test_nor_in_an_open_vote(noticed, verb, given, gone):
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.do("open_vote")
    noticed.sign_in("seat3")
    if gone:
        noticed.do("sign_out", "seat3")
    noticed.refused("11/principal-present", verb, "deputy3", **given)


def test_where_a_ballot_stands_under_the_proxy_the_principal_acts_and_the_ballot_stands(noticed):
    proxy = noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    noticed.do("cast", "deputy3", choice="for")
    noticed.sign_in("seat3")
    proxy = noticed.now(proxy)
    assert (proxy.ended_at, proxy.standing_ballots) == (None, 1)
    assert there(noticed)[3, noticed["seat3"]] == "in_room"
    noticed.refused("11/principal-present", "cast", "deputy3", choice="for")
    noticed.refused("20.1/already-voted", "cast", "seat3", choice="against", reason="Anew")
    noticed.do("propose_cancellation", "seat3", reason="Papers missing")
    noticed.do("cast", "chair", choice="for")
    noticed.do("cast", "seat2", choice="for")
    noticed.do("close_vote")


def test_the_principal_who_left_again_leaves_the_seat_empty(noticed):
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3", "seat3")
    noticed.do("sign_out", "seat3")
    refusal = noticed.refused("20.1/not-all-present", "open_meeting")
    assert refusal.context["seats"] == [3]


def test_a_principal_may_name_another_holder_once_the_first_proxy_ended(noticed):
    noticed.proxy()
    noticed.sign_in("seat3")
    noticed.do("sign_out", "seat3")
    noticed.proxy(holder="deputy2")
    noticed.sign_in("deputy2")
    assert there(noticed) == {(3, noticed["deputy2"]): "in_room"}


def test_a_holder_of_two_proxies_signs_in_for_both(db):
    with clock.frozen(START):
        stage = Stage(proxies_per_holder=2).to("noticed")
        stage.proxy("seat3", "deputy1")
        stage.proxy("seat2", "deputy1")
        stage.travel(MEETING)
        stage.sign_in("chair", "deputy1")
        assert set(there(stage)) == {(1, stage["chair"]), (2, stage["deputy1"]), (3, stage["deputy1"])}
        for verb in ("open_meeting", "take_up", "open_vote"):
            stage.do(verb)
        first = stage.do("cast", "deputy1", choice="for")
        second = stage.do("cast", "deputy1", choice="against", reason="For the other seat")
        assert (first.seat.number, second.seat.number) == (2, 3)
        stage.refused("20.1/already-voted", "cast", "deputy1", choice="for")
