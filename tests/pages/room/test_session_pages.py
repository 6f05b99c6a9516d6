"""A whole meeting in session by plain requests: every act on its page, by its officer (Art. 9–11, 18–20)."""

import re

import pytest
from django.urls import reverse

from audit.models import Entry
from committee.models import Meeting, Opinion, Question, Resolution
from pages.room.acts import OFFERS
from tests.page_text import page_text
from tests.pages.pages import as_, look, queries
from tests.stage import MEETING, START, Stage, stages
from voting.models import AbstentionRequest, Ballot, Vote

#: what a form carries unseen
HIDDEN = re.compile(r'type="hidden" name="(once|key|vote|seat|draft)"[^>]* value="([^"]*)"')
SECRET = "Too long for the collateral"
LIVE = {offer.verb for offer in OFFERS}


def address(stage, verb, proposal=None):
    if any(offer.verb == verb and offer.on is Meeting for offer in OFFERS):
        return reverse("meeting-act", args=[stage.meeting.pk, verb])
    return reverse("proposal-act", args=[(proposal or stage.proposal).pk, verb])


def do(stage, verb, by, **given):
    """The act is sent as its page would send it; where it leads the person sees the meeting."""
    client, to = as_(stage[by]), address(stage, verb)
    hidden = dict(HIDDEN.findall(page_text(client.get(to))))
    answer = client.post(to, hidden | given)
    assert answer.status_code == 302, (verb, by, answer.status_code, page_text(answer)[:3000])
    shown = client.get(answer["Location"])
    assert shown.status_code == 200
    return page_text(shown)


def offered(stage, handle):
    """The verbs of a session that the meeting's page offers to the person, those forbidden now left out."""
    html = look(stage[handle], "meeting", stage.meeting.pk)
    return {verb for verb in LIVE if f'="{address(stage, verb)}"' in html}


def refused(stage, verb, by, **given):
    """The page of the act after it was refused; nothing was recorded."""
    client, before = as_(stage[by]), Entry.objects.count()
    hidden = dict(HIDDEN.findall(page_text(client.get(address(stage, verb)))))
    answer = client.post(address(stage, verb), hidden | given)
    assert Entry.objects.count() == before
    return answer.status_code, page_text(answer)


def test_a_meeting_is_held_on_its_page_from_signing_in_to_closing(noticed):
    stage = noticed
    stage.travel(MEETING)
    for handle in stage.seats:
        assert "You are signed in." in do(stage, "sign_in", handle, mode="in_room")
    assert "In session" in do(stage, "open_meeting", "chair")
    assert "Under deliberation" in do(stage, "take_up", "chair")
    do(stage, "ask_to_speak", "seat2")
    assert "Speaking list" in look(stage["seat3"], "meeting", stage.meeting.pk)
    assert "Has the floor" in do(stage, "give_floor", "chair", seat="2", minutes="5")
    do(stage, "end_speech", "seat2")
    do(stage, "record_opinion", "seat2", text="The schedule is sound.")
    assert Opinion.objects.get().person == stage["seat2"]
    do(stage, "admit_observer", "chair", observer=str(stage["handler_head"].pk))
    assert "open_vote" not in offered(stage, "chair")
    do(stage, "withdraw_observer", "liaison")
    do(stage, "request_abstention", "seat3", reason="A neighbour of the borrower")
    do(stage, "grant_abstention", "chair", seat="3")
    assert AbstentionRequest.objects.get().state == "granted"
    do(stage, "open_vote", "chair")
    do(stage, "cast", "chair", choice="for", sure="on")
    html = do(stage, "cast", "seat2", choice="for", sure="on")
    receipt = Ballot.objects.get(person=stage["seat2"]).commitment
    assert receipt in html
    assert receipt not in look(stage["chair"], "meeting", stage.meeting.pk)
    do(stage, "cast", "seat3", choice="abstain", reason="A neighbour of the borrower", sure="on")
    html = do(stage, "close_vote", "liaison")
    assert "Carried: 2 for, 1 abstaining" in html
    assert "Closed" in do(stage, "close_meeting", "chair")
    assert Resolution.objects.get().carried
    assert stage.meeting_state == "closed"


