"""What is done to one seat, plan or proxy moves no other, and tells whom it concerns."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from committee.models import Conflict, Message, Proxy
from pages.search import finding
from proposals.models import LiveContract
from tests.stage import ACTIONS, MEETING, Stage, plan, stages
from voting.models import AbstentionRequest, Ballot
from web.viewer import Viewer

Granted = AbstentionRequest.State.GRANTED


def _told(stage: Stage, kind: str) -> set[str]:
    people = {person.pk: handle for handle, person in stage.people.items()}
    return {people[pk] for pk in Message.objects.filter(kind=kind).values_list("person", flat=True)}


def test_a_meeting_found_by_its_place_shows_no_line_of_minutes_that_one_may_not_read(minuted: Stage) -> None:
    minuted.do("amend_minutes", narrative="In Room 3 the guarantor was named.")
    minuted.do("sign_minutes")
    minuted.do("vacate_seat", seat=2)
    for handle, reads in (("seat2", False), ("seat3", True), ("chair", True)):
        (found,) = finding.results(Viewer(minuted[handle]), "Room").meetings
        assert found.row == minuted.meeting
        said = "".join(text for text, _hit in found.line)
        assert ("guarantor was named" in said) is reads, handle
        assert bool(said) is reads, handle


def test_a_conflict_declared_by_one_seat_leaves_the_consents_of_others(taken_up: Stage) -> None:
    for number in (2, 3):
        taken_up.do("request_abstention", f"seat{number}", reason="A cousin")
        taken_up.do("grant_abstention", seat=number)
    taken_up.do("declare_conflict", "seat2", reason="A brother")
    states = dict(AbstentionRequest.objects.values_list("seat__number", "state"))
    assert states == {2: AbstentionRequest.State.REPLACED, 3: Granted}
    assert list(Conflict.objects.values_list("seat__number", flat=True)) == [2]


@pytest.mark.parametrize("verb", ["grant_abstention", "refuse_abstention"])
def test_a_decision_on_abstaining_is_told_to_the_proxy_who_asked(noticed: Stage, verb: str) -> None:
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.do("request_abstention", "deputy3", reason="A cousin")
    noticed.do(verb, seat=3)
    assert _told(noticed, verb) == {"deputy3"}


def _two_plans() -> Stage:
    stage = Stage().to("filed")
    stage.other = stage.another("C-2")
    stage.meeting = stage.convene(stage.proposal, stage.other)
    stage.do("send_notice")
    stage.travel(MEETING)
    return stage


two_plans = stages("two_plans", _two_plans)


def test_a_key_used_for_a_ballot_on_one_plan_is_none_for_another(two_plans: Any) -> None:
    two_plans.sign_in()
    two_plans.do("open_meeting")
    two_plans.do("take_up")
    two_plans.do("open_vote")
    first = two_plans.do("cast", "seat2", choice="for", key="k-1")
    two_plans.cast("for")
    two_plans.do("cast", "seat3", choice="for")
    two_plans.do("close_vote")
    two_plans.do("take_up", on=two_plans.other)
    two_plans.do("open_vote", on=two_plans.other)
    two_plans.refused("20.1/already-voted", "cast", "seat2", on=two_plans.other, choice="for", key="k-1")
    assert not Ballot.objects.filter(vote__proposal=two_plans.other).exists()
    second = two_plans.do("cast", "seat2", on=two_plans.other, choice="for", key="k-2")
    assert second.commitment != first.commitment
    assert two_plans.do("cast", "seat2", choice="for", key="k-1") == first


def test_a_proxy_ends_when_the_principal_comes_after_its_vote_was_cancelled(two_plans: Any) -> None:
    two_plans.proxy(proposals=[two_plans.proposal, two_plans.other])
    two_plans.sign_in("chair", "seat2", "deputy3")
    two_plans.do("open_meeting")
    two_plans.do("take_up")
    two_plans.do("open_vote")
    two_plans.do("cast", "deputy3", choice="for")
    assert Proxy.objects.get().standing_ballots == 1
    two_plans.do("cancel_vote", reason="Papers missing")
    assert Proxy.objects.get().standing_ballots == 0
    two_plans.do("sign_in", "seat3")
    ended = Proxy.objects.get()
    assert (ended.ended_at is not None, ended.ended_why) == (True, Proxy.Ended.PRINCIPAL)
    two_plans.do("take_up", on=two_plans.other)
    two_plans.do("open_vote", on=two_plans.other)
    two_plans.refused("11/principal-present", "cast", "deputy3", on=two_plans.other, choice="for")


def test_a_cancelled_vote_leaves_the_ballots_that_stand_on_others(two_plans: Any) -> None:
    two_plans.proxy(proposals=[two_plans.proposal, two_plans.other])
    two_plans.sign_in("chair", "seat2", "deputy3")
    two_plans.do("open_meeting")
    two_plans.do("take_up")
    two_plans.do("open_vote")
    for handle in ("chair", "seat2", "deputy3"):
        two_plans.do("cast", handle, choice="for")
    two_plans.do("close_vote")
    two_plans.do("take_up", on=two_plans.other)
    two_plans.do("open_vote", on=two_plans.other)
    two_plans.do("cancel_vote", on=two_plans.other, reason="Papers missing")
    assert Proxy.objects.get().standing_ballots == 1
    two_plans.do("sign_in", "seat3")
    assert Proxy.objects.get().ended_at is None


def test_a_contract_taken_out_of_a_returned_plan_is_free_for_another(submitted: Stage) -> None:
    submitted.do("return", reason="Two loans are mixed")
    submitted.do("amend", changes={"loans": plan("C-5")["loans"]})
    assert not LiveContract.objects.filter(proposal=submitted.proposal).exclude(contract_no="C-5").exists()
    made = submitted.another("C-1", to="submitted")
    assert submitted.now(made).state == "submitted"


def test_whoever_had_the_old_notice_is_told_that_a_changed_meeting_is_cancelled(noticed: Stage) -> None:
    noticed.do("change_meeting", place="Room 4")
    noticed.do("cancel_meeting", reason="No quorum")
    assert {"seat2", "seat3", "liaison"} <= _told(noticed, "cancel_meeting")


# -- Every act on a meeting begins with its lock ---------------------------------------------------------

#: verb → the stage on which it is accepted, by whom, what it is given
LOCKED: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "send_notice": ("convened", None, {}),
    "change_meeting": ("convened", None, {"place": "Room 4"}),
    "cancel_meeting": ("convened", None, {"reason": "No quorum"}),
    "acknowledge": ("noticed", None, {}),
    "revoke_proxy": ("noticed", "seat3", {}),
    "authorise_proxy": ("noticed", "seat2", {"powers": ["vote"], "document": "Signed"}),
    "sign_in": ("noticed", None, {}),
    "sign_out": ("seated", None, {}),
    "open_meeting": ("seated", None, {}),
    "appoint_acting_chair": ("seated", None, {"seat": 2}),
    "take_up": ("in_session", None, {}),
    "record_opinion": ("taken_up", None, {"text": "Sound"}),
    "request_abstention": ("taken_up", None, {"reason": "A cousin"}),
    "declare_conflict": ("taken_up", None, {"reason": "A cousin"}),
    "open_vote": ("taken_up", None, {}),
    "close_meeting": ("taken_up", None, {}),
    "cast": ("voting", None, {"choice": "for"}),
    "cancel_vote": ("voting", None, {"reason": "Papers missing"}),
    "close_vote": ("voted", None, {}),
    "draft_minutes": ("closed", None, {"narrative": "Said."}),
    "sign_minutes": ("minuted", None, {}),
    "distribute": ("signed", None, {}),
    "report_decisions": ("signed", None, {}),
    "receive_report": ("reported", None, {}),
    "draw_up_papers": ("signed", None, {}),
    "archive": ("reported", None, {}),
}


def texts(captured: CaptureQueriesContext) -> list[str]:
    """The statements; of what the server keeps the text that it was prepared with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        kept = {name: statement.partition(" AS ")[2] for name, statement in cursor.fetchall()}
    asked = [query["sql"] for query in captured]
    return [kept[sql.split()[1]] if sql.startswith("EXECUTE ") else sql for sql in asked]


