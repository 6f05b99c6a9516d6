"""Casting (Art. 10.5, 11, 20)."""

import pytest

from audit.models import Entry
from tests.stage import MEETING
from voting.models import Ballot


def in_vote(stage, powers="attend speak vote", *, holder_in=True):
    """Seat 3 is represented by its deputy, and the vote is open."""
    stage.proxy(powers=powers)
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        stage.do(verb)
    if not holder_in:
        stage.do("sign_out", "deputy3")


@pytest.mark.article("20.1")
def test_one_seat_one_ballot_and_it_stands(voting):
    ballot = voting.do("cast", "seat2", choice="for")
    assert (ballot.seat.number, ballot.person, ballot.choice) == (2, voting["seat2"], "for")
    for choice, reason in [("for", ""), ("against", "Anew"), ("veto", "")]:
        voting.refused("20.1/already-voted", "cast", "seat2", choice=choice, reason=reason)


@pytest.mark.parametrize("by", ["liaison", "handler", "handler_head", "head_office", "risk", "auditor"])
def test_a_ballot_is_a_seats(voting, by):
    voting.refused("20.1/no-seat", "cast", by, choice="for")


@pytest.mark.parametrize("by", ["outsider", "other_handler", "credit", "deputy2"])
def test_the_vote_is_not_there_for_whoever_does_not_see_the_plan(voting, by):
    voting.refused("access/not-found", "cast", by, choice="for")


@pytest.mark.article("20")
@pytest.mark.parametrize("step", ["filed", "taken_up", "carried", "closed"])
def test_a_ballot_is_cast_in_an_open_vote(founded, step):
    founded.to(step)
    founded.refused("20/vote-not-open", "cast", "seat2", choice="veto")
    founded.refused("20.1/no-seat", "cast", "liaison", choice="for")


def test_a_ballot_of_another_vote_than_the_one_seen_is_not_cast(voting):
    first = voting.vote
    voting.do("cancel_vote", reason="Papers missing")
    voting.refused("20/vote-not-open", "cast", "seat2", choice="for", vote=first)


# --- the order of checks ---


def test_casting_is_checked_in_this_order_for_a_holder(noticed):
    """Vote open, power, principal, all present, already voted."""
    in_vote(noticed, powers="attend speak")
    noticed.do("sign_out", "seat2")
    noticed.sign_in("seat3")
    noticed.refused("11/out-of-scope", "cast", "deputy3", choice="veto")


def test_the_principals_coming_is_told_before_who_is_missing(noticed):
    in_vote(noticed)
    noticed.sign_in("seat3")
    noticed.do("sign_out", "seat2")
    noticed.refused("11/principal-present", "cast", "deputy3", choice="veto")


def test_who_is_missing_is_told_before_that_one_has_voted(voting):
    voting.do("cast", "seat2", choice="for")
    voting.do("sign_out", "seat3")
    voting.refused("20.1/not-all-present", "cast", "seat2", choice="veto")
    voting.refused("20.1/not-all-present", "cast", "chair", choice="for")
    voting.sign_in("seat3")
    voting.refused("20.1/already-voted", "cast", "seat2", choice="veto")
    voting.do("cast", "chair", choice="for")


@pytest.mark.article("10")
def test_a_principal_who_is_not_signed_in_is_not_present_though_the_proxy_is(noticed):
    in_vote(noticed)
    noticed.do("sign_out", "seat2")
    noticed.refused("20.1/not-all-present", "cast", "seat3", choice="for")
    noticed.sign_in("seat2")
    noticed.refused("10/not-present", "cast", "seat3", choice="veto")
    noticed.do("cast", "deputy3", choice="for")
    noticed.refused("10/not-present", "cast", "seat3", choice="for")


@pytest.mark.article("10.5", "20.3", "20.4")
@pytest.mark.parametrize(
    ("code", "choice", "reason"),
    [
        ("10.5/unclear-choice", "veto", ""),
        ("10.5/unclear-choice", "", "Because"),
        ("10.5/unclear-choice", "For", ""),
        ("20.3/reason-required", "abstain", " . "),
        ("20.3/consent-required", "abstain", "A cousin"),
        ("20.4/reason-required", "against", ""),
        ("20.4/reason-required", "against", "……"),
    ],
)
def test_a_choice_is_clear_and_has_the_reason_and_consent_that_it_needs(voting, code, choice, reason):
    voting.refused(code, "cast", "seat2", choice=choice, reason=reason)


@pytest.mark.parametrize(
    ("code", "choice", "reason"),
    [
        ("10.5/unclear-choice", "veto", ""),
        ("20.3/reason-required", "abstain", ""),
        ("20.3/conflict", "for", ""),
        ("20.3/conflict", "against", ""),
        ("20.3/conflict", "against", "Too long"),
    ],
)
def test_a_seat_in_conflict_only_abstains(voting, code, choice, reason):
    voting.do("declare_conflict", "seat2", reason="My brother's firm")
    voting.refused(code, "cast", "seat2", choice=choice, reason=reason)


def test_a_seat_in_conflict_abstains_without_consent_and_is_shown_apart(voting):
    voting.do("declare_conflict", "seat2", reason="My brother's firm")
    ballot = voting.do("cast", "seat2", choice="abstain", reason="As declared")
    assert ballot.conflicted
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat3", choice="for")
    resolution = voting.do("close_vote")
    assert (resolution.abstained_count, resolution.conflicted_count, resolution.carried) == (1, 1, True)
    assert [row["in_conflict"] for row in resolution.ballots] == [False, True, False]