def test_a_vote_is_proposed_to_be_cancelled_and_cancelled(voting):
    do(voting, "propose_cancellation", "seat2", reason="A paper is missing")
    assert "A paper is missing" in look(voting["chair"], "meeting", voting.meeting.pk)
    html = do(voting, "cancel_vote", "chair", reason="The valuation is missing")
    assert "The valuation is missing" in html
    assert voting.vote.state == Vote.State.CANCELLED


def test_each_is_offered_what_is_theirs(taken_up):
    stage = taken_up
    assert offered(stage, "chair") >= {"open_vote", "record_opinion", "admit_observer", "close_meeting"}
    assert "take_up" not in offered(stage, "chair")
    assert offered(stage, "seat2") == {"record_opinion", "ask_to_speak", "request_abstention", "sign_out"}
    assert address(stage, "declare_conflict") in look(stage["seat2"], "meeting", stage.meeting.pk)
    assert offered(stage, "liaison") == {"take_down_opinion"}
    for handle in ("head_office", "risk", "auditor"):
        assert offered(stage, handle) == set(), handle
    stage.do("open_vote")
    assert offered(stage, "seat2") == {"cast", "request_abstention", "propose_cancellation", "sign_out"}
    stage.do("cast", "seat2", choice="for")
    assert offered(stage, "seat2") == {"propose_cancellation", "sign_out"}


def test_who_has_signed_in_later_has_the_ballot_at_once(voting):
    voting.do("sign_out", "seat2")
    assert offered(voting, "seat2") == {"sign_in"}
    do(voting, "sign_in", "seat2", mode="video")
    assert "cast" in offered(voting, "seat2")


def test_what_keeps_the_meeting_from_opening_is_said(noticed):
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2")
    html = look(noticed["chair"], "meeting", noticed.meeting.pk)
    assert "open_meeting" not in offered(noticed, "chair")
    assert re.search(r"Art\. 20[^<]*3", html)


def test_the_vote_is_closed_only_when_all_ballots_are_in(voting):
    voting.do("cast", "chair", choice="for")
    assert "close_vote" not in offered(voting, "liaison")
    voting.cast_left = voting.do("cast", "seat2", choice="for"), voting.do("cast", "seat3", choice="for")
    assert "close_vote" in offered(voting, "liaison")


def test_a_ballot_against_keeps_what_was_typed_and_asks_for_its_reason(voting):
    status, html = refused(voting, "cast", "seat2", choice="against", reason="", sure="on", key="k1")
    assert status == 422
    assert "Art. 20(4)" in html
    assert re.search(r'value="against"[^>]*checked', html)
    assert not re.search(r'name="sure"[^>]*checked', html)


def test_a_ballot_is_confirmed_by_a_second_tap(voting):
    status, _html = refused(voting, "cast", "seat2", choice="for", key="k1")
    assert status == 422
    assert not Ballot.objects.exists()


def test_abstaining_is_no_choice_without_consent(voting):
    status, html = refused(voting, "cast", "seat2", choice="abstain", reason="None", sure="on", key="k1")
    assert status == 422
    assert 'value="abstain"' not in html
    assert "prior consent" in html


@pytest.mark.article("20.3")
def test_a_ballot_says_whose_consent_its_seat_needs_to_abstain(voting):
    for handle, whose in (("seat2", "the chair&#x27;s prior"), ("chair", "head office&#x27;s prior")):
        assert f"Abstaining needs {whose} consent" in look(voting[handle], "meeting", voting.meeting.pk)


def test_a_conflicted_seat_has_one_choice(taken_up):
    html = do(taken_up, "declare_conflict", "seat2", reason="A cousin of the borrower")
    assert 'class="room-step' in html
    assert address(taken_up, "declare_conflict") not in html
    taken_up.do("open_vote")
    html = page_text(as_(taken_up["seat2"]).get(address(taken_up, "cast")))
    assert re.findall(r'name="choice" value="(\w+)"', html) == ["abstain"]


