"""That a vote is open is told where people are, and nothing of what is cast in it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.page_text import page_text
from tests.pages.pages import as_, look, queries

MINE = "your ballot is to be cast"
HERE = "A vote is open in this meeting"


def pages_of_the_meeting(stage):
    """A page of each kind that the meeting has while it runs, but for the room."""
    item = stage.now(stage.proposal).item_id
    return [
        reverse("papers", args=[stage.meeting.pk]),
        reverse("paper", args=[stage.meeting.pk, item]),
        reverse("notice", args=[stage.meeting.pk]),
    ]


def told(stage, handle, address):
    html = page_text(as_(stage[handle]).get(address))
    return [line for line in (MINE, HERE) if line in html]


@pytest.mark.article("20")
def test_an_open_vote_is_told_on_every_page_of_its_meeting(taken_up):
    for address in pages_of_the_meeting(taken_up):
        assert told(taken_up, "liaison", address) == []
    taken_up.do("open_vote")
    for address in pages_of_the_meeting(taken_up):
        assert told(taken_up, "liaison", address) == [HERE]
        assert told(taken_up, "seat2", address) == [MINE]
        html = page_text(as_(taken_up["head_office"]).get(address))
        assert f'href="{reverse("meeting", args=[taken_up.meeting.pk])}">To the room' in html
    assert told(taken_up, "liaison", reverse("desk")) == []


@pytest.mark.parametrize("page", ["desk", "proposals", "meetings", "messages", "profile", "my-meetings"])
def test_a_ballot_to_cast_is_told_on_every_page_until_it_is_cast(voting, page):
    address = reverse(page)
    assert told(voting, "seat2", address) == [MINE]
    assert f'href="{reverse("meeting", args=[voting.meeting.pk])}">To the ballot' in look(
        voting["seat2"], page
    )
    voting.do("cast", "seat2", choice="for")
    assert told(voting, "seat2", address) == []
    assert told(voting, "seat3", address) == [MINE]
    for handle in ("liaison", "risk", "auditor", "handler", "head_office"):
        if page != "my-meetings":
            assert told(voting, handle, address) == []


def test_in_the_room_itself_it_is_not_told_a_second_time(voting):
    assert told(voting, "seat2", reverse("meeting", args=[voting.meeting.pk])) == []


@pytest.mark.parametrize("end", ["close_vote", "cancel_vote"])
def test_it_is_gone_once_the_vote_is_over(voting, end):
    if end == "close_vote":
        voting.cast()
        voting.do(end)
    else:
        voting.do(end, reason="Papers are missing")
    for handle in ("seat2", "liaison"):
        for address in (*pages_of_the_meeting(voting), reverse("desk")):
            assert told(voting, handle, address) == []


def test_a_proxy_who_votes_is_told_for_the_seat(noticed):
    noticed.proxy()
    noticed.travel(noticed.meeting.at)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.do("open_vote")
    assert told(noticed, "deputy3", reverse("desk")) == [MINE]
    noticed.do("cast", "deputy3", choice="for")
    assert told(noticed, "deputy3", reverse("desk")) == []


def test_pages_of_the_meeting_follow_it_and_say_nothing_of_what_was_cast(voting):
    address = reverse("papers", args=[voting.meeting.pk])
    html = page_text(as_(voting["liaison"]).get(address))
    assert f'data-follow="{reverse("meeting-version", args=[voting.meeting.pk])}"' in html
    assert f'data-socket="/ws/meetings/{voting.meeting.pk}/"' in html
    line = html.split('data-live="told">')[1].split("</div>")[0]
    voting.do("cast", "seat2", choice="against", reason="Too long")
    again = page_text(as_(voting["liaison"]).get(address))
    assert again.split('data-live="told">')[1].split("</div>")[0] == line


def test_it_costs_no_statement_where_no_meeting_is_shown(voting):
    closed = len(queries(voting["seat2"], "desk"))
    voting.do("cancel_vote", reason="Papers are missing")
    assert len(queries(voting["seat2"], "desk")) <= closed <= 25