@pytest.mark.parametrize("verb", LOCKED)
def test_an_act_on_a_meeting_locks_it_before_it_reads_what_it_judges(
    verb: str, request: pytest.FixtureRequest
) -> None:
    step, by, given = LOCKED[verb]
    stage: Stage = request.getfixturevalue(step)
    if verb == "revoke_proxy":
        stage.proxy()
    if verb == "authorise_proxy":
        given = {**given, "holder": stage["deputy2"], "proposals": [stage.proposal]}
    with CaptureQueriesContext(connection) as captured:
        stage.do(verb, by, **given)
    asked = [sql for sql in texts(captured) if sql.lstrip().upper().startswith("SELECT")]
    judged = (
        "committee_proxy", "committee_attendance", "committee_delivery", "voting_vote", "voting_ballot",
        "committee_conflict", "voting_abstentionrequest", "office_minutes", "office_report",
    )  # fmt: skip
    locks = [number for number, sql in enumerate(asked) if "committee_meeting" in sql and "FOR UPDATE" in sql]
    assert locks, "the meeting's row is locked"
    assert not [sql for sql in asked[: locks[0]] if any(name in sql for name in judged)]


def test_each_walked_verb_is_one_of_the_engines() -> None:
    assert set(LOCKED) <= set(ACTIONS)
