"""The room: one thing at a time, the wall, the observer's page, signing in at the liaison's device."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from audit.models import Entry, Payload
from committee.models import Attendance, Person
from tests.page_text import page_text
from tests.pages.pages import as_, look, queries
from tests.stage import MEETING, Stage, stages
from voting.models import RoomScreenLink
from web.models import Submission

PRIMARY = re.compile(r'<(?:button|a) class="button"[^>]*>([^<]+)<')
REASON = "Too long for the collateral"


def room(stage, handle):
    return look(stage[handle], "meeting", stage.meeting.pk)


def step(html):
    """What the room is at."""
    return re.search(r'class="room-step room-([a-z-]+)"', html)[1]


# --- one thing at a time ---


@pytest.mark.parametrize("name", ["noticed", "taken_up", "voting", "closed", "minuted"])
def test_without_an_open_vote_nobody_is_shown_as_not_having_voted(request, name):
    stage = request.getfixturevalue(name)
    for handle in ("chair", "seat2", "liaison"):
        html = page_text(as_(stage[handle]).get(reverse("meeting", args=[stage.meeting.pk])))
        seen = [words for words in ("has not voted", "<p>Vote open</p>") if words in html]
        assert (seen != []) == (name == "voting"), (handle, seen)


def test_shortly_before_the_hour_the_meeting_is_the_room_and_says_what_is_missing(noticed):
    assert "room-step" not in room(noticed, "chair")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2")
    html = room(noticed, "seat3")
    assert step(html) == "roll-call"
    assert "Not ready to open" in html
    assert re.search(r"Art\. 20[^<]*1?\)?</b>[^<]*3", html)
    assert 'data-kind="room"' in html


def test_the_room_follows_the_meeting_step_by_step(in_session):
    stage = in_session
    assert step(room(stage, "seat2")) == "between"
    stage.do("take_up")
    assert step(room(stage, "seat2")) == "deliberation"
    stage.do("open_vote")
    assert step(room(stage, "seat2")) == "vote"
    stage.cast()
    stage.do("close_vote")
    assert step(room(stage, "seat2")) == "result"
    assert "room-step" in room(stage, "head_office")
    stage.do("close_meeting")
    assert "room-step" not in room(stage, "seat2")


def test_the_ballot_stands_in_the_room_of_those_who_have_to_vote(voting):
    ballot = f'action="{reverse("proposal-act", args=[voting.proposal.pk, "cast"])}"'
    held = re.search(r'data-hold="([^"]+)"', room(voting, "seat2"))[1]
    assert held == f"{voting.vote.pk}-2-for,against"
    voting.do("request_abstention", "seat2", reason="A neighbour of the borrower")
    voting.do("grant_abstention", seat=2)
    assert f'data-hold="{voting.vote.pk}-2-for,against,abstain"' in room(voting, "seat2")
    for handle, has in (("chair", 1), ("seat2", 1), ("liaison", 0), ("head_office", 0), ("auditor", 0)):
        assert room(voting, handle).count(ballot) == has, handle
    voting.do("cast", "seat2", choice="for")
    html = room(voting, "seat2")
    assert ballot not in html
    assert "data-hold" not in html


def test_a_seat_that_leaves_pauses_the_vote_for_all_to_see(voting):
    assert "The vote pauses" not in room(voting, "chair")
    voting.do("sign_out", "seat2")
    for handle in ("chair", "seat3", "liaison", "head_office"):
        assert "The vote pauses: seat 2 is not represented" in room(voting, handle), handle
    voting.sign_in("seat2")
    assert "The vote pauses" not in room(voting, "chair")


def test_the_seats_turn_to_their_choices_with_the_result_and_not_before(voting):
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat2", choice="against", reason=REASON)
    before = room(voting, "seat3")
    assert "seat-turned" not in before
    assert "seat-against" not in before
    voting.do("cast", "seat3", choice="for")
    voting.do("close_vote")
    after = room(voting, "seat3")
    assert (after.count("seat-for"), after.count("seat-against")) == (2, 1)


def two_items() -> Stage:
    stage = Stage().to("filed")
    stage.meeting = stage.convene(stage.proposal, stage.another("C-2"), stage.another("C-3"))
    stage.do("send_notice")
    stage.travel(MEETING)
    stage.sign_in()
    stage.do("open_meeting")
    return stage


several = stages("several", two_items)


def test_at_the_roll_call_each_signs_in_and_then_the_chair_opens(noticed):
    noticed.travel(MEETING)
    assert PRIMARY.findall(room(noticed, "chair")) == ["Check in to the meeting"]
    noticed.sign_in()
    assert PRIMARY.findall(room(noticed, "chair")) == ["Open the meeting"]
    assert PRIMARY.findall(room(noticed, "seat2")) == []


def test_the_chair_has_one_primary_act_at_a_time(several):
    assert PRIMARY.findall(room(several, "chair")) == ["Take up the item"]
    several.do("take_up")
    assert PRIMARY.findall(room(several, "chair")) == ["Open the vote"]
    several.do("open_vote")
    assert PRIMARY.findall(room(several, "chair")) == ["Cast the ballot"]


# --- the minutes so far ---


def so_far(stage, handle):
    return as_(stage[handle]).get(reverse("so-far", args=[stage.meeting.pk]))


def test_the_liaison_sees_the_minutes_take_shape_without_anything_of_a_ballot(voting):
    voting.do("request_abstention", "seat3", reason="A neighbour of the borrower")
    voting.do("cast", "seat2", choice="against", reason=REASON)
    html = page_text(so_far(voting, "liaison"))
    assert "Attendance" in html
    assert REASON not in html
    assert "A neighbour" not in html
    assert voting.vote.ballots.get().commitment not in html
    assert reverse("so-far", args=[voting.meeting.pk]) in room(voting, "liaison")
    assert reverse("so-far", args=[voting.meeting.pk]) not in room(voting, "chair")


def test_the_minutes_so_far_are_the_liaisons_and_only_of_the_room(voting):
    assert [so_far(voting, who).status_code for who in ("chair", "head_office", "handler")] == [403, 403, 404]
    voting.do("cancel_vote", reason="A paper is missing")
    voting.do("close_meeting")
    assert so_far(voting, "liaison").status_code == 404


# --- signing in at the liaison's device ---


def gathering() -> Stage:
    stage = Stage().to("noticed")
    stage.proxy(powers="attend vote")
    stage.travel(MEETING)
    known = make_password("their own password")
    for person in stage.people.values():
        person.password = known
    Person.objects.bulk_update(stage.people.values(), ["password"])
    return stage


gathered = stages("gathered", gathering)


def sign_in_here(stage, handle, password, by="liaison"):
    to = reverse("meeting-act", args=[stage.meeting.pk, "sign_in_here"])
    given = {"person": str(stage[handle].pk), "password": password, "mode": "in_room"}
    return as_(stage[by]).post(to, given)


def test_who_has_no_device_signs_in_at_the_liaisons_with_the_own_password(gathered):
    assert sign_in_here(gathered, "seat2", "their own password").status_code == 302
    row = Attendance.objects.get(meeting=gathered.meeting)
    assert (row.person, row.proxy) == (gathered["seat2"], None)
    entry = Entry.objects.get(stream=gathered.meeting.stream, action="sign_in")
    assert entry.actor == str(gathered["seat2"].pk)
    body = bytes(Payload.objects.get(commitment=entry.commitment).body).decode()
    assert f'"device_of":"{gathered["liaison"].pk}"' in body


def test_a_proxy_signs_in_there_too(gathered):
    assert sign_in_here(gathered, "deputy3", "their own password").status_code == 302
    assert Attendance.objects.get(meeting=gathered.meeting).proxy.principal == gathered["seat3"]


def test_nobody_is_present_by_a_wrong_password(gathered):
    answer = sign_in_here(gathered, "seat2", "guessed")
    html = page_text(answer)
    assert answer.status_code == 422
    assert "This is not the password of that person" in html
    assert "guessed" not in html
    assert not Attendance.objects.filter(meeting=gathered.meeting).exists()


def test_only_who_is_expected_signs_in_there_and_only_at_the_liaisons(gathered):
    for handle in ("auditor", "handler"):
        assert sign_in_here(gathered, handle, "their own password").status_code == 422
    assert sign_in_here(gathered, "seat2", "their own password", by="chair").status_code == 403
    assert not Attendance.objects.filter(meeting=gathered.meeting).exists()


# --- the wall ---


def wall_of(stage, by="liaison"):
    """The address that whoever opens the wall is led to."""
    answer = as_(stage[by]).post(reverse("room-screen-link", args=[stage.meeting.pk]), {"act": "open"})
    assert answer.status_code == 302
    return answer["Location"]


def on_the_wall(address):
    answer = Client().get(address)
    assert answer.status_code == 200
    return page_text(answer)


def test_the_wall_shows_the_meeting_without_a_login_and_no_choice_with_a_name(voting):
    address = wall_of(voting)
    html = on_the_wall(address)
    assert "Vote open" in html
    assert "0 of 3 seats have voted" in html
    assert "<form" not in html
    voting.do("cast", "seat2", choice="against", reason=REASON)
    assert "1 of 3 seats have voted" in on_the_wall(address)
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat3", choice="for")
    voting.do("close_vote")
    html = on_the_wall(address)
    assert "Carried: 2 for, 1 against (2 needed)" in html
    assert "seat-turned" not in html
    assert REASON not in html


def test_the_wall_says_what_the_meeting_is_at(noticed):
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2")
    address = wall_of(noticed, "chair")
    assert "2 of 3 represented" in on_the_wall(address)
    noticed.sign_in("seat3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.do("ask_to_speak", "seat3")
    html = on_the_wall(address)
    assert "Under deliberation" in html
    assert "Speaking list" in html
    noticed.do("open_vote")
    noticed.do("sign_out", "seat2")
    assert "The vote pauses" in on_the_wall(address)


def test_the_private_matters_of_an_item_are_not_on_the_wall(taken_up):
    address = wall_of(taken_up)
    taken_up.do("declare_conflict", "seat2", reason="A cousin of the borrower")
    taken_up.do("request_abstention", "seat3", reason="A neighbour of the borrower")
    taken_up.do("record_opinion", "chair", text="The schedule is sound.")
    html = on_the_wall(address)
    for private in ("A cousin", "A neighbour", "The schedule is sound."):
        assert private not in html


def test_a_link_that_is_replaced_or_closed_shows_nothing(taken_up):
    first, second = wall_of(taken_up), wall_of(taken_up, "chair")
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    answer = as_(taken_up["liaison"]).post(
        reverse("room-screen-link", args=[taken_up.meeting.pk]), {"act": "close"}, follow=True
    )
    assert "No link shows the meeting any more." in page_text(answer)
    assert Client().get(second).status_code == 404
    assert Client().get(f"{second}version/").status_code == 404


def test_the_address_of_the_wall_is_kept_nowhere(taken_up):
    token = wall_of(taken_up).split("/")[2]
    kept = [*Submission.objects.values_list("led_to", flat=True), RoomScreenLink.objects.get().digest]
    assert not [text for text in kept if token in text]


def test_the_link_is_made_by_the_liaison_or_whoever_presides(taken_up):
    to = reverse("room-screen-link", args=[taken_up.meeting.pk])
    for handle, status in (("seat2", 403), ("head_office", 403), ("handler", 404), ("outsider", 404)):
        assert as_(taken_up[handle]).post(to, {"act": "open"}).status_code == status, handle
    assert not RoomScreenLink.objects.exists()
    for handle in ("liaison", "chair"):
        assert as_(taken_up[handle]).get(to).status_code == 200
        assert to in room(taken_up, handle)
        other = reverse("meeting-act", args=[taken_up.meeting.pk, "open_wall"])
        assert as_(taken_up[handle]).post(other).status_code == 404
    assert not RoomScreenLink.objects.exists()


def test_the_wall_counts_what_has_happened(taken_up):
    address = wall_of(taken_up)
    before = Client().get(f"{address}version/").json()["version"]
    assert f'data-version="{before}"' in on_the_wall(address)
    taken_up.do("ask_to_speak", "seat3")
    assert Client().get(f"{address}version/").json()["version"] == before + 1


# --- the observer ---


def with_observer() -> Stage:
    stage = Stage().to("taken_up")
    stage.do("admit_observer", observer=stage["handler_head"])
    stage.do("ask_observer", "seat2", text="Who values the shop?")
    return stage


observed = stages("observed", with_observer)


def observing(stage, handle="handler_head", page="observed"):
    return as_(stage[handle]).get(reverse(page, args=[stage.now(stage.proposal).item_id]))


def test_the_observer_reads_the_questions_and_answers(observed):
    html = page_text(observing(observed))
    assert "Who values the shop?" in html
    assert reverse("proposal-act", args=[observed.proposal.pk, "answer_question"]) in html
    assert reverse("observed", args=[observed.now(observed.proposal).item_id]) in look(
        observed["handler_head"], "desk"
    )


def test_with_the_withdrawal_the_page_is_blank_of_the_item(observed):
    before = observing(observed, page="observed-version").json()["version"]
    title = observed.now(observed.proposal).item.title
    assert title in page_text(observing(observed))
    observed.do("withdraw_observer")
    html = page_text(observing(observed))
    assert "You no longer attend the item" in html
    for gone in (title, "Who values the shop?", "data-follow"):
        assert gone not in html, gone
    assert observing(observed, page="observed-version").json()["version"] == before + 1


def test_the_observers_page_is_nobody_elses(observed):
    for handle in ("handler", "chair", "liaison", "outsider"):
        assert observing(observed, handle).status_code == 404, handle
        assert observing(observed, handle, "observed-version").status_code == 404, handle


@pytest.mark.parametrize("handle", ["chair", "liaison"])
def test_the_roll_call_takes_at_most_25_statements(gathered, handle):
    assert len(queries(gathered[handle], "meeting", gathered.meeting.pk)) <= 25
