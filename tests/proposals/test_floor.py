"""The speaking list and the floor (Art. 9, 10, 18)."""

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from committee.models import Attendance, Speech
from tests.stage import MEETING, Stage, plan, stages


def special() -> Stage:
    """A plan that rests on special circumstances alone, taken up."""
    stage = Stage()
    stage.plan = plan(conditions={"7.6": "A flood"})
    return stage.to("taken_up")


def two_taken_up() -> Stage:
    stage = Stage().to("filed")
    stage.other = stage.another("C-2")
    stage.meeting = stage.convene(stage.proposal, stage.other)
    stage.step = "convened"
    stage.to("taken_up")
    stage.do("take_up", on=stage.other)
    return stage


special = stages("special", special)
both = stages("both", two_taken_up)


def waiting(stage, on=None):
    return seats(stage.now(on or stage.proposal).item.speeches.waiting())


def speaking(stage, on=None):
    return seats(stage.now(on or stage.proposal).item.speeches.speaking())


def seats(speeches):
    return list(speeches.values_list("attendance__seat__number", flat=True))


def by_proxy(noticed, powers="attend speak vote", **given):
    noticed.proxy(powers=powers, **given)
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")


# --- asking to speak ---


@pytest.mark.article("18")
def test_those_who_asked_wait_in_the_order_in_which_they_asked(taken_up):
    taken_up.do("ask_to_speak", "seat3")
    taken_up.do("ask_to_speak", "chair")
    speech = taken_up.do("ask_to_speak", "seat2")
    assert waiting(taken_up) == [3, 1, 2]
    assert speaking(taken_up) == []
    assert (speech.attendance.person, speech.attendance.seat.number) == (taken_up["seat2"], 2)


def test_one_asks_while_an_observer_is_there(taken_up):
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    taken_up.do("ask_to_speak")
    assert waiting(taken_up) == [2]


def test_a_proxy_asks_for_the_seat(noticed):
    by_proxy(noticed)
    speech = noticed.do("ask_to_speak", "deputy3")
    assert (speech.attendance.seat.number, speech.attendance.proxy.principal) == (3, noticed["seat3"])
    assert Entry.objects.get(action="ask_to_speak", stream=noticed.meeting.stream)


def test_a_wish_is_refused_in_this_order(noticed):
    for by in ("liaison", "risk", "head_office", "auditor", "handler_head"):
        noticed.refused("20.1/no-seat", "ask_to_speak", by)
    noticed.refused("access/not-found", "ask_to_speak", "credit")
    noticed.proxy(powers="attend")
    noticed.refused("state/not-allowed", "ask_to_speak", "deputy3")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("sign_out", "deputy3")
    noticed.refused("18/not-deliberated", "ask_to_speak", "deputy3")
    noticed.do("take_up")
    noticed.refused("10/not-present", "ask_to_speak", "deputy3")
    noticed.do("sign_in", "deputy3")
    noticed.refused("11/out-of-scope", "ask_to_speak", "deputy3")
    noticed.do("sign_in", "seat3")
    noticed.refused("11/out-of-scope", "ask_to_speak", "deputy3")


@pytest.mark.article("11")
def test_once_the_principal_came_the_holder_neither_asks_nor_waits(noticed):
    by_proxy(noticed)
    noticed.do("ask_to_speak", "deputy3")
    noticed.do("sign_in", "seat3")
    assert waiting(noticed) == []
    for verb in ("ask_to_speak", "take_back_wish"):
        noticed.refused("11/principal-present", verb, "deputy3")
    noticed.do("ask_to_speak", "seat3")
    assert waiting(noticed) == [3]


def test_nobody_asks_in_an_open_vote(voting):
    voting.refused("state/not-allowed", "ask_to_speak")


