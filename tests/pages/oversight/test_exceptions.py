"""The auditor's list of exceptions, against cases made by hand; samples, files, the log verified."""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from audit import clock
from audit.models import Entry
from audit.recording import SYSTEM
from committee.actions.regulation import draft_amendment, publish_amendment
from office.actions.exceptions import note_exceptions, sign_off_exceptions
from office.models import ExceptionNote
from pages.oversight.irregularities import listing
from pages.oversight.irregularities.listing import KINDS, DateRange
from regulation.refused import Refused
from rehearsal.bank import employ_second_officer
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries, seeing
from tests.pages.test_pages import check
from tests.stage import MEETING, Stage, said, stages, today

YEAR = DateRange(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def an_eventful_case():
    """An emergency in which seat 3 is by proxy, seat 2 abstains by consent, the chair has a conflict of
    interest; one vote is cancelled; the minutes are late; one plan is terminated.
    """
    stage = Stage(seats=5, votes_to_pass=3).to("filed")
    stage.other = stage.another("C-2", title="The other")
    stage.meeting = stage.convene(stage.proposal, stage.other, at=MEETING, emergency=True, reason="=1+1")
    stage.do("send_notice")
    stage.proxy(proposals=[stage.proposal, stage.other])
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3", "seat4", "seat5")
    stage.do("appoint_acting_chair", seat=4)
    stage.do("open_meeting")
    stage.do("take_up", on=stage.other)
    stage.do("open_vote", on=stage.other)
    stage.do("cancel_vote", on=stage.other, reason="Papers missing")
    stage.do("take_up")
    stage.do("read_materials", "seat4")
    stage.do("declare_conflict", "chair", reason="A cousin")
    stage.do("request_abstention", "seat2", reason="Unsure")
    stage.do("grant_abstention", seat=2)
    stage.do("open_vote")
    for handle, choice in (("chair", "abstain"), ("seat2", "abstain"), ("deputy3", "for"),
                           ("seat4", "for"), ("seat5", "for")):  # fmt: skip
        stage.do("cast", handle, choice=choice, reason="A cousin" if choice == "abstain" else "")
    stage.do("close_vote")
    stage.do("close_meeting")
    stage.travel(MEETING + timedelta(days=7))
    stage.do("draft_minutes", narrative="Said.")
    stage.do("sign_minutes")
    stage.do("approve_credit")
    stage.do("terminate", reason="Sold")
    stage.do("amend_regulation", changes={"notice_days": 3}, effective_from=today())
    return stage


eventful = stages("eventful", an_eventful_case)


def counted(stage, period=YEAR):
    return Counter(key.kind for key in listing.Cases({stage.bank.unit.pk}, period))


def test_each_kind_is_found_as_it_was_made(eventful):
    assert counted(eventful) == {
        "emergency": 1, "unread": 4, "proxy": 1, "late_minutes": 1, "consent": 1, "conflict": 1,
        "cancelled_vote": 1, "terminated": 1, "acting_chair": 1, "amended_alone": 1,
    }  # fmt: skip
    assert set(counted(eventful)) == set(KINDS)


def test_a_case_that_goes_well_is_no_exception(archived):
    found = counted(archived)
    assert set(found) == {"unread"}  # nobody marked the materials


def test_the_period_is_kept(eventful):
    before = DateRange(date(2026, 1, 1), date(2026, 3, 1))
    assert counted(eventful, before) == {}
    day = MEETING.date()
    assert counted(eventful, DateRange(day, day))["conflict"] == 1
    assert counted(eventful, DateRange(day + timedelta(1), day + timedelta(1)))["conflict"] == 0


def test_minutes_not_yet_drafted_are_late_too(closed):
    assert counted(closed)["late_minutes"] == 0
    closed.travel(MEETING + timedelta(days=10))
    assert counted(closed)["late_minutes"] == 1


def test_a_mark_counts_before_the_ballot_and_not_after_it(voting):
    voting.do("read_materials", "seat2")
    for handle in ("seat2", "seat3"):
        voting.do("cast", handle, choice="for")
    voting.travel(timedelta(minutes=1))
    voting.do("read_materials", "seat3")
    keys = listing.Cases({voting.bank.unit.pk}, YEAR)
    assert [case.who for case in listing.cases(keys)] == [voting["seat3"].display_name]


def test_a_mark_on_earlier_materials_is_none_on_those_voted_on(taken_up):
    item = taken_up.now(taken_up.proposal).item
    for digest, handles in (("0" * 64, ("seat2", "seat3")), (item.digest, ("seat3",))):
        item.digest = digest
        item.save(update_fields=["digest"])
        for handle in handles:
            taken_up.do("read_materials", handle)
    taken_up.do("open_vote")
    for handle in ("seat2", "seat3"):
        taken_up.do("cast", handle, choice="for")
    keys = listing.Cases({taken_up.bank.unit.pk}, YEAR)
    assert [case.who for case in listing.cases(keys)] == [taken_up["seat2"].display_name]


def test_only_auditors_have_the_page_and_only_of_their_bank(eventful):
    assert seeing(eventful, "exceptions") == {"auditor"}
    stranger = Stage()["auditor"]
    html = look(stranger, "exceptions", **{"from": "2026-01-01", "to": "2026-12-31"})
    assert "=1+1" not in html
    for handle in EVERYBODY:
        if handle != "auditor":
            response = as_(eventful[handle]).get(reverse("exceptions-file", args=["csv"]))
            assert response.status_code == 404, handle


def test_each_row_tells_its_case_and_leads_to_it(eventful):
    html = look(eventful["auditor"], "exceptions", view="cases")
    for word in ("=1+1", "Papers missing", "Sold", "A cousin", "Unsure", "minutes signed", "Version 2"):
        assert word in html, word
    assert f'href="/meetings/{eventful.meeting.pk}/"' in html
    assert f'href="/proposals/{eventful.proposal.pk}/"' in html


def test_no_choice_of_an_open_vote_is_in_it(voting):
    voting.do("cast", "seat2", choice="against", reason="Never to be read before the closing")
    html = look(voting["auditor"], "exceptions", kind="unread", view="cases")
    assert voting["seat2"].display_name in html
    assert "Never to be read" not in html


def test_a_sample_is_the_same_for_the_same_seed(eventful):
    found = listing.Cases({eventful.bank.unit.pk}, YEAR)
    drawn = listing.sample(found, 4, "481516")
    assert drawn == listing.sample(list(reversed(found)), 4, "481516")
    assert len(set(drawn)) == 4
    assert any(listing.sample(found, 4, str(seed)) != drawn for seed in range(5))
    assert len(listing.sample(found, 100, "1")) == len(found)


def test_a_sample_without_a_seed_gets_one_that_the_address_keeps(eventful):
    client = as_(eventful["auditor"])
    response = client.get(reverse("exceptions"), {"sample": "10"})
    assert "seed=" in response["Location"]
    first, again = (page_text(client.get(response["Location"])) for _ in range(2))
    assert "A random sample of 10 out of 13 cases" in first
    assert first.split("<tr>")[2:] == again.split("<tr>")[2:]


@pytest.mark.parametrize(
    "given", [{"from": "x"}, {"kind": "x"}, {"sample": "-1"}, {"sample": "99999"}, {"page": "9"},
              {"from": "2027-01-01"}],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(eventful, given):
    assert as_(eventful["auditor"]).get(reverse("exceptions"), given).status_code == 200


def test_the_files_have_what_is_shown_and_no_formula(eventful):
    client = as_(eventful["auditor"])
    asked = {"kind": "emergency"}
    response = client.get(reverse("exceptions-file", args=["csv"]), asked)
    text = page_text(response).removeprefix("\ufeff")
    head, *lines = csv.reader(StringIO(text))
    assert len(lines) == 1
    assert lines[0][-1] == "'=1+1"
    response = client.get(reverse("exceptions-file", args=["xlsx"]), asked)
    rows = list(load_workbook(BytesIO(response.content)).active.values)
    assert len(rows) == 2
    assert len(rows[0]) == len(head)


def test_the_page_takes_as_many_statements_for_three_cases_of_a_kind_as_for_one(filed):
    def meet(proposal):
        filed.meeting = filed.convene(proposal, emergency=True, reason="Goods are moved")

    meet(filed.proposal)
    few = len(queries(filed["auditor"], "exceptions"))
    for number in range(2):
        meet(filed.another(f"C-{number + 2}"))
    assert len(queries(filed["auditor"], "exceptions")) == few


def test_with_every_kind_the_page_stays_within_the_most(eventful):
    assert len(queries(eventful["auditor"], "exceptions")) <= 25


# -- By matter, with notes and sign-off ----------------------------------------------------------------


def matter_of(stage, kind="unread", name=""):
    return reverse("exception", args=[kind, name or stage.now(stage.meeting).subject])


def write(stage, act, text="Read and found in order.", handle="auditor", kind="unread", cases=None):
    client, address = as_(stage[handle]), matter_of(stage, kind)
    if cases is None:  # those that the page shows
        shown = re.search(r'name="cases" value="(\d+)"', page_text(client.get(address)))
        cases = shown[1] if shown else ""
    return client.post(address, {"act": act, "text": text, "cases": cases})


def test_cases_of_a_kind_in_a_meeting_are_one_row_that_leads_to_all_of_them(eventful):
    html = look(eventful["auditor"], "exceptions")
    assert "13 cases in 10 groups" in html
    address = matter_of(eventful)
    assert html.count(f'href="{address}"') == 1
    shown = page_text(as_(eventful["auditor"]).get(address))
    for handle in ("chair", "seat2", "deputy3", "seat5"):
        assert eventful[handle].display_name in shown
    assert eventful["seat4"].display_name not in shown.partition("</header>")[2].partition("Notes and")[0]


@pytest.mark.parametrize("kind", listing.KINDS)
def test_each_matter_has_the_cases_that_the_list_counts(eventful, kind):
    banks = {eventful.bank.unit.pk}
    cases = listing.Cases(banks, YEAR, kind)
    (found,) = cases.matters()
    assert cases.of_matter(found.name) == list(cases)
    assert found.number == len(cases)
    assert as_(eventful["auditor"]).get(reverse("exception", args=[kind, found.name])).status_code == 200


def test_a_sign_off_covers_what_there_was_and_a_later_case_is_open_again(voting):
    voting.do("cast", "seat2", choice="for")
    assert write(voting, "note", "Asked the liaison.").status_code == 302
    assert "Asked the liaison." in page_text(as_(voting["auditor"]).get(matter_of(voting)))
    address = matter_of(voting)
    assert address in look(voting["auditor"], "exceptions", state="open")
    assert write(voting, "sign_off").status_code == 302
    assert address not in look(voting["auditor"], "exceptions", state="open")
    assert address in look(voting["auditor"], "exceptions", state="signed")
    entry = Entry.objects.filter(stream=f"office:{voting.bank.unit.pk}").latest("seq")
    assert (entry.action, said(entry)["cases"]) == ("sign_off_exceptions", 1)
    voting.do("cast", "seat3", choice="for")
    assert "1 since the sign-off" in look(voting["auditor"], "exceptions", state="open")


@pytest.mark.parametrize("act", ["note", "sign_off"])
def test_cases_that_nobody_has_seen_are_not_signed_off(voting, act):
    voting.do("cast", "seat2", choice="for")
    voting.do("cast", "seat3", choice="for")
    for cases in ("1", "3", "", "²"):
        response = write(voting, act, cases=cases)
        assert response.status_code == 409
        assert "The cases are others than when you opened the page" in page_text(response)
    assert not ExceptionNote.objects.exists()
    assert write(voting, act, cases="2").status_code == 302


def test_a_case_after_the_sign_off_is_open_in_whatever_period(voting):
    voting.do("cast", "seat2", choice="for")
    voting.do("cast", "seat3", choice="for")
    write(voting, "sign_off")
    voting.travel(clock.now() + timedelta(days=1))
    voting.do("cast", "chair", choice="for")
    day, address = timezone.localtime(clock.now()).date(), matter_of(voting)
    for first in (day, day - timedelta(days=1)):
        given = {"from": first.isoformat(), "to": day.isoformat()}
        assert "1 since the sign-off" in look(voting["auditor"], "exceptions", state="open", **given)
        assert address not in look(voting["auditor"], "exceptions", state="signed", **given)


def test_a_conclusion_without_content_is_refused_beside_it(eventful):
    response = write(eventful, "sign_off", "……")
    assert response.status_code == 422
    assert 'data-code="text/required"' in page_text(response)
    assert not ExceptionNote.objects.exists()


def test_nobody_but_the_banks_auditor_reads_or_writes_a_note(eventful):
    write(eventful, "note", "Never to be read by others")
    for handle in EVERYBODY:
        if handle != "auditor":
            assert write(eventful, "note", handle=handle).status_code == 404, handle
            assert as_(eventful[handle]).get(matter_of(eventful)).status_code == 404, handle
    stranger = as_(Stage()["auditor"])
    assert stranger.get(matter_of(eventful)).status_code == 404
    assert stranger.post(matter_of(eventful), {"act": "note", "text": "Mine"}).status_code == 404
    assert ExceptionNote.objects.count() == 1


@pytest.mark.parametrize("by", ["chair", "liaison", "risk", "head_office"])
def test_the_engine_refuses_a_note_by_others_than_the_auditor(eventful, by):
    given = {"of_kind": "unread", "matter": eventful.meeting.subject, "text": "Mine", "cases": 1}
    for act in (note_exceptions, sign_off_exceptions):
        with pytest.raises(Refused, match="access/denied"):
            act(eventful.bank.unit, by=eventful[by], **given)


@pytest.mark.parametrize("name", ["proposal:1", "meeting:999999999", "committee:1"])
def test_a_matter_without_cases_is_not_there(eventful, name):
    assert as_(eventful["auditor"]).get(matter_of(eventful, name=name)).status_code == 404


def test_an_amendment_that_a_second_officer_published_is_none_by_one_officer(founded):
    second = employ_second_officer(founded.bank, by=SYSTEM, password="not known to anybody")
    given = {"changes": {"notice_days": 3}, "effective_from": today(), "reason": "Too short."}
    draft_amendment(founded.committee, by=founded["risk"], **given)
    publish_amendment(founded.committee, by=second, number=1)
    assert counted(founded)["amended_alone"] == 0
    founded.do("amend_regulation", changes={"notice_days": 4}, effective_from=today())
    assert counted(founded)["amended_alone"] == 1


# -- Verifying the log -------------------------------------------------------------------------------


def verify(stage, handle="auditor", **given):
    return as_(stage[handle]).post(reverse("verify"), given, follow=True)


def test_an_auditor_verifies_a_stream_and_the_whole_log_in_words(archived):
    stream = archived.meeting.stream
    html = page_text(verify(archived, stream=stream))
    assert "Verified:" in html
    assert page_text(verify(archived)).count("Verified:") == 1


@pytest.mark.parametrize("stream", ["meeting:1\0", "meeting:" + "9" * 40, "meeting:x", "'%s", "\ufffd"])
def test_a_stream_that_is_none_is_not_there(archived, stream):
    assert verify(archived, stream=stream).status_code == 404


def test_a_fault_is_named(archived, monkeypatch):
    from audit.checking.rows import Fault, Report
    from pages.oversight.log import views

    fault = Fault(archived.meeting.stream, 3, "its hash is another")
    monkeypatch.setattr(views, "verify_streams", lambda names: Report(2, 1, 0, "", fault))
    html = page_text(verify(archived, stream=archived.meeting.stream))
    assert "does not verify" in html
    assert "its hash is another" in html


def test_nobody_else_verifies(archived):
    for handle in EVERYBODY:
        if handle != "auditor":
            assert verify(archived, handle).status_code == 404, handle
    assert verify(archived, stream=Stage().committee.stream).status_code == 404
    assert connection.in_atomic_block


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_is_sound_in_both_languages(eventful, language):
    check(eventful, "auditor", "exceptions", language=language)
    check(eventful, "auditor", "exception", "unread", eventful.meeting.subject, language=language)
    check(eventful, "auditor", "stream", eventful.meeting.stream, language=language)


@pytest.mark.parametrize("kind", ["", *listing.KINDS])
def test_any_part_of_the_cases_is_that_part_of_all_of_them(eventful, kind):
    cases = listing.Cases({eventful.bank.unit.pk}, YEAR, kind)
    whole = [key for key in listing.Cases({eventful.bank.unit.pk}, YEAR) if kind in ("", key.kind)]
    assert whole == list(cases) == sorted(whole, reverse=True)
    assert len(cases) == len(whole) > 0
    for start in range(len(whole) + 1):
        for stop in range(start, len(whole) + 2):
            assert cases[start:stop] == whole[start:stop]
    assert cases.counts == Counter(key.kind for key in listing.Cases({eventful.bank.unit.pk}, YEAR))
