"""Abstention, conflicts of interest and proposals to cancel (Art. 20.3)."""

import pytest

from committee.models import Conflict
from tests.stage import MEETING, Stage, stages
from voting.models import AbstentionRequest

five = stages("five", lambda: Stage(seats=5, votes_to_pass=3).to("taken_up"))


def states(stage, seat=2):
    item = stage.now(stage.proposal).item
    return list(
        AbstentionRequest.objects.filter(item=item, seat__number=seat)
        .order_by("pk")
        .values_list("state", flat=True)
    )


# --- requests ---


@pytest.mark.article("20.3")
@pytest.mark.parametrize("step", ["taken_up", "voting"])
def test_a_request_is_possible_from_taking_up_until_the_ballot(founded, step):
    founded.to(step)
    founded.do("request_abstention", reason="A cousin")
    assert states(founded) == ["pending"]


def test_before_taking_up_it_is_too_early(in_session):
    in_session.do("sign_out", "seat2")
    in_session.refused("18/not-deliberated", "request_abstention", reason="")


def test_after_the_ballot_it_is_too_late(voting):
    voting.do("cast", "seat2", choice="for")
    voting.refused("20.1/already-voted", "request_abstention", reason="")


def test_a_second_request_waits_for_a_refusal(taken_up):
    for decide in (None, "grant_abstention"):
        taken_up.do("request_abstention", reason="A cousin") if decide is None else taken_up.do(
            decide, seat=2
        )
        taken_up.refused("state/not-allowed", "request_abstention", reason="")


def test_a_refused_request_may_be_repeated(taken_up):
    taken_up.do("request_abstention", reason="A cousin")
    taken_up.do("refuse_abstention", seat=2)
    taken_up.do("request_abstention", reason="And a friend")
    taken_up.do("grant_abstention", seat=2)
    assert states(taken_up) == ["refused", "granted"]


def test_a_request_is_checked_in_this_order(noticed):
    """State, presence, power, principal, reason."""
    noticed.proxy(powers="attend")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.do("sign_out", "deputy3")
    noticed.refused("10/not-present", "request_abstention", "deputy3", reason="")
    noticed.sign_in("deputy3")
    noticed.refused("11/out-of-scope", "request_abstention", "deputy3", reason="")
    noticed.refused("20.3/reason-required", "request_abstention", "seat2", reason="—")
    noticed.sign_in("seat3")
    noticed.do("request_abstention", "seat3", reason="A cousin")
    noticed.refused("state/not-allowed", "request_abstention", "deputy3", reason="")


def test_a_holder_with_the_vote_is_told_that_the_principal_came_before_the_reason(noticed):
    noticed.proxy(powers="vote")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.sign_in("seat3")
    noticed.refused("11/principal-present", "request_abstention", "deputy3", reason="")


@pytest.mark.parametrize("by", ["liaison", "head_office", "handler"])
def test_a_request_is_a_seats(taken_up, by):
    taken_up.refused("20.1/no-seat", "request_abstention", by, reason="A cousin")


# --- who decides ---


@pytest.mark.parametrize("verb", ["grant_abstention", "refuse_abstention"])
def test_the_chair_decides_once(taken_up, verb):
    taken_up.refused("20.3/no-request", verb, seat=2)
    taken_up.do("request_abstention", reason="A cousin")
    for by in ("seat2", "seat3", "liaison", "head_office", "handler"):
        taken_up.refused("9/only-chair", verb, by, seat=2)
    taken_up.do(verb, seat=2)
    taken_up.refused("20.3/no-request", verb, seat=2)
    assert states(taken_up) == [{"grant": "granted", "refuse": "refused"}[verb.partition("_")[0]]]


def test_the_chair_who_has_left_decides_nothing_which_is_checked_last(taken_up):
    taken_up.do("request_abstention", reason="A cousin")
    taken_up.do("sign_out", "chair")
    taken_up.refused("20.3/no-request", "grant_abstention", seat=3)
    taken_up.refused("9/chair-absent", "grant_abstention", seat=2)


