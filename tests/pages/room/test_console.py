"""What the room puts before each: the next act, one's own, the others; the plan; what a proxy keeps."""

import re

import pytest
from django.urls import reverse

from pages.room.brief import plan_in_brief
from tests.pages.pages import as_, look
from tests.stage import MEETING, Stage, stages
from web.templatetags import kept

BORROWER, SECRET = "王某", "Never to be read before the closing"


def part(stage, handle, name, language="en"):
    """A part of the room as the person has it, by its name."""
    html = look(stage[handle], "meeting", stage.meeting.pk, language=language)
    found = re.search(
        rf'<(\w+)[^>]* data-live="{name}"[^>]*>.*?(?=<\w+[^>]* data-live="|<dialog|$)', html, re.DOTALL
    )
    return found[0] if found else ""


def test_the_chair_has_one_next_act_own_acts_and_the_rest_folded_away(taken_up):
    lead, acts = part(taken_up, "chair", "lead"), part(taken_up, "chair", "acts")
    assert "Open the vote" in lead
    own, folded = acts.split('id="other-acts"')
    assert {"Record an opinion", "Ask to speak", "Request to abstain"} <= set(
        re.findall(r">([A-Z][^<>]+)</", own)
    )
    for verb in ("Admit the observer", "Close the meeting", "Leave the meeting"):
        assert verb in folded
        assert verb not in lead + own


def test_a_member_is_led_to_an_opinion_and_told_nothing_of_readiness(taken_up):
    lead = part(taken_up, "seat2", "lead")
    assert "Record an opinion" in lead
    assert "room-ready" not in lead
    assert "room-ready" in part(taken_up, "liaison", "lead")


def test_an_act_that_is_awaited_stands_there_with_what_is_in_its_way(taken_up):
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    lead = part(taken_up, "chair", "lead")
    assert re.search(r'aria-disabled="true"[^>]*>\s*Open the vote', lead)
    assert "The observer has withdrawn" in part(taken_up, "liaison", "lead")


def test_a_request_is_decided_with_two_buttons_of_one_weight_and_is_not_said_twice(taken_up):
    taken_up.do("request_abstention", reason="A neighbour")
    lead = part(taken_up, "chair", "lead")
    request = lead.partition('class="room-request"')[2].partition("</section>")[0]
    assert re.findall(r'<button class="([^"]+)">', request) == ["button button-second"] * 2
    assert "A neighbour" in request
    assert "A neighbour" not in part(taken_up, "chair", "item")
    assert "A neighbour" in part(taken_up, "seat2", "item")
    assert "room-request" not in part(taken_up, "seat3", "lead")


def test_it_is_said_when_all_have_voted_and_not_before(voting):
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat2", choice="against", reason=SECRET)
    assert "seats have voted.</b>" not in part(voting, "chair", "lead")
    assert re.search(r"Seats still to vote</dt>\s*<dd>3<", part(voting, "chair", "lead"))
    voting.do("cast", "seat3", choice="for")
    for handle in ("chair", "liaison"):
        lead = part(voting, handle, "lead")
        assert "All 3 seats have voted." in lead
        assert SECRET not in lead
    assert "All 3 seats have voted." not in part(voting, "seat2", "lead")
    assert "Close the vote" in part(voting, "liaison", "lead")


def test_the_plan_at_issue_is_beside_the_acts_while_it_is_deliberated_and_voted_on(taken_up):
    brief = part(taken_up, "seat2", "paper")
    assert BORROWER in brief
    assert "1,110.00" in brief  # all that is owed
    assert "Contradictions in the plan" in brief
    taken_up.do("open_vote")
    assert BORROWER in part(taken_up, "seat3", "paper")
    taken_up.cast()
    taken_up.do("close_vote")
    assert BORROWER not in part(taken_up, "seat2", "paper")


def test_the_plan_in_brief_is_read_once_for_a_version(taken_up, django_assert_num_queries):
    version = taken_up.now(taken_up.proposal).present_version.pk
    kept.forget()
    with django_assert_num_queries(1):
        assert plan_in_brief(version) == plan_in_brief(version)


def covering_the_second() -> Stage:
    """Two items; a proxy for the second alone; the first is taken up."""
    stage = Stage().to("filed")
    stage.other = stage.another(
        "C-2",
        borrower={
            "name": "李某",
            "id_no": "320000190001010002",
            "kind": "household",
            "operating": "reduced",
            "cause": "Illness",
        },
    )
    stage.meeting = stage.convene(stage.proposal, stage.other)
    stage.do("send_notice")
    stage.proxy(proposals=[stage.other])
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    stage.do("open_meeting")
    stage.do("take_up")
    return stage


second = stages("second", covering_the_second)


def test_a_proxy_reads_nothing_of_an_item_that_is_not_covered(second):
    assert BORROWER in part(second, "seat2", "paper")
    assert BORROWER not in look(second["deputy3"], "meeting", second.meeting.pk)


def attended_by_proxy() -> Stage:
    """A proxy attended and voted; the meeting is closed."""
    stage = Stage().to("noticed")
    stage.proxy(document="Signed on Monday")
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        stage.do(verb)
    for handle in ("chair", "seat2", "deputy3"):
        stage.do("cast", handle, choice="for")
    stage.do("close_vote")
    stage.do("close_meeting")
    return stage


represented = stages("represented", attended_by_proxy)


def test_a_proxy_keeps_after_the_meeting_what_was_held_and_done(represented):
    client = as_(represented["deputy3"])
    gone = client.get(reverse("meeting", args=[represented.meeting.pk]))
    assert gone["Location"] == reverse("my-meetings") + "#by-proxy"
    html = look(represented["deputy3"], "my-meetings")
    kept_there = html.partition('id="by-proxy"')[2]
    for words in (represented.meeting.written_number, "Signed on Monday", "Vote", reverse("my-ballots")):
        assert words in kept_there
    assert represented.proposal.title not in html
    assert reverse("meeting", args=[represented.meeting.pk]) not in html


@pytest.mark.parametrize("handle", ["deputy2", "outsider", "handler"])
def test_whoever_had_no_proxy_finds_no_such_meeting(represented, handle):
    address = reverse("meeting", args=[represented.meeting.pk])
    assert as_(represented[handle]).get(address).status_code == 404
    assert "by-proxy" not in look(represented[handle], "my-meetings")


def test_a_proxy_that_was_revoked_leaves_nothing(noticed):
    noticed.proxy()
    noticed.do("revoke_proxy", "seat3")
    noticed.do("cancel_meeting", reason="Postponed")
    assert as_(noticed["deputy3"]).get(reverse("meeting", args=[noticed.meeting.pk])).status_code == 404
    assert "by-proxy" not in look(noticed["deputy3"], "my-meetings")
