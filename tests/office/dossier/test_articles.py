"""Each article as it holds, and as it does not: what is stored is changed behind the engine's back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from audit.models import Entry
from office.dossier import sealed_log
from office.dossier.findings import Outcome
from office.dossier.judging import JUDGES
from office.papers.wording import LANGUAGES, voice_of
from regulation.articles import ARTICLES
from tests.office.dossier.decided import carried_case, dossier, resubmitted_case, special_case
from tests.office.dossier.sealing import seal_all, written_anew
from tests.stage import as_owner, stages

carried = stages("carried", carried_case)
resubmitted = stages("resubmitted", resubmitted_case)
special = stages("special", special_case)

HELD, NOT_HELD, NOT_APPLIED = Outcome.HELD, Outcome.NOT_HELD, Outcome.NOT_APPLIED
#: rows that are changed, so that their triggers are switched off
TABLES = (
    "committee_agendaitem", "committee_attendance", "committee_delivery", "committee_meeting",
    "committee_notice", "committee_noticeitem", "committee_observer", "committee_opinion", "committee_proxy",
    "committee_proxy_items", "committee_regulationversion", "committee_resolution", "committee_seatterm",
    "office_archivefile", "office_copy", "office_dispatch", "office_dispatchreceipt",
    "office_minutes", "office_report", "proposals_creditdecision",
    "proposals_docket", "proposals_docketentry", "proposals_planversion", "proposals_proposal",
    "proposals_receipt", "proposals_tabling",
    "voting_abstentionrequest", "voting_ballot", "voting_vote", "voting_voteseat",
)  # fmt: skip


def tampered(statement: str, *values: Any) -> None:
    """The owner has changed this, with the triggers of the tables off; rows that deferred checks wait for
    are checked first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    for table in TABLES:
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(statement, *values)


def own(found: Any, article: int) -> set[Outcome]:
    """What the article's own judges find, without what the log has otherwise."""
    return {check.outcome for judge in JUDGES[article] for check in judge(found.case)}


def test_a_decision_as_the_regulation_says_holds_in_every_article(carried):
    found = dossier(carried)
    outcomes = {each.article: each.outcome for each in found.articles}
    assert set(outcomes) == set(ARTICLES)
    assert outcomes == dict.fromkeys(ARTICLES, HELD) | {23: NOT_APPLIED}
    for each in found.articles:
        if each.finding.applied:
            assert each.entries, each.article


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_is_a_sentence_in_both_languages(carried, language):
    say = voice_of(carried.committee, language)
    for each in dossier(carried).articles:
        for check in each.finding.checks:
            said = check.said(say)
            assert said.strip()
            assert "{" not in said
            assert said[-1] in ".。" or check.values.get("made") or check.values.get("reason")


_DOCUMENT = "UPDATE proposals_planversion SET document = {}::jsonb"
_PROXY = "UPDATE committee_proxy SET "
_SEAT2 = "(SELECT id FROM committee_seat WHERE number = 2)"

