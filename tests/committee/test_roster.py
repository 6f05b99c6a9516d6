"""Seats and their holders (Art. 3 to 5)."""

from datetime import timedelta

import pytest

from audit import clock
from audit.models import Entry
from committee.actions.founding import found_committee
from committee.models import Committee, Proxy, Seat, SeatTerm
from regulation.numbers import Regulation
from regulation.refused import Refused
from tests.stage import MEETING, START, head


def found(stage, *holders, liaison="liaison", seats=3):
    return found_committee(
        by="system", branch=stage.committee.branch, name="Second committee", abbreviation="乙",
        liaison=stage[liaison], numbers=Regulation(seats=seats, votes_to_pass=2 + seats // 5),
        seats=[("Member", None, stage[holder] if holder else None) for holder in holders],
        effective_from=START.date(),
    )  # fmt: skip


@pytest.mark.article("3", "4")
def test_a_committee_has_its_seats_of_which_the_first_is_the_chairs(founded):
    made = found(founded, "outsider", None, "credit")
    assert [(seat.number, seat.is_chair) for seat in made.seats.order_by("number")] == [
        (1, True), (2, False), (3, False),
    ]  # fmt: skip
    assert SeatTerm.objects.filter(seat__committee=made, until=None).count() == 2


@pytest.mark.parametrize(
    ("code", "holders", "liaison"),
    [
        ("4/too-many-seats", ("outsider", "credit", "risk", "auditor"), "liaison"),
        ("4/one-seat-per-person", ("outsider", "credit", "outsider"), "liaison"),
        ("5/liaison-may-not-sit", ("outsider", "liaison"), "liaison"),
    ],
)
def test_a_committee_is_not_founded_against_the_articles(founded, code, holders, liaison):
    before = Committee.objects.count()
    with pytest.raises(Refused) as caught:
        found(founded, *holders, liaison=liaison)
    assert caught.value.code == code
    assert Committee.objects.count() == before


@pytest.mark.parametrize("verb", ["vacate_seat", "fill_seat"])
@pytest.mark.parametrize("by", ["chair", "liaison", "head_office", "seat2", "auditor"])
def test_the_roster_is_the_risk_departments(founded, verb, by):
    given = {"holder": founded["outsider"]} if verb == "fill_seat" else {}
    founded.refused("access/denied", verb, by, seat=2, **given)


def test_a_seat_is_vacated_and_filled_with_its_terms(founded):
    founded.do("vacate_seat", seat=2)
    again = founded.refused("state/not-allowed", "vacate_seat", seat=2)
    assert again.context["cause"] == "seat/vacant"
    founded.travel("2026-03-03T09:00+08:00")
    founded.do("fill_seat", seat=2, holder=founded["outsider"])
    terms = SeatTerm.objects.filter(seat__committee=founded.committee, seat__number=2).order_by("since")
    assert [(term.holder, term.until is None) for term in terms] == [
        (founded["seat2"], False), (founded["outsider"], True),
    ]  # fmt: skip


@pytest.mark.article("4")
def test_a_filled_seat_is_vacated_before_it_is_filled(founded):
    founded.refused("state/not-allowed", "fill_seat", seat=2, holder=founded["outsider"])


@pytest.mark.parametrize("seat", [0, 4, 10])
def test_no_seat_beyond_the_regulations_number(founded, seat):
    founded.refused("4/too-many-seats", "fill_seat", seat=seat, holder=founded["outsider"])
    founded.refused("4/too-many-seats", "vacate_seat", seat=seat)


@pytest.mark.article("3", "24")
def test_a_seat_that_a_waiting_version_ends_is_not_filled(founded):
    founded.do("amend_regulation", changes={"seats": 5, "votes_to_pass": 3}, effective_from=START.date())
    four, day = {"seats": 4, "votes_to_pass": 3}, START.date() + timedelta(days=1)
    founded.do("amend_regulation", changes=four, effective_from=day)
    refusal = founded.refused("4/too-many-seats", "fill_seat", seat=5, holder=founded["outsider"])
    assert refusal.message() == "The committee has no such seat: from 2026-03-03 on it has 4 seats."
    founded.refused("4/too-many-seats", "vacate_seat", seat=5)
    founded.do("fill_seat", seat=4, holder=founded["outsider"])
    founded.travel("2026-03-03T00:01+08:00")
    founded.refused("4/too-many-seats", "fill_seat", seat=5, holder=founded["credit"])


def test_a_waiting_version_with_more_seats_fills_none_before_its_day(founded):
    day = START.date() + timedelta(days=1)
    founded.do("amend_regulation", changes={"seats": 4, "votes_to_pass": 3}, effective_from=day)
    founded.refused("4/too-many-seats", "fill_seat", seat=4, holder=founded["outsider"])


def test_a_version_that_another_of_the_same_day_replaced_does_not_wait(founded):
    founded.do("amend_regulation", changes={"seats": 5, "votes_to_pass": 3}, effective_from=START.date())
    day = START.date() + timedelta(days=1)
    for seats in (4, 5):
        founded.do("amend_regulation", changes={"seats": seats}, effective_from=day)
    founded.do("fill_seat", seat=5, holder=founded["outsider"])


def test_a_filled_seat_is_vacated_whatever_its_number(founded):
    Seat.objects.create(committee=founded.committee, number=7, post="Member", holder=founded["outsider"])
    founded.do("vacate_seat", seat=7)
    founded.refused("4/too-many-seats", "vacate_seat", seat=7)


def test_a_seat_that_an_amendment_added_is_filled(founded):
    founded.do("amend_regulation", changes={"seats": 4, "votes_to_pass": 3}, effective_from=START.date())
    seat = founded.do("fill_seat", seat=4, holder=founded["outsider"])
    assert (seat.number, seat.holder) == (4, founded["outsider"])


def test_one_person_holds_one_seat(founded):
    founded.do("vacate_seat", seat=2)
    founded.refused("4/one-seat-per-person", "fill_seat", seat=2, holder=founded["seat3"])


@pytest.mark.article("5")
def test_the_liaison_holds_no_seat(founded):
    founded.do("vacate_seat", seat=2)
    founded.refused("5/liaison-may-not-sit", "fill_seat", seat=2, holder=founded["liaison"])


@pytest.mark.article("11")
def test_the_holder_of_a_running_proxy_fills_no_seat(convened):
    convened.proxy()
    convened.do("vacate_seat", seat=2)
    convened.refused("11/holder-not-eligible", "fill_seat", seat=2, holder=convened["deputy3"])
    convened.do("revoke_proxy", "seat3")
    convened.do("fill_seat", seat=2, holder=convened["deputy3"])


@pytest.mark.article("20.1")
def test_a_seat_vacated_in_a_running_meeting_loses_presence_and_its_ballot_stands(voting):
    voting.cast("for", "for")
    voting.do("vacate_seat", seat=2)
    voting.refused("20.1/not-all-present", "cast", "seat3", choice="for")
    voting.do("fill_seat", seat=2, holder=voting["outsider"])
    voting.people = {**voting.people, "seat2": voting["outsider"]}
    voting.refused("20.1/not-all-present", "cast", "seat3", choice="for")
    voting.do("sign_in", "seat2")
    voting.refused("20.1/already-voted", "cast", "seat2", choice="against", reason="Anew")
    voting.do("cast", "seat3", choice="for")
    voting.do("close_vote")
    assert voting.vote.for_count == 3


def test_who_fills_a_seat_votes_on_what_is_open(voting):
    voting.do("vacate_seat", seat=2)
    voting.do("fill_seat", seat=2, holder=voting["outsider"])
    voting.do("sign_in", "outsider")
    ballot = voting.do("cast", "outsider", choice="for")
    assert (ballot.seat.number, ballot.person) == (2, voting["outsider"])
    voting.refused("access/not-found", "sign_out", "deputy2")


def test_a_vacated_seats_proxy_ends_and_its_holder_sees_nothing(seated):
    seated.do("sign_out", "seat3")
    seated.proxy()
    seated.do("sign_in", "deputy3")
    seated.do("vacate_seat", seat=3)
    for verb in ("sign_in", "sign_out"):
        seated.refused("access/not-found", verb, "deputy3")
    seated.refused("access/not-found", "record_opinion", "deputy3", text="Still here")
    assert not seated.meeting.attendances.filter(person=seated["deputy3"], signed_out_at=None).exists()


def test_a_vacated_acting_chair_acts_no_more(convened):
    convened.do("appoint_acting_chair", seat=2)
    convened.do("vacate_seat", seat=2)
    assert convened.now(convened.meeting).acting_seat is None


def test_each_running_meeting_has_an_entry_of_a_change_of_seat(convened):
    stream, before = convened.committee.stream, head(convened.meeting.stream)
    roster = head(stream)
    convened.do("vacate_seat", seat=2)
    convened.do("fill_seat", seat=2, holder=convened["outsider"])
    assert (head(stream) - roster, head(convened.meeting.stream) - before) == (2, 2)


def test_a_running_meeting_keeps_its_seats(convened):
    """A fourth seat is none of a meeting convened with three."""
    convened.do("amend_regulation", changes={"seats": 4, "votes_to_pass": 3}, effective_from=START.date())
    convened.do("fill_seat", seat=4, holder=convened["outsider"])
    convened.do("send_notice")
    convened.refused("20.1/no-seat", "sign_in", "outsider")
    convened.travel(MEETING)
    convened.sign_in("chair", "seat2", "seat3")
    convened.do("open_meeting")
    convened.do("take_up")
    convened.do("open_vote")
    convened.refused("20.1/no-seat", "cast", "outsider", choice="for")
    convened.cast()
    convened.do("close_vote")
    assert convened.state == "carried"


def test_a_seat_holds_its_days(founded):
    seat = Seat.objects.get(committee=founded.committee, number=2)
    assert seat.held_since == clock.now()


def test_a_term_that_is_over_ends_when_it_did(founded):
    first = founded["seat2"]
    founded.do("vacate_seat", seat=2)
    (over,) = SeatTerm.objects.filter(seat__committee=founded.committee, holder=first)
    for _turn in range(2):
        founded.travel(timedelta(days=1))
        founded.do("fill_seat", seat=2, holder=founded["outsider"])
        founded.travel(timedelta(days=1))
        founded.do("vacate_seat", seat=2)
    assert founded.now(over).until == over.until
    rows = SeatTerm.objects.filter(seat=over.seat).order_by("since")
    assert len({(row.since, row.until) for row in rows}) == 3


@pytest.mark.article("4")
def test_a_holder_is_replaced_in_one_act_and_the_seat_is_never_vacant(noticed):
    noticed.proxy(by="seat3", holder="deputy3")
    before = Entry.objects.filter(stream=noticed.committee.stream).count()
    seat = noticed.do("replace_holder", seat=3, holder=noticed["outsider"])
    assert seat.holder == noticed["outsider"]
    assert not Seat.objects.filter(committee=noticed.committee, holder=None).exists()
    assert Entry.objects.filter(stream=noticed.committee.stream).count() == before + 1
    first, second = SeatTerm.objects.filter(seat=seat).order_by("since", "pk")
    assert (first.holder, first.until, second.holder) == (noticed["seat3"], second.since, noticed["outsider"])
    proxy = Proxy.objects.get(meeting=noticed.meeting)
    assert (proxy.ended_why, proxy.ended_at) == (Proxy.Ended.VACATED, first.until)
    noticed.people = {**noticed.people, "seat3": noticed["outsider"]}
    noticed.do("acknowledge", "seat3")


@pytest.mark.article("4")
def test_who_replaces_a_holder_is_checked_as_who_fills_a_seat(noticed):
    noticed.refused("access/denied", "replace_holder", "liaison", seat=3, holder=noticed["outsider"])
    noticed.refused("4/one-seat-per-person", "replace_holder", seat=3, holder=noticed["seat2"])
    noticed.refused("4/one-seat-per-person", "replace_holder", seat=3, holder=noticed["seat3"])
    noticed.refused("5/liaison-may-not-sit", "replace_holder", seat=3, holder=noticed["liaison"])
    noticed.refused("4/too-many-seats", "replace_holder", seat=9, holder=noticed["outsider"])
    noticed.do("vacate_seat", seat=3)
    refused = noticed.refused("state/not-allowed", "replace_holder", seat=3, holder=noticed["outsider"])
    assert refused.context["cause"] == "seat/vacant"


@pytest.mark.article("20.1")
def test_a_new_holder_votes_on_what_is_open(voting):
    voting.do("replace_holder", seat=3, holder=voting["outsider"])
    voting.people = {**voting.people, "seat3": voting["outsider"]}
    voting.do("sign_in", "seat3")
    voting.do("cast", "seat3", choice="for")
