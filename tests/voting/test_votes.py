"""Opening, closing and cancelling a vote (Art. 7.6, 9, 16, 18 to 20)."""

from datetime import date

import pytest

from audit import clock
from committee.models import Resolution
from proposals.models import LiveContract
from tests.stage import MEETING, START, Stage, head, stages
from voting.models import Ballot, VoteSeat


def only_special(**numbers) -> Stage:
    stage = Stage(**numbers)
    stage.plan["conditions"] = {"7.6": "The village is to be resettled"}
    return stage.to("taken_up")


special = stages("special", only_special)


# --- opening ---


@pytest.mark.article("9", "18")
def test_the_chair_opens_a_vote_on_an_item_taken_up(taken_up):
    vote = taken_up.do("open_vote")
    assert (taken_up.state, vote.state, vote.question, vote.round) == ("voting", "open", "plan", 1)


@pytest.mark.parametrize("by", ["liaison", "seat2", "head_office", "handler"])
def test_nobody_else_opens_or_cancels(voting, by):
    voting.refused("9/only-chair", "open_vote", by)
    voting.refused("9/only-chair", "cancel_vote", by, reason="Papers missing")


ORDER = ["state/not-allowed", "18/not-deliberated", "7.6/not-recognised", "16/materials-changed",
         "19/observer-present", "20.1/not-all-present", "9/chair-absent"]  # fmt: skip


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_opening_is_checked_in_this_order(db, first):
    """A vote beside it, 18, 7.6, 16, 19, 20.1, and last the chair's absence: the later ones all lack too."""
    with clock.frozen(START):
        stage = Stage()
        stage.plan["conditions"] = {"7.6": "The village is to be resettled"}
        if first > 2:
            stage.plan["conditions"] = {"7.1": "Order book"}
        stage.to("filed")
        other = stage.another("C-2")
        stage.meeting = stage.convene(stage.proposal, other)
        stage.do("send_notice")
        stage.step = "noticed"
        stage.proxy("chair", "deputy1")
        stage.travel(MEETING)
        stage.sign_in()
        stage.do("open_meeting")
        if first == 0:
            stage.do("take_up", on=other)
            stage.do("open_vote", on=other)
        if first > 1:
            stage.do("take_up")
            if first < 5:
                stage.do("admit_observer", observer=stage["handler_head"])
        if first < 4:  # no verb changes a tabled plan, so the row is
            item = stage.now(stage.proposal).item
            item.digest = "0" * 64
            item.save(update_fields=["digest"])
        stage.do("sign_out", "chair")
        if first < 6:
            stage.do("sign_out", "seat2")
        else:
            # only a vacated and filled seat brings the chair's proxy back: the chair is out, the seat is not
            stage.do("vacate_seat", seat=1)
            stage.do("fill_seat", seat=1, holder=stage["outsider"])
            stage.people = {**stage.people, "chair": stage["outsider"]}
            stage.proxy("chair", "deputy1")
            stage.do("sign_in", "deputy1")
        stage.refused(ORDER[first], "open_vote")


def test_a_vote_opens_once(voting):
    voting.refused("state/not-allowed", "open_vote")


@pytest.mark.article("20.1")
def test_all_seats_are_represented_when_a_vote_opens(taken_up):
    taken_up.do("sign_out", "seat3")
    refusal = taken_up.refused("20.1/not-all-present", "open_vote")
    assert refusal.context["seats"] == [3]


@pytest.mark.article("16")
def test_the_plan_voted_on_is_by_digest_the_plan_delivered(taken_up):
    item = taken_up.now(taken_up.proposal).item
    item.digest = "0" * 64
    item.save(update_fields=["digest"])
    taken_up.refused("16/materials-changed", "open_vote")


# --- snapshots ---


def test_the_seats_the_regulation_and_the_plan_of_a_vote_are_those_of_its_opening(voting):
    vote = voting.vote
    voting.do("amend_regulation", changes={"votes_to_pass": 3}, effective_from=date(2026, 3, 5))
    voting.cast("for", "for", "against:Too long")
    voting.do("vacate_seat", seat=3)
    voting.do("fill_seat", seat=3, holder=voting["outsider"])
    resolution = voting.do("close_vote")
    assert (resolution.carried, resolution.votes_to_pass) == (True, 2)
    assert resolution.digest == vote.version.digest
    seats = VoteSeat.objects.filter(vote=vote).order_by("number")
    assert [row.holder for row in seats] == [voting["chair"], voting["seat2"], voting["seat3"]]
    assert resolution.ballots[2]["holder"] == voting["seat3"].display_name


# --- closing ---

OUTCOMES = [
    (["for"] * 6 + ["against:Too long"] * 3, "carried", (6, 3, 0)),
    (["for"] * 5 + ["against:Too long"] * 4, "rejected", (5, 4, 0)),
    (["for"] * 9, "carried", (9, 0, 0)),
    (["against:Too long"] * 9, "rejected", (0, 9, 0)),
]