def test_one_has_one_wish_at_a_time(taken_up):
    taken_up.do("ask_to_speak")
    taken_up.refused("state/not-allowed", "ask_to_speak")
    taken_up.do("give_floor", seat=2)
    taken_up.refused("state/not-allowed", "ask_to_speak")
    taken_up.do("end_speech", "seat2")
    taken_up.do("ask_to_speak")
    assert waiting(taken_up) == [2]


def test_one_has_one_wish_at_a_time_in_the_database_too(taken_up):
    speech = taken_up.do("ask_to_speak")
    with pytest.raises(IntegrityError, match="one_wish_to_speak_at_a_time"), transaction.atomic():
        Speech.objects.create(item=speech.item, attendance=speech.attendance, asked_at=speech.asked_at)


# --- taking it back ---


def test_a_wish_is_taken_back_by_whoever_had_it(taken_up):
    taken_up.do("ask_to_speak", "seat2")
    taken_up.do("ask_to_speak", "seat3")
    taken_up.do("take_back_wish", "seat2")
    assert waiting(taken_up) == [3]
    taken_up.refused("state/not-allowed", "take_back_wish", "seat2")
    taken_up.refused("20.1/no-seat", "take_back_wish", "liaison")


def test_a_speech_under_way_is_ended_not_taken_back(taken_up):
    taken_up.do("ask_to_speak")
    taken_up.do("give_floor", seat=2)
    taken_up.refused("state/not-allowed", "take_back_wish")


# --- the floor ---


@pytest.mark.article("9")
def test_whoever_presides_gives_the_floor(taken_up):
    taken_up.do("ask_to_speak", "seat2")
    for by in ("liaison", "seat2", "seat3", "head_office"):
        taken_up.refused("9/only-chair", "give_floor", by, seat=2)
    speech = taken_up.do("give_floor", seat=2, minutes=5)
    assert (speech.minutes, speech.ended_at) == (5, None)
    assert (waiting(taken_up), speaking(taken_up)) == ([], [2])


def test_an_acting_chair_gives_it_too(taken_up):
    taken_up.do("appoint_acting_chair", seat=3)
    taken_up.do("ask_to_speak", "seat2")
    taken_up.do("give_floor", "seat3", seat=2)
    taken_up.do("end_speech", "seat3")
    assert speaking(taken_up) == []


def test_only_one_who_waits_is_given_the_floor_and_the_chair_is_there_which_is_checked_last(taken_up):
    taken_up.do("ask_to_speak", "seat2")
    taken_up.do("sign_out", "chair")
    taken_up.refused("state/not-allowed", "give_floor", seat=3)
    taken_up.refused("9/chair-absent", "give_floor", seat=2)


def test_the_floor_given_ends_whoever_speaks(taken_up):
    taken_up.do("ask_to_speak", "seat2")
    taken_up.do("ask_to_speak", "seat3")
    taken_up.do("give_floor", seat=3)
    taken_up.do("give_floor", seat=2)
    assert (waiting(taken_up), speaking(taken_up)) == ([], [2])


def test_a_meeting_has_one_floor_whatever_the_item(both):
    both.do("ask_to_speak", "seat2")
    both.do("ask_to_speak", "seat3", on=both.other)
    both.do("give_floor", seat=2)
    both.do("give_floor", seat=3, on=both.other)
    assert (speaking(both), speaking(both, both.other)) == ([], [3])


@pytest.mark.parametrize("minutes", [0, -1, 61])
def test_a_speech_is_allowed_one_to_sixty_minutes(taken_up, minutes):
    speech = taken_up.do("ask_to_speak")
    with pytest.raises(ValueError, match="minutes"):
        taken_up.do("give_floor", seat=2, minutes=minutes)
    if minutes >= 0:
        with pytest.raises(IntegrityError, match="up_to_an_hour"), transaction.atomic():
            Speech.objects.filter(pk=speech.pk).update(minutes=minutes)


def test_nobody_is_cut_off(taken_up):
    taken_up.do("ask_to_speak")
    taken_up.do("give_floor", seat=2, minutes=1)
    taken_up.travel("2026-03-05T15:00+08:00")
    assert speaking(taken_up) == [2]


