"""The roster's pages: what a change of holder touches is what then becomes of it."""

import pytest
from django.urls import reverse
from django.utils import translation

from committee.models import Attendance, LiaisonTerm, Proxy, Seat
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, PASSING, as_, look, queries, status
from tests.pages.test_pages import check
from tests.stage import Stage, today

SEES = {"chair", "seat2", "seat3", "liaison", "credit", "head_office", "risk", "auditor"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def seat_page(stage, number=3, by="risk"):
    return look(stage[by], "roster-seat", stage.committee.pk, number)


def change(stage, number, by="risk", **given):
    return as_(stage[by]).post(reverse("roster-seat", args=[stage.committee.pk, number]), given)


def act(stage, verb, by="risk", **given):
    return as_(stage[by]).post(reverse("committee-act", args=[stage.committee.pk, verb]), given)


def test_the_committees_own_read_the_roster(founded):
    assert {handle for handle in EVERYBODY if status(founded[handle], "roster") == 200} == SEES
    html = look(founded["seat2"], "roster")
    assert founded["seat3"].display_name in html
    assert "/seats/2/" not in html


def test_the_risk_department_alone_changes_it(founded):
    for handle in EVERYBODY:
        if handle == "risk":
            continue
        denied = 403 if handle in SEES else 404
        assert change(founded, 2, handle, act="vacate").status_code == denied, handle
        for verb in ("appoint_liaison", "appoint_stand_in", "end_stand_in"):
            found = act(founded, verb, handle, find=founded["outsider"].staff_no)
            assert found.status_code in (403, 404), (handle, verb)
    assert founded.now(founded.committee).liaison == founded["liaison"]
    assert Seat.objects.get(committee=founded.committee, number=2).holder == founded["seat2"]


def test_what_vacating_touches_is_shown_and_then_so(noticed):
    noticed.proxy()
    noticed.do("sign_in", "deputy3")
    html = seat_page(noticed)
    for said in ("holds a running proxy; it ends", "is signed in; the seat loses its presence",
                 "has not acknowledged the notice; a new holder may",
                 "is unread; a new holder has the papers to read"):  # fmt: skip
        assert said in html, said
    assert change(noticed, 3, act="vacate").status_code == 302
    assert not Proxy.objects.running().filter(meeting=noticed.meeting).exists()
    assert not Attendance.objects.filter(meeting=noticed.meeting, signed_out_at=None).exists()
    html = seat_page(noticed)
    assert "Vacant." in html
    assert noticed.now(noticed.meeting).written_number in html
    assert "the new holder takes part" in html
    assert "is unread" not in html


def test_papers_marked_as_read_are_not_told(noticed):
    assert "is unread" in seat_page(noticed, 2)
    noticed.do("read_materials", "seat2")
    assert "is unread" not in seat_page(noticed, 2)


def test_a_request_to_abstain_which_hints_at_a_choice_is_not_told(taken_up):
    before = PASSING.sub("", seat_page(taken_up, 2))
    assert "what it may have asked for in the session stays with the seat" in before
    taken_up.do("request_abstention", "seat2", reason="A cousin")
    assert PASSING.sub("", seat_page(taken_up, 2)) == before


def test_conflicts_and_an_acting_chair_are_told(taken_up):
    taken_up.do("appoint_acting_chair", seat=2)
    taken_up.do("declare_conflict", "seat3", reason="A cousin")
    assert "is acting chair" in seat_page(taken_up, 2)
    assert "has a conflict of interest; it stays with the seat" in seat_page(taken_up, 3)


def test_an_open_vote_tells_whether_the_seat_has_voted_and_not_how(voting):
    voting.do("cast", "seat2", choice="against", reason="Never to be read before the closing")
    assert "the seat has voted; the ballot stands" in seat_page(voting, 2)
    assert "Never to be read" not in seat_page(voting, 2)
    assert "the vote pauses" in seat_page(voting, 3)


def test_who_comes_to_a_vacant_seat_votes_unless_the_seat_has(voting):
    voting.do("cast", "seat2", choice="for")
    for number in (2, 3):
        voting.do("vacate_seat", seat=number)
        assert ("the new holder votes" in seat_page(voting, number)) is (number == 3)


def test_what_is_under_way_in_another_committee_touches_no_seat(noticed):
    def pages():
        return [seat_page(noticed, number) for number in (2, 3)]

    noticed.do("vacate_seat", seat=3)
    before = pages()
    abroad = Stage().to("noticed")
    abroad.do("declare_conflict", reason="A cousin")
    abroad.proxy()
    assert pages() == before
    abroad.to("voting")
    assert pages() == before


def test_what_a_seat_without_the_notice_lacks_is_told_before_it_is_filled(convened):
    convened.do("vacate_seat", seat=3)
    assert "the seat lacks the notice" in seat_page(convened)
    convened.do("send_notice")
    assert "the seat lacks the notice" in seat_page(convened)


def test_a_seat_is_filled_with_somebody_found_by_name_or_number(founded):
    founded.do("vacate_seat", seat=2)
    assert change(founded, 2, act="fill", find="nobody of that name").status_code == 422
    assert change(founded, 2, act="fill", find=founded["outsider"].staff_no).status_code == 302
    assert Seat.objects.get(committee=founded.committee, number=2).holder == founded["outsider"]


def test_of_several_that_fit_one_is_chosen(founded):
    founded.do("vacate_seat", seat=2)
    html = page_text(change(founded, 2, act="fill", find="80100"))
    assert html.count('type="radio"') > 2
    chosen = founded["outsider"].pk
    assert change(founded, 2, act="fill", find="80100", chosen=chosen).status_code == 302
    assert Seat.objects.get(committee=founded.committee, number=2).holder_id == chosen


def test_a_refusal_stands_beside_the_person(founded):
    founded.do("vacate_seat", seat=2)
    for handle, code in (("liaison", "5/liaison-may-not-sit"), ("seat3", "4/one-seat-per-person")):
        response = change(founded, 2, act="fill", find=founded[handle].staff_no)
        assert response.status_code == 422
        assert f'data-code="{code}"' in page_text(response)


def test_another_liaison_is_appointed_and_the_pending_work_was_shown(submitted):
    address = reverse("committee-act", args=[submitted.committee.pk, "appoint_liaison"])
    html = page_text(as_(submitted["risk"]).get(address))
    assert "Plans to screen</a></dt><dd>1</dd>" in html
    assert act(submitted, "appoint_liaison", find=submitted["outsider"].staff_no).status_code == 302
    assert submitted.now(submitted.committee).liaison == submitted["outsider"]
    assert as_(submitted["outsider"]).get(f"/proposals/{submitted.proposal.pk}/").status_code == 200


def test_a_stand_in_is_appointed_shown_and_ended(founded):
    given = {"find": founded["outsider"].staff_no, "since": "2026-03-09", "until": "2026-03-13"}
    assert act(founded, "appoint_stand_in", **given).status_code == 302
    html = look(founded["risk"], "roster")
    assert "Stand-in" in html
    assert "2026-03-14" in html  # the first moment at which it is over
    refused = act(founded, "appoint_stand_in", **given)
    assert 'data-code="state/not-allowed"' in page_text(refused)
    assert "End the stand-in" in html
    assert act(founded, "end_stand_in").status_code == 302
    assert not LiaisonTerm.objects.lasting(founded.clock).filter(stand_in=True).exists()
    html = look(founded["risk"], "roster")
    assert "called off" in html
    assert "End the stand-in" not in html


def test_the_pages_take_the_same_statements_however_many_meetings(filed):
    filed.convene(filed.proposal)
    few = {name: len(queries(filed["risk"], *name)) for name in pages(filed)}
    for number in range(3):
        filed.convene(filed.another(f"C-{number + 5}"))
    assert {name: len(queries(filed["risk"], *name)) for name in pages(filed)} == few
    assert max(few.values()) <= 25


def pages(stage):
    return (("roster",), ("roster-seat", stage.committee.pk, 2))


def test_days_are_the_committees(founded):
    assert today().isoformat() == "2026-03-02"
    html = look(founded["risk"], "roster-seat", founded.committee.pk, 2)
    assert "2026-03-02 Mon 09:00" in html


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_are_sound_in_both_languages(noticed, language):
    noticed.proxy()
    for handle in ("seat2", "risk"):
        check(noticed, handle, "roster", language=language)
    check(noticed, "risk", "roster-seat", noticed.committee.pk, 3, language=language)
    noticed.do("vacate_seat", seat=3)
    check(noticed, "risk", "roster-seat", noticed.committee.pk, 3, language=language)