#: article → what was changed
BROKEN: list[tuple[int, str]] = [
    (2, "UPDATE proposals_creditdecision SET at = at - interval '1 hour'"),
    (2, "DELETE FROM proposals_creditdecision"),
    (3, f"DELETE FROM voting_voteseat WHERE seat_id = {_SEAT2}"),
    (4, (f"UPDATE voting_voteseat SET holder_id = (SELECT holder_id FROM voting_voteseat WHERE number = 1)"
        f" WHERE seat_id = {_SEAT2}")),
    (4, "UPDATE voting_voteseat SET post = '' WHERE number = 2"),
    (4, "UPDATE committee_seatterm SET since = since + interval '300 days'"),
    (5, "UPDATE voting_vote SET closed_by_id = opened_by_id"),
    (5, "UPDATE committee_proxy SET holder_id = (SELECT closed_by_id FROM voting_vote LIMIT 1)"),
    (8, "UPDATE proposals_proposal SET submitted_at = submitted_at + interval '300 days'"),
    (8, "UPDATE proposals_proposal SET submitted_at = NULL"),
    (9, "UPDATE voting_vote SET opened_by_id = closed_by_id"),
    (9, ("UPDATE committee_attendance SET signed_out_at = signed_in_at WHERE seat_id ="
        " (SELECT id FROM committee_seat WHERE number = 1)")),
    (9, ("UPDATE committee_seatterm SET holder_id = (SELECT holder_id FROM committee_seat WHERE number = 2)"
        " WHERE seat_id = (SELECT id FROM committee_seat WHERE number = 1)")),
    (10, f"UPDATE committee_attendance SET signed_out_at = signed_in_at WHERE seat_id = {_SEAT2}"),
    (10, ("UPDATE voting_ballot SET person_id = (SELECT closed_by_id FROM voting_vote LIMIT 1)"
         f" WHERE seat_id = {_SEAT2}")),
    (10, "UPDATE committee_opinion SET at = at - interval '1 day'"),
    (11, _PROXY + "powers = ARRAY['attend']"),
    (11, _PROXY + "document = ' '"),
    (11, _PROXY + "authorised_at = authorised_at + interval '30 days'"),
    (11, _PROXY + "principal_came_at = authorised_at"),
    (11, _PROXY + "ended_at = authorised_at"),
    (11, _PROXY + "holder_id = (SELECT holder_id FROM committee_seat WHERE number = 2)"),
    (11, "DELETE FROM committee_proxy_items"),
    (12, "DELETE FROM office_report"),
    (13, "UPDATE proposals_planversion SET digest = repeat('0', 64)"),
    (14, "DELETE FROM proposals_docketentry"),
    (14, "UPDATE proposals_docket SET filed_at = filed_at + interval '30 days'"),
    (15, "UPDATE committee_notice SET sent_at = sent_at + interval '2 days'"),
    (15, "UPDATE committee_notice SET superseded_at = sent_at"),
    (15, "UPDATE committee_meeting SET emergency = true, emergency_reason = ''"),
    (16, "UPDATE committee_notice SET place = 'Room 9'"),
    (16, "UPDATE committee_delivery SET delivered_at = delivered_at + interval '30 days'"),
    (16, "UPDATE committee_noticeitem SET digest = repeat('0', 64)"),
    (16, "DELETE FROM committee_noticeitem"),
    (17, "UPDATE proposals_docket SET filed_at = filed_at + interval '30 days'"),
    (18, "UPDATE committee_agendaitem SET taken_up_at = NULL"),
    (18, "UPDATE committee_agendaitem SET taken_up_at = taken_up_at + interval '1 day'"),
    (18, "UPDATE committee_opinion SET at = at + interval '1 day'"),
    (19, "UPDATE committee_observer SET withdrew_at = NULL"),
    (19, "UPDATE committee_observer SET withdrew_at = withdrew_at + interval '1 hour'"),
    (19, "UPDATE committee_observer SET admitted_at = admitted_at - interval '1 day'"),
    (20, "UPDATE voting_ballot SET choice = 'for', reason = '' WHERE choice = 'against'"),
    (20, "UPDATE voting_ballot SET commitment = repeat('0', 64) WHERE choice = 'against'"),
    (20, "UPDATE voting_ballot SET reason = ' ' WHERE choice = 'against'"),
    (20, "UPDATE voting_ballot SET cast_at = cast_at + interval '1 day' WHERE choice = 'against'"),
    (20, "DELETE FROM voting_ballot WHERE choice = 'against'"),
    (20, "UPDATE committee_resolution SET for_count = 5"),
    (20, "UPDATE committee_resolution SET votes_to_pass = 1"),
    (20, "UPDATE committee_resolution SET ballots = '[]'"),
    (20, "UPDATE voting_vote SET for_count = 5"),
    (20, "UPDATE voting_vote SET resolution_id = NULL"),
    (20, "UPDATE voting_abstentionrequest SET state = 'refused'"),
    (20, "UPDATE voting_abstentionrequest SET decided_at = decided_at + interval '1 day'"),
    (20, f"UPDATE committee_attendance SET signed_out_at = signed_in_at WHERE seat_id = {_SEAT2}"),
    (20, ("INSERT INTO committee_conflict (item_id, seat_id, person_id, source, reason, at)"
         " SELECT item_id, seat_id, person_id, 'declared', 'Shares', requested_at - interval '1 hour'"
         " FROM voting_abstentionrequest")),
    (21, "UPDATE office_minutes SET signed_at = signed_at - interval '1 day'"),
    (21, "UPDATE office_minutes SET signed_at = signed_at + interval '30 days'"),
    (21, "UPDATE office_minutes SET signed_by_id = drafted_by_id"),
    (21, "UPDATE office_minutes SET narrative = 'Something else'"),
    (21, "UPDATE office_minutes SET record = jsonb_set(record, '{{items,0,votes,0,counts,for}}', '4')"),
    (21, 'DELETE FROM office_copy WHERE NOT "full"'),
    (22, "UPDATE proposals_creditdecision SET at = at - interval '1 day'"),
    (22, """UPDATE proposals_creditdecision SET terms = '{{"executor": "Somebody else"}}'"""),
    (22, "UPDATE proposals_creditdecision SET approved = false"),
    (22, "DELETE FROM proposals_creditdecision"),
    (22, "UPDATE proposals_receipt SET recorded_at = recorded_at - interval '1 day'"),
    (22, "UPDATE committee_resolution SET carried = false, votes_to_pass = 4"),
    (24, "UPDATE committee_regulationversion SET votes_to_pass = 1"),
    (24, "UPDATE committee_regulationversion SET made_at = made_at + interval '30 days'"),
    (25, "UPDATE committee_regulationversion SET effective_from = effective_from + 15000"),
]  # fmt: skip