@pytest.mark.article("20.2")
@pytest.mark.parametrize(("ballots", "state", "counts"), OUTCOMES)
def test_six_of_nine_votes_for_carry(nine_voting, ballots, state, counts):
    nine_voting.cast(*ballots)
    resolution = nine_voting.do("close_vote")
    vote = nine_voting.vote
    assert nine_voting.state == state
    assert (vote.for_count, vote.against_count, vote.abstained_count) == counts
    assert (resolution.for_count, resolution.against_count, resolution.abstained_count) == counts
    assert (vote.state, vote.carried, resolution.carried) == (
        "closed",
        state == "carried",
        state == "carried",
    )
    assert [row["choice"] for row in resolution.ballots] == [words.partition(":")[0] for words in ballots]


def test_five_for_four_abstaining_is_not_carried(nine_voting):
    for seat in (6, 7, 8, 9):
        nine_voting.do("request_abstention", f"seat{seat}", reason="A cousin")
        nine_voting.do("grant_abstention", seat=seat)
    nine_voting.cast(*["for"] * 5, *["abstain:A cousin"] * 4)
    resolution = nine_voting.do("close_vote")
    assert (nine_voting.state, resolution.for_count, resolution.abstained_count) == ("rejected", 5, 4)


@pytest.mark.article("9")
def test_the_chair_votes_once_with_no_casting_vote_and_no_veto(db):
    with clock.frozen(START):
        stage = Stage(seats=4, votes_to_pass=3).to("voting")
        stage.cast("for", "for", "against:No", "against:No")
        stage.do("close_vote")
        assert stage.state == "rejected"  # two all: the chair's vote counts once
        other = Stage(seats=4, votes_to_pass=3).to("filed")
    with clock.frozen(START):
        other.to("voting")
        other.cast("against:No", "for", "for", "for")
        other.do("close_vote")
        assert other.state == "carried"


def test_the_liaison_closes_when_every_ballot_is_in(voting):
    voting.cast("for", "for")
    refusal = voting.refused("20.1/ballots-missing", "close_vote")
    assert refusal.context["seats"] == [3]
    for by in ("chair", "seat2", "head_office"):
        voting.refused("12/only-liaison", "close_vote", by)
    voting.do("cast", "seat3", choice="for")
    voting.do("close_vote")
    voting.refused("20/vote-not-open", "close_vote")


@pytest.mark.parametrize("step", ["filed", "taken_up"])
def test_there_is_no_closing_of_what_is_not_open(founded, step):
    founded.to(step)
    founded.refused("20/vote-not-open", "close_vote")


def test_closing_needs_nobody_present(voted):
    for handle in voted.seats:
        voted.do("sign_out", handle)
    voted.do("close_vote")
    assert voted.state == "carried"


def test_a_rejected_plan_frees_its_contracts_and_a_carried_one_keeps_them(voted):
    voted.do("close_vote")
    assert LiveContract.objects.filter(proposal=voted.proposal).exists()


def test_a_rejected_plan_frees_its_contracts(voting):
    voting.cast("against:No", "against:No", "for")
    voting.do("close_vote")
    assert voting.state == "rejected"
    assert not LiveContract.objects.filter(proposal=voting.proposal).exists()


def test_opening_and_ending_a_vote_are_entries_of_both_streams(taken_up):
    meeting, case = head(taken_up.meeting.stream), head(taken_up.proposal.stream)
    taken_up.do("open_vote")
    assert (head(taken_up.meeting.stream), head(taken_up.proposal.stream)) == (meeting + 1, case + 1)
    taken_up.do("cancel_vote", reason="Papers missing")
    assert (head(taken_up.meeting.stream), head(taken_up.proposal.stream)) == (meeting + 2, case + 2)


# --- cancelling (Art. 20.3) ---


@pytest.mark.article("20.3")
def test_a_cancelled_vote_defers_the_item_and_its_ballots_are_void_but_kept(voting):
    voting.cast("for", "against:Too long")
    vote = voting.do("cancel_vote", reason="Papers missing")
    item = voting.now(voting.proposal).item
    assert (vote.state, vote.cancel_reason, voting.state) == ("cancelled", "Papers missing", "filed")
    assert (item.left_why, item.voting, item.resolved_at) == ("deferred", False, None)
    assert Ballot.objects.filter(vote=vote).count() == 2
    assert not Resolution.objects.filter(item=item).exists()


@pytest.mark.parametrize("reason", ["", "  ", "!!"])
def test_cancelling_takes_a_reason(voting, reason):
    voting.refused("20.3/reason-required", "cancel_vote", reason=reason)


def test_the_chair_who_has_left_does_not_cancel(voting):
    voting.do("sign_out", "chair")
    voting.refused("20.3/reason-required", "cancel_vote", reason="")
    voting.refused("9/chair-absent", "cancel_vote", reason="Papers missing")