def test_a_granted_abstention_permits_and_does_not_bind(voting):
    voting.do("request_abstention", "seat2", reason="A cousin")
    voting.refused("20.3/consent-required", "cast", "seat2", choice="abstain", reason="A cousin")
    voting.do("grant_abstention", seat=2)
    voting.do("cast", "seat2", choice="for")


def test_a_refused_abstention_is_no_consent(voting):
    voting.do("request_abstention", "seat2", reason="A cousin")
    voting.do("refuse_abstention", seat=2)
    voting.refused("20.3/consent-required", "cast", "seat2", choice="abstain", reason="A cousin")


@pytest.mark.article("20.4")
def test_a_ballot_against_states_its_reason(voting):
    assert voting.do("cast", "seat2", choice="against", reason="期限过长").reason == "期限过长"


# --- proxies ---


@pytest.mark.article("11")
def test_the_ballot_is_the_seats_cast_by_the_proxy(noticed):
    in_vote(noticed)
    ballot = noticed.do("cast", "deputy3", choice="against", reason="Too long")
    assert (ballot.seat.number, ballot.person, ballot.proxy.principal) == (
        3,
        noticed["deputy3"],
        noticed["seat3"],
    )
    noticed.cast("for", "for")
    row = noticed.do("close_vote").ballots[2]
    assert (row["voter"], row["holder"], row["proxy"]) == (
        noticed["deputy3"].display_name,
        noticed["seat3"].display_name,
        True,
    )


def test_a_seat_whose_proxy_lacks_the_vote_is_entered_as_abstaining(noticed):
    in_vote(noticed, powers="attend speak")
    entered = Ballot.objects.get(vote=noticed.vote)
    assert (entered.seat.number, entered.choice, entered.entered, entered.conflicted) == (
        3,
        "abstain",
        True,
        False,
    )
    noticed.refused("11/out-of-scope", "cast", "deputy3", choice="for")
    noticed.sign_in("seat3")
    noticed.refused("20.1/already-voted", "cast", "seat3", choice="for")
    noticed.cast("for", "for")
    assert noticed.do("close_vote").abstained_count == 1


def test_the_principal_there_in_person_is_not_entered(noticed):
    noticed.proxy(powers="attend")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3", "seat3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    assert not Ballot.objects.filter(vote=noticed.vote).exists()
    noticed.do("cast", "seat3", choice="for")


def test_a_proxy_votes_on_covered_items_only(noticed):
    other = noticed.another("C-2")
    noticed.do("change_meeting", proposals=[noticed.proposal, other])
    noticed.do("send_notice")
    noticed.proxy(proposals=[other])
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.refused("20.1/not-all-present", "open_vote")


# --- idempotency keys ---


def test_the_same_key_and_content_is_the_same_ballot(voting):
    first = voting.do("cast", "seat2", choice="against", reason="Too long", key="k-1")
    entries = Entry.objects.count()
    again = voting.do("cast", "seat2", choice="against", reason="Too long", key="k-1")
    assert (again.pk, again.commitment) == (first.pk, first.commitment)
    assert (Ballot.objects.count(), Entry.objects.count()) == (
        Ballot.objects.filter(pk=first.pk).count(),
        entries,
    )


@pytest.mark.parametrize(
    ("choice", "reason"), [("for", ""), ("against", "Too short"), ("abstain", "Too long"), ("veto", "")]
)
def test_the_same_key_with_another_content_is_refused(voting, choice, reason):
    voting.do("cast", "seat2", choice="against", reason="Too long", key="k-1")
    voting.refused("20.1/already-voted", "cast", "seat2", choice=choice, reason=reason, key="k-1")


def test_a_key_is_looked_up_before_every_other_check(voting):
    """Also when somebody left, after the closing, and when the voter holds no seat any more."""
    ask = {"choice": "for", "key": "k-1"}
    first = voting.do("cast", "seat2", **ask)
    voting.do("sign_out", "seat3")
    assert voting.do("cast", "seat2", **ask) == first
    voting.sign_in("seat3")
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat3", choice="for")
    voting.do("close_vote")
    assert voting.do("cast", "seat2", **ask) == first
    voting.do("close_meeting")
    voting.do("vacate_seat", seat=2)
    assert voting.do("cast", "seat2", **ask) == first
    voting.refused("20.1/already-voted", "cast", "seat2", choice="against", reason="Anew", key="k-1")


def test_a_key_of_a_cancelled_vote_still_names_its_ballot(voting):
    first = voting.do("cast", "seat2", choice="for", key="k-1")
    voting.do("cancel_vote", reason="Papers missing")
    assert voting.do("cast", "seat2", choice="for", key="k-1") == first


def test_a_key_is_the_voters_own(voting):
    voting.do("cast", "seat2", choice="for", key="k-1")
    other = voting.do("cast", "seat3", choice="against", reason="Too long", key="k-1")
    assert (other.person, Ballot.objects.filter(vote=voting.vote).count()) == (voting["seat3"], 2)


def test_an_empty_key_is_no_key(voting):
    voting.do("cast", "seat2", choice="for", key="")
    voting.refused("20.1/already-voted", "cast", "seat2", choice="for", key="")


def test_a_refused_ballot_leaves_its_key_free(voting):
    voting.refused("20.4/reason-required", "cast", "seat2", choice="against", key="k-1")
    voting.do("cast", "seat2", choice="against", reason="Too long", key="k-1")