@pytest.mark.parametrize(("article", "statement"), BROKEN)
def test_an_article_that_was_not_kept_is_said_not_to_have_held(carried, article, statement):
    if statement.startswith("DELETE FROM office_"):
        tampered("DELETE FROM office_dispatchreceipt")
        tampered("DELETE FROM office_dispatch")
    tampered(statement)
    found = dossier(carried)
    assert NOT_HELD in own(found, article)
    assert found.of(article).outcome == NOT_HELD


@pytest.mark.parametrize(
    ("article", "changes"),
    [
        (1, {"alternatives": []}),
        (1, {"expected_recovery": ""}),
        (6, {"loans": []}),
        (6, {"loans": [{"contract_no": "C-1", "classification": "normal"}]}),
        (7, {"conditions": {}}),
        (7, {"conditions": {"7.1": " "}}),
        (7, {"conditions": {"7.6": "The village is to be resettled"}}),
        (16, {"title": "Another"}),
        (1, {"alternatives": 7}),
    ],
)
def test_a_plan_that_could_not_have_been_put_to_the_vote_is_found(carried, article, changes):
    document = carried.now(carried.proposal).version.document | changes
    tampered("UPDATE proposals_planversion SET document = {}::jsonb", json.dumps(document))
    found = dossier(carried)
    assert found.of(article).outcome == NOT_HELD
    assert found.of(16).outcome == NOT_HELD


def test_a_resubmission_is_compared_anew(resubmitted):
    found = dossier(resubmitted)
    assert found.of(23).outcome == HELD
    assert found.of(22).outcome == Outcome.OPEN
    assert found.of(21).outcome == Outcome.OPEN
    assert found.of(12).outcome == Outcome.OPEN
    assert found.numbers(NOT_HELD) == found.numbers(Outcome.GAP) == []


