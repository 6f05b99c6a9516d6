"""The record of a meeting (Art. 12.3, 20.4, 21): what minutes, copies and reports are drawn from."""

import pytest
from django.template.loader import render_to_string

from office import record
from tests.stage import MEETING, Stage, stages


def eventful() -> Stage:
    """Proxy, observer, opinion, conflict, request, proposal to cancel, a vote, and a cancelled round."""
    stage = Stage(seats=5, votes_to_pass=3).to("filed")
    other = stage.another("C-2")
    stage.meeting = stage.convene(stage.proposal, other)
    stage.step = "convened"
    stage.to("noticed")
    stage.proxy("seat5", "deputy5", proposals=[stage.proposal, other])
    stage.do("declare_conflict", "seat4", reason="My brother's firm")
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "seat3", "seat4", "deputy5")
    stage.do("open_meeting")
    stage.do("take_up")
    stage.do("admit_observer", observer=stage["handler_head"])
    asked = stage.do("ask_observer", "deputy5", text="Who values the shop?")
    stage.do("ask_observer", "seat2", text="And the mill?")
    stage.do("answer_question", question=asked, text="An appraiser of ours")
    stage.do("withdraw_observer")
    stage.do("record_opinion", "deputy5", text="The seat has a question")
    stage.do("request_abstention", "seat3", reason="A cousin")
    stage.do("grant_abstention", seat=3)
    stage.do("open_vote")
    stage.do("propose_cancellation", "seat2", reason="Papers missing")
    for handle, choice, reason in [("chair", "for", ""), ("seat2", "against", "期限过长"),
                                   ("seat3", "abstain", "A cousin"), ("seat4", "abstain", "As declared"),
                                   ("deputy5", "for", "")]:  # fmt: skip
        stage.do("cast", handle, choice=choice, reason=reason)
    stage.do("close_vote")
    stage.do("take_up", on=other)
    stage.do("open_vote", on=other)
    stage.do("cast", "seat2", on=other, choice="against", reason="Never to be read")
    stage.do("cancel_vote", on=other, reason="Wrong papers")
    stage.do("close_meeting")
    return stage


held = stages("held", eventful)


def of(stage):
    return record.of_meeting(stage.now(stage.meeting))


def test_the_record_names_all_with_their_choices_and_reasons(held):
    first, second = of(held)["items"]
    (vote,) = first["votes"]
    assert [(row["seat"], row["choice"], row["reason"]) for row in vote["ballots"]] == [
        (1, "for", ""), (2, "against", "期限过长"), (3, "abstain", "A cousin"), (4, "abstain", "As declared"),
        (5, "for", ""),
    ]  # fmt: skip
    assert [row["voter"] for row in vote["ballots"]] == [
        held[handle].display_name for handle in ("chair", "seat2", "seat3", "seat4", "deputy5")
    ]
    assert vote["counts"] == {"for": 2, "against": 1, "abstained": 2, "in_conflict": 1, "votes_to_pass": 3}
    assert vote["carried"] is False
    assert second["left"] == "deferred"


@pytest.mark.article("20.4")
def test_the_reason_of_a_ballot_against_goes_into_the_minutes(held):
    assert "期限过长" in str(of(held)["items"][0]["votes"][0]["ballots"])


def test_a_cancelled_round_shows_its_reason_and_no_ballot(held):
    (vote,) = of(held)["items"][1]["votes"]
    assert (vote["state"], vote["cancel_reason"], vote["ballots"], vote["counts"]) == (
        "cancelled", "Wrong papers", [], None,
    )  # fmt: skip
    assert "Never to be read" not in str(of(held))


def test_the_record_has_attendance_proxies_opinions_observers_and_requests(held):
    found = of(held)
    assert [(row["seat"], row["proxy"]) for row in found["attendance"]] == [
        (1, False), (2, False), (3, False), (4, False), (5, True),
    ]  # fmt: skip
    (proxy,) = found["proxies"]
    assert (proxy["principal"], proxy["holder"]) == (held["seat5"].display_name, held["deputy5"].display_name)
    item = found["items"][0]
    assert [(row["seat"], row["text"]) for row in item["opinions"]] == [(5, "The seat has a question")]
    assert item["observer"]["person"] == held["handler_head"].display_name
    asked, unanswered = item["questions"]
    assert (asked["seat"], asked["text"]) == (5, "Who values the shop?")
    assert (unanswered["seat"], unanswered["text"], unanswered["answer"]) == (2, "And the mill?", None)
    answer = asked["answer"]
    assert answer["text"] == "An appraiser of ours"
    assert (answer["person"], answer["taken_down"]) == (held["handler_head"].display_name, False)
    assert [(row["seat"], row["source"]) for row in item["conflicts"]] == [(4, "declared")]
    assert [(row["seat"], row["state"]) for row in item["abstention_requests"]] == [(3, "granted")]
    assert [row["reason"] for row in item["votes"][0]["cancellation_proposed"]] == ["Papers missing"]


def test_the_record_is_what_was_not_what_is(held):
    """Seats that change hands afterwards leave the record as it was."""
    before = of(held)
    held.do("vacate_seat", seat=2)
    held.do("fill_seat", seat=2, holder=held["outsider"])
    assert of(held) == before


def test_the_digest_is_that_of_the_canonical_document():
    # the SHA-256 of {"a":"席","b":1} in UTF-8, as any other program makes it
    pinned = "30b7ac9b6dbfcb4629d4550a9caef0788086d29f07c3b0c354fcb1a9608e4dd8"
    assert record.digest({"b": 1, "a": "席"}) == record.digest({"a": "席", "b": 1}) == pinned
    assert record.digest({"a": 1}) != record.digest({"a": 2})


def test_head_office_is_told_what_was_resolved(held):
    told = record.resolutions(of(held))
    assert [item["votes"][0]["carried"] for item in told["items"]] == [False, None]
    assert "ballots" not in str(told)


def test_the_institutions_copy_has_counts_and_reasons_and_nothing_that_was_said(held):
    copy = str(record.for_institution(of(held), held["handler"].unit_id))
    assert "期限过长" in copy
    for said in ("Who values the shop?", "An appraiser of ours", "The seat has a question"):
        assert said not in copy


def test_the_page_of_the_record_shows_questions_with_their_answers(held):
    record_ = of(held)
    shown = render_to_string("meetings/meeting_record.html", {"record": record_})
    for said in ("Who values the shop?", "An appraiser of ours", "And the mill?", "Not answered"):
        assert said in shown
    for item in record_["items"]:
        del item["questions"]
    assert "The seat has a question" in render_to_string("meetings/meeting_record.html", {"record": record_})


def test_of_another_institution_there_is_nothing(held):
    assert record.for_institution(of(held), held["other_handler"].unit_id)["items"] == []