def test_a_ballot_sent_twice_is_one(voting):
    client, to = as_(voting["seat2"]), address(voting, "cast")
    hidden = dict(HIDDEN.findall(page_text(client.get(to))))
    sent = hidden | {"choice": "for", "sure": "on"}
    first, second = client.post(to, sent), client.post(to, sent)
    assert first["Location"] == second["Location"]
    assert Ballot.objects.count() == 1


def special_voting() -> Stage:
    stage = Stage()
    stage.plan["conditions"] = {"7.6": "The village is to be resettled"}
    stage.to("taken_up").do("open_vote", question="special-circumstances")
    return stage


special = stages("special", special_voting)


def test_a_ballot_for_a_vote_that_is_over_does_not_count_in_the_next(special):
    client, to = as_(special["seat2"]), address(special, "cast")
    hidden = dict(HIDDEN.findall(page_text(client.get(to))))
    special.cast()
    special.do("close_vote")
    special.do("open_vote")
    answer = client.post(to, hidden | {"choice": "for", "sure": "on"})
    html = page_text(answer)
    assert answer.status_code == 409
    assert "Vote on the plan" in html
    assert not re.search(r'name="choice"[^>]*checked', html)
    assert not special.vote.ballots.exists()
    again = dict(HIDDEN.findall(html)) | {"choice": "for", "sure": "on"}
    assert client.post(to, again).status_code == 302
    assert special.vote.ballots.get().person == special["seat2"]


@pytest.mark.parametrize(
    ("choice", "said"), [("for", "Recognised: 3 for"), ("against:No", "Not recognised: 0 for")]
)
def test_special_circumstances_are_recognised_and_not_carried(special, choice, said):
    special.cast(choice, choice, choice)
    special.do("close_vote")
    html = look(special["seat2"], "proposal", special.proposal.pk)
    assert said in html
    assert not re.search(r"(Not c|C)arried: ", html)


def test_a_ballot_refused_because_the_vote_is_over_cannot_be_sent_again_from_that_page(special):
    client, to = as_(special["seat2"]), address(special, "cast")
    hidden = dict(HIDDEN.findall(page_text(client.get(to))))
    special.do("cancel_vote", reason="A paper is missing")
    html = page_text(client.post(to, hidden | {"choice": "for", "sure": "on"}))
    assert "Art. 20" in html
    assert 'name="choice"' not in html


def holding_two() -> Stage:
    """One holder stands for seats 2 and 3."""
    stage = Stage(proxies_per_holder=2).to("noticed")
    for seat in ("seat2", "seat3"):
        stage.proxy(by=seat, holder="deputy3")
    stage.travel(MEETING)
    stage.sign_in("chair", "deputy3")
    stage.do("open_meeting")
    stage.do("take_up")
    stage.do("open_vote")
    return stage


held_twice = stages("held_twice", holding_two)


def test_a_ballot_says_for_which_seat_it_is_and_counts_for_no_other(held_twice):
    client, to = as_(held_twice["deputy3"]), address(held_twice, "cast")
    pages = [page_text(client.get(to)) for _tab in range(2)]
    for html in pages:
        assert "Ballot of seat 2" in html
        assert f"as proxy for {held_twice['seat2']}" in html
    first, second = (
        client.post(to, dict(HIDDEN.findall(html)) | {"choice": "for", "sure": "on"}) for html in pages
    )
    assert (first.status_code, second.status_code) == (302, 422)
    assert "Ballot of seat 3" in page_text(second)
    assert Ballot.objects.get().seat.number == 2


def test_opening_a_vote_says_on_what(taken_up):
    html = page_text(as_(taken_up["chair"]).get(address(taken_up, "open_vote")))
    assert re.search(r"Vote on</dt><dd>Plan", html)


def test_a_ballot_sent_after_the_session_lies_nowhere(voting):
    client, to = as_(voting["seat2"]), address(voting, "cast")
    hidden = dict(HIDDEN.findall(page_text(client.get(to))))
    client.logout()
    answer = client.post(to, hidden | {"choice": "against", "reason": SECRET, "sure": "on"})
    assert answer["Location"] == f"/login/?next={to}"
    assert SECRET not in str(dict(client.session))
    assert "against" not in str(dict(client.session))