@pytest.mark.parametrize("verb", ["grant_abstention", "refuse_abstention"])
def test_the_chairs_own_request_is_head_offices(taken_up, verb):
    taken_up.refused("20.3/own-request", verb, "chair", seat=1)
    taken_up.do("request_abstention", "chair", reason="A cousin")
    taken_up.refused("20.3/own-request", verb, "chair", seat=1)
    for by in ("seat2", "liaison", "risk"):
        taken_up.refused("9/only-chair", verb, by, seat=1)
    taken_up.do(verb, "head_office", seat=1)


def test_with_an_acting_chair_both_requests_are_head_offices(five):
    five.do("appoint_acting_chair", seat=2)
    for handle in ("chair", "seat2", "seat3", "seat4"):
        five.do("request_abstention", handle, reason="A cousin")
    five.refused("20.3/own-request", "grant_abstention", "chair", seat=1)
    five.refused("20.3/own-request", "grant_abstention", "seat2", seat=2)
    five.refused("9/only-chair", "grant_abstention", "chair", seat=2)
    five.refused("9/only-chair", "grant_abstention", "seat2", seat=1)
    five.refused("9/only-chair", "grant_abstention", "head_office", seat=3)
    five.do("grant_abstention", "head_office", seat=1)
    five.do("refuse_abstention", "head_office", seat=2)
    five.do("grant_abstention", "seat2", seat=3)
    five.do("grant_abstention", "chair", seat=4)


def test_head_office_decides_without_being_signed_in(taken_up):
    taken_up.do("request_abstention", "chair", reason="A cousin")
    taken_up.do("grant_abstention", "head_office", seat=1)
    taken_up.do("open_vote")
    assert taken_up.do("cast", "chair", choice="abstain", reason="A cousin").choice == "abstain"


