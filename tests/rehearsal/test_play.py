"""A rehearsal is played by the actions of the engine, as the people it names, and leaves nothing behind."""

import json
import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from audit.models import Entry, Payload
from committee.models import Committee, Person, Unit
from proposals.actions import screening
from regulation.numbers import Regulation
from rehearsal import bank, cast, player
from rehearsal.schema import load
from tests.rehearsal.conftest import CASES, ROOT, bundled, play_document

FILES = sorted(CASES.glob("*.json")) + sorted((ROOT / "tests" / "rehearsals").glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rehearsal_comes_out_as_its_file_says(path, db):
    rehearsal = load(path)
    played = player.play(rehearsal, loud=True)
    assert played.mismatch is None
    assert played.audit["verified"] is True
    assert played.audit["entries"] > 0
    assert len(played.audit["head"]) == 64


def test_nothing_stays(db):
    def counts():
        with connection.cursor() as cursor:
            tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
            for table in tables:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                yield table, cursor.fetchone()[0]

    before = dict(counts())
    play_document(bundled(1))
    assert dict(counts()) == before


def test_the_cast_is_exactly_that_of_the_specification(db):
    founded = bank.own(Regulation(), bank.FIRST_EFFECTIVE)
    seats = ["chair", *(f"seat{n}" for n in range(2, 10))]
    deputies = [f"deputy{n}" for n in range(1, 10)]
    heads = ["handler", "handler_head", "other_handler", "other_head"]
    officers = ["liaison", *heads, "credit", "head_office", "risk", "auditor", "outsider"]
    assert list(founded.people) == [*seats, *deputies, *officers]
    holders = Person.objects.filter(seats__committee=founded.committee).order_by("seats__number")
    assert list(holders) == [founded.people[handle] for handle in seats]
    for holder, deputy in zip(seats, deputies, strict=True):
        assert founded.people[holder].unit_id == founded.people[deputy].unit_id
    people = Person.objects.filter(bank=founded.unit)
    assert (
        len({person.staff_no for person in people}) == len({person.display_name for person in people}) == 28
    )


def test_founding_takes_few_statements(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(50):
        bank.own(Regulation(), bank.FIRST_EFFECTIVE)


def test_a_large_committee_has_as_many_people_as_seats(db):
    founded = bank.own(Regulation(seats=15, votes_to_pass=10), bank.FIRST_EFFECTIVE)
    assert len(founded.people) == 2 * 15 + len(cast.OFFICERS)
    assert founded.committee.seats.count() == 15


def test_play_goes_on_after_a_mismatch_and_the_first_is_told(db, filed):
    filed["steps"][1]["expect"] = "plan/incomplete"
    filed["steps"][3]["expect"] = "14/not-shortlisted"
    played = play_document(filed)
    assert played.mismatch.as_json() == {"step": 2, "expected": "plan/incomplete", "got": "accepted"}
    assert [row.result for row in played.rows] == ["accepted"] * 4
    assert played.outcome["P1"]["state"] == "filed"


def test_a_refusal_that_was_not_expected_is_a_mismatch(db, case):
    case["steps"] = [{"do": "draft", "by": "chair", "proposal": "P1"}]
    played = play_document(case)
    assert played.mismatch.as_json() == {
        "step": 1,
        "expected": "accepted",
        "got": "13/not-handling-institution",
    }


def test_each_person_of_a_list_is_run_and_judged(db, case):
    case["steps"] = [
        {
            "do": "draft",
            "by": ["chair", "handler_head", "handler"],
            "proposal": "P1",
            "expect": "access/denied",
        }
    ]
    played = play_document(case)
    assert [(row.n, row.by, row.result) for row in played.rows] == [
        (1, "chair", "13/not-handling-institution"),
        (1, "handler_head", "access/denied"),
        (1, "handler", "accepted"),
    ]
    assert played.mismatch.got == "13/not-handling-institution"


def test_seats_are_the_holders_of_that_moment_and_a_person_keeps_the_handle(db, deliberated):
    deliberated["steps"][6:6] = [
        {"do": "vacate_seat", "by": "risk", "seat": "seat9"},
        {"do": "fill_seat", "by": "risk", "seat": "seat9", "holder": "outsider"},
        {"do": "vacate_seat", "by": "risk", "seat": "seat2"},
        {"do": "fill_seat", "by": "risk", "seat": "seat2", "holder": "seat9"},
    ]
    played = play_document(deliberated)
    assert played.mismatch is None
    signed_in = [row.by for row in played.rows if row.do == "sign_in"]
    assert signed_in == ["chair", "seat9", *(f"seat{n}" for n in range(3, 9)), "outsider"]


def test_what_was_never_made_is_not_found(db, case):
    case["proposals"]["P2"] = {"title": 5}
    case["steps"] = [
        {"do": "submit", "by": "handler", "proposal": "P1", "expect": "access/not-found"},
        {"do": "draft", "by": "handler", "proposal": "P2", "expect": "plan/invalid"},
        {"do": "amend", "by": "handler", "proposal": "P2", "changes": {}, "expect": "access/not-found"},
        {
            "do": "convene",
            "by": "chair",
            "meeting": "M1",
            "at": "2026-03-09T09:00",
            "place": "Room 3",
            "proposals": [],
            "expect": "15/no-items",
        },
        {"do": "sign_in", "by": "chair", "meeting": "M1", "expect": "access/not-found"},
    ]
    played = play_document(case)
    assert played.mismatch is None
    nothing = dict.fromkeys(["state", "for", "against", "abstained", "rounds"])
    assert played.outcome == {"P1": nothing, "P2": nothing, "M1": {"state": None}}


def test_a_refused_handle_may_be_used_again(db, filed):
    convene = {"do": "convene", "by": "chair", "meeting": "M1", "place": "Room 3", "proposals": ["P1"]}
    filed["steps"] += [
        {**convene, "at": "2026-03-03T09:00", "expect": "15/notice-too-short"},
        {**convene, "at": "2026-03-01T09:00", "expect": "15/notice-too-short"},
        {**convene, "at": "2026-03-05T09:00"},
    ]
    filed["outcome"] = {"M1": {"state": "convened"}, "P1": {"state": "tabled"}}
    assert play_document(filed).mismatch is None


def test_an_outcome_that_did_not_come_is_a_mismatch_without_a_step(db, filed):
    filed["outcome"] = {"P1": {"state": "filed", "rounds": 1, "for": 6}}
    played = play_document(filed)
    assert played.mismatch.as_json() == {
        "step": None,
        "expected": {"P1": {"rounds": 1}},
        "got": {"P1": {"rounds": 0}},
    }


def test_the_outcome_counts_the_last_closed_vote_on_the_plan_and_all_rounds(db):
    played = play_document(bundled(8))
    assert played.outcome["P1"] == {"state": "carried", "for": 6, "against": 3, "abstained": 0, "rounds": 2}


def test_the_clock_is_that_of_the_file(db, case):
    case["steps"] = [
        {"do": "draft", "by": "handler", "proposal": "P1"},
        {"clock": "+1d2h30m"},
        {
            "do": "submit",
            "by": "handler",
            "proposal": "P1",
            "clock": "+15m",
            "note": "With a clock of its own",
        },
        {"do": "shortlist", "by": "liaison", "proposal": "P1", "clock": "2026-03-04T00:00:00Z"},
    ]
    played = play_document(case)
    assert played.mismatch is None
    assert [(row["n"], row["at"]) for row in (row.as_json() for row in played.rows)] == [
        (1, "2026-03-02T09:00:00+08:00"),
        (3, "2026-03-03T11:45:00+08:00"),
        (4, "2026-03-04T08:00:00+08:00"),
    ]


def test_an_officer_named_by_handle_has_a_conflict_of_interest(db, deliberated):
    deliberated["proposals"]["P1"]["loans"][0]["collection_officer"] = "seat4"
    deliberated["steps"] += [
        {"do": "open_vote", "by": "chair", "proposal": "P1"},
        {"do": "cast", "by": "seat4", "proposal": "P1", "choice": "for", "expect": "20.3/conflict"},
    ]
    assert play_document(deliberated).mismatch is None


def test_an_officer_is_named_by_handle_in_changes_and_terms_too(db):
    document = bundled(4)
    loans = [{**document["proposals"]["P1"]["loans"][0], "collection_officer": "outsider"}]
    document["steps"].insert(
        1, {"do": "amend", "by": "handler", "proposal": "P1", "changes": {"loans": loans}}
    )
    for step in document["steps"]:
        if step.get("do") == "approve_credit" and "expect" not in step:
            step["terms"] = {"loans": [{"collection_officer": "outsider"}]}
    assert play_document(document).mismatch is None


def test_a_fault_of_the_engine_is_a_mismatch_and_the_play_goes_on(db, filed, monkeypatch, caplog):
    def breaks(_proposal, *, by):
        raise ZeroDivisionError

    monkeypatch.setattr(screening, "shortlist", breaks)
    played = play_document(filed, loud=False)
    assert [row.result for row in played.rows] == ["accepted", "accepted", "error", "14/not-shortlisted"]
    assert played.mismatch.as_json() == {"step": 3, "expected": "accepted", "got": "error"}
    assert "shortlist failed: ZeroDivisionError" in caplog.text
    with pytest.raises(ZeroDivisionError):
        play_document(filed)


def test_deferred_constraints_are_checked_after_each_step(db, filed, monkeypatch):
    def breaks(_proposal, *, by):
        Person.objects.filter(pk=by.pk).update(unit_id=-1)

    monkeypatch.setattr(screening, "shortlist", breaks)
    played = play_document(filed, loud=False)
    assert [row.result for row in played.rows] == ["accepted", "accepted", "error", "14/not-shortlisted"]


def test_refusals_that_a_rehearsal_provokes_are_not_logged(db, case, caplog):
    case["steps"] = [
        {"do": "draft", "by": "chair", "proposal": "P1", "expect": "13/not-handling-institution"}
    ]
    with caplog.at_level(logging.INFO, logger="lianxi.refused"):
        play_document(case)
    assert caplog.records == []


# -- What is kept --------------------------------------------------------------------------------------------


def test_kept_files_that_name_a_bank_share_it_and_its_people(db, case):
    case |= {"bank": "某某银行", "steps": [{"do": "draft", "by": "handler", "proposal": "P1"}]}
    play_document(case, keep=True)
    play_document(case, keep=True)
    unit = Unit.objects.get(parent=None, name="某某银行")
    committee = Committee.objects.get(branch__bank=unit)
    assert Person.objects.filter(bank=unit).count() == 28
    assert committee.proposals.count() == 2
    assert len(set(committee.proposals.values_list("drafted_by", flat=True))) == 1


def test_kept_files_without_a_bank_have_one_each(db, case):
    play_document(case, keep=True)
    play_document(case, keep=True)
    assert Unit.objects.filter(parent=None).count() == 2


def test_a_file_that_is_not_kept_sees_nothing_of_the_bank_of_that_name(db, case):
    case |= {"bank": "某某银行", "steps": [{"do": "submit", "by": "handler", "proposal": "P1"}]}
    case["steps"].insert(0, {"do": "draft", "by": "handler", "proposal": "P1"})
    assert play_document(case, keep=True).mismatch is None
    assert play_document(case).mismatch is None
    assert play_document(case, keep=True).mismatch.got == "13/already-submitted"


def test_what_is_kept_is_marked_as_rehearsed(db, case):
    case |= {"bank": "某某银行", "steps": [{"do": "draft", "by": "handler", "proposal": "P1"}]}
    played = play_document(case, keep=True)
    assert Entry.objects.count() == played.audit["entries"] > 2
    bodies = [json.loads(bytes(payload.body)) for payload in Payload.objects.all()]
    assert {body["rehearsed"] for body in bodies} == {"A case"}


def test_a_bank_founded_with_other_numbers_is_not_shared(db, case):
    case["bank"] = "某某银行"
    play_document(case, keep=True)
    case["regulation"] = {"notice_days": 3}
    with pytest.raises(bank.NotShared) as caught:
        play_document(case, keep=True)
    assert caught.value.field == "regulation"


def test_a_bank_that_no_rehearsal_founded_is_not_shared(db, case):
    Unit.objects.create(name="某某银行", kind=Unit.Kind.HEAD_OFFICE)
    case["bank"] = "某某银行"
    with pytest.raises(bank.NotShared) as caught:
        play_document(case, keep=True)
    assert caught.value.field == "bank"


def test_people_of_a_kept_bank_can_be_given_logins(db, case, client):
    case["bank"] = "某某银行"
    play_document(case, keep=True)
    kept = bank.existing(Unit.objects.get(parent=None))
    bank.give_logins(kept, by="system", handles=["chair"], password="a known password")
    for handle, may_sign_in in (("seat2", False), ("chair", True)):
        given = {"username": kept.people[handle].username, "password": "a known password"}
        assert client.post("/login/", given).status_code == (302 if may_sign_in else 200)
    entry = Entry.objects.get(action="give_logins")
    assert b"a known password" not in bytes(Payload.objects.get(commitment=entry.commitment).body)


def test_the_regulation_is_in_force_at_any_start(db, filed):
    for step in filed["proposals"]["P1"]["schedule"]:
        step["due_on"] = "1950-06-30"
    plan = filed["proposals"]["P1"]
    plan |= {"base_date": "1950-01-01", "milestones": [], "collateral": []}
    plan["loans"][0] |= {"issued_on": "1948-01-01", "due_on": "1949-01-01"}
    plan["alternatives"][0]["flows"] = []
    filed["start"] = "1950-02-01T09:00"
    filed["steps"].append(
        {
            "do": "convene",
            "by": "chair",
            "meeting": "M1",
            "at": "1950-03-01T09:00",
            "place": "Room 3",
            "proposals": ["P1"],
        }
    )
    assert play_document(filed).mismatch is None
    assert timedelta(0) < load(CASES / "01-lanshan-instalments.json").start.utcoffset()
