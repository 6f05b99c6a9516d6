"""Counting, as values (Art. 9, 20.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.tally import Outcome, count


def tally(votes_for, against, abstained, *, votes_to_pass=6, conflicted=0):
    ballots = [("for", False)] * votes_for + [("against", False)] * against
    ballots += [("abstain", number < conflicted) for number in range(abstained)]
    return count(ballots, votes_to_pass=votes_to_pass)


@pytest.mark.article("20.2")
def test_six_of_nine_carries():
    assert tally(6, 3, 0).carried


def test_five_for_four_abstaining_is_not_carried():
    assert tally(5, 0, 4) == Outcome(votes_for=5, against=0, abstained=4, conflicted=0, votes_to_pass=6)
    assert not tally(5, 0, 4).carried
    assert tally(5, 0, 4).short_by == 1


@pytest.mark.parametrize("votes_for", range(10))
@pytest.mark.parametrize("votes_to_pass", range(5, 10))
def test_carried_is_at_least_votes_to_pass_whatever_the_others_do(votes_for, votes_to_pass):
    for against in range(10 - votes_for):
        outcome = tally(votes_for, against, 9 - votes_for - against, votes_to_pass=votes_to_pass)
        assert outcome.carried is (votes_for >= votes_to_pass)
        assert outcome.short_by == max(0, votes_to_pass - votes_for)


def test_the_threshold_is_not_rescaled_by_conflicts():
    assert not tally(5, 0, 4, conflicted=4).carried
    assert tally(5, 0, 4, conflicted=4).conflicted == 4


def test_conflicts_are_among_the_abstentions_and_shown_apart():
    outcome = tally(6, 0, 3, conflicted=2)
    assert (outcome.abstained, outcome.conflicted) == (3, 2)


def test_a_choice_other_than_the_three_is_an_error():
    with pytest.raises(ValueError, match="veto"):
        count([("veto", False)], votes_to_pass=1)


@given(st.lists(st.tuples(st.sampled_from(["for", "against", "abstain"]), st.just(False)), max_size=30))
def test_every_ballot_is_counted_once_in_any_order(ballots):
    outcome = count(ballots, votes_to_pass=6)
    assert outcome.votes_for + outcome.against + outcome.abstained == len(ballots)
    assert outcome == count(reversed(ballots), votes_to_pass=6)