def test_a_resubmission_without_change_in_substance_does_not_hold(resubmitted):
    rejected = resubmitted.now(resubmitted.proposal).revises.version
    tampered(
        "UPDATE proposals_planversion SET document = {}::jsonb WHERE proposal_id = {}",
        json.dumps(rejected.document),
        resubmitted.proposal.pk,
    )
    assert NOT_HELD in own(dossier(resubmitted), 23)


def test_a_resubmission_without_a_ruling_does_not_hold(resubmitted):
    tampered("UPDATE proposals_proposal SET ruling = ''")
    assert NOT_HELD in own(dossier(resubmitted), 23)


def test_a_contract_in_two_live_plans_does_not_hold(resubmitted):
    """The rejected plan is made to have lived on."""
    tampered(
        "UPDATE proposals_proposal SET state = 'withdrawn', state_since = state_since + interval '30 days'"
        " WHERE state = 'rejected'"
    )
    assert NOT_HELD in own(dossier(resubmitted), 13)


def test_special_circumstances_are_recognised_first(special):
    for question in ("plan", "special-circumstances"):
        found = dossier(special, question)
        assert found.of(7).outcome == HELD
        assert found.numbers(NOT_HELD) == []
    assert dossier(special, "special-circumstances").of(22).outcome == NOT_APPLIED


def test_special_circumstances_that_nobody_recognised_do_not_hold(special):
    tampered("UPDATE committee_resolution SET carried = false, for_count = 0 WHERE question <> 'plan'")
    assert NOT_HELD in own(dossier(special), 7)


def test_another_vote_open_beside_it_does_not_hold(special):
    tampered("UPDATE voting_vote SET closed_at = closed_at + interval '1 hour' WHERE question <> 'plan'")
    assert NOT_HELD in own(dossier(special), 18)


def test_minutes_that_are_overdue_do_not_hold(resubmitted):
    resubmitted.do("close_meeting")
    resubmitted.travel("2026-05-20T09:00+08:00")
    assert dossier(resubmitted).of(21).outcome == NOT_HELD


def test_a_row_that_the_log_has_otherwise_is_said(carried):
    """No judge of articles asks for the mode of presence: the log alone tells."""
    tampered("UPDATE committee_attendance SET mode = 'video'")
    found = dossier(carried)
    assert own(found, 10) <= {HELD, Outcome.NOTED}
    assert found.of(10).outcome == NOT_HELD
    said = found.of(10).finding.checks[-1].said(voice_of(carried.committee, "en"))
    assert "committee_attendance" in said
    assert "mode" in said


_OPINION = (
    "INSERT INTO committee_opinion (item_id, seat_id, person_id, text, at)"
    " SELECT item_id, seat_id, person_id, 'I agree.', at FROM committee_opinion"
)
_STAND_IN = (
    "INSERT INTO committee_liaisonterm (committee_id, person_id, since, until, stand_in)"
    " SELECT committee_id, person_id, since, since + interval '90 days', true FROM committee_liaisonterm"
)


@pytest.mark.parametrize(("article", "statement"), [(10, _OPINION), (5, _STAND_IN)])
def test_a_row_that_no_entry_tells_of_is_said(carried, article, statement):
    tampered(statement)
    assert dossier(carried).of(article).outcome == NOT_HELD


def test_an_entry_erased_by_law_hides_no_row_that_was_put_there(carried):
    entry = Entry.objects.get(action="close_meeting", stream=carried.meeting.stream)
    as_owner("SELECT public.audit_erase({}, {}, 'by law')", entry.stream, entry.seq)
    assert dossier(carried).numbers(NOT_HELD) == []
    tampered(_OPINION)
    assert dossier(carried).numbers(NOT_HELD) == [10]


#: article → what was changed of a row that other streams tell of, so that the article would hold
RELIED_ON = [
    (24, "UPDATE committee_regulationversion SET notice_days = 0"),
    (24, "UPDATE committee_regulationversion SET minutes_due_days = 90"),
    (24, "UPDATE committee_regulationversion SET proxies_per_holder = 9"),
    (4, "UPDATE committee_seatterm SET since = since - interval '1 year'"),
    (5, "UPDATE committee_liaisonterm SET since = since - interval '1 year'"),
    (14, "UPDATE proposals_docket SET filed_at = filed_at - interval '1 hour'"),
]