def test_a_consent_holds_for_one_item_in_one_meeting(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("taken_up")
    filed.do("take_up", on=other)
    filed.do("request_abstention", reason="A cousin")
    filed.do("grant_abstention", seat=2)
    filed.do("open_vote", on=other)
    filed.refused("20.3/consent-required", "cast", "seat2", on=other, choice="abstain", reason="A cousin")


def test_a_consent_stays_with_the_seat(taken_up):
    taken_up.do("request_abstention", reason="A cousin")
    taken_up.do("grant_abstention", seat=2)
    taken_up.do("open_vote")
    taken_up.do("vacate_seat", seat=2)
    taken_up.do("fill_seat", seat=2, holder=taken_up["outsider"])
    taken_up.do("sign_in", "outsider")
    assert taken_up.do("cast", "outsider", choice="abstain", reason="Bound by nothing").choice == "abstain"


# --- conflicts ---


@pytest.mark.parametrize("step", ["noticed", "in_session", "taken_up", "voting"])
def test_a_conflict_is_declared_from_the_notice_until_the_ballot(founded, step):
    founded.to(step)
    conflict = founded.do("declare_conflict", reason="My brother's firm")
    assert (conflict.source, conflict.seat.number) == ("declared", 2)
    founded.refused("state/not-allowed", "declare_conflict", reason="")


@pytest.mark.parametrize("step", ["filed", "convened"])
def test_before_the_notice_there_is_nothing_to_declare(founded, step):
    founded.to(step)
    founded.refused("16/no-notice", "declare_conflict", reason="")


@pytest.mark.parametrize("by", ["liaison", "risk", "head_office", "auditor", "handler"])
def test_without_a_seat_nothing_is_declared_before_a_meeting_either(filed, by):
    filed.refused("20.1/no-seat", "declare_conflict", by, reason="")


def test_after_the_ballot_a_conflict_is_not_declared(voting):
    voting.do("cast", "seat2", choice="for")
    voting.refused("20.1/already-voted", "declare_conflict", reason="")


@pytest.mark.parametrize("step", ["carried", "archived"])
def test_after_the_vote_a_conflict_is_not_declared(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "declare_conflict", reason="My brother's firm")


def test_a_declaration_has_its_reason(noticed):
    noticed.refused("20.3/reason-required", "declare_conflict", reason="?")


def test_a_declaration_is_possible_by_somebody_absent(noticed):
    noticed.do("declare_conflict", "seat3", reason="My brother's firm")


def test_a_seats_conflict_and_request_keep_no_other_seat_from_its_own(taken_up):
    taken_up.do("declare_conflict", "chair", reason="My brother's firm")
    taken_up.do("request_abstention", "seat2", reason="A cousin")
    taken_up.do("request_abstention", "seat3", reason="A friend")
    taken_up.do("declare_conflict", "seat2", reason="A cousin's firm")
    assert (states(taken_up, 2), states(taken_up, 3)) == (["replaced"], ["pending"])
    seats = Conflict.objects.filter(item=taken_up.now(taken_up.proposal).item).values_list("seat__number")
    assert sorted(seats) == [(1,), (2,)]


@pytest.mark.parametrize("decide", [None, "grant_abstention"])
def test_a_declaration_replaces_a_request(taken_up, decide):
    taken_up.do("request_abstention", reason="A cousin")
    if decide:
        taken_up.do(decide, seat=2)
    taken_up.do("declare_conflict", reason="My brother's firm")
    assert states(taken_up) == ["replaced"]
    taken_up.refused("20.3/no-request", "grant_abstention", seat=2)
    taken_up.refused("state/not-allowed", "request_abstention", reason="Again")


def test_the_chairs_own_conflict_needs_nobodys_consent(voting):
    voting.do("declare_conflict", "chair", reason="My brother's firm")
    assert voting.do("cast", "chair", choice="abstain", reason="As declared").conflicted


def test_a_conflict_stays_with_the_seat(noticed):
    noticed.do("declare_conflict", reason="My brother's firm")
    noticed.do("vacate_seat", seat=2)
    noticed.do("fill_seat", seat=2, holder=noticed["outsider"])
    noticed.people = {**noticed.people, "seat2": noticed["outsider"]}
    noticed.step = "noticed"
    noticed.to("voting")
    noticed.refused("20.3/conflict", "cast", "seat2", choice="for")
    noticed.do("cast", "seat2", choice="abstain", reason="The seat is in conflict")


def test_a_proxy_of_a_seat_in_conflict_only_abstains(noticed):
    noticed.do("declare_conflict", "seat3", reason="My brother's firm")
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    noticed.refused("20.3/conflict", "cast", "deputy3", choice="for")
    assert noticed.do("cast", "deputy3", choice="abstain", reason="In conflict").conflicted


def test_an_entered_abstention_of_a_seat_in_conflict_is_shown_apart(noticed):
    noticed.do("declare_conflict", "seat3", reason="My brother's firm")
    noticed.proxy(powers="attend")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    noticed.cast("for", "for")
    assert noticed.do("close_vote").conflicted_count == 1


def test_a_conflict_is_of_one_item(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.do("send_notice")
    filed.do("declare_conflict", reason="My brother's firm")
    assert [row.item for row in Conflict.objects.filter(seat__committee=filed.committee)] == [
        filed.now(filed.proposal).item
    ]


# --- proposals to cancel ---


def test_a_member_proposes_and_only_the_chair_cancels(voting):
    row = voting.do("propose_cancellation", "seat2", reason="Papers missing")
    assert (row.seat.number, row.vote) == (2, voting.vote)
    assert voting.state == "voting"
    voting.refused("9/only-chair", "cancel_vote", "seat2", reason="Papers missing")


def test_a_proposal_to_cancel_is_that_of_somebody_present_with_a_reason(voting):
    voting.refused("20.3/reason-required", "propose_cancellation", "seat2", reason=" ")
    voting.do("sign_out", "seat2")
    voting.refused("10/not-present", "propose_cancellation", "seat2", reason="Papers missing")
    for by in ("liaison", "handler"):
        voting.refused("20.1/no-seat", "propose_cancellation", by, reason="Papers missing")


@pytest.mark.parametrize("step", ["taken_up", "carried"])
def test_there_is_an_open_vote_to_cancel(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "propose_cancellation", reason="Papers missing")


def test_who_has_voted_may_still_propose(voting):
    voting.do("cast", "seat2", choice="for")
    voting.do("propose_cancellation", "seat2", reason="Papers missing")
