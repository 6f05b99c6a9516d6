"""Taking up, observers and opinions (Art. 9, 10, 18, 19, 20.3)."""

import pytest

from committee.models import Conflict
from tests.stage import Stage, plan, stages


def named_officers() -> Stage:
    """The plan names two members: one by staff number, one by name; a third heads the institution."""
    stage = Stage(seats=5, votes_to_pass=3)
    loan = plan()["loans"][0]
    loan |= {"lending_officer": stage["seat2"].staff_no, "collection_officer": stage["seat3"].display_name}
    stage.do("vacate_seat", seat=4)
    stage.do("fill_seat", seat=4, holder=stage["handler_head"])
    stage.people = {**stage.people, "seat4": stage["handler_head"]}
    stage.plan["loans"] = [loan]
    return stage.to("in_session")


conflicted = stages("conflicted", named_officers)


# --- taking up ---


@pytest.mark.article("18")
def test_the_chair_takes_an_item_up_once(in_session):
    in_session.do("take_up")
    assert in_session.now(in_session.proposal).item.taken_up_at is not None
    in_session.refused("state/not-allowed", "take_up")


def test_nobody_else_takes_up(in_session):
    for by in ("liaison", "seat2", "handler", "risk"):
        in_session.refused("9/only-chair", "take_up", by)
    in_session.refused("access/not-found", "take_up", "credit")


@pytest.mark.parametrize("step", ["filed", "noticed"])
def test_what_belongs_to_a_session_is_not_done_outside_of_one(founded, step):
    founded.to(step)
    for verb, given in {
        "take_up": {}, "admit_observer": {"observer": founded["handler_head"]}, "withdraw_observer": {},
        "record_opinion": {"text": "Sound"}, "open_vote": {}, "request_abstention": {"reason": "Kin"},
        "grant_abstention": {"seat": 2}, "propose_cancellation": {"reason": "Papers"},
        "cancel_vote": {"reason": "Papers"},
    }.items():  # fmt: skip
        founded.refused("state/not-allowed", verb, **given)


def test_the_chair_who_has_left_takes_nothing_up(in_session):
    in_session.do("sign_out", "chair")
    in_session.refused("9/chair-absent", "take_up")


@pytest.mark.article("18")
def test_nothing_is_taken_up_beside_an_open_vote(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("voting")
    filed.do("sign_out", "chair")
    filed.refused("state/not-allowed", "take_up", on=other)


# --- conflicts found (Art. 20.3) ---


@pytest.mark.article("20.3")
def test_conflicts_are_found_when_the_item_is_taken_up(conflicted):
    conflicted.do("take_up")
    found = Conflict.objects.filter(item=conflicted.now(conflicted.proposal).item).order_by("seat__number")
    assert [(row.seat.number, row.source) for row in found] == [(2, "found"), (3, "found"), (4, "found")]


def test_a_conflict_declared_before_is_not_found_again(conflicted):
    conflicted.do("declare_conflict", "seat2", reason="My loan")
    conflicted.do("take_up")
    found = Conflict.objects.filter(item=conflicted.now(conflicted.proposal).item).order_by("seat__number")
    assert [(row.seat.number, row.source) for row in found] == [(2, "declared"), (3, "found"), (4, "found")]


def test_without_a_tie_no_conflict_is_found(taken_up):
    assert not Conflict.objects.filter(item=taken_up.now(taken_up.proposal).item).exists()


# --- the observer (Art. 19) ---


@pytest.mark.article("19")
def test_the_head_of_the_handling_institution_attends_and_withdraws(taken_up):
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    taken_up.refused("19/observer-present", "record_opinion", text="Sound")
    taken_up.refused("19/observer-present", "open_vote")
    taken_up.do("withdraw_observer")
    taken_up.do("record_opinion", text="Sound")
    taken_up.do("open_vote")


@pytest.mark.parametrize("who", ["other_head", "handler", "seat2", "outsider", "chair"])
def test_nobody_else_is_admitted(taken_up, who):
    taken_up.refused("19/not-handling-head", "admit_observer", observer=taken_up[who])


def test_no_observer_before_the_item_is_taken_up_and_no_second_one(in_session):
    head = in_session["handler_head"]
    in_session.refused("state/not-allowed", "admit_observer", observer=head)
    in_session.do("take_up")
    in_session.do("admit_observer", observer=head)
    in_session.refused("state/not-allowed", "admit_observer", observer=head)
    in_session.do("withdraw_observer")
    in_session.refused("state/not-allowed", "admit_observer", observer=head)


def test_no_observer_once_the_vote_has_opened(voting):
    voting.refused("state/not-allowed", "admit_observer", observer=voting["handler_head"])


def test_the_chair_admits_and_the_liaison_sees_out(taken_up):
    head = taken_up["handler_head"]
    taken_up.refused("9/only-chair", "admit_observer", "liaison", observer=head)
    taken_up.refused("state/not-allowed", "withdraw_observer")
    taken_up.do("admit_observer", observer=head)
    for by in ("chair", "seat2", "handler_head"):
        taken_up.refused("12/only-liaison", "withdraw_observer", by)
    taken_up.do("withdraw_observer")
    taken_up.refused("state/not-allowed", "withdraw_observer")


def test_the_chair_who_has_left_admits_nobody_which_is_checked_last(taken_up):
    taken_up.do("sign_out", "chair")
    taken_up.refused("19/not-handling-head", "admit_observer", observer=taken_up["outsider"])
    taken_up.refused("9/chair-absent", "admit_observer", observer=taken_up["handler_head"])


# --- opinions (Art. 10.3, 10.4) ---


@pytest.mark.article("10")
def test_an_opinion_is_recorded_under_the_members_own_name(taken_up):
    opinion = taken_up.do("record_opinion", "seat2", text="Sound")
    assert (opinion.person, opinion.seat.number, opinion.proxy) == (taken_up["seat2"], 2, None)
    taken_up.do("record_opinion", "seat2", text="And more")


def test_an_opinion_belongs_to_an_item_taken_up(in_session):
    in_session.do("sign_out", "seat2")
    in_session.refused("18/not-deliberated", "record_opinion", text="Sound")


def test_an_opinion_is_that_of_somebody_present(taken_up):
    taken_up.do("sign_out", "seat2")
    taken_up.refused("10/not-present", "record_opinion", text="Sound")


@pytest.mark.parametrize("by", ["liaison", "handler", "handler_head", "head_office", "risk", "auditor"])
def test_an_opinion_is_a_seats(taken_up, by):
    taken_up.refused("20.1/no-seat", "record_opinion", by, text="Sound")


def test_opinions_end_when_the_vote_opens(voting):
    voting.refused("state/not-allowed", "record_opinion", text="Sound")


def test_an_opinion_by_proxy_names_the_proxy(noticed):
    noticed.proxy()
    noticed.travel("2026-03-05T14:00+08:00")
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    opinion = noticed.do("record_opinion", "deputy3", text="Sound")
    assert (opinion.person, opinion.seat.number, opinion.proxy.principal) == (
        noticed["deputy3"],
        3,
        noticed["seat3"],
    )