def with_acting_chair() -> Stage:
    stage = Stage().to("noticed")
    stage.do("appoint_acting_chair", seat=2)
    stage.travel(MEETING)
    stage.sign_in()
    return stage


acting = stages("acting", with_acting_chair)


def test_an_acting_chair_leads_the_meeting(acting):
    do(acting, "open_meeting", "seat2")
    do(acting, "take_up", "seat2")
    do(acting, "request_abstention", "seat2", reason="I am named in the papers")
    assert not {"grant_abstention", "refuse_abstention"} & offered(acting, "seat2")
    do(acting, "refuse_abstention", "head_office", seat="2")
    do(acting, "open_vote", "seat2")


def by_proxy() -> Stage:
    stage = Stage().to("noticed")
    stage.proxy(powers="attend vote")
    stage.travel(MEETING)
    return stage


proxied = stages("proxied", by_proxy)


def test_a_proxy_does_what_its_powers_say(proxied):
    stage = proxied
    assert offered(stage, "deputy3") == {"sign_in"}
    for handle in ("chair", "seat2", "deputy3"):
        do(stage, "sign_in", handle, mode="in_room")
    stage.do("open_meeting")
    stage.do("take_up")
    assert offered(stage, "deputy3") == {"request_abstention", "sign_out"}
    stage.do("open_vote")
    do(stage, "cast", "deputy3", choice="for", sure="on")
    assert Ballot.objects.get().proxy.principal == stage["seat3"]


# --- the observer's questions, and opinions taken down ---


def test_the_observer_is_asked_in_the_room_and_answers_on_the_page_of_the_plan(taken_up):
    stage = taken_up
    assert "ask_observer" not in offered(stage, "seat2")
    do(stage, "admit_observer", "chair", observer=str(stage["handler_head"].pk))
    assert address(stage, "answer_question") not in look(stage["handler_head"], "proposal", stage.proposal.pk)
    assert "Who values the shop?" in do(stage, "ask_observer", "seat2", text="Who values the shop?")
    assert address(stage, "answer_question") in look(stage["handler_head"], "proposal", stage.proposal.pk)
    assert "Not answered" in look(stage["liaison"], "meeting", stage.meeting.pk)
    question = Question.objects.get()
    html = do(stage, "answer_question", "handler_head", question=str(question.pk), text="A listed valuer")
    assert f'href="/meetings/{stage.meeting.pk}/"' not in html
    html = look(stage["seat2"], "meeting", stage.meeting.pk)
    assert "A listed valuer" in html
    assert "Not answered" not in html


def test_the_questions_of_a_meeting_are_on_its_page_and_on_no_others(taken_up):
    asked = {}
    taken_up.travel(START)
    for stage, text in ((taken_up, "Who values the shop?"), (Stage().to("taken_up"), "Who lives there?")):
        do(stage, "admit_observer", "chair", observer=str(stage["handler_head"].pk))
        do(stage, "ask_observer", "seat2", text=text)
        asked[text] = stage
    for text, stage in asked.items():
        html = look(stage["seat3"], "meeting", stage.meeting.pk)
        assert {each for each in asked if each in html} == {text}


def test_the_liaison_takes_an_answer_down_and_is_back_at_the_item(taken_up):
    stage = taken_up
    do(stage, "admit_observer", "chair", observer=str(stage["handler_head"].pk))
    do(stage, "ask_observer", "seat2", text="Who values the shop?")
    question = str(Question.objects.get().pk)
    html = do(stage, "answer_question", "liaison", question=question, text="A listed valuer")
    assert "dictated to the liaison" in html
    assert "answer_question" not in offered(stage, "liaison")