def test_a_vote_is_cancelled_with_all_ballots_in_and_not_after_the_closing(voted):
    voted.do("cancel_vote", reason="Papers missing")
    voted.refused("20/vote-not-open", "close_vote")
    voted.refused("state/not-allowed", "cancel_vote", reason="Again")


def test_a_closed_vote_is_not_cancelled(carried):
    carried.refused("state/not-allowed", "cancel_vote", reason="Papers missing")


def test_a_deferred_item_is_voted_in_another_meeting_as_a_new_round(voting):
    voting.do("request_abstention", "seat2", reason="A cousin")
    voting.do("grant_abstention", seat=2)
    voting.do("cancel_vote", reason="Papers missing")
    voting.refused("state/not-allowed", "take_up")
    voting.do("close_meeting")
    second = voting.convene(voting.proposal, at=clock.now(), emergency=True, reason="Papers there now")
    voting.meeting = second
    voting.do("send_notice")
    voting.sign_in()
    for verb in ("open_meeting", "take_up"):
        voting.do(verb)
    vote = voting.do("open_vote")
    assert (vote.round, vote.meeting) == (2, second)
    voting.refused("20.3/consent-required", "cast", "seat2", choice="abstain", reason="A cousin")
    voting.cast()
    voting.do("close_vote")
    assert voting.state == "carried"


def test_after_cancelling_other_items_go_on(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("voting")
    filed.do("cancel_vote", reason="Papers missing")
    filed.do("take_up", on=other)
    filed.do("open_vote", on=other)


# --- special circumstances (Art. 7.6) ---


@pytest.mark.article("7.6")
def test_only_special_circumstances_are_recognised_first(special):
    special.refused("7.6/not-recognised", "open_vote")
    vote = special.do("open_vote", question="special-circumstances")
    special.cast("for", "for", "against:Not special")
    special.do("close_vote")
    assert special.state == "tabled"
    assert special.now(special.proposal).special_recognised_at is not None
    special.refused("state/not-allowed", "open_vote", question="special-circumstances")
    plan = special.do("open_vote")
    assert (vote.round, plan.round, plan.question) == (1, 1, "plan")
    special.cast()
    special.do("close_vote")
    assert special.state == "carried"
    item = special.now(special.proposal).item
    assert set(item.resolutions.values_list("question", flat=True)) == {"plan", "special-circumstances"}


def test_not_recognised_the_item_is_struck_and_the_plan_screened_out_not_rejected(special):
    special.do("open_vote", question="special-circumstances")
    special.cast("for", "against:Not special", "against:Not special")
    special.do("close_vote")
    case = special.now(special.proposal)
    assert (case.state, case.item.left_why) == ("screened_out", "not_recognised")
    again = special.another("C-1", to="submitted")
    assert not special.now(again).resubmission


def test_recognition_takes_the_same_number_of_votes(db):
    with clock.frozen(START):
        stage = only_special(seats=9, votes_to_pass=6)
        stage.do("open_vote", question="special-circumstances")
        stage.cast(*["for"] * 5, *["against:Not special"] * 4)
        stage.do("close_vote")
        assert stage.state == "screened_out"


def test_there_is_no_such_vote_on_a_plan_that_meets_another_condition(taken_up):
    taken_up.refused("state/not-allowed", "open_vote", question="special-circumstances")


def test_withdrawing_stays_possible_between_the_two_votes(special):
    special.do("open_vote", question="special-circumstances")
    special.refused("state/not-allowed", "withdraw", reason="Paid")
    special.cast()
    special.do("close_vote")
    special.do("withdraw", reason="Paid")
    assert (special.state, special.meeting_state) == ("withdrawn", "in_session")


def test_recognised_once_it_holds_for_the_proposal_in_a_later_meeting(special):
    special.do("open_vote", question="special-circumstances")
    special.cast()
    special.do("close_vote")
    special.do("close_meeting")
    special.meeting = special.convene(special.proposal, at=clock.now(), emergency=True, reason="Time")
    special.do("send_notice")
    special.sign_in()
    special.do("open_meeting")
    special.do("take_up")
    special.refused("state/not-allowed", "open_vote", question="special-circumstances")
    special.do("open_vote")


@pytest.mark.article("11")
def test_a_special_vote_counts_as_a_vote_on_the_item_for_proxies(special):
    special.do("open_vote", question="special-circumstances")
    special.cast()
    special.do("close_vote")
    special.refused(
        "11/after-vote-opened", "authorise_proxy", "seat3", holder=special["deputy3"],
        proposals=[special.proposal], powers=["vote"], document="Signed",
    )  # fmt: skip


def test_opinions_are_possible_again_between_the_two_votes(special):
    special.do("open_vote", question="special-circumstances")
    special.refused("state/not-allowed", "record_opinion", text="Sound")
    special.cast()
    special.do("close_vote")
    special.do("record_opinion", text="Sound")