@pytest.mark.parametrize("by", ["seat2", "liaison", "chair"])
def test_the_speaker_the_liaison_and_the_chair_end_a_speech(taken_up, by):
    taken_up.do("ask_to_speak", "seat2")
    taken_up.refused("9/only-chair", "end_speech", "seat2")
    taken_up.do("give_floor", seat=2)
    for other in ("seat3", "handler_head", "head_office"):
        taken_up.refused("9/only-chair", "end_speech", other)
    taken_up.do("end_speech", by)
    assert (waiting(taken_up), speaking(taken_up)) == ([], [])
    for late in ("liaison", "chair"):
        taken_up.refused("state/not-allowed", "end_speech", late)


def test_the_chair_who_has_left_ends_no_speech_which_is_checked_last(taken_up):
    taken_up.do("ask_to_speak", "seat2")
    taken_up.do("sign_out", "chair")
    taken_up.refused("state/not-allowed", "end_speech", "chair")
    taken_up.do("sign_in", "chair")
    taken_up.do("give_floor", seat=2)
    taken_up.do("sign_out", "chair")
    taken_up.refused("9/chair-absent", "end_speech", "chair")
    taken_up.do("end_speech", "liaison")


# --- what ends them without a word ---


def on_the_floor(stage):
    """Seat 2 speaks, seat 3 waits."""
    stage.do("ask_to_speak", "seat2")
    stage.do("ask_to_speak", "seat3")
    stage.do("give_floor", seat=2)


@pytest.mark.parametrize(
    ("verb", "given"),
    [("open_vote", {}), ("close_meeting", {}), ("withdraw", {"reason": "Paid"})],
)
def test_the_floor_is_cleared_when_the_vote_opens_or_the_item_leaves(taken_up, verb, given):
    on_the_floor(taken_up)
    item = taken_up.now(taken_up.proposal).item
    taken_up.do(verb, **given)
    assert not item.speeches.live().exists()
    assert not item.speeches.filter(ended_at=None).exists()
    taken_up.refused("state/not-allowed", "take_back_wish", "seat3")
    taken_up.refused("state/not-allowed", "give_floor", seat=3)
    taken_up.refused("state/not-allowed", "end_speech")


def test_a_wish_before_the_vote_on_special_circumstances_is_no_wish_after_it(special):
    on_the_floor(special)
    special.do("open_vote", question="special-circumstances")
    special.cast()
    special.do("close_vote")
    assert (waiting(special), speaking(special)) == ([], [])
    special.do("ask_to_speak", "seat3")
    assert waiting(special) == [3]


def test_the_vote_on_another_item_leaves_the_floor_as_it_is(both):
    on_the_floor(both)
    both.do("open_vote", on=both.other)
    assert (waiting(both), speaking(both)) == ([3], [2])


def test_whoever_signs_out_neither_waits_nor_speaks_also_when_back(taken_up):
    on_the_floor(taken_up)
    for handle in ("seat2", "seat3"):
        taken_up.do("sign_out", handle)
    assert (waiting(taken_up), speaking(taken_up)) == ([], [])
    for handle in ("seat2", "seat3"):
        taken_up.do("sign_in", handle, mode=Attendance.Mode.VIDEO)
    assert (waiting(taken_up), speaking(taken_up)) == ([], [])
    taken_up.refused("state/not-allowed", "take_back_wish", "seat3")
    taken_up.do("ask_to_speak", "seat2")
    assert waiting(taken_up) == [2]


@pytest.mark.parametrize("how", ["vacate_seat", "revoke_proxy"])
def test_a_seat_vacated_and_a_proxy_revoked_leave_the_list(noticed, how):
    by_proxy(noticed)
    noticed.do("ask_to_speak", "deputy3")
    if how == "vacate_seat":
        noticed.do("vacate_seat", seat=3)
    else:
        noticed.do("revoke_proxy", "seat3")
    assert waiting(noticed) == []