def test_who_neither_observes_nor_is_the_liaison_answers_nothing(taken_up):
    stage = taken_up
    do(stage, "admit_observer", "chair", observer=str(stage["handler_head"].pk))
    do(stage, "ask_observer", "seat2", text="Who values the shop?")
    question = str(Question.objects.get().pk)
    for handle in ("seat3", "handler"):
        assert refused(stage, "answer_question", handle, question=question, text="I know it")[0] == 403
    do(stage, "withdraw_observer", "liaison")
    status, html = refused(stage, "answer_question", "handler_head")
    assert status in (403, 422)
    assert "Who values the shop?" not in html


def test_an_opinion_taken_down_is_shown_to_its_speaker_who_confirms_it(taken_up):
    stage = taken_up
    html = do(stage, "take_down_opinion", "liaison", seat="2", text="The schedule is sound.")
    assert "It waits for the speaker" in html
    assert "The schedule is sound." not in look(stage["seat3"], "meeting", stage.meeting.pk)
    client = as_(stage["seat2"])
    assert "The schedule is sound." in page_text(client.get(address(stage, "confirm_opinion")))
    do(stage, "confirm_opinion", "seat2")
    assert Opinion.objects.get().person == stage["seat2"]
    assert "The schedule is sound." in look(stage["seat3"], "meeting", stage.meeting.pk)
    assert not {"confirm_opinion", "decline_opinion"} & offered(stage, "seat2")


def test_an_opinion_taken_down_wrongly_is_declined(taken_up):
    do(taken_up, "take_down_opinion", "liaison", seat="2", text="The schedule is sound.")
    html = do(taken_up, "decline_opinion", "seat2")
    assert "The schedule is sound." not in html
    assert not Opinion.objects.exists()


def test_a_text_written_in_place_of_the_one_that_was_read_is_not_confirmed(taken_up):
    do(taken_up, "take_down_opinion", "liaison", seat="2", text="The schedule is sound.")
    client, to = as_(taken_up["seat2"]), address(taken_up, "confirm_opinion")
    hidden = dict(HIDDEN.findall(page_text(client.get(to))))
    do(taken_up, "take_down_opinion", "liaison", seat="2", text="The schedule is too long.")
    answer = client.post(to, hidden)
    assert answer.status_code == 409
    assert not Opinion.objects.exists()
    assert "The schedule is too long." in (html := page_text(answer))
    assert client.post(to, dict(HIDDEN.findall(html))).status_code == 302
    assert Opinion.objects.get().text == "The schedule is too long."


@pytest.mark.parametrize("verb", sorted(offer.verb for offer in OFFERS if offer.on is not Meeting))
def test_other_banks_and_outsiders_find_nothing(voting, verb):
    for handle in ("outsider", "other_handler"):
        assert as_(voting[handle]).post(address(voting, verb)).status_code == 404


def with_ten_items() -> Stage:
    stage = Stage().to("filed")
    cases = [stage.proposal, *(stage.another(f"C-{number + 2}") for number in range(9))]
    stage.meeting = stage.convene(*cases)
    stage.do("send_notice")
    stage.travel(MEETING)
    stage.sign_in()
    stage.do("open_meeting")
    stage.do("take_up")
    return stage


ten_items = stages("ten_items", with_ten_items)


@pytest.mark.parametrize("handle", ["chair", "seat2", "liaison", "head_office"])
def test_the_page_of_a_meeting_in_session_takes_at_most_25_statements(ten_items, handle):
    assert len(queries(ten_items[handle], "meeting", ten_items.meeting.pk)) <= 25
    ten_items.do("open_vote")
    assert len(queries(ten_items[handle], "meeting", ten_items.meeting.pk)) <= 25


def test_the_version_counts_what_has_happened_and_is_theirs_who_see_the_meeting(taken_up):
    address = reverse("meeting-version", args=[taken_up.meeting.pk])
    before = as_(taken_up["seat2"]).get(address).json()["version"]
    assert f'data-version="{before}"' in look(taken_up["seat2"], "meeting", taken_up.meeting.pk)
    taken_up.do("ask_to_speak", "seat3")
    assert as_(taken_up["seat2"]).get(address).json()["version"] == before + 1
    assert as_(taken_up["handler"]).get(address).status_code == 404