@pytest.mark.parametrize(("article", "statement"), RELIED_ON)
def test_what_a_judge_relies_on_is_held_against_the_log(carried, article, statement):
    tampered(statement)
    assert dossier(carried).numbers(NOT_HELD) == [article]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proposals_proposal SET state = 'withdrawn' WHERE state = 'rejected'",
        (
            "UPDATE proposals_planversion SET document = jsonb_set(document, '{{measures}}', '[]')"
            " WHERE proposal_id IN (SELECT id FROM proposals_proposal WHERE state = 'rejected')"
        ),
    ],
)
def test_a_rejected_plan_that_was_hidden_or_changed_is_found(resubmitted, statement):
    tampered(statement)
    assert dossier(resubmitted).of(23).outcome == NOT_HELD


def test_a_recognition_that_was_changed_is_found_by_the_plans_dossier(special):
    tampered("UPDATE committee_resolution SET for_count = 2 WHERE question <> 'plan'")
    assert dossier(special).of(7).outcome == NOT_HELD


def test_an_entry_that_was_changed_is_said(carried):
    as_owner("ALTER TABLE public.audit_entry DISABLE TRIGGER USER")
    as_owner("UPDATE public.audit_entry SET actor = 'system' WHERE action = 'take_up'")
    found = dossier(carried)
    assert found.of(18).outcome == NOT_HELD
    assert found.of(9).outcome == NOT_HELD


def test_an_entry_written_anew_with_its_hash_is_not_the_one_sealed(carried):
    seal_all()
    assert dossier(carried).numbers(NOT_HELD) == []
    entry = written_anew(carried.meeting.stream, "take_up")
    found = dossier(carried)
    assert found.of(18).outcome == found.of(9).outcome == NOT_HELD
    assert sealed_log.of(found).of(entry_of(found, entry)).proof is None
    assert "not provable" in sealed_log.of(found).words(entry_of(found, entry))[0]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM public.audit_tile",
        "UPDATE public.audit_tile SET hashes = decode(repeat('00', length(hashes)), 'hex')",
    ],
)
def test_a_tree_that_does_not_lead_to_its_checkpoint_proves_nothing(carried, statement):
    seal_all()
    as_owner("ALTER TABLE public.audit_tile DISABLE TRIGGER USER")
    as_owner(statement)
    found = dossier(carried)
    assert {found.of(article).outcome for article in (1, 9, 20)} == {NOT_HELD}
    assert all(each.proof is None for each in found.proved.values())


def entry_of(found: Any, entry: Entry) -> Any:
    return next(each for each in found.entries if each.key == (entry.stream, entry.seq))


def test_an_entry_that_is_gone_is_a_gap(carried):
    as_owner("ALTER TABLE public.audit_entry DISABLE TRIGGER USER")
    as_owner("DELETE FROM public.audit_entry WHERE action = 'convene'")
    assert dossier(carried).of(25).outcome == Outcome.GAP


def test_what_was_erased_by_law_is_a_gap_in_words(carried):
    for stream, seq in Entry.objects.filter(action="cast").values_list("stream", "seq"):
        as_owner("SELECT public.audit_erase({}, {}, 'by law')", stream, seq)
    found = dossier(carried)
    assert found.of(20).outcome == Outcome.GAP
    assert any(
        "erased" in check.said(voice_of(carried.committee, "en")) for check in found.of(20).finding.checks
    )


def test_its_statements_are_few_and_the_same_whatever_there_is(
    carried, resubmitted, django_assert_num_queries
):
    for stage in (carried, resubmitted):
        with django_assert_num_queries(9):  # seven, and two of the test's own to find the decision
            dossier(stage)
